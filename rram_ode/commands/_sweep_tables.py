"""What a sweep takes, and what it found, as tables on the screen."""

import math
from collections.abc import Sequence
from typing import Any

from .._core._units import format_quantity
from ..config import leaves, RunConfig
from ..metrics import Interval
from ..studies import Plan, PointSummary, Study, WATTS, WATTS_RANGE
from ._tables import print_table, print_text


MOST_ROWS = 40  # of the table on the screen; the file has all


BLURRED = 0.25  # of the limit: a larger error of a chip's distance is told (assumed)


def print_plan(study: Study, plan: Plan) -> None:
    """What a sweep takes, as a table."""
    low, high = (watts * plan.core_seconds for watts in WATTS_RANGE)
    rows = [
        ("points of the grid", f"{study.num_points:,}"),
        ("chips at each", f"{study.num_chips:,}"),
        ("samples of a chip", f"{study.num_samples:,}"),
        ("tasks", f"{plan.tasks:,} of {study.block:,} chips"),
        ("workers", f"{plan.workers:,}"),
        ("time", _duration(plan.seconds)),
        ("time of cores", _duration(plan.core_seconds)),
        ("memory of a worker", f"{plan.memory / 1e6:,.0f} MB"),
        ("disk", f"{plan.disk / 1e6:,.3g} MB"),
        ("joules of the computers", f"{plan.joules:,.3g} ({low:,.3g} to {high:,.3g})"),
    ]
    print_table(rows, ("what", "takes"))
    print_text(
        "By chips that were timed here, one core a worker. Joules: assumed "
        f"{WATTS:g} W a busy core ({WATTS_RANGE[0]:g} to {WATTS_RANGE[1]:g})."
    )


def print_sweep(
    study: Study, points: Sequence[PointSummary], refusals: dict[int, str], limit: float
) -> None:
    """The points as a table, and how to read it."""
    print_text(
        f"{study.preset}, {study.num_chips} chips of {study.num_samples} samples at "
        "each point"
    )
    units = units_of(study.config)
    names = [axis.name for axis in study.axes]
    columns = {
        name: [_value(point.settings[name], units[name]) for point in points]
        for name in names
    }
    columns["distance"] = [_text(point.distance) for point in points]
    columns["good chips"] = [_text(point.good) for point in points]
    columns["energy"] = [_energy(point.energy) for point in points]
    if any(point.saturated > 0 for point in points):
        columns["saturated"] = [f"{point.saturated:.2g}" for point in points]
    if refusals:
        columns["refused"] = [str(point.refused) for point in points]
    body = list(zip(*columns.values(), strict=True))[:MOST_ROWS]
    print_table(body, list(columns))
    if len(points) > MOST_ROWS:
        print(f"{len(points) - MOST_ROWS} more rows are in sweep.csv.")
    for point, text in list(refusals.items())[:MOST_ROWS]:
        settings = study.settings(point).items()
        where = ", ".join(f"{name} {_value(x, units[name])}" for name, x in settings)
        print_text(f"refused{' at ' if where else ''}{where}: {text}")
    print_text(
        "Distance to the data, median of chips, in just-noticeable distances; good "
        f"chips: {limit:g} or less; 95 % intervals over chips."
    )
    error = max((point.error for point in points), default=0.0)
    if error > BLURRED * limit:
        print_text(
            f"{study.num_samples} samples tell the distance of a chip to +-{error:.2g} "
            f"beside a limit of {limit:g}: near it chips count as good or not by "
            "chance, which the intervals do not know. Take more `--samples`."
        )


def units_of(config: RunConfig) -> dict[str, str]:
    """SI base units of all settings, by dotted name."""
    return {name: field.metadata["unit"] for name, field in leaves(config)}


def _value(value: Any, unit: str) -> str:
    return format_quantity(value, unit) if isinstance(value, float) else str(value)


def _energy(joules: float) -> str:
    return format_quantity(joules, "J") if math.isfinite(joules) else "-"


def _text(found: Interval | None) -> str:
    if found is None:
        return "-"
    if not math.isfinite(found.high - found.low):  # too few chips for an interval
        return f"{found.mean:.3g}"
    return f"{found.mean:.3g}\n({found.low:.2g} to {found.high:.2g})"


def _duration(seconds: float) -> str:
    for name, length in (("days", 86400), ("hours", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.3g} {name}"
    return f"{seconds:.3g} s"
