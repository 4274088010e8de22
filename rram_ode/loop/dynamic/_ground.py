"""Summing nodes of op-amps that take time, as non-linear cells notice them."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from ..._core._types import ColumnValues, ColumnVoltages, Currents, State
from ...blocks import AbstractStage, StageNoise, StageState
from ...crossbar import CellNoise


# Of the currents of non-linear cells, whose summing nodes they move: a march of cells
# that are twice as steep at their largest voltage as at 0 V is then as near to
# Kvaerno5 as one of linear cells (5e-5 in 200 steps); with 2 it is off by 1e-3.
ROUNDS = 4


NEWTON_STEPS = 2


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
    for _ in range(NEWTON_STEPS):
        found, slope = jax.jvp(missed, (v_m,), (jnp.ones_like(v_m),))
        v_m = v_m - found / slope
    return v_m


def with_ground(
    stages: tuple[StageNoise, ...] | None,
    noise: tuple[CellNoise, ...],
    ground: State | None,
) -> tuple[StageNoise, ...] | None:
    """`stages` and the volts at + inputs that a step's control has.

    Args:
        stages: Noise of each layer and of the integrators; `None` for none.
        noise: Of each array, with what its summing nodes are moved by.
        ground: Volts at the integrators' + inputs.
    """
    grounds = (*(each.ground for each in noise), ground)
    if all(each is None for each in grounds):
        return stages
    found = stages or (None,) * len(grounds)
    return tuple(
        _moved(stage, volts) for stage, volts in zip(found, grounds, strict=True)
    )


def _moved(stage: StageNoise | None, volts: ColumnValues | None) -> StageNoise:
    """`stage` with more volts; integrators and layers have them together."""
    assert volts is not None  # all stages have the noise that one has
    if stage is None:
        return StageNoise(volts, jnp.zeros_like(volts))
    return StageNoise(stage.volts + volts, stage.amperes)
