"""The score of a class, with guidance away from that of all classes."""

import equinox as eqx
from jaxtyping import Array, Float, Int

from .._core._arrays import scalar
from .._core._checks import non_negative
from .._core._types import Scalar, State
from ._base import AbstractScore


class GuidedScore(AbstractScore):
    r"""$(1 + w)\, s(t, x, k) - w\, s(t, x, \varnothing)$ for the class k.

    With $w > 0$ no diffusion has these scores: the solve follows the probability flow
    of no process. With $w = 0$, as with the null label, it is the score itself.

    Args:
        score: A conditional score.
        guidance: w.

    Raises:
        ValueError: If `guidance` is negative.

    Source: Ho and Salimans 2022, arXiv 2207.12598, eq. 6, with the null label that the
    paper's training has: an embedding of zeros.
    """

    score: AbstractScore
    guidance: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        non_negative("guidance", self.guidance, "dimensionless")

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.score.dim

    def __call__(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> State:
        """The guided score of the class `label`, of the shape of `x`."""
        own = self.score(t, x, label=label)
        if label is None:
            return own
        return own + self.guidance * (own - self.score(t, x))
