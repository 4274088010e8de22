"""Pulse curves (LTP and LTD): the steps by which write-verify comes to a target."""

import jax.numpy as jnp
import numpy as np

from ..._core._sheet import Sheet
from ..._core._units import format_quantity
from .._cell import Cell
from .._conductance_errors import SystematicError
from .._programming_noise import TabulatedNoise
from .._range import ConductanceRange
from ._conductances import require_offset, to_siemens
from ._device_fit import DeviceFit
from ._groups import Groups
from ._regression import Regression
from ._roles import Roles
from ._table import suspects_of, voltage_of


MICRO = 1e-6
POINTS = 33  # of the table of steps
FEWEST = 4  # values of a curve


def has_pulses(roles: Roles) -> bool:
    """Whether a file holds curves over pulses, and no targets."""
    curves = {"up", "down"} & set(roles.one)
    is_named = "pulse" in roles.one and "read" in roles.one
    return "target" not in roles.one and bool(curves or is_named)


def fit_pulses(sheet: Sheet, roles: Roles) -> DeviceFit:
    r"""A cell that is written by pulses until the next would not come closer.

    Between two pulses the conductance moves by a step $\Delta(g)$. A loop of pulses and
    reads ends within half a step of its target, evenly anywhere there, so that the
    spread is $\Delta / \sqrt{12}$; where there are curves in both directions, half of
    the cells come from each side, and the variances are averaged. The range is the one
    that all curves cover.

    Raises:
        ValueError: If a curve has fewer than four values, or none goes up or down.
    """
    curves = {}
    for role in ("up", "down", "read"):
        if role in roles.one:
            g = to_siemens(roles.one[role], voltage_of(roles))
            require_offset(roles.one[role], g, float(np.nanmax(g, initial=0.0)))
            curves[roles.one[role].column.name] = g[np.isfinite(g)]
    for name, g in curves.items():
        if g.size < FEWEST:
            raise ValueError(
                f"`{name}` has {g.size} values; a pulse curve needs {FEWEST} or more"
            )
    low = max(float(g.min()) for g in curves.values())
    high = min(float(g.max()) for g in curves.values())
    if not low < high:
        raise ValueError("the pulse curves have no conductance in common")
    at = np.linspace(low, high, POINTS)
    steps = np.stack([_steps(g, at) for g in curves.values()])
    spread = np.sqrt(np.mean(steps**2, axis=0) / 12)
    law = TabulatedNoise(jnp.asarray(at), jnp.asarray(spread))
    cell = Cell(ConductanceRange(low, high), (SystematicError(jnp.zeros(2)), law))
    nothing = np.zeros(POINTS)
    groups = Groups(at, nothing, np.ones(POINTS, int), nothing, spread)
    mean = Regression(np.zeros(2), np.zeros(2), nothing, 0.0, 1.0)
    said = [format_quantity(float(s), "S", 3) for s in (steps.min(), steps.max())]
    names = " and ".join(f"`{name}`" for name in curves)
    most = max(g.size for g in curves.values())
    notes = [
        *sheet.notes,
        f"{names}: curves of up to {most} pulses, with steps from {said[0]} to "
        f"{said[1]}; a write-verify of single pulses ends evenly within half a step, "
        "so that cells spread by a step over the root of 12. The curves do not set "
        "what writing costs: a run prices it by this spread, as tries of "
        "`programming.spread`, not by the pulses of a curve",
    ]
    notes += [f"left out: {', '.join(roles.ignored)}"] if roles.ignored else []
    return DeviceFit(
        cell, groups, mean, None, None, nothing,
        notes=tuple(notes),
        warnings=(*suspects_of(roles), *_noisy(curves)),
    )  # fmt: skip


def _steps(g: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The size of a curve's step at conductances between its ends.

    Steps of several curves one after the other, or of a noisy one, are averaged over
    those near each conductance.
    """
    middle, size = (g[1:] + g[:-1]) / 2, np.abs(np.diff(g))
    is_jump = size > 0.5 * np.ptp(g)  # from the end of one curve to the next
    middle, size = middle[~is_jump], size[~is_jump]
    order = np.argsort(middle)
    parts = np.array_split(order, min(order.size, POINTS))
    points = np.array([middle[part].mean() for part in parts])
    rms = np.array([np.sqrt(np.mean(size[part] ** 2)) for part in parts])
    return np.interp(at, points, rms)


def _noisy(curves: dict[str, np.ndarray]) -> list[str]:
    """A warning where pulses of one direction often move a cell the other way."""
    found = []
    for name, g in curves.items():
        step = np.diff(g)
        back = min(np.mean(step > 0), np.mean(step < 0))
        if back > 0.2 and np.ptp(g) > 0:
            found.append(
                f"`{name}`: {back:.0%} of the pulses move the cell backwards. The "
                "steps hold the noise of the reads, or the curve goes up and down again"
            )
    return found
