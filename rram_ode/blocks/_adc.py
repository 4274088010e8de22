"""The ADC that reads the result."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .._core._arrays import scalar, scalar_or_none, straight_through
from .._core._checks import non_negative, positive
from .._core._random import normal
from .._core._types import ColumnValues, Key, Scalar


class ADC(eqx.Module):
    r"""Codes of `bits` over [-full scale, full scale], one converter per channel.

    $$x \leftarrow \Delta\,(k - 2^{b-1}), \qquad T_k \le x < T_{k+1}, \quad
      T_k = \Delta\,(k - 2^{b-1} - \tfrac{1}{2} + \text{INL}_k), \quad
      \Delta = 2F / 2^b,$$

    clipped to the codes 0 to $2^b - 1$. The gradient is that of the identity between
    the last codes, and of the last code beyond them (straight-through, as `Levels`).

    Args:
        bits: Resolution; `None` is continuous, and returns its input.
        full_scale: F, in the unit of the input.
        inl: Integral nonlinearity of the thresholds between codes, in steps, one row
            per channel; `None` is even. `fabricate` draws it.
        noise: Standard deviation of the noise that a conversion adds to its input, in
            steps; `None` adds none.

    Raises:
        ValueError: If `bits` is not 1 to 16, the full scale is not positive, or the
            noise is negative.
    """

    bits: int | None = eqx.field(static=True, default=None)
    full_scale: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    inl: Float[Array, "channels thresholds"] | None = None
    noise: Float[Array, ""] | None = eqx.field(converter=scalar_or_none, default=None)

    def __check_init__(self):
        if self.bits is not None and not 1 <= self.bits <= 16:
            raise ValueError(
                "`adc.bits` must be between 1 and 16, or None for continuous; got "
                f"{self.bits}."
            )
        positive("adc.full_scale", self.full_scale, "the input's unit")
        if self.noise is not None:
            non_negative("adc.noise", self.noise, "steps")

    def fabricate(self, channels: int, dnl_std: Scalar | float, *, key: Key) -> "ADC":
        r"""Converters of one chip: each step's width is off by `dnl_std` steps.

        The widths are $\max(1 + \sigma\epsilon_k, 0)$; the ends are trimmed (INL of 0
        at the first and last threshold), so that $\text{INL}_k$ is a bridge with
        $\sigma^2 k (1 - k / n)$ of variance, n the number of steps in between.
        """
        std = scalar(dnl_std)
        non_negative("adc.dnl_std", std, "steps")
        if self.bits is None:
            return self
        steps = 2**self.bits - 2
        widths = jnp.maximum(1 + std * normal(key, (channels, steps)), 0.0)
        places = jnp.cumsum(widths - 1, axis=1)
        ramp = jnp.arange(1, steps + 1, dtype=places.dtype) / max(steps, 1)
        inl = jnp.pad(places - places[:, -1:] * ramp[None], ((0, 0), (1, 0)))
        return ADC(self.bits, self.full_scale, inl, self.noise)

    def __call__(
        self, x: ColumnValues, normals: ColumnValues | None = None
    ) -> ColumnValues:
        """The values that the codes stand for, in the unit of `x`.

        Args:
            x: Inputs, one for each channel and sample.
            normals: Standard normals of the shape of `x`, which `noise` scales; with
                `None` the conversions are without noise.
        """
        if self.bits is None:
            return x
        half = 2 ** (self.bits - 1)
        step = self.full_scale / half
        if self.noise is not None and normals is not None:
            x = x + self.noise * step * normals
        if self.inl is None:
            code = jnp.clip(jnp.floor(x / step + 0.5), -half, half - 1)
        else:
            even = jnp.arange(1, 2 * half, dtype=x.dtype) - half - 0.5
            find = lambda edges, x: jnp.searchsorted(edges, x, side="right")
            count = jax.vmap(find)(even[None] + self.inl, x / step)
            code = count.astype(x.dtype) - half
        smooth = jnp.clip(x / step, -half, half - 1) * step
        return straight_through(step * code, smooth)

    @property
    def dnl(self) -> Float[Array, "channels steps"] | None:
        """Differential nonlinearity: width of each inner step minus 1, in steps."""
        return None if self.inl is None else jnp.diff(self.inl, axis=1)

    def is_clipped(self, x: Float[Array, "..."]) -> Bool[Array, "..."]:
        """Whether an input is beyond the full scale."""
        return jnp.abs(x) > self.full_scale
