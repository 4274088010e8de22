"""What a DAC's updates add to its waveforms: glitch, skew and jitter."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Integer

from .._core._arrays import (
    as_integer,
    broadcast_columns,
    scalar,
    scalar_or_none,
)
from .._core._checks import non_negative
from .._core._random import normal, standard_normal
from .._core._streams import LabStream
from .._core._types import Key, Scalar
from ..noise import HeldPath


class UpdateErrors(eqx.Module):
    r"""Glitch, skew and jitter of a DAC's updates, as changes of the mean over a hold.

    At an update a channel adds the area $\pm A\, 2^{-b}$, with $b$ the number of the
    highest bit that toggles, 0 for the most significant one, and the sign of the step:
    a data sheet states A, that of the major carry. That lower carries have areas in
    proportion to their bits is an assumption. A channel that is late by $\delta$ plays
    its last value for so long: over a hold $\Delta$ the mean changes by
    $-(w_n - w_{n - 1}) \delta / \Delta$. Both areas act within a hold, which the
    circuit averages: amplifiers are slower than a glitch. An update that takes another
    full scale counts as a major carry (assumed), and A is the same in all of them.

    Jitter is that of the clock, which updates all channels at once: at each update of
    each solve they are late, or early, by one $\delta_n$ of their own, which acts as a
    skew does. In all the state gets the charge of a slope's step times $\delta_n$, to
    the first order in both.

    Args:
        glitch: $A$, in volt seconds.
        skew: Spread of $\delta$ over a chip's channels, in seconds.
        jitter: Spread of $\delta_n$ over updates, in seconds; `None` for none.
    """

    glitch: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    skew: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    jitter: Float[Array, ""] | None = eqx.field(converter=scalar_or_none, default=None)

    def __check_init__(self):
        non_negative("dac.glitch", self.glitch, "V s")
        non_negative("dac.skew", self.skew, "s")
        if self.jitter is not None:
            non_negative("dac.jitter", self.jitter, "s")

    def __call__(
        self,
        values: Float[Array, "holds waves *samples"],
        scales: Float[Array, " waves"] | Float[Array, "holds waves *samples"],
        interval: Scalar,
        bits: Integer[Array, ""] | int | None,
        *,
        key: Key,
    ) -> Float[Array, "holds waves *samples"]:
        """Means over the holds of what is played.

        Args:
            values: What the codes stand for, in volts.
            scales: Full scale of each channel, in volts, or that of each update.
            interval: The hold, in seconds.
            bits: Of the converter; `None` has no carries, and no glitch.
            key: The chip's, which seeds the skew.
        """
        before = jnp.concatenate([values[:1], values[:-1]])
        own = normal(jr.fold_in(key, LabStream.SKEW), values.shape[1:2])
        late = (self.skew * own / interval).astype(values.dtype)
        late = broadcast_columns(late, values[0])
        means = values - (values - before) * late[None]
        if bits is None:
            return means
        if scales.ndim == 1:
            wide = broadcast_columns(scales, values[0])
            scales = jnp.broadcast_to(wide[None], values.shape)
        areas = self.glitch * _carries(values, scales, bits)
        return means + (areas / interval).astype(values.dtype)

    def late(
        self,
        holds: int,
        interval: Scalar,
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath | None:
        r"""$\delta_n$ over the hold, `(holds, samples)`; `None` without jitter.

        Args:
            holds: Number of updates in a solve.
            interval: The hold, in seconds.
            first: Number of the first sample.
            num_samples: Number of samples.
            key: The chip's.
        """
        if self.jitter is None:
            return None
        indices = first + jnp.arange(num_samples, dtype=first.dtype)
        own = jr.fold_in(key, LabStream.EDGES)
        values = standard_normal(own, indices, (holds,))
        return HeldPath(
            (self.jitter / interval).astype(values.dtype) * values, interval
        )


def _carries(values: Array, scales: Array, bits: Integer[Array, ""] | int) -> Array:
    r"""$\pm 2^{-b}$ of the highest bit that toggles; 0 where no code changes."""
    half = as_integer(1) << (as_integer(bits) - 1)
    codes = half.astype(values.dtype)
    earlier = lambda x: jnp.concatenate([x[:1], x[:-1]])
    new = jnp.round(values / scales * codes).astype(jnp.int32) + half
    old, before = earlier(new), earlier(scales)
    toggled = (new ^ old).astype(values.dtype)
    weight = 2.0 ** jnp.floor(jnp.log2(jnp.maximum(toggled, 1.0)))
    share = jnp.where(toggled > 0, weight / codes, 0.0)
    carries = share * jnp.sign(new - old).astype(values.dtype)
    return jnp.where(scales == before, carries, jnp.sign(values - earlier(values)))
