"""The mapping of weights to conductances, and the scale of each column."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._checks import non_negative
from .._core._random import normal
from .._core._types import Conductances, Key, Scalar, Weights
from ..devices import ConductanceRange


class AbstractScale(eqx.Module):
    """Choice of the weight that the full conductance range represents."""

    @abc.abstractmethod
    def __call__(self, weights: Weights) -> Float[Array, " cols"]:
        """The weight at the full scale of each column, positive."""


class ColumnScale(AbstractScale):
    """A scale per column, whose transimpedance amplifier has its own resistor."""

    def __call__(self, weights: Weights) -> Float[Array, " cols"]:
        """The largest magnitude of each column, or 1 for a column of zeros."""
        return _or_one(jnp.max(jnp.abs(weights), axis=0))


class LayerScale(AbstractScale):
    """One scale for all columns of a layer."""

    def __call__(self, weights: Weights) -> Float[Array, " cols"]:
        """The largest magnitude of the layer, or 1 for a layer of zeros."""
        return jnp.full((weights.shape[1],), _or_one(jnp.max(jnp.abs(weights))))


def _or_one(x):
    return jnp.where(x > 0, x, 1.0)


class AbstractMapping(eqx.Module):
    """A mapping of each weight to the difference `g_pos - g_neg` of conductances."""

    range: eqx.AbstractVar[ConductanceRange]

    @property
    @abc.abstractmethod
    def full_scale(self) -> Scalar:
        """The largest net conductance, in siemens, to which the largest weight maps."""

    @abc.abstractmethod
    def to_conductance(
        self, weights: Weights, scale: Float[Array, " cols"]
    ) -> tuple[Conductances, Conductances]:
        """Targets `(g_pos, g_neg)`, in siemens, for `scale` siemens per unit weight."""

    @property
    @abc.abstractmethod
    def has_negative_cells(self) -> bool:
        """Whether `g_neg` is made of cells, which are programmed and fluctuate."""

    @abc.abstractmethod
    def with_mismatch(self, g_neg: Conductances, *, key: Key) -> Conductances:
        """`g_neg` with the errors of references, where it is not made of cells."""

    def to_weight(
        self,
        g_pos: Conductances,
        g_neg: Conductances,
        scale: Float[Array, " cols"],
    ) -> Weights:
        """The weights that two arrays represent."""
        return (g_pos - g_neg) / scale[None]


class DifferentialPair(AbstractMapping):
    r"""Two cells per weight; the one that is not needed stays at `g_min`.

    $g_+ = g_\text{min} + s \max(w, 0)$, $g_- = g_\text{min} + s \max(-w, 0)$. The rows
    of the second cell are driven with the opposite voltage, so that the column's
    summing node sees the difference.
    """

    range: ConductanceRange

    @property
    def full_scale(self) -> Scalar:
        """`g_max - g_min`, in siemens."""
        return self.range.span

    def to_conductance(
        self, weights: Weights, scale: Float[Array, " cols"]
    ) -> tuple[Conductances, Conductances]:
        """Targets of the two cells, in siemens."""
        g = scale[None] * weights
        low = self.range.g_min
        return low + jnp.maximum(g, 0.0), low + jnp.maximum(-g, 0.0)

    @property
    def has_negative_cells(self) -> bool:
        """True: both arrays are made of cells."""
        return True

    def with_mismatch(self, g_neg: Conductances, *, key: Key) -> Conductances:
        """`g_neg` unchanged."""
        del key
        return g_neg


class ReferenceColumn(AbstractMapping):
    r"""One cell per weight against a fixed reference in the middle of the range.

    $g_+ = g_\text{ref} + s w$, $g_- = g_\text{ref}$ with
    $g_\text{ref} = (g_\text{min} + g_\text{max}) / 2$: a resistor per row, driven with
    the opposite voltage and subtracted at the summing node. The reference does not
    fluctuate and has no levels.

    Args:
        range: Conductances of the cell.
        mismatch: Relative spread of the reference, one draw per column and chip.
    """

    range: ConductanceRange
    mismatch: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("reference_mismatch", self.mismatch, "of the reference")

    @property
    def full_scale(self) -> Scalar:
        """`(g_max - g_min) / 2`, in siemens."""
        return self.range.span / 2

    def to_conductance(
        self, weights: Weights, scale: Float[Array, " cols"]
    ) -> tuple[Conductances, Conductances]:
        """Targets of the cells, and the references, in siemens."""
        reference = (self.range.g_min + self.range.g_max) / 2
        return reference + scale[None] * weights, jnp.full_like(weights, reference)

    @property
    def has_negative_cells(self) -> bool:
        """False: the reference is a resistor."""
        return False

    def with_mismatch(self, g_neg: Conductances, *, key: Key) -> Conductances:
        """The references of one chip, with one relative error per column."""
        draws = normal(key, (1, g_neg.shape[1]))
        return g_neg * (1 + self.mismatch * draws)
