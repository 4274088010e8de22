"""A comparison on the screen and as a figure."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._core._units import format_quantity
from ..accelerators import MACHINES
from ..energy import Constants
from ..studies import Estimate, Row
from ._lists import print_presets
from ._tables import print_entries, print_table, print_text


NOTE = (
    "Operations times energy and wall power times time mean different things. Peaks of "
    "published chips are lower bounds. Nobody measured the integrated rows: they are "
    "projections. They pay for the op-amps that the solve needs, or with `--fidelity "
    "dynamic` for those that it simulates. compare.json names the source of every "
    "constant."
)


NOT_EQUAL = (
    "not found equal in any number of steps that was tried; its cost is that of the "
    "most"
)


def print_comparison(rows: list[Row], report: dict[str, Any]) -> None:
    """Verdicts, the table of all rows, the claims; notes on what is not comparable."""
    _print_verdicts(report)
    print()
    print_rows(rows)
    print("All intervals are of 90 %; distances are in just-noticeable distances.")
    print()
    _print_claims(report["claims"])
    if shortest := report.get("shortest_solve"):
        found = shortest["seconds"]
        text = "none" if found is None else format_quantity(found, "s")
        print(f"\nshortest solve that equals 50 steps of Euler: {text}")
        _print_durations(shortest["tried"])
        if shortest["limit"]:
            print(f"shorter ones are refused: {shortest['limit']}")
    print()
    print_text(NOTE)


def print_rows(rows: list[Row]) -> None:
    """All rows, each with its quality, seconds and joules."""
    entries, told = [], None
    for row in rows:
        mean, low, high = row.distance
        head = row.system, row.machine, f"batch {row.batch}"
        basis = " (measured)" if row.measured else ""
        texts = []
        if (row.system, row.distance) != told:  # the machines of a sampler share it
            steps = "" if row.steps is None else f" in {row.steps} steps"
            quality = f"distance {mean:.2f} ({low:.2f} to {high:.2f}){steps}"
            texts = [f"{quality}; {row.verdict}", *_of_chips(row)]
            if row.is_as_good is False:
                texts.append(NOT_EQUAL)
            told = row.system, row.distance
        if row.seconds is not None:
            solve = (
                ""
                if row.solve is None
                else (f", of which the solve takes {format_quantity(row.solve, 's')}")
            )
            texts.append(f"{_cell(row.seconds, 's')} per sample{solve}{basis}")
        elif row.operations_energy is not None:
            texts.append("seconds are left out: the rate of this machine is not known")
        for what, estimate in (
            ("operations times energy", row.operations_energy),
            ("wall power times time", row.wall_energy),
        ):
            if estimate is not None:
                texts.append(f"{what}: {_cell(estimate, 'J')} per sample")
        if row.area is not None:
            middle, low, high = (x * 1e6 for x in ends(row.area))
            texts.append(f"area {middle:.3g} mm2 ({low:.3g} to {high:.3g})")
        if row.ratio is not None:
            driver = row.ratio.spread.driver
            moved = f", moved most by {driver}" if driver else ""
            texts.append(f"over integrated: {_cell(row.ratio, '')}{moved}")
        if row.over_baseline is not None:
            over = _cell(row.over_baseline, "")
            texts.append(f"over the same network on {row.baseline}: {over}")
        entries.append((head, texts))
    print_entries(entries)


def _of_chips(row: Row) -> list[str]:
    """What the mean over chips does not say, if it was asked."""
    texts = []
    if row.median is not None:
        median = _ranged(row.median, "{:.2f}")
        if median != f"{row.distance[0]:.2f}":  # as the median of two chips is
            texts.append(f"median {median}")
    if row.tally is not None:
        texts.append(f"as good as its twin: {_ranged(row.tally.good, '{:.0%}')}")
    return ["; ".join(texts)] if texts else []


def _ranged(each: tuple[float, ...], form: str) -> str:
    """A number with the ends of its interval, if it has one."""
    middle, *ends = (form.format(number) for number in each)
    return f"{middle} ({' to '.join(ends)})" if np.isfinite(each).all() else middle


def _print_verdicts(report: dict[str, Any]) -> None:
    body = []
    refused = []
    for verdict in report["samplers"]:
        if "refused" in verdict:
            reason = (verdict["refused"] or "").partition(". ")[0]
            refused.append(f"{verdict['sampler']} is left out: {reason}.")
            continue
        body.append(
            (
                verdict["sampler"],
                str(verdict["steps"] or "-"),
                str(verdict["evaluations"] or "-"),
                str(verdict["integer_bits"] or "-"),
                f"{verdict['difference']:+.2f} ({verdict['low']:+.2f} to "
                f"{verdict['high']:+.2f})",
                verdict["verdict"],
            )
        )
    analog, plan = report["quality"]["analog"], report["plan"]
    print(
        f"One just-noticeable distance: {report['accepted']}. The analog machine lies "
        f"{analog['mean']:.2f}\nof them from the data ({analog['low']:.2f} to "
        f"{analog['high']:.2f}; {plan['num_chips']} {plan['repeats']} of "
        f"{plan['num_seeds'] * plan['num_samples']} samples, margin "
        f"{plan['margin']:g})."
    )
    if report["needed_chips"] > plan["num_chips"] and not report["is_beyond"]:
        print(
            f"To find equal machines equal it would take {report['needed_chips']} "
            f"{plan['repeats']}: raise --most-chips."
        )
    header = (
        "sampler",
        "steps",
        "evaluations",
        "integer bits",
        "difference",
        "verdict",
    )
    if body:
        print_table(body, header)
    for line in (*refused, *report["left_out"]):
        print_text(line)


def _print_durations(tried: dict[str, dict[str, Any]]) -> None:
    """Verdict, phase margin and displacement at each duration that was tried."""
    rows = []
    for seconds, found in tried.items():
        margin = found["margin_deg"]
        rows.append(
            (
                format_quantity(float(seconds), "s"),
                f"{found['difference']:+.2f} ({found['low']:+.2f} to "
                f"{found['high']:+.2f})",
                found["verdict"],
                "no limit" if margin is None else f"{margin:.0f} degrees",
                f"{found['displacement']:.3f}",
            )
        )
    header = ("solve", "difference", "verdict", "phase margin", "displacement")
    print_table(rows, header)
    print("Without op-amps as states (`--fidelity dynamic`) no phase margin is lost.")


def _print_claims(claims: list[dict[str, Any]]) -> None:
    print(
        "The claims of the paper: each printed figure, the baseline that it asks for,\n"
        "which is not public, and what a model takes in as many steps on the paper's\n"
        "own network."
    )
    entries = []
    for claim in claims:
        unit = "s" if claim["quantity"] == "speed" else "J"
        amount = lambda name, c=claim, u=unit: format_quantity(c[name], u, 3)
        span = lambda n, f=amount: f"{f(n)} ({f(n + '_low')} to {f(n + '_high')})"
        name = f"{claim['version']}, {claim['task']}, {claim['quantity']}"
        authors, equal = claim["steps_authors"], claim["steps_equal_quality"]
        texts = [
            claim["given"],
            claim["network"],
            f"{authors} steps: {span('at_authors_steps')}, {claim['verdict_authors']}",
            f"{equal:g} steps: {span('at_equal_quality')}, "
            f"{claim['verdict_equal_quality']}",
        ]
        entries.append(((name, claim["printed"], amount("solved")), texts))
    print_entries(entries)


def print_lists(systems: Mapping[str, str], table: Constants) -> None:
    """Presets, systems, machines, and every constant with its source."""
    print_presets()
    print()
    print_table(list(systems.items()), ("system", "what"))
    print()
    print_table([(n, m.what) for n, m in MACHINES.items()], ("machine", "what"))
    print()
    entries = []
    for name, c in table.items():
        value = f"{c.nominal:.4g} ({c.low:.4g} to {c.high:.4g}) {c.unit}"
        at = [] if c.node is None else [format_quantity(c.node, "m")]
        at += [] if c.voltage is None else [format_quantity(c.voltage, "V")]
        where = f" (at {', '.join(at)})" if at else ""
        entries.append(((name, value), [c.source + where]))
    print_entries(entries)


def ends(estimate: Estimate | None) -> tuple[float, float, float]:
    """A number and the ends of its interval; NaN where it is not known."""
    if estimate is None:
        return np.nan, np.nan, np.nan
    return estimate.spread.nominal, estimate.spread.low, estimate.spread.high


def _cell(estimate: Estimate | None, unit: str) -> str:
    if estimate is None:
        return "-"
    middle, low, high = (format_quantity(x, unit, 3) for x in ends(estimate))
    return middle if low == high else f"{middle} ({low} to {high})"
