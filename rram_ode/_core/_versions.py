"""Versions of the software that decides the numbers of a run."""

import platform
from importlib.metadata import version


NAMES = ("rram_ode", "jax", "equinox", "diffrax", "numpy")


def versions() -> dict[str, str]:
    """Of Python, this package and the packages that decide the numbers of a run."""
    return {"python": platform.python_version(), **{n: version(n) for n in NAMES}}


__version__ = version("rram_ode")
