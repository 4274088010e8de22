"""Calibration of a programmed chip by trims, which need no writing."""

import dataclasses
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from .._core._types import Scalar, State, Times
from ..blocks import DAC
from ..chip import (
    AnalogNetwork,
    Chip,
    GuidedNetwork,
    no_trims,
    SwitchedNetwork,
    TrimmedNetwork,
    Trims,
)
from ..scores import NetworkScore
from ..sdes import AbstractSDE
from ._descend import descend


FINAL_RATE = 0.01  # of the peak, at the last step


class Calibration(NamedTuple):
    """A trimmed chip, and the cost of its calibration.

    Args:
        chip: The chip with a `TrimmedNetwork`; no cell was written.
        losses: Mean square error of std(t) times the score at each step, `(steps,)`.
        num_reads: Number of cells whose conductance must be known, by one read each.
        num_evaluations: Number of evaluations of network and gradient on the host.
        num_channels: Number of DAC channels that the trims add.
    """

    chip: Chip
    losses: Float[Array, " steps"]
    num_reads: int
    num_evaluations: int
    num_channels: int


def calibrate(
    chip: Chip,
    score: NetworkScore,
    sde: AbstractSDE,
    points: tuple[Times, State],
    *,
    dac: DAC = DAC(),
    steps: int = 400,
    batch: int = 1024,
    learning_rate: float = 0.01,
    num_times: int = 17,
) -> Calibration:
    r"""Trim amplifiers and waveforms of `chip` until it computes `score` again.

    The method is explicit score matching to the digital twin: Adam lowers the mean of
    $|\mathrm{std}(t)\,(s_\text{chip}(t, x) - s(t, x))|^2$ over `points` (for a
    velocity, without std), by gains and by a waveform for each column. The conductances
    of `chip` are taken as known. Those of a real chip are read back: build the chip
    from them (`Blueprint.program(key, cells=...)`), calibrate it, and move its trims
    over. Read noise averages out and is left out.

    Args:
        chip: The chip as programmed, with a correction or without.
        score: The score that was programmed.
        sde: The forward process, which gives std(t).
        points: Diffusion times and states to match at, such as `twin_points`.
        dac: The converter of the waveforms, whose resolution quantises them.
        steps: Number of steps of Adam.
        batch: Number of points per step, in turn.
        learning_rate: Learning rate at the start; a cosine lowers it to 1 %.
        num_times: Number of times in each waveform's table, evenly spaced.

    Raises:
        ValueError: If the chip has no network on crossbars or is already trimmed, or if
            points, steps or times are too few.

    Example:
        >>> import jax.numpy as jnp
        >>> import jax.random as jr
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-fresh")
        >>> points = jnp.linspace(0.1, 1.0, 64), jr.normal(jr.key(0), (2, 64))
        >>> score, sde = system.checkpoint.score, system.checkpoint.sde
        >>> found = rr.calibrate(
        ...     system.program(), score, sde, points, steps=2, batch=32
        ... )
        >>> len(found.chip.score.trims.gains)
        3
    """
    network = chip.score
    if isinstance(network, GuidedNetwork | SwitchedNetwork):
        raise ValueError(
            "calibration needs a network without guidance: set `guidance.weight` to 0."
        )
    if not isinstance(network, AnalogNetwork):
        raise ValueError(
            "calibration needs a network on crossbars as it was programmed; got "
            f"{type(network).__name__}."
        )
    if steps < 1 or num_times < 2 or not 1 <= batch <= points[0].size:
        raise ValueError(
            "`steps` must be 1 or more, `num_times` 2 or more and `batch` between 1 "
            f"and the {points[0].size} points; got {steps}, {num_times} and {batch}."
        )
    t0, t1 = float(jnp.min(points[0])), float(jnp.max(points[0]))
    trims = no_trims(network, jnp.linspace(t0, t1, num_times))
    rate = jnp.asarray(learning_rate)
    trims, losses = _fit_trims(
        trims, network, score, sde, points, dac, rate, steps, batch
    )
    trimmed = TrimmedNetwork(network, trims)
    return Calibration(
        dataclasses.replace(chip, score=trimmed),
        losses,
        chip.num_cells,
        steps * batch,
        trimmed.num_channels - network.num_channels,
    )


@eqx.filter_jit
def _fit_trims(
    trims: Trims,
    network: AnalogNetwork,
    score: NetworkScore,
    sde: AbstractSDE,
    points: tuple[Times, State],
    dac: DAC,
    rate: Scalar,
    steps: int,
    batch: int,
) -> tuple[Trims, Float[Array, " steps"]]:
    t, x = points
    scale = jax.vmap(lambda t: score.readout.scale(sde, t))(t)
    wanted = scale[None] * jax.vmap(score, in_axes=(0, 1), out_axes=1)(t, x)
    number = t.size // batch
    batches = jax.tree.map(
        lambda leaf: jnp.moveaxis(
            leaf[..., : number * batch].reshape(*leaf.shape[:-1], number, batch), -2, 0
        ),
        (t, x, scale, wanted),
    )
    free = lambda trims: (trims.gains, trims.offsets)

    def loss(moved, which) -> Scalar:
        t, x, scale, wanted = jax.tree.map(lambda leaf: leaf[which], batches)
        trimmed = TrimmedNetwork(network, eqx.tree_at(free, trims, moved))

        def run(t: Scalar, v: State) -> State:
            out, _ = trimmed.nodes(v, dac.quantise(trimmed.embedding(t), 1.0))
            return out

        out = jax.vmap(run, in_axes=(0, 1), out_axes=1)(t, trimmed.volts_in * x)
        factor = jax.vmap(network.readout.factor)(t)
        got = factor[None] * (out / trimmed.volts_out)
        return jnp.mean((scale[None] * got - wanted) ** 2)

    every = jnp.arange(steps) % number
    schedule = optax.cosine_decay_schedule(1.0, steps, FINAL_RATE)
    moved, losses = descend(loss, free(trims), every, rate, schedule)
    return eqx.tree_at(free, trims, moved), losses
