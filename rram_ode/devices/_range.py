"""The range of conductances that a cell can hold."""

import equinox as eqx
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._checks import is_concrete


class ConductanceRange(eqx.Module):
    """Conductances between the high resistance state (HRS) and the low one (LRS).

    Args:
        g_min: Conductance in HRS, in siemens.
        g_max: Conductance in LRS, in siemens.

    Raises:
        ValueError: Unless 0 <= `g_min` < `g_max`.
    """

    g_min: Float[Array, ""] = eqx.field(converter=scalar)
    g_max: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        if not is_concrete(self.g_min, self.g_max):
            return
        if not 0 <= float(self.g_min) < float(self.g_max):
            raise ValueError(
                "`g_min` must be at least 0 and below `g_max`, in siemens; got "
                f"g_min = {float(self.g_min):g}, g_max = {float(self.g_max):g}."
            )

    @property
    def span(self) -> Float[Array, ""]:
        """`g_max - g_min`, in siemens."""
        return self.g_max - self.g_min


def valid_range(
    what: str, g_min: float, g_max: float, *, valid: tuple[float, float]
) -> ConductanceRange:
    """The range from `g_min` to `g_max`, if it lies within `valid`; all in siemens.

    Raises:
        ValueError: If it does not; `what` names the fits in the message.
    """
    asked, (low, high) = ConductanceRange(g_min, g_max), valid
    if not (g_min >= low * (1 - 1e-6) and g_max <= high * (1 + 1e-6)):
        raise ValueError(
            f"the {what} fits are valid from {low * 1e6:g} to {high * 1e6:g} uS; got "
            f"{g_min * 1e6:g} to {g_max * 1e6:g} uS."
        )
    return asked
