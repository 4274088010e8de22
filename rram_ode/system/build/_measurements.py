"""The user's own device, from the file of `cell.measurements`."""

import dataclasses
import functools
import pathlib

import numpy as np

from ...config import CellConfig, StuckConfig
from ...devices import (
    AbstractConductanceDrift,
    AbstractConductanceError,
    Cell,
    ConductanceRange,
    DeviceFit,
    DeviceToDevice,
    fit,
    Levels,
    StuckFaults,
    UnevenLevels,
    valid_range,
)


def find_fit(config: CellConfig) -> DeviceFit | None:
    """The fit of the user's file, fresh; `None` if there is no file.

    A file is read again only where it has changed.

    Raises:
        ValueError: If the file cannot be read, or tells nothing of writing.
        OSError: If there is no such file.
    """
    if config.measurements is None:
        return None
    path = pathlib.Path(config.measurements)
    stat = path.stat()
    found = _fitted(str(path.absolute()), config.measurements, stat.st_mtime_ns)
    if not found.is_writing:
        said = " ".join(
            f"--set {name}={x if isinstance(x, str) else f'{x:.4g}'}"
            for name, x in found.settings.items()
        )
        doubts = "".join(f" Before you do: {text}." for text in found.warnings)
        raise ValueError(
            f"`{config.measurements}` tells nothing of how cells are written, which "
            f"`cell.measurements` needs; take what it measures by {said}.{doubts}"
        )
    return found


@functools.lru_cache(maxsize=8)
def _fitted(absolute: str, path: str, changed: int) -> DeviceFit:
    del absolute, changed  # they tell files of one name apart
    return fit(path)


def own_cell(found: DeviceFit, config: CellConfig, age: float | None) -> Cell:
    """The user's own device, within the range of its targets.

    Args:
        found: The fit of its file.
        config: Settings of the cell.
        age: Age that its law of drift sees, in seconds; `None` or 0 for a fresh chip.

    Raises:
        ValueError: If settings ask for what the file does not tell.
    """
    if config.device != "custom":
        raise ValueError(
            "`cell.measurements` describes a device of your own: set `cell.device` to "
            f"`custom`, not to `{config.device}`."
        )
    if config.iv.law == "measured" or config.write.acceptance is not None:
        raise ValueError(
            "`cell.measurements` has no I-V and no acceptance: leave out "
            "`cell.iv.law=measured` and `cell.write.acceptance`."
        )
    cell = found.cell
    drifts = [e for e in cell.errors if isinstance(e, AbstractConductanceDrift)]
    if age and not drifts:
        raise ValueError(
            f"`{config.measurements}` has no reads at several times, so that an age "
            "changes nothing: set `cell.age=None` for the chip as it was measured, or "
            "take `cell.drift.law=power-law`."
        )
    low, high = float(cell.range.g_min), float(cell.range.g_max)
    g_min = low if config.g_min is None else config.g_min
    g_max = high if config.g_max is None else config.g_max
    asked = valid_range(f"`{config.measurements}`", g_min, g_max, valid=(low, high))
    errors = tuple(
        error.at(age or 0.0) if isinstance(error, AbstractConductanceDrift) else error
        for error in cell.errors
    )
    return dataclasses.replace(cell, range=asked, errors=errors)


def build_levels(
    num: int, range: ConductanceRange, found: DeviceFit | None
) -> AbstractConductanceError:
    """Levels over a range: those that were measured, if there are as many of them."""
    if found is not None and (points := found.levels) is not None:
        low, high = float(range.g_min), float(range.g_max)
        inside = points[(points >= low * (1 - 1e-6)) & (points <= high * (1 + 1e-6))]
        if inside.size == num:
            return UnevenLevels(np.asarray(inside))
    return Levels(num, range)


def build_stuck(
    config: StuckConfig, range: ConductanceRange, found: DeviceFit | None
) -> StuckFaults:
    """Stuck cells: what the file shows, in place of a default that is assumed.

    A file without a stuck cell does not show that there are none.
    """
    shares = {"lrs": config.lrs, "hrs": config.hrs}
    for name in shares:
        seen = 0.0 if found is None else getattr(found.stuck, name)
        if seen > 0 and shares[name] == getattr(StuckConfig(), name):
            shares[name] = seen
    return StuckFaults(shares["lrs"], shares["hrs"], range)


def build_between(
    std: float, std_rel: float, device: Cell, factor: float
) -> DeviceToDevice:
    """Differences between devices by the settings and by the file: variances add."""
    for error in device.errors:
        if isinstance(error, DeviceToDevice):
            return dataclasses.replace(
                error,
                std=np.hypot(std, factor * float(error.std)),
                std_rel=np.hypot(std_rel, factor * float(error.std_rel)),
            )
    return DeviceToDevice(std, std_rel)
