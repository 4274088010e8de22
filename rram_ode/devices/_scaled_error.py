"""A part of an error, for error budgets."""

from typing import Any, ClassVar

import equinox as eqx
from jaxtyping import Array, Float

from .._misc import scalar
from .._types import Conductances, Key
from ._base import AbstractConductanceError


class ScaledError(AbstractConductanceError):
    r"""$g \leftarrow s\,e(g) + (1 - s)\,g$: a share s of the displacement by an error.

    0 is no error and 1 the error itself, both exactly. Cells that are stuck are moved
    whole: a smaller share of them is another `StuckFaults`.

    Args:
        error: $e$; drawn afresh in each cycle if it is.
        share: $s$, from 0 to 1.
    """

    # Each error's own: a property where other classes have a constant.
    is_redrawn: ClassVar[Any] = property(lambda self: self.error.is_redrawn)

    error: AbstractConductanceError
    share: Float[Array, ""] = eqx.field(converter=scalar)

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Displace `g`, shape `(rows, cols)`, in siemens."""
        return self.share * self.error(g, key=key) + (1 - self.share) * g
