"""Measured cells by name, for configurations and users."""

import inspect
from collections.abc import Callable
from typing import Any

from .._cell import Cell
from .._range import ConductanceRange
from ._cmo_hfox import cmo_hfox
from ._joshi import joshi
from ._macro_180nm import macro_180nm
from ._milo import milo
from ._wan import wan


def custom(*, g_min: float, g_max: float) -> Cell:
    """A cell of the given range without any error of its own."""
    return Cell(ConductanceRange(g_min, g_max))


PRESETS: dict[str, Callable[..., Cell]] = {
    "cmo-hfox": cmo_hfox,
    "milo": milo,
    "wan": wan,
    "joshi": joshi,
    "macro-180nm": macro_180nm,
    "custom": custom,
}


def measured(name: str, **options: Any) -> Cell:
    """The cell `name` of `PRESETS`; an option that is `None` keeps its default.

    Raises:
        ValueError: If there is no such cell, its source has no law for an option, an
            option is missing, or a value lies outside what was measured.
    """
    if name not in PRESETS:
        raise ValueError(f"no device `{name}`; there are {', '.join(PRESETS)}.")
    known = inspect.signature(PRESETS[name]).parameters
    given = {key: value for key, value in options.items() if value is not None}
    for option in given:
        if option not in known:
            raise ValueError(
                f"the device `{name}` has no measured `{option}`: leave it out; it has "
                f"{', '.join(known)}."
            )
    for option, parameter in known.items():
        if parameter.default is inspect.Parameter.empty and option not in given:
            raise ValueError(f"the device `{name}` needs `cell.{option}`.")
    return PRESETS[name](**given)


def has_age(name: str) -> bool:
    """Whether the source of the cell `name` has measured it at an age."""
    return "age" in inspect.signature(PRESETS[name]).parameters


def list_devices() -> tuple[str, ...]:
    """The names of all measured devices, for the setting `cell.device`.

    Example:
        >>> import rram_ode as rr
        >>> rr.list_devices()
        ('cmo-hfox', 'milo', 'wan', 'joshi', 'macro-180nm', 'custom')
    """
    return tuple(PRESETS)
