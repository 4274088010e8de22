"""What a configuration is asked about before it runs: sizes, and writing that fails."""

from .._core._units import format_quantity
from ..config import CellConfig, RunConfig
from .build import build_cell, doubtful_numbers, doubtful_spreads, find_verified


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
        spreads = doubtful_spreads(config.cell, build_cell(config.cell).range)
        return (*found, *spreads, *_unverified(config.cell))
    except ValueError:
        return found


def _unverified(config: CellConfig) -> tuple[str, ...]:
    """That write-verify ends with cells outside, and what it took."""
    verified, write = find_verified(config), config.write
    if verified is None or write.verify is None or verified.open_fraction < OPEN:
        return ()
    return (
        f"`cell.write.verify` = {format_quantity(write.verify, 'S')}: "
        f"{verified.open_fraction:.2%} of the cells are never inside within "
        f"`cell.write.max_pulses` = {write.max_pulses} ({verified.pulses:.3g} pulses "
        "a cell, on average) and keep their last error: widen it, or write with less "
        "error a pulse.",
    )
