"""Trims of the multipliers: gain, feed-through of both inputs, and offset."""

import dataclasses
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._random import normal
from .._core._types import Key, Scalar, State, Times
from ..blocks import MultiplierErrors, MultiplierNulls
from ..scores import NetworkScore
from ._chip import Chip
from ._columns import ColumnTrim


class MultiplierTrim(eqx.Module):
    r"""A trimmed resistor and DACs at the terminals of each multiplier.

    The bench plays the factors k of a solve, and known signals v, to one multiplier
    after the other, whose partner has both inputs grounded. The integrator takes each
    output for the time of a read, so that the ADC sees a ramp, not the few millivolts
    of an output. What was read is regressed on k v, v, k and 1. So the gain that bends
    have at the signals and factors of a solve counts. With both multipliers, the mean
    of what is left is the coordinate's offset. The outputs are read without noise of
    their own: the mean over all reads of some nV / sqrt(Hz) is far below a code.

    Args:
        rates: $-\rho a$ and $-\rho b$ of the drift $a x + b h$ at the known inputs'
            times, in 1/s: times R C and the ratio of volts per unit they are factors.
        averaging: Time of a read, in seconds.
        dacs: What the bench reads, and what resistors and DACs can do: those of
            columns, of another range in volts. A factor of 1 is 1 V.
    """

    rates: Float[Array, "2 inputs"]
    averaging: Float[Array, ""]
    dacs: ColumnTrim


class MultiplierResidues(NamedTuple):
    """Root mean square error of the integrators' inputs, in units of their values.

    Args:
        before_multipliers: Before the multipliers were trimmed.
        multipliers: After.
    """

    before_multipliers: Scalar
    multipliers: Scalar


def trim_multipliers(
    chip: Chip,
    errors: MultiplierErrors,
    score: NetworkScore,
    points: tuple[Times, State],
    trim: MultiplierTrim,
    *,
    key: Key,
) -> tuple[MultiplierErrors, MultiplierResidues]:
    """The multipliers of `chip` with their trims, and what they leave.

    Args:
        chip: The chip as it is used, whose waveforms are known.
        errors: Of its multipliers.
        score: The digital twin.
        points: Diffusion times and states of the known inputs.
        trim: What the bench and the DACs can do.
        key: Of the errors of the ADC.
    """
    t, x = points
    h = jax.vmap(score.network, in_axes=(0, 1), out_axes=1)(t, x)
    u_x, u_s = chip.score.volts_in, chip.score.volts_out
    pace = 1.0 if chip.clock is None else chip.clock
    ratio = jnp.stack([jnp.ones_like(u_x), u_x / u_s])
    factors = chip.time_constant / pace * ratio[:, None] * trim.rates
    signals = jnp.stack([u_x * x, u_s * h])
    std = trim.dacs.read_std * chip.time_constant / trim.averaging
    noise = std * normal(key, (3, *x.shape))
    found = []
    for n, (k, v) in enumerate(zip(factors, signals, strict=True)):
        alone = jnp.arange(2) == n
        inputs = jnp.where(alone[:, None, None], signals, 0.0)
        out = errors(jnp.where(alone[:, None], factors, 0.0), *inputs)
        found.append(jax.vmap(_regress, in_axes=(None, 0, 0))(k, v, out + noise[n]))
    gain, signal, factor = jnp.moveaxis(jnp.stack(found), -1, 0)
    gain = trim.dacs.gain(1 / jnp.where(gain > 0, gain, 1.0))
    null = lambda x: trim.dacs.offset(-gain * x)
    nulls = MultiplierNulls(gain, null(signal), null(factor), jnp.zeros(x.shape[0]))
    wanted = jnp.sum(factors[:, None] * signals, axis=0)
    left = wanted - errors.trimmed(nulls)(factors, *signals) - noise[2]
    offset = trim.dacs.offset(jnp.mean(left, axis=1))
    trimmed = errors.trimmed(nulls._replace(offset=offset))
    size = jnp.sqrt(jnp.mean(wanted**2))
    rms = lambda e: jnp.sqrt(jnp.mean((wanted - e(factors, *signals)) ** 2)) / size
    return trimmed, MultiplierResidues(rms(errors), rms(trimmed))


def _regress(
    k: Float[Array, " inputs"], v: Float[Array, " inputs"], out: Float[Array, " inputs"]
) -> Float[Array, "3"]:
    """Gain, feed-through of the signal and of the factor, by least squares."""
    terms = jnp.stack([k * v, v, k, jnp.ones_like(v)])
    sizes = jnp.sqrt(jnp.mean(terms**2, axis=1))
    sizes = jnp.where(sizes > 0, sizes, 1.0)
    fit, *_ = jnp.linalg.lstsq((terms / sizes[:, None]).T, out)
    return (fit / sizes)[:3]


def with_trimmed_multipliers(
    chip: Chip,
    score: NetworkScore,
    points: tuple[Times, State],
    trim: MultiplierTrim,
    *,
    key: Key,
) -> tuple[Chip, dict[str, Scalar]]:
    """`chip` with trimmed multipliers, and the residues; exact ones stay as they are.

    Args:
        chip: The chip as it is used, all other trims done.
        score: The digital twin.
        points: Diffusion times and states of the known inputs.
        trim: What the bench and the DACs can do.
        key: Of the errors of the ADC.
    """
    if chip.multipliers is None:
        return chip, {}
    found, residues = trim_multipliers(
        chip, chip.multipliers, score, points, trim, key=key
    )
    return dataclasses.replace(chip, multipliers=found), residues._asdict()
