"""The rows of a digital sampler on every machine, and on this computer."""

import dataclasses
import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax

from ...accelerators import AbstractMachine, Engine, Processor
from ...energy import (
    Constant,
    Constants,
    nominals,
    remember,
    sampler_work,
    Spread,
    Values,
    Work,
)
from ...system import run_key, System
from ._row import Estimate, estimate, middle, Row, spread, tell
from ._runs import diffusion_times, Standing
from ._searches import DigitalResult


Model = Callable[[Values], Any]


HOST = {
    "host.power": Constant(
        5.0, 30.0, 150.0, "W", "assumed: this machine's processor while it runs"
    )
}


def digital_rows(
    system: System,
    standing: Standing,
    result: DigitalResult,
    machines: list[AbstractMachine],
    table: Constants,
    batch: int,
) -> list[Row]:
    """Rows of a digital sampler on every machine, at batch 1 and at `batch`."""
    sampler, num_steps = result.sampler, result.num_steps
    difference, steps = result.difference, result.steps
    if sampler is None or num_steps is None or difference is None or steps is None:
        return []
    work = dataclasses.replace(
        sampler_work(sampler, num_steps, system.checkpoint.score.network),
        samples_per_loading=system.config.power.programming_samples,
    )
    base = Row(
        result.label,
        "",
        1,
        spread(steps.distances),
        f"{tell(difference)} beside the analog machine",
        sampler.num_evaluations(num_steps),
        num_steps,
        is_as_good=True,
        median=middle(steps.distances),
    )
    chip = standing.plan.chip(system)
    ours = system.energy_model(chip, standing.analog.power, "integrated")
    ours = remember(ours, table)
    rows, is_integer = [], result.form is not None
    for machine in machines:
        if is_integer != (number_format(machine) == "int8"):
            continue  # quality and joules of a row are those of one format
        for size in (1, batch) if isinstance(machine, Processor) else (1,):
            row = dataclasses.replace(
                base,
                machine=machine.name,
                batch=size,
                verdict=base.verdict + caveat(machine),
            )
            rows.append(on_machine(row, machine, work, ours, table))
    if is_integer:
        return rows
    for size in (1, batch):
        took = measure(system, result, size)
        row = dataclasses.replace(base, machine=host_name(), batch=size)
        rows.append(_on_this_machine(row, took, ours, table))
    return rows


def number_format(machine: AbstractMachine) -> str:
    """Format of the numbers that a machine's joules are for."""
    return machine.number_format if isinstance(machine, Engine) else "fp32"


def caveat(machine: AbstractMachine) -> str:
    """What a verdict must add where the machine's own format is not simulated."""
    if isinstance(machine, Processor) or number_format(machine) == "int8":
        return ""
    if isinstance(machine, Engine) and machine.number_format == "fp32":
        return ""
    return "; quality of single precision, joules of fewer bits"


def on_machine(
    row: Row,
    machine: AbstractMachine,
    work: Work,
    ours: Model | None,
    table: Constants,
) -> Row:
    """The row with seconds, joules, and joules over those of the analog machine."""
    batch = row.batch
    timed = lambda values: machine.seconds(work, batch, values)
    is_timed = timed(nominals(table)) is not None
    seconds = estimate(timed, table) if is_timed else None
    is_wall = machine.wall_energy(work, batch, nominals(table)) is not None
    parts = lambda values: machine.operations_energy(work, batch, values) or {}
    total: Model = lambda values: (
        machine.wall_energy(work, batch, values)
        if is_wall
        else sum(parts(values).values())
    )
    energy, ratio = estimate(total, table), None
    if ours is not None:
        ratio = estimate(lambda v: total(v) / ours(v).energy, table)
    name = "wall_energy" if is_wall else "operations_energy"
    return dataclasses.replace(row, seconds=seconds, ratio=ratio, **{name: energy})


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
        _sample(result.sampler, process, system.twin.score, x1, ts)
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
    device, host = jax.devices()[0], f"{platform.machine()}, {os.cpu_count()} cores"
    on = "" if device.platform == "cpu" else f"{device.device_kind}, "
    return f"this machine ({on}{host})"
