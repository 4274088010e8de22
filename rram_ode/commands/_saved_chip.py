"""A chip of the user's own on the command lines: saved by `--save-chip`, or a map."""

import pathlib

from .._core._files import output_folder
from ..chip import Chip
from ..system import load_chip, save_chip, SavedChip, System
from ._decoder import has_analog_decoder
from ._tables import print_text


def print_saved(
    system: System, file: pathlib.Path, saved: SavedChip, chip: Chip
) -> None:
    """Say what a chip that was not written by its seed does not do.

    Args:
        system: What the chip runs in.
        file: Where it was saved.
        saved: What the file holds.
        chip: The chip, `saved.on(system)`.
    """
    for note in saved.notes:
        print_text(f"`{file}`: {note}.")
    if system.blueprint.ageing is not None and chip.origin is None:
        print_text(
            f"`{file}` stays at one age: its cells are not those that its seed "
            "writes, so that their ageing is not known."
        )
    if chip.trims is not None and saved.is_measured(system):
        print_text(
            f"`{file}` is trimmed as it is, at its own age and temperature: its "
            "cells are not those that its seed writes, so that the fresh chip is not "
            "known."
        )
    if has_analog_decoder(system) and saved.is_measured(system):
        print_text(
            f"`{file}` has no cells of the decoder on the die: they are those that the "
            f"chip's seed writes, {saved.seed}."
        )


def save(system: System, seed: int, folder: pathlib.Path) -> None:
    """Keep a chip, and say what its folder does not hold."""
    save_chip(system, seed, output_folder(folder))
    if has_analog_decoder(system):
        print_text(
            f"`{folder}` has no cells of the decoder on the die: its seed, {seed}, "
            "writes them again."
        )


def print_repeated(file: pathlib.Path) -> None:
    """Say what a comparison of one chip counts, and what its intervals are of."""
    print_text(
        f"One chip, `{file}`: --num-chips counts repeats on it, one after the other in "
        "lab time. The intervals are those of its samples, and say nothing of other "
        "chips."
    )


def require_same_cells(system: System, file: pathlib.Path, row: str) -> None:
    """Refuse a machine in which the conductances of a chip mean other weights."""
    try:
        load_chip(system, file)
    except ValueError as error:
        raise ValueError(f"`--systems` {row}: {error}") from None
