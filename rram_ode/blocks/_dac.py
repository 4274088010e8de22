"""The DAC that plays waveforms."""

import dataclasses
import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._arrays import (
    as_integer,
    integer_or_none,
    scalar,
    scalar_or_none,
    straight_through,
    without_gradient,
)
from .._core._checks import is_concrete, non_negative
from .._core._random import normal
from .._core._types import Key, Scalar


MOST_RANGES = 4  # full scales, which two bits beside a code select


RATIO = 4.0  # of a full scale over the next smaller one


class DAC(eqx.Module):
    r"""A DAC with codes of `bits` over [-full scale, full scale], held between updates.

    A held value is the waveform's in the middle of the hold, as a controller that knows
    the waveform ahead would play it.

    With `ranges` n, taps of one reference give all channels the full scales
    $F, F / 4, \dots, F / 4^{n - 1}$. Each update of a channel takes the smallest one
    whose codes reach its value: the controller, which knows the waveform, stores the
    range beside the code. No data is needed to choose them. A tap's ratio is off by a
    share of its own, the same in all channels; that of F has none, as F is what the
    reference gives.

    Args:
        bits: Resolution; `None` is continuous. A number of bits is an array: a sweep
            over it runs one program.
        update_rate: Updates per second, in hertz; `None` is continuous. It is an array,
            as `bits`.
        fastest: Rate that sizes are made for, in hertz, so that all rates of a sweep
            run one program; `None` makes them for `update_rate`.
        inl: Integral nonlinearity of each code's output, in steps; `None` is none.
            `fabricate` draws it.
        ranges: Number of full scales, 1 to 4.
        range_std: Spread of the taps' ratios over chips, relative; `None` for none.
        gains: Factor of each full scale on one chip, that of F first; `None` for exact
            ones. `of_chip` draws them.

    Raises:
        ValueError: If `bits` is below 1, the rate is not positive, the number of ranges
            is another one, or a converter without codes has several.
    """

    bits: Integer[Array, ""] | None = eqx.field(converter=integer_or_none, default=None)
    update_rate: Float[Array, ""] | None = eqx.field(
        converter=scalar_or_none, default=None
    )
    inl: Float[Array, " codes"] | None = None
    ranges: int = eqx.field(static=True, default=1)
    range_std: Float[Array, ""] | None = eqx.field(
        converter=scalar_or_none, default=None
    )
    gains: Float[Array, " ranges"] | None = None
    fastest: Float[Array, ""] | None = eqx.field(converter=scalar_or_none, default=None)

    def __check_init__(self):
        if not 1 <= self.ranges <= MOST_RANGES:
            raise ValueError(
                f"`dac.ranges` must be 1 to {MOST_RANGES} full scales; got "
                f"{self.ranges}."
            )
        if self.ranges > 1 and self.bits is None:
            raise ValueError(
                f"`dac.ranges` = {self.ranges} are full scales of codes, and a "
                "continuous DAC has none: set `dac.bits`, or `dac.ranges` to 1."
            )
        if self.range_std is not None:
            non_negative("dac.range_error", self.range_std, "1")
        bits = self.bits
        if bits is not None and is_concrete(bits) and not 1 <= int(bits) <= 24:
            raise ValueError(
                "`dac.bits` must be between 1 and 24, or None for continuous; got "
                f"{int(bits)}."
            )
        rate = self.update_rate
        if rate is None or not is_concrete(rate):
            return
        if not float(rate) > 0:
            raise ValueError(
                "`dac.update_rate` must be positive, in hertz, or None for continuous; "
                f"got {float(rate):g}."
            )
        if self.fastest is not None and float(self.fastest) < float(rate):
            raise ValueError(
                "`dac.fastest` must be `dac.update_rate` or more, in hertz; got "
                f"{float(self.fastest):g} and {float(rate):g}."
            )

    def fabricate(self, dnl_std: Scalar | float, *, key: Key) -> "DAC":
        r"""A converter of one chip: each step's height is off by `dnl_std` steps.

        The ends are trimmed, so that $\text{INL}_k$ is a bridge with the variance
        $\sigma^2 k (1 - k / n)$, n the number of steps.
        """
        std = scalar(dnl_std)
        non_negative("dac.dnl_std", std, "steps")
        if self.bits is None:
            return self
        steps = 2 ** int(self.bits) - 1
        places = jnp.cumsum(std * normal(key, (steps,)))
        ramp = jnp.arange(1, steps + 1, dtype=places.dtype) / steps
        inl = jnp.pad(places - places[-1] * ramp, (1, 0))
        return dataclasses.replace(self, inl=inl)

    def of_chip(self, *, key: Key) -> "DAC":
        """The converter of one chip, with the gains of its ranges drawn from `key`."""
        if self.range_std is None or self.ranges == 1:
            return self
        errors = self.range_std * normal(key, (self.ranges - 1,))
        return dataclasses.replace(self, gains=1 + jnp.pad(errors, (1, 0)))

    def range_of(
        self, x: Float[Array, "..."], full_scale: Float[Array, "..."] | float
    ) -> Integer[Array, "..."]:
        """Number of the range that an update to `x` takes; 0 is the full scale."""
        number = jnp.zeros(jnp.shape(x), jnp.int32)
        if self.bits is None:
            return number
        place = jax.lax.stop_gradient(x / full_scale)
        half = self.half.astype(place.dtype)
        for _ in range(1, self.ranges):
            place = RATIO * place
            code = jnp.round(place * half)
            fits = (code >= -half) & (code <= half - 1)
            number = number + fits.astype(number.dtype)
        return number

    def scale_of(
        self, x: Float[Array, "..."], full_scale: Float[Array, "..."] | float
    ) -> Float[Array, "..."]:
        """The full scale that is in force where `x` is played, as its tap gives it."""
        number = self.range_of(x, full_scale)
        scale = full_scale * RATIO ** -number.astype(x.dtype)
        return scale if self.gains is None else self.gains[number] * scale

    def quantise(
        self, x: Float[Array, "..."], full_scale: Float[Array, ""] | float
    ) -> Float[Array, "..."]:
        r"""The nearest code, $\Delta\,(k + \text{INL}_k)$, clipped.

        $\Delta = 2 F / 2^b$, $k = \mathrm{round}(x / \Delta)$; codes run from
        $-2^{b-1}$ to $2^{b-1} - 1$. F is the full scale in force, and a tap's error a
        factor behind it.

        The gradient is that of the same function without rounding (straight-through):
        between the last codes 1 in x, and in F that of the height of the INL alone;
        beyond them 0 in x, and in F that of the last code.
        """
        if self.bits is None:
            return x
        half, tap = self.half.astype(x.dtype), full_scale
        if self.ranges > 1:
            tap = self.scale_of(x, full_scale).astype(x.dtype)
            number = self.range_of(x, full_scale).astype(x.dtype)
            full_scale = full_scale * RATIO**-number
        place = x / full_scale * half
        code = jnp.clip(jnp.round(place), -half, half - 1)
        smooth = jnp.clip(place, -half, half - 1)
        if self.inl is not None:
            inl = self.inl[jax.lax.stop_gradient(code + half).astype(int)]
            code, smooth = code + inl, smooth + inl
        step = tap / half
        return straight_through(code * step, smooth * step)

    @property
    def half(self) -> Integer[Array, ""]:
        """Codes on either side of zero, $2^{b - 1}$, of a converter that has codes."""
        assert self.bits is not None  # by the caller
        return as_integer(1) << (self.bits - 1)

    @property
    def word(self) -> int:
        """Bits of a stored value: those of its code, and of its range."""
        bits = 0 if self.bits is None else int(self.bits)
        return bits + (self.ranges - 1).bit_length()

    @property
    def interval(self) -> Float[Array, ""]:
        """Time between updates, in seconds."""
        if self.update_rate is None:
            raise ValueError("a continuous DAC has no updates")
        reason = (
            "`dac.update_rate` has no gradient: steps keep the edges of its updates. "
            "Close loops of several rates and compare them."
        )
        return without_gradient(1 / self.update_rate, reason)

    def num_holds(self, duration: float) -> int:
        """Updates during a solve of `duration` seconds; not under `jit`."""
        return max(1, math.ceil(duration / float(self.interval) * (1 - 1e-6)))

    @property
    def sized_for(self) -> "DAC":
        """A converter with the rate that sizes are made for."""
        if self.fastest is None:
            return self
        return dataclasses.replace(self, update_rate=self.fastest)
