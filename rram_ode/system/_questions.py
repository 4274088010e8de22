"""What a configuration is asked about before it runs: sizes, and writing that fails."""

from .._core._units import format_quantity
from ..config import CellConfig, leaves, read, RunConfig
from ..devices import AbstractConductanceDrift, Cell
from .build import (
    acceleration,
    build_cell,
    doubtful_numbers,
    doubtful_spreads,
    find_verified,
)


USUAL = 100.0  # ages of published devices beyond their last measurement: assumed

OPEN = 1e-3  # of the cells, outside of write-verify: as many are stuck in a poor array


def question_settings(config: RunConfig) -> tuple[str, ...]:
    """Lines on values that may be in another unit, or do not do what they are for.

    A configuration that a run refuses is not questioned, but for its numbers.

    Example:
        >>> from rram_ode.config import override_all, RunConfig
        >>> from rram_ode.system import question_settings
        >>> config = override_all(RunConfig(), {"cell.temperature": 85.0})
        >>> question_settings(config)[0][:61]
        '`cell.temperature` = 85 K is -188 degrees Celsius: for 85 deg'
    """
    if config.fidelity == "ideal":
        return ()
    found = tuple(doubtful_numbers(config))
    try:
        cell = build_cell(config.cell)
        spreads = doubtful_spreads(config.cell, cell.range)
        beyond = _beyond(config.cell, cell)
        return (*found, *spreads, *_unverified(config.cell), *_unmoved(config), *beyond)
    except ValueError:
        return found


def _unverified(config: CellConfig) -> tuple[str, ...]:
    """That write-verify ends with cells outside, and what it took."""
    verified, write = find_verified(config), config.write
    if verified is None or write.verify is None or verified.open_fraction < OPEN:
        return ()
    what = "pulses" if verified.is_pulse else "tries of the device's own write-verify"
    return (
        f"`cell.write.verify` = {format_quantity(write.verify, 'S')}: "
        f"{verified.open_fraction:.2%} of the cells are never inside within "
        f"`cell.write.max_pulses` = {write.max_pulses} ({verified.tries:.3g} {what} "
        "a cell, on average) and keep their last error: widen it, or write with less "
        "error a pulse.",
    )


def _beyond(config: CellConfig, cell: Cell) -> tuple[str, ...]:
    """That an age is one at which nobody has measured the law of drift."""
    age = config.age or 0.0
    seen = age * acceleration(config)
    ends = [
        float(law.span[1])
        for law in cell.errors
        if isinstance(law, AbstractConductanceDrift)
    ]
    room = 1 + 1e-6 if config.measurements is not None else USUAL
    if not ends or seen <= min(ends) * room:
        return ()
    warm = "" if seen == age else f", {format_quantity(seen, 's')} for the law,"
    return (
        f"`cell.age` = {format_quantity(age, 's')}{warm} lies beyond the last "
        f"measured age, {format_quantity(min(ends), 's')}: the drift from there on is "
        "an extrapolation.",
    )


def _unmoved(config: RunConfig) -> tuple[str, ...]:
    """Ages and temperatures that do not do what they are mostly set for."""
    cell, found = config.cell, []
    drift, warm = cell.drift, f"`cell.temperature` = {cell.temperature:g} K"
    if cell.age and drift.law == "power-law" and not (drift.nu or drift.nu_std):
        found.append(
            f"`cell.age` = {format_quantity(cell.age, 's')} changes no cell: the law "
            "is g (age / reference)^-nu, and `cell.drift.nu` is 0."
        )
    if cell.temperature == drift.temperature or drift.activation_energy:
        return tuple(found)
    if cell.age:
        found.append(
            f"{warm} does not speed the drift: `cell.drift.activation_energy` is 0; "
            "set it, such as 1eV."
        )
    elif not (_coefficients(config) or cell.read.thermal.bandwidth):
        found.append(
            f"{warm} acts on the noise of the circuit alone: no coefficient of "
            "`process` is set, no `cell.read.thermal.bandwidth`, and no `cell.age` "
            "with `cell.drift.activation_energy`."
        )
    return tuple(found)


def _coefficients(config: RunConfig) -> list[float]:
    """The coefficients of temperature that are set."""
    values = (
        read(config, name)
        for name, field in leaves(config)
        if field.metadata["unit"] in ("1/K", "V/K") or name == "process.leak_doubling"
    )
    return [value for value in values if value]
