r"""Softermax: a softmax of base 2 in one pass, in fixed point, rescaled by shifts.

Slice by slice, with $m$ the largest $\lceil x \rceil$ so far and $d$ the sum so far,

$$m' = \max(m, \max \lceil x \rceil), \quad u_i = 2^{x_i - m'}, \quad
  d \leftarrow (d \gg (m' - m)) + \sum_i u_i,$$

and at the end $y_i = (u_i \gg (m - m_i)) / d$ with $m_i$ the maximum that $u_i$ was
made with. The maximum is a whole number, so that each rescaling is a shift.

Source: Stevens et al., DAC 2021, arXiv 2103.09301, with its fixed-point formats; the
number of segments of its reciprocal is not given: 4 are assumed, as for $2^x$.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import straight_through
from ._base import Operation


SEGMENTS = 4


class UnsignedFixed(NamedTuple):
    """Numbers from 0 with so many bits before and behind the point."""

    whole: int
    fraction: int

    def cut(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """`x` without what lies behind the last bit, saturated."""
        unit = 2.0**-self.fraction
        return jnp.clip(jnp.floor(x / unit) * unit, 0.0, 2.0**self.whole - unit)

    def round(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The nearest number to `x`, saturated; halves are rounded up."""
        return self.cut(x + 2.0 ** -(self.fraction + 1))


INPUT = (6, 2)  # signed; the local maximum has the same
UNNORMED = UnsignedFixed(1, 15)
POWER_SUM = UnsignedFixed(10, 6)
OUTPUT = UnsignedFixed(1, 7)  # and the reciprocal


class Softermax(eqx.Module):
    r"""$y_i = 2^{x_i} / \sum_j 2^{x_j}$ over the last axis.

    With `is_wide` all numbers have the precision of the input, and $2^x$ and the
    reciprocal are exact. Without, they have the paper's formats, bit for bit: scores of
    8 bits in steps of a quarter, outputs of 8 bits. The gradient is that of the exact
    softmax of base 2 (straight-through).

    A network that was trained with base e takes scores times $\log_2 e$.

    Args:
        slice_width: Number of scores that are taken at once.
        is_wide: Whether nothing is rounded.

    Raises:
        ValueError: If `slice_width` is not a whole number of 1 or more.

    Example:
        >>> import jax.numpy as jnp
        >>> from rram_ode.formats import Softermax
        >>> Softermax()(jnp.array([1.0, 1.0, 0.0])).tolist()
        [0.3984375, 0.3984375, 0.203125]
    """

    slice_width: int = eqx.field(default=16, static=True)
    is_wide: bool = eqx.field(default=False, static=True)

    def __check_init__(self):
        if not isinstance(self.slice_width, int) or self.slice_width < 1:
            raise ValueError(
                "`slice_width` must be a whole number of scores, 1 or more; got "
                f"{self.slice_width}. The paper takes 16 or 32."
            )

    def __call__(self, x: Float[Array, "*rows scores"]) -> Float[Array, "*rows scores"]:
        """Weights that add up to 1, nearly; a row with NaN has NaN alone."""
        exact = base_2_softmax(x)
        flat = jax.lax.stop_gradient(x).reshape(-1, x.shape[-1])
        # Its maximum would leave NaN out, and hide it.
        has_nan = jnp.isnan(flat).any(axis=1, keepdims=True)
        found = jnp.where(has_nan, jnp.nan, self._online(flat))
        return straight_through(found.reshape(x.shape), exact)

    def counts(self, scores: int) -> tuple[Operation, ...]:
        """Operations of one row of so many scores."""
        num = -(-scores // self.slice_width)
        wide = UNNORMED.whole + UNNORMED.fraction
        total, out = sum(POWER_SUM), sum(OUTPUT)
        return (
            Operation("add", (sum(INPUT),), 2 * scores),  # the maximum, and x - m
            Operation("table", (wide,), scores),
            Operation("shift", (wide,), 2 * scores),
            Operation("add", (total,), scores + num),
            Operation("shift", (total,), num),
            Operation("table", (out,), 1),
            Operation("multiply", (wide, out), scores),
        )

    def _online(self, x: Float[Array, "rows scores"]) -> Float[Array, "rows scores"]:
        """The softmax of each row, slice by slice."""
        rows, scores = x.shape
        x = x if self.is_wide else _input(x)
        num = -(-scores // self.slice_width)
        fill = num * self.slice_width - scores
        padded = jnp.pad(x, ((0, 0), (0, fill)), constant_values=-jnp.inf)
        slices = jnp.moveaxis(padded.reshape(rows, num, self.slice_width), 1, 0)
        keep = lambda form, y: y if self.is_wide else form(y)

        def take(carry, part):
            highest, total = carry
            ahead = jnp.maximum(highest, jnp.max(jnp.ceil(part), axis=1))
            # A row may begin with slices of -inf: their terms are 0.
            finite = jnp.where(jnp.isfinite(ahead), ahead, 0.0)
            u = keep(UNNORMED.round, self._power(part - finite[:, None]))
            shift = jnp.where(jnp.isfinite(highest), highest - finite, 0.0)
            total = keep(POWER_SUM.cut, _shift(total, shift))
            total = keep(POWER_SUM.cut, total + jnp.sum(u, axis=1))
            return (ahead, total), (u, finite)

        begin = jnp.full((rows,), -jnp.inf, x.dtype), jnp.zeros((rows,), x.dtype)
        (highest, total), (u, made_with) = jax.lax.scan(take, begin, slices)
        highest = jnp.where(jnp.isfinite(highest), highest, 0.0)
        u = keep(UNNORMED.cut, _shift(u, (made_with - highest[None])[:, :, None]))
        u = jnp.moveaxis(u, 0, 1).reshape(rows, -1)[:, :scores]
        if self.is_wide:
            return u / total[:, None]
        significand, exponent = jnp.frexp(total)
        reciprocal = OUTPUT.round(_line(lambda y: 1 / (1 + y), 2 * significand - 1))
        # The significand lies in [1, 2), so that its exponent is one less.
        y = jnp.ldexp(u * reciprocal[:, None], 1 - exponent[:, None])
        return OUTPUT.round(y)

    def _power(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """2^x of numbers of 0 or less: a line per quarter, and a shift."""
        if self.is_wide:
            return jnp.exp2(x)
        finite = jnp.where(jnp.isfinite(x), x, 0.0)
        whole = jnp.floor(finite)
        power = _shift(_line(jnp.exp2, finite - whole), whole)
        return jnp.where(jnp.isfinite(x), power, 0.0)


def base_2_softmax(x: Float[Array, "*rows scores"]) -> Float[Array, "*rows scores"]:
    """The exact softmax of base 2 over the last axis."""
    return jax.nn.softmax(x * jnp.log(jnp.asarray(2.0, x.dtype)), axis=-1)


def _input(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Scores of 8 bits, sign included, in steps of a quarter; halves go up."""
    whole, fraction = INPUT
    end, unit = 2.0 ** (whole - 1), 2.0**-fraction
    return jnp.clip(jnp.floor(x / unit + 0.5) * unit, -end, end - unit)


def _shift(x: Float[Array, "..."], by: Float[Array, "..."]) -> Float[Array, "..."]:
    """`x` times 2 to a whole power, exactly, which `exp2` is not."""
    return jnp.ldexp(x, by.astype(jnp.int32))


def _line(f, x: Float[Array, "..."]) -> Float[Array, "..."]:
    """`f` on [0, 1) by straight lines between its values at the ends of segments."""
    number = jnp.clip(jnp.floor(x * SEGMENTS), 0, SEGMENTS - 1)
    left, right = f(number / SEGMENTS), f((number + 1) / SEGMENTS)
    return left + (right - left) * (x * SEGMENTS - number)
