"""Rails of outputs, which may lie unevenly around the signal ground."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .._core._arrays import broadcast_columns


Limits = tuple[Array, Array]  # lowest and highest output, in volts


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
