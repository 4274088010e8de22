"""The interface of a score: digital network, programmed chip, or closed form."""

import abc

import equinox as eqx
from jaxtyping import Array, Int

from .._core._types import Scalar, State


class AbstractScore(eqx.Module):
    r"""$\nabla_x \log p_t(x)$, the gradient of the log density at time `t`."""

    @property
    @abc.abstractmethod
    def dim(self) -> int:
        """Number of coordinates of the state."""

    @abc.abstractmethod
    def __call__(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> State:
        """The score at `t`, a scalar, and `x`, shape `(dim, *samples)`.

        Args:
            t: diffusion time, dimensionless.
            x: one state `(dim,)`, or a batch with the features first.
            label: class to generate, one for all or one a sample; `None` for any.

        Returns:
            The score, of the shape of `x`.
        """
