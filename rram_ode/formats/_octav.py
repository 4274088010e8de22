r"""Optimal clipping (OCTAV): the range with the least mean square error, by Newton.

Clipping at $s$ costs
$J(s) = c\,s^2\,P(0 < |X| \le s) + E[(|X| - s)^2; |X| > s]$,
with $c s^2 = \Delta^2 / 12$ the error of rounding. Newton's step on it is

$$s \leftarrow \frac{E[|X|; |X| > s]}{c\,P(0 < |X| \le s) + P(|X| > s)}.$$

Source: Sakr et al., ICML 2022, arXiv 2206.06501, eq. 6, where $c = 4^{-B} / 3$
($4^{-B} / 12$ without a sign), as for a step of $s / 2^{B-1}$. Here $c$ is that of the
format's own step, $s / (2^{B-1} - 1)$. Exact zeros have no rounding error and do not
count.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int32

from .._core._checks import is_concrete
from .._core._types import Scalar
from ._base import require_finite, require_numbers
from ._clip import AbstractClip


TOLERANCE = 1e-5  # relative, of the paper's code
MOST_STEPS = 20


MOST_NOISE = 1 / 3  # of a number that is uniform within the range and becomes 0


class Optimum(NamedTuple):
    """The best range of each column, and the steps that its search took."""

    scale: Float[Array, " cols"]
    steps: Int32[Array, ""]


def optimal_clip(
    x: Float[Array, "rows cols"], noise: Scalar, *, has_zeros: bool = False
) -> Optimum:
    r"""The $s$ of each column with the least $J(s)$.

    A sample's $J$ has jumps, at which Newton's step may leave the interval that is
    known to hold the optimum: half the interval is taken then.

    Args:
        x: The numbers, one distribution per column.
        noise: $c$, mean square error of rounding in units of $s^2$, above 0; 1 / 3 at
            most, which is that of a format with no number but 0.
        has_zeros: Whether exact zeros count as numbers within the range, as in
            Google's implementation; the paper leaves them out.

    Raises:
        ValueError: If `x` is empty, or if, where it is concrete, a number is not finite
            or `noise` is out of range. Under `jit` a column with NaN has the scale NaN.
    """
    require_numbers(x)
    require_finite(x)
    if is_concrete(noise) and not 0 < float(noise) <= MOST_NOISE:
        raise ValueError(
            "`noise` must be above 0 and 1/3 or less, in units of the squared range; "
            f"got {float(noise):g}: B bits have 1 / (12 (2^(B-1) - 1)^2)."
        )
    magnitude = jnp.abs(x)
    counted = jnp.ones_like(magnitude) if has_zeros else (magnitude > 0).astype(x.dtype)
    mean = lambda y: jnp.mean(y, axis=0)

    def newton(s: Array) -> tuple[Array, Array]:
        """Newton's step from `s`, and whether the optimum is below `s`."""
        is_over = magnitude > s[None]
        tail = mean(jnp.where(is_over, magnitude, 0.0))
        below = noise * mean(jnp.where(is_over, 0.0, counted)) + mean(
            is_over.astype(x.dtype)
        )
        return tail / jnp.where(below > 0, below, 1.0), s * below > tail

    def step(carry):
        s, low, high, _, number = carry
        ahead, is_below = newton(s)
        low, high = jnp.where(is_below, low, s), jnp.where(is_below, s, high)
        is_within = (ahead > 0) & (ahead >= low) & (ahead <= high)
        ahead = jnp.where(is_within, ahead, (low + high) / 2)
        change = jnp.abs(ahead - s) / jnp.where(s > 0, s, 1.0)
        moved = jnp.max(jnp.where(jnp.isnan(change), 0.0, change))
        return ahead, low, high, moved, number + 1

    def goes_on(carry):
        return (carry[3] > TOLERANCE) & (carry[4] < MOST_STEPS)

    first = mean(magnitude)
    zero, far = jnp.zeros_like(first), jnp.asarray(jnp.inf, x.dtype)
    begin = (first, zero, jnp.max(magnitude, axis=0), far, jnp.zeros((), jnp.int32))
    s, *_, number = jax.lax.while_loop(goes_on, step, begin)
    return Optimum(jnp.where(s == 0, 1.0, s), number)


class OptimalClip(AbstractClip):
    """The range with the least mean square error, for each column or for all.

    Args:
        per_column: Whether each column has its own.
        has_zeros: Whether exact zeros count, as in `optimal_clip`.
    """

    per_column: bool = eqx.field(default=False, static=True)
    has_zeros: bool = eqx.field(default=False, static=True)

    def __call__(
        self, x: Float[Array, "rows cols"], noise: Scalar
    ) -> Float[Array, " cols"]:
        """The optimum of each column, or of all numbers together."""
        flat = x if self.per_column else x.reshape(-1, 1)
        found = optimal_clip(flat, noise, has_zeros=self.has_zeros)
        return jnp.broadcast_to(found.scale, x.shape[1:])
