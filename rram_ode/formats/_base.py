"""The protocol of number formats: codes of a matrix, and their products as integers."""

import abc
import math
from typing import Any, NamedTuple

import equinox as eqx
import jax
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int32

from .._core._arrays import as_integer, straight_through
from .._core._checks import is_concrete


class Operation(NamedTuple):
    """Operations of one kind; `energy` says what each costs.

    Args:
        kind: `multiply`, `add`, `shift` or `table` (a read of a small table).
        bits: Bits of each operand.
        number: Number of operations.
    """

    kind: str
    bits: tuple[int, ...]
    number: int


class AbstractCodes(eqx.Module):
    """A matrix in a number format, `(rows, cols)`; dot products run along the rows."""

    @property
    @abc.abstractmethod
    def value(self) -> Float[Array, "rows cols"]:
        """The numbers that the codes stand for."""

    @abc.abstractmethod
    def dot(self, other: Any) -> Float[Array, "cols samples"]:
        r"""$\sum_i w_{ij} h_{ik}$ from the codes alone, as hardware adds it up.

        Args:
            other: Codes of the same kind, `(rows, samples)`.
        """


class AbstractFormat(eqx.Module):
    """A number format of one operand of a matrix product.

    Inputs of a product are on rows, as in the weights of a network; columns are the
    outputs of a matrix of weights, or the samples of a matrix of activations.
    """

    @abc.abstractmethod
    def encode(self, x: Float[Array, "rows cols"]) -> AbstractCodes:
        """Codes of the numbers of the format that are nearest to `x`."""

    @abc.abstractmethod
    def surrogate(self, x: Float[Array, "rows cols"]) -> Float[Array, "rows cols"]:
        """A smooth function of `x` whose gradient stands for that of the rounding."""

    @abc.abstractmethod
    def calibrated(self, x: Float[Array, "rows cols"]) -> "AbstractFormat":
        """This format with the range that it has for `x`, whatever it encodes later.

        A format whose scales are part of its codes is returned as it is.

        Args:
            x: Numbers of a calibration set, which do not judge the result.

        Raises:
            ValueError: If `x` is empty.
        """

    @abc.abstractmethod
    def stored_bits(self, rows: int, cols: int) -> int:
        """Bits that a matrix takes in memory, scales included (not under `jit`)."""

    @abc.abstractmethod
    def counts(self, rows: int, other: Any) -> tuple[Operation, ...]:
        """Operations of one dot product of `rows` terms (not under `jit`).

        Args:
            rows: Number of terms.
            other: The format of the other operand, of the same kind.
        """

    def quantise(self, x: Float[Array, "rows ..."]) -> Float[Array, "rows ..."]:
        """The numbers of the format nearest to `x`, with the gradient of `surrogate`.

        All axes but the first are columns.
        """
        flat = x.reshape(x.shape[0], math.prod(x.shape[1:]))
        rounded = self.encode(jax.lax.stop_gradient(flat)).value
        return straight_through(rounded, self.surrogate(flat)).reshape(x.shape)


def require_numbers(x: Array) -> None:
    """Raise a `ValueError` if there are no numbers to choose a range from."""
    if x.size == 0:
        raise ValueError(
            "`x` must hold at least one number to choose a range from; got shape "
            f"{x.shape}: give weights or calibration data."
        )


def require_finite(x: Array) -> None:
    """Raise a `ValueError` if `x` is concrete and a number is not finite."""
    if not is_concrete(x):
        return
    # By NumPy: within `jit` an operation on a constant is no number yet.
    num = x.size - int(np.isfinite(np.asarray(x)).sum())
    if num:
        raise ValueError(
            "`x` must hold finite numbers to choose a range from; got "
            f"{num} of {x.size} that are infinite or no number: leave them out."
        )


def whole_bits(name: str, bits: Any, low: int, high: int) -> Int32[Array, ""]:
    """`bits` as an array, if it is a whole number from `low` to `high`.

    Raises:
        ValueError: If it is not, and concrete.
    """
    if isinstance(bits, Tracer):
        return as_integer(bits)
    is_array = isinstance(bits, jax.Array | np.ndarray)
    is_whole = (
        np.issubdtype(bits.dtype, np.integer) and bits.shape == ()
        if is_array
        else isinstance(bits, int | np.integer) and not isinstance(bits, bool)
    )
    if not is_whole or not low <= int(bits) <= high:
        raise ValueError(
            f"`{name}` of a format must be a whole number of bits between {low} and "
            f"{high}, sign included; got {bits}."
        )
    return as_integer(int(bits))
