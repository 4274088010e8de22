"""Summing nodes of op-amps that take time, as non-linear cells notice them."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from ..._core._types import ColumnVoltages, Currents
from ...blocks import AbstractStage, StageNoise, StageState


ROUNDS = 2  # of Newton's method, whose error is then below that of a step


def with_noise(i: Currents, noise: StageNoise | None) -> Currents:
    """`i` with the noise currents of the op-amps."""
    return i if noise is None else i + noise.amperes


def grounded(
    stage: AbstractStage,
    state: StageState,
    into: Callable[..., Currents],
    noise: StageNoise | None,
) -> ColumnVoltages:
    """Summing nodes of non-linear cells: a state, or by Newton's method.

    Args:
        stage: The amplifiers.
        state: Their state.
        into: Currents into the summing nodes, for their voltages.
        noise: Noise of the op-amps.
    """
    if stage.has_capacitors:
        return state[1]
    v_m = stage.ground(state, with_noise(into(), noise))
    missed = lambda v_m: stage.ground(state, with_noise(into(v_m), noise)) - v_m
    for _ in range(ROUNDS):
        found, slope = jax.jvp(missed, (v_m,), (jnp.ones_like(v_m),))
        v_m = v_m - found / slope
    return v_m
