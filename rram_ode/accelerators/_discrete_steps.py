"""Samples of a machine that steps, and the ranges that calibration gives it."""

import dataclasses
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._types import Key, State, Times
from ..blocks import CircuitNoise
from ..chip import Chip
from ..crossbar import CellNoise
from ..loop import even_chunk
from ..sdes import AbstractProcess, Prior
from ._conversions import PlainConversion
from ._step_machine import Look, march_steps, StepMachine
from ._step_noise import StepNoise
from ._step_ports import ports_of, Scales, StepPort


LEAST = 1e-6  # of a range: no converter has none


QUANTILE = 0.999  # of the changes of inputs: what is clipped stays in the next one


class StepRun(NamedTuple):
    """Samples of a machine that steps, and what its converters saw.

    Args:
        x: The samples.
        on: Watts in the cells, then the currents of rows and amplifiers in amperes,
            summed over arrays while each is on; means over steps and samples.
        clipped: Fraction of each layer's conversions that pass the ADC's range.
    """

    x: State
    on: Float[Array, "3"]
    clipped: Float[Array, " layers"]


def calibrate_steps(
    machine: StepMachine,
    chip: Chip,
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
) -> StepMachine:
    """`machine` with the full scales of its converters around `chip`.

    The chip generates from the starts without noise: first by whole values and ADCs
    without limit, which tells how inputs change; then with the machine's DACs, which
    tells what the columns show. A few changes of inputs are clipped, as the next
    difference takes up what is left.

    Args:
        machine: The machine.
        chip: The chip that is used.
        process: What Euler's method integrates.
        x1: Starts, other ones than those that judge.
        ts: Diffusion times, falling.

    Raises:
        ValueError: If there are no starts, or the chip is not of one array a layer.
    """
    if not x1.shape[1]:
        raise ValueError(
            "`x1` must hold at least one start to choose ranges from; got shape "
            f"{x1.shape}: give calibration data."
        )
    ports = ports_of(chip, machine.v_row)
    scales = _find_scales(machine, ports, process, x1, ts)
    return dataclasses.replace(machine, scales=scales)


def draw_steps(
    machine: StepMachine,
    chip: Chip,
    process: AbstractProcess,
    ts: Times,
    num_samples: int,
    *,
    key: Key,
    prior: Prior = Prior(),
    first: int = 0,
    circuit: CircuitNoise = CircuitNoise(),
) -> StepRun:
    """Samples of the machine from the starts of a loop, with the noise of its cells.

    Args:
        machine: The machine, with full scales.
        chip: The chip.
        process: What Euler's method integrates.
        ts: Diffusion times, falling, without repeats.
        num_samples: How many.
        key: Key of the starts.
        prior: The law of the starts, and the classes that are asked for.
        first: Number of the first sample, which sets its lab time.
        circuit: Noise of op-amps and supply.

    Raises:
        ValueError: If the full scales are missing, the chip is not of one array a
            layer, or the timing does not suit its noise.
    """
    if machine.scales is None:
        raise ValueError(
            "this machine has no full scales for its converters: pass it through "
            "`calibrate_steps`."
        )
    machine.score.readout.require(process)
    ports = ports_of(chip, machine.v_row)
    noise = StepNoise.of(chip, circuit, machine.timing, ts.size - 1)
    chunk, found = even_chunk(num_samples, noise.largest_chunk), []
    for done in range(0, num_samples, chunk):
        number = jnp.asarray(first + done, jnp.uint32)
        run = _draw_chunk(machine, ports, noise, process, ts, key, prior, number, chunk)
        found.append(run._replace(x=run.x[:, : num_samples - done]))
    xs, on, clipped = zip(*found, strict=True)
    mean = lambda parts: jnp.mean(jnp.stack(parts), axis=0)
    return StepRun(jnp.concatenate(xs, axis=1), mean(on), mean(clipped))


@eqx.filter_jit
def _draw_chunk(
    machine: StepMachine,
    ports: tuple[StepPort, ...],
    noise: StepNoise,
    process: AbstractProcess,
    ts: Times,
    key: Key,
    prior: Prior,
    first: Integer[Array, ""],
    chunk: int,
) -> StepRun:
    x1 = prior.sample(key, first, chunk, machine.score.dim)
    labels = prior.labels(key, first, chunk)
    if labels is not None:
        network = machine.score.network.of_class(labels)
        score = dataclasses.replace(machine.score, network=network)
        machine = dataclasses.replace(machine, score=score)
    paths = noise.paths(first, chunk)
    at = lambda step: noise.at(step, paths)
    x, (on, clipped) = march_steps(machine, ports, at, process, x1, ts, _what_it_takes)
    return StepRun(x, jnp.mean(on, axis=0), jnp.mean(clipped, axis=0))


@eqx.filter_jit
def _find_scales(
    machine: StepMachine,
    ports: tuple[StepPort, ...],
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
) -> tuple[Scales, ...]:
    """Full scales by two runs without noise; see `calibrate_steps`."""
    wide = lambda cols: Scales(
        jnp.full(cols, jnp.inf), jnp.asarray(jnp.inf), jnp.full(cols, jnp.inf)
    )
    widths = [port.zero.size for port in ports]
    free = dataclasses.replace(
        machine,
        conversion=PlainConversion(),
        scales=tuple(wide(cols) for cols in widths),
    )
    silent = lambda step: (CellNoise(),) * len(ports)
    _, changes = march_steps(free, ports, silent, process, x1, ts, _changes)
    # The first step changes from nothing.
    found = [machine.headroom * jnp.max(each[1:], initial=LEAST) for each in changes]
    coarse = dataclasses.replace(
        machine,
        conversion=machine.conversion.without_adc(),
        scales=tuple(
            wide(cols)._replace(change=change)
            for cols, change in zip(widths, found, strict=True)
        ),
    )
    _, (shown, is_full) = march_steps(coarse, ports, silent, process, x1, ts, _shown)
    scales = []
    for peaks, change in zip(shown, found, strict=True):
        largest = lambda mask, peaks=peaks: (
            machine.headroom
            * jnp.max(jnp.where(mask[:, None], peaks, 0.0), axis=0, initial=LEAST)
        )
        scales.append(Scales(largest(is_full), change, largest(~is_full)))
    return tuple(scales)


def _what_it_takes(look: Look) -> tuple[Array, Array]:
    """Power and currents while arrays are on, and fractions of clipped sums."""
    is_full, on, clipped = look.conversion.is_full(look.step), [], []
    for port, scales, found in zip(look.ports, look.scales, look.found, strict=True):
        on.append(jnp.mean(port.power(found.v), axis=1))
        limit = jnp.where(is_full, scales.sums, scales.sum_change)
        clipped.append(jnp.mean(jnp.abs(found.shown) > limit[:, None]))
    return sum(on[1:], on[0]), jnp.stack(clipped)


def _changes(look: Look) -> tuple[Array, ...]:
    """How far the rows of each layer move between two steps, in volts."""
    return tuple(
        jnp.quantile(jnp.abs(found.v - memory.reference), QUANTILE)
        for found, memory in zip(look.found, look.before, strict=True)
    )


def _shown(look: Look) -> tuple[tuple[Array, ...], Array]:
    """The largest sum that each column shows, and whether values are whole."""
    peaks = tuple(jnp.max(jnp.abs(found.shown), axis=1) for found in look.found)
    return peaks, look.conversion.is_full(look.step)
