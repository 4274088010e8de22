"""A row of a comparison: distance, seconds and joules of one system."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from ...energy import Constants, propagate, Spread, Values
from ...metrics import Difference, Interval, interval, LEVEL, median_interval
from ._equivalence import Distances
from ._tally import finite, Tally, tally_fields


MEDIAN = "median_distance", "median_distance_low", "median_distance_high"


NO_MEDIAN = np.nan, np.nan, np.nan


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number with its interval, and the sources of the constants that it rests on."""

    spread: Spread
    sources: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Row:
    """One system on one machine.

    Args:
        system: `analog`, or the name of the digital sampler.
        machine: Description of the machine that the system runs on.
        batch: Number of samples that run together.
        distance: Distance to the data in just-noticeable distances, mean over chips
            with the ends of its 90 % interval.
        verdict: What the runs show beside the row's reference, in words.
        evaluations: Evaluations of the network per sample.
        steps: Steps of a sampler, or of a machine that steps.
        is_as_good: Whether a number of steps was found that is as good as the row's
            reference; if not, the row is that of the most steps that were tried.
            `None` where no number was searched.
        seconds: Seconds per sample.
        operations_energy: Operations times energy, in joules per sample.
        wall_energy: Wall power times wall time, in joules per sample.
        ratio: Energy of the row over that of the integrated analog row.
        measured: Whether the seconds were measured here.
        solve: Seconds of the solve alone, of an analog machine; `seconds` are those of
            its whole period.
        area: Area of an analog machine, in square metres.
        median: Distance of the median chip, in just-noticeable distances, with the ends
            of its 90 % interval, which are infinite for fewer than five chips.
        tally: Chips of an analog machine beside their twins, counted.
        baseline: A machine that runs the same network without the row's technique.
        over_baseline: Energy of the row over that of this machine for as many
            evaluations.
    """

    system: str
    machine: str
    batch: int
    distance: tuple[float, ...]
    verdict: str
    evaluations: int | None = None
    steps: int | None = None
    is_as_good: bool | None = None
    seconds: Estimate | None = None
    operations_energy: Estimate | None = None
    wall_energy: Estimate | None = None
    ratio: Estimate | None = None
    measured: bool = False
    solve: float | None = None
    area: Estimate | None = None
    median: tuple[float, ...] | None = None
    tally: Tally | None = None
    baseline: str | None = None
    over_baseline: Estimate | None = None

    def as_dict(self) -> dict[str, Any]:
        """Fields of the CSV and the JSON; an unknown number is `None`."""
        mean, low, high = self.distance
        row: dict[str, Any] = {
            "system": self.system,
            "machine": self.machine,
            "batch": self.batch,
            "evaluations": self.evaluations,
            "steps": self.steps,
            "is_as_good": self.is_as_good,
            "distance": mean,
            "distance_low": low,
            "distance_high": high,
            **dict(zip(MEDIAN, map(finite, self.median or NO_MEDIAN), strict=True)),
            **tally_fields(self.tally),
            "verdict": self.verdict,
            "seconds_basis": "measured here" if self.measured else "model",
            "solve_s": self.solve,
            "baseline": self.baseline,
        }
        sources: dict[str, str] = {}
        for name, estimate in (
            ("seconds", self.seconds),
            ("operations_energy_j", self.operations_energy),
            ("wall_energy_j", self.wall_energy),
            ("energy_over_analog", self.ratio),
            ("energy_over_baseline", self.over_baseline),
            ("area_m2", self.area),
        ):
            spread = None if estimate is None else estimate.spread
            row[name] = None if spread is None else spread.nominal
            row[f"{name}_low"] = None if spread is None else spread.low
            row[f"{name}_high"] = None if spread is None else spread.high
            sources |= {} if estimate is None else estimate.sources
        row["driver"] = None if self.ratio is None else self.ratio.spread.driver
        row["sources"] = "; ".join(f"{k} = {v}" for k, v in sources.items())
        return row


def estimate(model: Callable[[Values], Any], table: Constants) -> Estimate:
    """Value of `model` with its interval, and the sources of the constants it uses."""
    spread = propagate(model, table)
    asked = {
        name: f"{c.nominal:g} [{c.low:g}, {c.high:g}] {c.unit} ({c.source})"
        for name in spread.used
        for c in (table[name],)
    }
    return Estimate(spread, asked)


def spread(distances: Distances) -> Interval:
    """Mean of the distances of chips, and the ends of its 90 % interval."""
    return interval(distances.tolist(), level=LEVEL)


def middle(distances: Distances) -> Interval:
    """Median of the distances of chips, and the ends of its 90 % interval."""
    return median_interval(distances.tolist(), LEVEL)


def tell(difference: Difference) -> str:
    """A verdict with its interval, in just-noticeable distances."""
    return (
        f"{difference.verdict} ({difference.value:+.2f}, {difference.low:+.2f} to "
        f"{difference.high:+.2f})"
    )


def pareto(rows: list[Row], cost: str) -> list[Row]:
    """Rows that no other row beats in both quality and `cost`, cheapest first.

    Args:
        rows: The rows of a comparison.
        cost: `seconds` or `energy`.
    """
    known = [(costs(row, cost), row) for row in rows]
    points = [(c.spread.nominal, r.distance[0], r) for c, r in known if c is not None]
    front, best = [], np.inf
    for _, distance, row in sorted(points, key=lambda point: point[:2]):
        if distance < best:
            front.append(row)
            best = distance
    return front


def costs(row: Row, cost: str) -> Estimate | None:
    """Seconds of a row, or the one of its two energies that is known."""
    if cost == "seconds":
        return row.seconds
    return row.operations_energy or row.wall_energy
