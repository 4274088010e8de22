"""The range in which a fit to measurements may be used."""

from ._range import ConductanceRange


def valid_range(
    what: str, g_min: float, g_max: float, *, valid: tuple[float, float]
) -> ConductanceRange:
    """The range from `g_min` to `g_max`, if it lies within `valid`; all in siemens.

    Raises:
        ValueError: If it does not; `what` is whose fits are asked for.
    """
    asked, (low, high) = ConductanceRange(g_min, g_max), valid
    if not (g_min >= low * (1 - 1e-6) and g_max <= high * (1 + 1e-6)):
        raise ValueError(
            f"the {what} fits are valid from {low * 1e6:g} to {high * 1e6:g} uS; got "
            f"{g_min * 1e6:g} to {g_max * 1e6:g} uS."
        )
    return asked
