"""The rows of a comparison: quality, seconds and joules of every system."""

import dataclasses
import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import numpy as np

from ...accelerators import AbstractMachine, Processor
from ...energy import (
    Constant,
    Constants,
    nominals,
    propagate,
    sampler_work,
    Spread,
    Values,
    Work,
)
from ...metrics import interval
from ...system import run_key, System
from ._runs import AnalogResult, ComparisonPlan, diffusion_times, DigitalResult


Model = Callable[[Values], Any]


HOST = {
    "host.power": Constant(
        5.0, 30.0, 150.0, "W", "assumed: this machine's processor while it runs"
    )
}


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
        quality: Mean of `kl_2d` with its lower and upper limit over chips.
        verdict: Result of the equivalence test, or the origin of the row.
        evaluations: Evaluations of the network per sample.
        seconds: Seconds per sample.
        operations_energy: Operations times energy, in joules per sample.
        wall_energy: Wall power times wall time, in joules per sample.
        ratio: Energy of the row over that of the integrated analog row.
        measured: Whether the seconds were measured here.
    """

    system: str
    machine: str
    batch: int
    quality: tuple[float, ...]
    verdict: str
    evaluations: int | None = None
    seconds: Estimate | None = None
    operations_energy: Estimate | None = None
    wall_energy: Estimate | None = None
    ratio: Estimate | None = None
    measured: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Fields of the CSV and the JSON; an unknown number is `None`."""
        mean, low, high = self.quality
        row: dict[str, Any] = {
            "system": self.system,
            "machine": self.machine,
            "batch": self.batch,
            "evaluations": self.evaluations,
            "kl_2d": mean,
            "kl_2d_low": low,
            "kl_2d_high": high,
            "verdict": self.verdict,
            "seconds_basis": "measured here" if self.measured else "model",
        }
        sources: dict[str, str] = {}
        for name, estimate in (
            ("seconds", self.seconds),
            ("operations_energy_j", self.operations_energy),
            ("wall_energy_j", self.wall_energy),
            ("energy_over_analog", self.ratio),
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


def analog_rows(
    system: System, plan: ComparisonPlan, result: AnalogResult, table: Constants
) -> dict[str, Row]:
    """The rows of the analog machine, which are never mixed, at their own nodes."""
    chip, solve = system.program(plan.chip_seed), system.config.solve
    quality = tuple(interval(result.qualities.mean(axis=1).tolist()))
    took = solve.duration
    seconds = Estimate(Spread(took, took, took, {}), {})
    verdict = "reference of the equivalence test"
    rows = {}
    for name, what in (
        ("board", "discrete parts on a board"),
        ("integrated", "one chip, a projection"),
        ("integrated-45nm", "the same chip at 45 nm, a projection"),
    ):
        model = system.energy_model(chip, result.power, name)
        energy = estimate(lambda v, model=model: model(v).energy, table)
        rows[name] = Row(
            "analog", what, 1, quality, verdict, None, seconds, None, energy
        )
    return rows


def digital_rows(
    system: System,
    plan: ComparisonPlan,
    analog: AnalogResult,
    result: DigitalResult,
    machines: list[AbstractMachine],
    table: Constants,
    batch: int,
) -> list[Row]:
    """Rows of a digital sampler on every machine, at batch 1 and at `batch`."""
    sampler, num_steps = result.sampler, result.num_steps
    if sampler is None or num_steps is None or result.steps is None:
        return []
    work = dataclasses.replace(
        sampler_work(sampler, num_steps, system.checkpoint.score.network),
        samples_per_loading=system.config.power.programming_samples,
    )
    base = Row(
        result.name,
        "",
        1,
        tuple(interval(result.steps.qualities.mean(axis=1).tolist())),
        f"not worse by {plan.margin:.0%}",
        sampler.num_evaluations(num_steps),
    )
    chip = system.program(plan.chip_seed)
    ours = system.energy_model(chip, analog.power, "integrated")
    rows = []
    for machine in machines:
        for size in (1, batch) if isinstance(machine, Processor) else (1,):
            row = dataclasses.replace(base, machine=machine.name, batch=size)
            rows.append(_on_machine(row, machine, work, ours, table))
    for size in (1, batch):
        took = measure(system, result, size)
        row = dataclasses.replace(base, machine=host_name(), batch=size)
        rows.append(_on_this_machine(row, took, ours, table))
    return rows


def _on_machine(
    row: Row, machine: AbstractMachine, work: Work, ours: Model, table: Constants
) -> Row:
    batch = row.batch
    timed = lambda values: machine.seconds(work, batch, values)
    is_timed = timed(nominals(table)) is not None
    seconds = estimate(timed, table) if is_timed else None
    if machine.wall_energy(work, batch, nominals(table)) is not None:
        wall: Model = lambda values: machine.wall_energy(work, batch, values)
        ratio = estimate(lambda v: wall(v) / ours(v).energy, table)
        energy = estimate(wall, table)
        return dataclasses.replace(
            row, seconds=seconds, wall_energy=energy, ratio=ratio
        )
    parts = lambda values: machine.operations_energy(work, batch, values) or {}
    total = lambda values: sum(parts(values).values())
    ratio = estimate(lambda v: total(v) / ours(v).energy, table)
    energy = estimate(total, table)
    return dataclasses.replace(
        row, seconds=seconds, operations_energy=energy, ratio=ratio
    )


def _on_this_machine(row: Row, took: float, ours: Model, table: Constants) -> Row:
    energy = lambda values: values["host.power"] * took
    return dataclasses.replace(
        row,
        seconds=Estimate(Spread(took, took, took, {}), {}),
        wall_energy=estimate(energy, table),
        ratio=estimate(lambda v: energy(v) / ours(v).energy, table),
        measured=True,
    )


def measure(system: System, result: DigitalResult, batch: int) -> float:
    """Median seconds per sample on this machine, without the time to compile."""
    assert result.sampler is not None  # the caller passes no refused sampler
    assert result.num_steps is not None
    process = result.sampler.process_along(
        system.checkpoint.sde, system.config.solve.beta_factor
    )
    ts = diffusion_times(system, result.num_steps)[: result.num_steps + 1]
    dim = system.checkpoint.score.network.dim
    x1 = system.prior.sample(run_key(0), jax.numpy.asarray(0, "uint32"), batch, dim)
    call = lambda: jax.block_until_ready(
        _sample(result.sampler, process, system.checkpoint.score, x1, ts)
    )
    call()
    seconds = []
    for _ in range(7):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds) / batch


@eqx.filter_jit
def _sample(sampler, process, score, x1, ts):
    keys = jax.random.split(jax.random.key(0), x1.shape[1])
    return sampler(process, score, x1, ts, keys=keys)


def host_name() -> str:
    """Label of this computer in a measured row."""
    return f"this machine ({platform.machine()}, {os.cpu_count()} cores)"


def pareto(rows: list[Row], cost: str) -> list[Row]:
    """Rows that no other row beats in both quality and `cost`, cheapest first.

    Args:
        rows: The rows of a comparison.
        cost: `seconds` or `energy`.
    """
    known = [(costs(row, cost), row) for row in rows]
    points = [(c.spread.nominal, r.quality[0], r) for c, r in known if c is not None]
    front, best = [], np.inf
    for _, quality, row in sorted(points, key=lambda point: point[:2]):
        if quality < best:
            front.append(row)
            best = quality
    return front


def costs(row: Row, cost: str) -> Estimate | None:
    """Seconds of a row, or the one of its two energies that is known."""
    if cost == "seconds":
        return row.seconds
    return row.operations_energy or row.wall_energy
