"""A conventional machine of the same arrays: converters at every step and layer."""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int32

from .._core._arrays import as_integer, broadcast_columns, scalar
from .._core._types import Scalar, State, Times
from ..blocks import DAC
from ..crossbar import CellNoise
from ..samplers import Euler
from ..scores import for_width, NetworkScore
from ..sdes import AbstractProcess
from ._conversions import AbstractConversion, Converted
from ._references import LayerMemory
from ._step_noise import StepTiming
from ._step_ports import Scales, StepPort


class StepMachine(eqx.Module):
    r"""Euler's method in numbers around a chip's arrays, with converters at each.

    In each step and layer DACs put the layer's inputs on the rows, an ADC a column
    takes its sum back, and numbers add bias and embedding, rectify, and step the state.
    The chip is one that was programmed for the loop: it has the same cells, with what
    is stuck, its wires, age and trims.

    Args:
        score: The network whose weights the chip holds; gives biases and embedding.
        conversion: What the converters carry.
        v_row: Full scale of the rows' DACs, in volts.
        state: Full scale of the state, dimensionless.
        headroom: Factor of the ranges over what calibration saw.
        timing: How long the parts of a step take.
        state_bits: Bits of the state between two steps; `None` for those of the run.
        scales: Full scales of each layer's converters, from `calibrate_steps`; `None`
            before it.
    """

    score: NetworkScore
    conversion: AbstractConversion
    v_row: Float[Array, ""] = eqx.field(converter=scalar)
    state: Float[Array, ""] = eqx.field(converter=scalar)
    headroom: Float[Array, ""] = eqx.field(converter=scalar)
    timing: StepTiming = eqx.field(static=True, default=StepTiming())
    state_bits: int | None = eqx.field(static=True, default=16)
    scales: tuple[Scales, ...] | None = None


class Look(NamedTuple):
    """What is looked at in a step: each layer's scales, memory before, conversion."""

    step: Int32[Array, ""]
    conversion: AbstractConversion
    ports: tuple[StepPort, ...]
    scales: tuple[Scales, ...]
    before: tuple[LayerMemory, ...]
    found: tuple[Converted, ...]


def march_steps(
    machine: StepMachine,
    ports: tuple[StepPort, ...],
    noise: Callable[[Int32[Array, ""]], tuple[CellNoise, ...]],
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
    look: Callable[[Look], Any],
) -> tuple[State, Any]:
    """The last states, and what `look` made of each step."""
    assert machine.scales is not None  # by the callers
    scales, full = machine.scales, machine.state
    store = lambda x: (
        full.astype(x.dtype) * DAC(machine.state_bits).quantise(x / full, 1.0)
    )
    if machine.state_bits is None:
        store = lambda x: x

    def step(carry, inputs):
        x, memories = carry
        n, t, t_next = inputs
        score, found = _evaluate(machine, ports, scales, t, x, memories, noise(n), n)
        x = store(Euler()(process, lambda t, x: score, x, jnp.stack([t, t_next])))
        seen = look(Look(n, machine.conversion, ports, scales, memories, found))
        return (x, tuple(each.memory for each in found)), seen

    num = x1.shape[1]
    empty = tuple(
        LayerMemory(
            jnp.zeros((port.layer.crossbar.g_pos.shape[0] - 1, num), x1.dtype),
            jnp.zeros((port.zero.size, num), x1.dtype),
        )
        for port in ports
    )
    steps = as_integer(jnp.arange(ts.size - 1))
    (x, _), seen = lax.scan(step, (store(x1), empty), (steps, ts[:-1], ts[1:]))
    return x, seen


def _evaluate(
    machine: StepMachine,
    ports: tuple[StepPort, ...],
    scales: tuple[Scales, ...],
    t: Scalar,
    x: State,
    memories: tuple[LayerMemory, ...],
    noise: tuple[CellNoise, ...],
    step: Int32[Array, ""],
) -> tuple[State, tuple[Converted, ...]]:
    """The score, and the conversions of each layer."""
    network, found, h = machine.score.network, [], x
    embedding = network.embedding(t)
    layers = zip(ports, scales, network.biases, memories, noise, strict=True)
    for number, (port, own, bias, memory, each) in enumerate(layers):
        one = machine.conversion(port, own, h, memory, each, step)
        found.append(one)
        sums = one.memory.sums
        if number + 1 == len(ports):
            out = sums + network.output_factor * broadcast_columns(bias, sums)
            return machine.score.readout.factor(t) * out, tuple(found)
        wave = for_width(embedding, bias.size)
        drive = broadcast_columns(bias, wave) + wave
        h = jax.nn.relu(sums + broadcast_columns(drive, sums, drive.ndim))
    raise AssertionError("a network has a layer")
