"""A score with the classes of its samples."""

from jaxtyping import Array, Int

from .._core._types import Scalar, State
from ._base import AbstractScore


class LabelledScore(AbstractScore):
    """The score of given classes, so that a sampler needs no labels.

    Args:
        score: A conditional score.
        label: Class to generate, one for all or one a sample; -1 is the null label.
    """

    score: AbstractScore
    label: Int[Array, "..."]

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.score.dim

    def __call__(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> State:
        """The score, of the shape of `x`; a `label` replaces its own."""
        return self.score(t, x, label=self.label if label is None else label)
