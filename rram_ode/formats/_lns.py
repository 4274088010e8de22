r"""Logarithmic numbers (LNS): $x = \pm s\,2^{-e / \gamma}$ with whole exponents e.

Rounding is to the nearest exponent, so that within the range the relative error is at
most $2^{1 / (2 \gamma)} - 1$; $\gamma$ is the base factor. A product adds exponents,
which is exact. A sum of products shifts each by the quotient of its exponent and
$\gamma$ into the bin of the remainder r; at the end bin r is multiplied by
$2^{-r / \gamma}$, and the bins are added.

Source: Zhao et al. (LNS-Madam), IEEE Trans. Computers 2022, arXiv 2106.13914, and the
abstract of US patent 12118454; base factor 8 and 8 bits are their default.
"""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int32

from .._core._arrays import as_integer
from ._base import AbstractCodes, AbstractFormat, Operation, whole_bits
from ._clip import FixedClip, MaxClip


LOG_BITS = (3, 16)
BASE_BITS = (0, 11)  # base factors 1 to 2048
SUM_BITS = 30  # of a bin, without its sign


class LogTable(eqx.Module):
    r"""$2^{-r / \gamma}$ of each remainder in fixed point, and the bins' fraction.

    With `exact_bits` $t$ the table knows $2^{-k / 2^t}$ only, and the factor that
    remains is Mitchell's line, $2^f \approx 1 + f$ for $0 \le f < 2^{-t}$.

    Args:
        bits: Fraction bits of an entry.
        fraction_bits: Fraction bits of a bin; smaller terms are cut off.
        exact_bits: $t$; `None` stores each remainder's own entry.

    Raises:
        ValueError: If a number of bits is out of range.
    """

    bits: int = eqx.field(default=12, static=True)
    fraction_bits: int = eqx.field(default=20, static=True)
    exact_bits: int | None = eqx.field(default=None, static=True)

    def __check_init__(self):
        whole_bits("table bits", self.bits, 2, 24)
        whole_bits("fraction bits of the table", self.fraction_bits, 2, SUM_BITS - 1)
        if self.exact_bits is not None:
            whole_bits("exact bits of the table", self.exact_bits, *BASE_BITS)

    def entries(self, base_bits: int) -> np.ndarray:
        r"""The entries as whole numbers in units of $2^{-\mathrm{bits}}$."""
        place = np.arange(2**base_bits) / 2**base_bits
        if self.exact_bits is None:
            entries = 2.0**-place
        else:
            coarse = np.ceil(place * 2**self.exact_bits) / 2**self.exact_bits
            entries = 2.0**-coarse * (1 + coarse - place)
        return np.round(entries * 2**self.bits)


class LogarithmicCodes(AbstractCodes):
    r"""Signs, exponents e, and the scale s of each column.

    Args:
        signs: 1, -1, or 0 for the code of zero.
        exponents: e; that of zero means nothing.
        scale: s.
        base_bits: $\log_2 \gamma$.
        table: The table of remainders.
        bins: $\gamma$; `None` where the base was traced, which no dot product takes.
    """

    signs: Int32[Array, "rows cols"]
    exponents: Int32[Array, "rows cols"]
    scale: Float[Array, " cols"]
    base_bits: Int32[Array, ""]
    table: LogTable
    bins: int | None = eqx.field(static=True)

    @property
    def value(self) -> Float[Array, "rows cols"]:
        r"""$\pm s\,2^{-e / \gamma}$."""
        dtype = self.scale.dtype
        base = _base_factor(self.base_bits, self.scale)
        quotient = self.exponents >> self.base_bits
        remainder = self.exponents - (quotient << self.base_bits)
        # A power of two is exact as a shift alone: `exp2` of a whole number is not.
        size = jnp.ldexp(jnp.exp2(-remainder.astype(dtype) / base), -quotient)
        return self.signs.astype(dtype) * self.scale[None] * size

    def dot(self, other: "LogarithmicCodes") -> Float[Array, "cols samples"]:
        r"""Sums of products by shifts into $\gamma$ bins and one table.

        $q + r / \gamma = (e^w + e^h) / \gamma$; bin r adds $\pm 2^{F - q}$, rounded
        down in magnitude; the result is $s_w s_h \sum_r T_r\,\mathrm{bin}_r / 2^F$.

        Raises:
            ValueError: If the operands' base factors differ or were traced, or if a bin
                may overflow.
        """
        gamma, table, rows = self.bins, self.table, self.signs.shape[0]
        if gamma is None or gamma != other.bins:
            raise ValueError(
                "operands of a logarithmic dot product must have one known base "
                f"factor; got {gamma} and {other.bins}."
            )
        if table.fraction_bits + max(rows - 1, 1).bit_length() > SUM_BITS:
            raise ValueError(
                f"bins of {SUM_BITS} bits must hold sums of {rows} terms; got "
                f"{table.fraction_bits} fraction bits: take fewer."
            )
        numbers = jnp.arange(gamma, dtype=jnp.int32)[:, None, None]
        one = as_integer(1) << table.fraction_bits

        def add(bins: Array, term: tuple[Array, ...]) -> tuple[Array, None]:
            w_sign, w, h_sign, h = term
            exponent = w[:, None] + h[None]
            quotient, remainder = divmod(exponent, gamma)
            part = one >> jnp.minimum(quotient, SUM_BITS)
            part = w_sign[:, None] * h_sign[None] * part
            return bins + jnp.where(remainder[None] == numbers, part[None], 0), None

        shape = gamma, self.signs.shape[1], other.signs.shape[1]
        terms = self.signs, self.exponents, other.signs, other.exponents
        bins, _ = jax.lax.scan(add, jnp.zeros(shape, jnp.int32), terms)
        dtype = self.scale.dtype
        entries = jnp.asarray(table.entries(gamma.bit_length() - 1), dtype)
        sums = jnp.sum(entries[:, None, None] * bins.astype(dtype), axis=0)
        unit = 2.0 ** -(table.fraction_bits + table.bits)
        return unit * sums * self.scale[:, None] * other.scale[None]


class LogarithmicFormat(AbstractFormat):
    r"""Numbers $\pm s\,2^{-e / \gamma}$, e from 0 to $2^{B-1} - 2$, and a code of zero.

    The largest exponent is the code of zero, which exact zeros alone have: a small
    number becomes the smallest of the format, and keeps its sign.

    Args:
        bits: B, 3 to 16, sign included.
        base_bits: $\log_2 \gamma$, 0 to 11.
        clip: The rule for s: the largest magnitude, or a fixed number.
        table: The table that a dot product takes.

    Raises:
        ValueError: If a number of bits is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> from rram_ode.formats import FixedClip, LogarithmicFormat
        >>> form = LogarithmicFormat(8, 0, FixedClip(1.0))
        >>> form.quantise(jnp.array([[0.7], [-0.3], [0.0]])).ravel().tolist()
        [0.5, -0.25, 0.0]
    """

    bits: Int32[Array, ""]
    base_bits: Int32[Array, ""]
    clip: MaxClip | FixedClip
    table: LogTable
    bins: int | None = eqx.field(static=True)

    def __init__(
        self,
        bits: Any = 8,
        base_bits: Any = 3,
        clip: MaxClip | FixedClip = MaxClip(),
        table: LogTable = LogTable(),
    ):
        self.bits = whole_bits("bits", bits, *LOG_BITS)
        self.base_bits = whole_bits("base bits", base_bits, *BASE_BITS)
        self.clip, self.table = clip, table
        self.bins = None if isinstance(base_bits, Tracer) else 2 ** int(base_bits)

    def encode(self, x: Float[Array, "rows cols"]) -> LogarithmicCodes:
        """Signs and the nearest exponents; what passes s has the exponent 0."""
        scale = self.clip(x, jnp.zeros((), x.dtype))
        base = _base_factor(self.base_bits, x)
        size = jnp.abs(x) / scale[None]
        last = (as_integer(1) << (self.bits - 1)) - 2
        place = -base * jnp.log2(jnp.where(size > 0, size, 1.0))
        exponents = jnp.clip(jnp.round(place), 0.0, last.astype(x.dtype))
        signs = jnp.sign(x).astype(jnp.int32)
        return LogarithmicCodes(
            signs,
            exponents.astype(jnp.int32),
            scale,
            self.base_bits,
            self.table,
            self.bins,
        )

    def surrogate(self, x: Float[Array, "rows cols"]) -> Float[Array, "rows cols"]:
        """`x`, straight-through."""
        return x

    def calibrated(self, x: Float[Array, "rows cols"]) -> "LogarithmicFormat":
        """This format with the rule's s for all of `x`."""
        scale = self.clip(x.reshape(-1, 1), jnp.zeros((), x.dtype))[0]
        return eqx.tree_at(lambda form: form.clip, self, FixedClip(scale))

    def stored_bits(self, rows: int, cols: int) -> int:
        """Bits of the codes; a scale per column is counted with the biases."""
        return rows * cols * int(self.bits)

    def counts(self, rows: int, other: "LogarithmicFormat") -> tuple[Operation, ...]:
        """Sums of exponents, shifts into bins, and one product per bin."""
        exponents = int(self.bits) - 1, int(other.bits) - 1
        width = self.table.fraction_bits + max(rows - 1, 1).bit_length() + 1
        bins = 2 ** int(self.base_bits)
        return (
            Operation("add", exponents, rows),
            Operation("shift", (width,), rows),
            Operation("add", (width,), rows),
            Operation("table", (self.table.bits,), bins),
            Operation("multiply", (self.table.bits + 1, width), bins),
            Operation("add", (width + self.table.bits,), bins),
        )


def relative_error(base_factor: float) -> float:
    r"""The root mean square relative error of numbers that fill octaves evenly.

    With the error of the exponent uniform in $\pm 1 / (2 \gamma)$ and
    $\delta = \ln 2 / (2 \gamma)$,
    $E (2^u - 1)^2 = \sinh(2 \delta) / (2 \delta) - 2 \sinh(\delta) / \delta + 1$.
    """
    delta = math.log(2) / (2 * base_factor)
    # The first terms of the series where the differences of the three would cancel.
    if delta < 1e-3:
        return math.sqrt(delta**2 / 3 + 7 * delta**4 / 60)
    first, second = math.sinh(2 * delta) / (2 * delta), math.sinh(delta) / delta
    return math.sqrt(first - 2 * second + 1)


def _base_factor(base_bits: Int32[Array, ""], like: Array) -> Array:
    r"""$\gamma$ in the type of `like`."""
    return (as_integer(1) << base_bits).astype(like.dtype)
