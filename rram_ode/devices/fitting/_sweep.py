"""Sweeps of the voltage: how far a cell's current departs from an ohmic one."""

import numpy as np
from scipy.optimize import fminbound

from ..._core._sheet import Sheet
from ..._core._units import format_quantity
from .._cell import Cell
from .._iv import LinearIV, SinhIV
from .._programming_noise import ProgrammingNoise
from .._range import ConductanceRange
from ._device_fit import DeviceFit, without_writing
from ._groups import Groups
from ._roles import Roles
from ._table import devices_of, suspects_of, voltage_of


FEWEST_VOLTAGES = 5  # distinct ones: fewer are read voltages, not a sweep
SEEN = 12.0  # gain in squares by the sinh, over the variance: chance of one in 2,000
LEAST = 3e-3  # of the current at the largest voltage: a smaller bend does not matter
FAR = 0.05  # relative residual beyond which the law does not describe a sweep


def has_sweep(roles: Roles) -> bool:
    """Whether a file holds currents at many voltages, and no targets."""
    read, volts = roles.one.get("read"), voltage_of(roles)
    if "target" in roles.one or read is None or read.base != "A" or volts is None:
        return False
    return np.unique(volts[np.isfinite(volts)]).size >= FEWEST_VOLTAGES


def fit_sweep(sheet: Sheet, roles: Roles) -> DeviceFit:
    r"""The sinh law $I = g v_0 \sinh(v / v_0)$ with one $v_0$ for all devices.

    Each device has its own $g$. The fit is by least squares of the current.

    Raises:
        ValueError: If there are fewer than five currents.
    """
    read, volts = roles.one["read"], voltage_of(roles)
    assert volts is not None  # `has_sweep` saw to that
    assert read.name.unit is not None
    current = read.numbers() * read.name.unit.factor
    keep = np.isfinite(current) & np.isfinite(volts)
    if keep.sum() < FEWEST_VOLTAGES:
        raise ValueError(f"a sweep needs {FEWEST_VOLTAGES} currents or more")
    device = devices_of(roles.device, keep)
    v, i = volts[keep], current[keep]
    device = np.zeros(v.size, int) if device is None else device
    top = float(np.abs(v).max())

    def solve(shape: np.ndarray) -> tuple[np.ndarray, float]:
        """Conductances by least squares, and what is left of the squares."""
        norm = np.bincount(device, shape**2)
        g = np.bincount(device, shape * i) / np.maximum(norm, 1e-300)
        return g, float(np.sum((i - g[device] * shape) ** 2))

    bent = lambda u: solve(_sinh(v, top / u))[1]
    grid = np.geomspace(1e-2, 20.0, 60)
    at = int(np.argmin([bent(u) for u in grid]))
    near = grid[max(at - 1, 0)], grid[min(at + 1, grid.size - 1)]
    u = float(np.asarray(fminbound(bent, *near)))
    v0, total = top / u, max(float(np.sum(i**2)), 1e-300)
    gain, free = solve(v)[1] - bent(u), max(v.size - int(device.max()) - 2, 1)
    is_linear = gain * free < SEEN * bent(u) or u**2 / 6 < LEAST
    g, left = solve(v if is_linear else _sinh(v, v0))
    g = np.sort(g[g > 0])
    if not g.size:
        raise ValueError("no current has the sign of its voltage")
    span = ConductanceRange(float(g[0]) * (1 - 1e-3), float(g[-1]) * (1 + 1e-3))
    said = [format_quantity(float(x), "S", 3) for x in (g[0], g[-1])]
    what = f"{v.size} currents of {g.size} sweeps to {format_quantity(top, 'V', 3)}"
    law = "linear" if is_linear else f"sinh with v0 = {format_quantity(v0, 'V', 3)}"
    notes = [*sheet.notes, f"{what}: {law}; conductances from {said[0]} to {said[1]}"]
    off = np.sqrt(left / total)
    warnings = list(suspects_of(roles))
    if off > FAR:
        warnings.append(
            f"The currents are {off:.0%} off the {law.split()[0]} law, in the root "
            "mean square: it does not describe the data (does the sweep switch it?)"
        )
    settings: dict[str, float | str] = {
        "cell.iv.law": "linear" if is_linear else "sinh"
    }
    if not is_linear:
        settings["cell.iv.v0"] = v0
    zeros = np.zeros(g.size)
    groups = Groups(g, zeros, np.bincount(device)[: g.size], zeros, zeros)
    iv = LinearIV() if is_linear else SinhIV(v0, top)
    cell = Cell(span, (ProgrammingNoise(0.0),), iv=iv)
    return without_writing(cell, groups, settings, notes, warnings)


def _sinh(v: np.ndarray, v0: float) -> np.ndarray:
    return v0 * np.sinh(v / v0)
