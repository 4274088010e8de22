"""Trims of the multipliers: gain, feed-through of both inputs, and offset."""

import dataclasses
import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import root, scalar
from .._core._linear import solve
from .._core._random import normal
from .._core._types import Key, Scalar
from ..blocks import MultiplierErrors, MultiplierNulls
from ..scores import NetworkScore
from ._chip import Chip
from ._columns import ColumnTrim
from ._known_inputs import KnownInputs


class MultiplierTrim(eqx.Module):
    r"""A trimmed resistor and DACs at the terminals of each multiplier.

    The bench plays the factors k of a solve, and known signals v, to one multiplier
    after the other, whose partner has both inputs grounded. The integrator takes each
    output, so that the ADC sees ramps, not the few millivolts of an output: as many as
    fit in the time of a read, each as long as the rail leaves it. What was read is
    regressed on k v, v, k and 1. So the gain that bends have at the signals and factors
    of a solve counts. With both multipliers, the mean of what is left is the
    coordinate's offset. Signals and factors are taken as exact.

    Args:
        rates: $-\rho a$ and $-\rho b$ of the drift $a x + b h$ at the known inputs'
            times, in 1/s: times R C and the ratio of volts per unit they are factors.
        averaging: Time of a read, in seconds.
        dacs: What the bench reads, and what resistors and DACs can do: those of
            columns, of another range in volts. A factor of 1 is 1 V.
        noise: Of the multipliers' outputs, in V/sqrt(Hz).
        v_rail: The integrators' rail, in volts.
    """

    rates: Float[Array, "2 inputs"]
    averaging: Float[Array, ""] = eqx.field(converter=scalar)
    dacs: ColumnTrim
    noise: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    v_rail: Float[Array, ""] = eqx.field(converter=scalar, default=math.inf)

    def read_std(self, rc: Scalar, peak: Scalar) -> Scalar:
        """Spread of the error of a read, in volts, for outputs up to `peak`."""
        ramp = jnp.minimum(self.averaging, rc * self.v_rail / peak)
        adc = (self.dacs.read_std * rc / ramp) ** 2 * (ramp / self.averaging)
        return root(adc + self.noise**2 / (2 * self.averaging))


class Products(NamedTuple):
    """What the multipliers of a chip are to do at the known inputs.

    Args:
        factors: Of state and score.
        signals: Of state and score, in volts.
    """

    factors: Float[Array, "2 inputs"]
    signals: Float[Array, "2 dim inputs"]

    @property
    def wanted(self) -> Float[Array, "dim inputs"]:
        """Sum of both products, in volts."""
        return jnp.sum(self.factors[:, None] * self.signals, axis=0)


class MultiplierResidues(NamedTuple):
    """Root mean square error of the integrators' inputs, in units of their values.

    Args:
        before_multipliers: Before the multipliers were trimmed.
        multipliers: After.
        clipped_multipliers: Number of codes at an end of their range.
    """

    before_multipliers: Scalar
    multipliers: Scalar
    clipped_multipliers: Scalar


def known_products(
    chip: Chip, score: NetworkScore, points: KnownInputs, trim: MultiplierTrim
) -> Products:
    """What the multipliers of `chip` do at the known inputs `points`."""
    *_, out = points.activations(score.network)
    h = score.network.output_factor * out
    u_x, u_s = chip.score.volts_in, chip.score.volts_out
    pace = 1.0 if chip.clock is None else chip.clock
    ratio = jnp.stack([jnp.ones_like(u_x), u_x / u_s])
    factors = chip.time_constant / pace * ratio[:, None] * trim.rates
    return Products(factors, jnp.stack([u_x * points.x, u_s * h]))


def find_nulls(
    errors: MultiplierErrors,
    products: Products,
    trim: MultiplierTrim,
    rc: Scalar,
    *,
    key: Key,
) -> MultiplierNulls:
    """What the bench sets for multipliers with these `errors`.

    Args:
        errors: Of a chip's multipliers as the bench meets them.
        products: What they are to do.
        trim: What the bench and the DACs can do.
        rc: R C of the integrators, in seconds.
        key: Of the errors of the reads.
    """
    factors, signals = products
    peak = jnp.max(jnp.abs(factors[:, None] * signals))
    noise = trim.read_std(rc, peak) * normal(key, (3, *products.wanted.shape))
    found = []
    for n, (k, v) in enumerate(zip(factors, signals, strict=True)):
        alone = jnp.arange(2) == n
        inputs = jnp.where(alone[:, None, None], signals, 0.0)
        out = errors(jnp.where(alone[:, None], factors, 0.0), *inputs)
        found.append(jax.vmap(_regress, in_axes=(None, 0, 0))(k, v, out + noise[n]))
    gain, signal, factor = jnp.moveaxis(jnp.stack(found), -1, 0)
    gain = trim.dacs.gain(1 / jnp.where(gain > 0, gain, 1.0))
    null = lambda x: trim.dacs.offset(-gain * x)
    still = jnp.zeros(signals.shape[1])
    nulls = MultiplierNulls(gain, null(signal), null(factor), still)
    left = products.wanted - errors.trimmed(nulls)(factors, *signals) - noise[2]
    return nulls._replace(offset=trim.dacs.offset(jnp.mean(left, axis=1)))


def _regress(
    k: Float[Array, " inputs"], v: Float[Array, " inputs"], out: Float[Array, " inputs"]
) -> Float[Array, "3"]:
    """Gain, feed-through of the signal and of the factor, by least squares.

    The normal equations lose half of the digits; what is left is fitted once more.
    """
    terms = jnp.stack([k * v, v, k, jnp.ones_like(v)])
    sizes = jnp.sqrt(jnp.mean(terms**2, axis=1))
    sizes = jnp.where(sizes > 0, sizes, 1.0)
    terms = terms / sizes[:, None]
    moment = terms @ terms.T
    # A term that is nowhere has the coefficient 0.
    moment = moment + jnp.diag(jnp.where(jnp.diag(moment) > 0, 0.0, 1.0))
    fit = solve(moment, terms @ out)
    fit = fit + solve(moment, terms @ (out - fit @ terms))
    return (fit / sizes)[:3]


def with_trimmed_multipliers(
    chip: Chip,
    tested: Chip,
    score: NetworkScore,
    points: KnownInputs,
    trim: MultiplierTrim,
    *,
    key: Key,
) -> tuple[Chip, dict[str, Scalar]]:
    """`chip` with trimmed multipliers, and the residues; exact ones stay as they are.

    Args:
        chip: The chip as it is used, all other trims done.
        tested: The chip as the bench meets it, all other trims done.
        score: The digital twin.
        points: The known inputs.
        trim: What the bench and the DACs can do.
        key: Of the errors of the reads.
    """
    errors, met = chip.multipliers, tested.multipliers
    if errors is None or met is None:
        return chip, {}
    known = known_products(tested, score, points, trim)
    nulls = find_nulls(met, known, trim, tested.integrator.time_constant, key=key)
    trimmed = errors.trimmed(nulls)
    here, dacs = known_products(chip, score, points, trim), trim.dacs
    factors, signals = here
    size = jnp.sqrt(jnp.mean(here.wanted**2))
    rms = lambda e: jnp.sqrt(jnp.mean((here.wanted - e(factors, *signals)) ** 2)) / size
    codes = jnp.concatenate([x.ravel() for x in nulls[1:]])
    ends = dacs.num_at_end(nulls.gain, codes)
    residues = MultiplierResidues(rms(errors), rms(trimmed), ends)
    return dataclasses.replace(chip, multipliers=trimmed), residues._asdict()
