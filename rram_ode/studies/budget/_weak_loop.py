"""The circuit around a chip with errors of strengths between 0 and 1."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from ..._core._types import Scalar
from ...blocks import OpAmpNoise
from ...loop import AbstractLoop, ClosedLoop, DynamicLoop, SwitchedLoop


Strengths = Mapping[str, Scalar]


# At strength 0 op-amps are 1e6 times as fast: infinitely fast ones would have no pole.
WEAKEST = 1e-6


def closed_of(loop: AbstractLoop) -> ClosedLoop:
    """The loop of fast op-amps within `loop`."""
    closed = loop.loop if isinstance(loop, DynamicLoop | SwitchedLoop) else loop
    assert isinstance(closed, ClosedLoop)
    return closed


def _noise_volts(loop: AbstractLoop) -> tuple[Any, ...]:
    """What noise of the blocks around the arrays, and jitter, are proportional to.

    Scalars; `eqx.tree_at` has its own marks in their places.
    """
    closed = closed_of(loop)
    noise, found = closed.circuit_noise, list[Any]()
    if closed.jitter is not None:
        found.append(closed.jitter)
    if noise.flicker is not None:
        found.append(noise.flicker.volts)
    if noise.common is not None:
        found += [noise.common.supply, noise.common.ground]
    if noise.multiplier is not None:
        found.append(noise.multiplier.density)
    if noise.products is not None:
        found.append(noise.products.volts)
    if noise.guidance is not None:
        found.append(noise.guidance.density)
    if noise.guided is not None:
        found.append(noise.guided.volts)
    return tuple(found)


def weaken_loop(loop: AbstractLoop, s: Strengths) -> AbstractLoop:
    """`loop` with the errors of its own circuit at their strengths."""
    if "time embedding" in s:
        where = lambda c: closed_of(c).dac_share
        loop = eqx.tree_at(
            where, loop, s["time embedding"], is_leaf=lambda x: x is None
        )
    if "converters" in s:
        where = lambda c: closed_of(c).converters.share
        loop = eqx.tree_at(where, loop, s["converters"], is_leaf=lambda x: x is None)
        memory = closed_of(loop).converters.memory
        if memory is not None:
            where = lambda c: closed_of(c).converters.memory
            loop = eqx.tree_at(where, loop, s["converters"] * memory)
    if "circuit noise" in s:
        scaled = tuple(s["circuit noise"] * volts for volts in _noise_volts(loop))
        loop = eqx.tree_at(_noise_volts, loop, scaled)
    limit = closed_of(loop).noise_limit
    if "saturation" in s and limit is not None:
        where = lambda c: closed_of(c).noise_limit
        loop = eqx.tree_at(where, loop, limit / s["saturation"])
    if not isinstance(loop, DynamicLoop):
        return loop
    if "saturation" in s:
        own = loop.op_amp
        v_low = None if own.v_low is None else own.v_low / s["saturation"]
        v_rail = own.v_rail / s["saturation"]
        op_amp = dataclasses.replace(own, v_rail=v_rail, v_low=v_low)
        loop = dataclasses.replace(loop, op_amp=op_amp)
    return _weaken_op_amps(loop, s["op-amps"]) if "op-amps" in s else loop


def _weaken_op_amps(loop: DynamicLoop, s: Scalar) -> DynamicLoop:
    weak, op_amp = jnp.maximum(s, WEAKEST), loop.op_amp
    faster = dataclasses.replace(
        op_amp,
        gain=op_amp.gain / weak,
        gbw=op_amp.gbw / weak,
        slew=op_amp.slew / weak,
        offset_std=s * op_amp.offset_std,
        bias_current=s * op_amp.bias_current,
        i_out=op_amp.i_out / weak,
        offset=s * op_amp.offset,
    )
    parasitics = jax.tree_util.tree_map(lambda c: weak * c, loop.parasitics)
    loop = dataclasses.replace(loop, op_amp=faster, parasitics=parasitics)
    if loop.auto_zero is not None:
        zero = loop.auto_zero
        zero = dataclasses.replace(
            zero,
            injection=s * zero.injection,
            temperature=s**2 * zero.temperature,
            e_n=s * zero.e_n,
        )
        loop = dataclasses.replace(loop, auto_zero=zero)
    if loop.noise is None:
        return loop
    noise = loop.noise
    quiet = OpAmpNoise(
        s * noise.e_n,
        s * noise.i_n,
        s**2 * noise.temperature,  # variances go as the temperature
        noise.bandwidth,
    )
    return dataclasses.replace(loop, noise=quiet)
