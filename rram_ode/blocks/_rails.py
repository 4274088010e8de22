"""Rails of outputs, which may lie unevenly around the signal ground."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .._core._arrays import broadcast_columns, limited


Limits = tuple[Array, Array]  # lowest and highest output, in volts


class Limited(eqx.Module):
    r"""Voltages behind limits, $\min(\max(v, v_\text{low}), v_\text{high})$.

    Limits behind limits are limits. `within` moves the two, of which there is one for
    each column, and leaves `v` alone, of which there is one for each sample, so that
    any number of limits costs each sample as much as one.

    Args:
        v: The voltages ahead of all limits, in volts.
        low: Lowest output, broadcast along the axes of `v`, in volts.
        high: Highest output, likewise.
    """

    v: Float[Array, "..."]
    low: Float[Array, "..."]
    high: Float[Array, "..."]

    @property
    def value(self) -> Float[Array, "..."]:
        """The voltages behind the limits."""
        return limited(self.v, self.low, self.high)

    def within(self, low: Float[Array, "..."], high: Float[Array, "..."]) -> "Limited":
        """The same voltages behind one more pair of limits."""
        return Limited(
            self.v, limited(self.low, low, high), limited(self.high, low, high)
        )


def unlimited(v: Float[Array, "..."]) -> Limited:
    """`v` behind no limit yet."""
    return Limited(v, jnp.full((), -jnp.inf, v.dtype), jnp.full((), jnp.inf, v.dtype))


def limits(
    v_low: Float[Array, "*cols"] | None,
    v_rail: Float[Array, "*cols"],
    like: Float[Array, "..."],
) -> Limits:
    """Lowest and highest output, with axes to broadcast along those of `like`.

    Args:
        v_low: Lowest output of all columns or of each, in volts; `None` for `-v_rail`.
        v_rail: Highest output of all columns or of each, in volts.
        like: Voltages, columns first.
    """
    along = lambda v: broadcast_columns(v, like) if v.ndim else v
    high = along(jnp.asarray(v_rail))
    return (-high if v_low is None else along(jnp.asarray(v_low))), high


def hits(
    v: Float[Array, "..."], within: Limits, fraction: float = 1.0
) -> Bool[Array, "..."]:
    """Whether voltages are at or beyond this fraction of their limits."""
    low, high = within
    return (v >= high * fraction) | (v <= low * fraction)
