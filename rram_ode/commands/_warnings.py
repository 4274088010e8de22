"""What a run warns of: limits that were passed, ages, heat."""

import math
import sys

from .._core._units import format_quantity
from ..system import PACKAGE, Run


HOTTEST = 60.0  # kelvin above the surroundings that a chip stands: assumed


def heat(watts: float) -> str:
    """The power, and by how much it warms the die in a small package."""
    rise = watts * PACKAGE
    kelvin = f"{rise:.0f}" if rise >= 10 else f"{rise:.2g}"
    return f"{format_quantity(watts, 'W')}, which warms the die by {kelvin} K"


def warn(report: dict, run: Run) -> None:
    """Print what a reader of the tables has to know besides."""
    for name, seen in run.clipped.items():
        if seen["samples"] > 0.01 * run.num:
            print(
                f"warning: `{name}` passed its limit in {seen['samples']} of {run.num} "
                "samples: raise `crossbar.headroom`, or the limit.",
                file=sys.stderr,
            )
    if run.stressed_fraction > 0:
        print(
            f"warning: {run.stressed_fraction:.2%} of the cells, over time, are read "
            "above `crossbar.v_disturb`: lower `crossbar.v_max`, or clamp the rows.",
            file=sys.stderr,
        )
    written = report["hardware"]["programming"]
    reached, judged_at = written["age_at_last_sample_s"], written["age_of_quality_s"]
    if not math.isclose(reached, judged_at, rel_tol=0.01):
        print(
            f"Programming is spread over {written['samples']:,.0f} samples, the last "
            f"at an age of {format_quantity(reached, 's', 3)};\nthe quality is that of "
            f"ages up to {format_quantity(judged_at, 's', 3)} (from `cell.age` on)."
        )
    rise = PACKAGE * report["hardware"]["power_w"]
    if rise > HOTTEST:
        print(
            f"warning: without a pause between samples the die would be {rise:.0f} K "
            f"warmer than its surroundings, at {PACKAGE:g} K/W (assumed); "
            "`cell.temperature` is that of the die.",
            file=sys.stderr,
        )
    lost = report["quality"]["analog"]["non_finite_fraction"]
    if lost or run.unsolved:
        print(
            f"warning: {lost:.2%} of the samples are not finite and {run.unsolved} did "
            "not finish: take more `solve.num_steps`, or weaker errors.",
            file=sys.stderr,
        )
