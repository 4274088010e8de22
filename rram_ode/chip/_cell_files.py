"""A chip on disk: a folder of inert data that another tool, or a tester, can read."""

import json
import os
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np

from .._core._files import complete_file
from .._core._own_files import read_json
from ..devices import read_map
from ._written import WrittenCells


CELLS, RECORD = "cells.npz", "chip.json"


def save_cells(
    folder: str | os.PathLike, cells: WrittenCells, record: dict[str, Any]
) -> None:
    """Write `cells.npz`, a CSV map of each array, and `chip.json` last.

    Arrays are in siemens, exact in npz; CSV has nine digits, those of single precision.

    Args:
        folder: Made if it is not there.
        cells: Cells of the chip.
        record: Plain data: seeds, versions, faults, configuration.
    """
    folder = pathlib.Path(folder)
    maps = {f"{name}_S": np.asarray(g) for name, g in cells.named().items()}
    for name, g in maps.items():
        lines = [name, *(",".join(f"{x:.9g}" for x in row) for row in g)]
        with complete_file(folder / f"{name[:-2]}.csv") as file:
            file.write_text("\n".join(lines) + "\n")
    with complete_file(folder / CELLS) as file:
        np.savez(file, allow_pickle=False, **maps)
    with complete_file(folder / RECORD) as file:
        file.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n")


def load_cells(
    path: str | os.PathLike,
    like: WrittenCells,
    note: Callable[[str], object] = lambda text: None,
) -> WrittenCells:
    """The cells in a saved chip's folder, an npz file, or a folder of CSV maps.

    Nothing is executed or unpickled. Names carry a unit: `layer1_pos_uS`.

    Args:
        path: The folder or file.
        like: Cells of a chip of this kind: says which arrays there must be.
        note: Function that is called with a sentence on values that were changed.

    Raises:
        ValueError: If there is nothing, or a map is none or does not fit: with the
            place.
    """
    path = pathlib.Path(path)
    if not path.exists():
        raise ValueError(f"there is no chip and no map at `{path}`.")
    if path.is_dir() and (path / CELLS).is_file():
        path = path / CELLS
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"`{path}` holds neither `{CELLS}` nor a CSV map.")
    maps = {}
    for file in files:
        maps |= read_map(file, note)
    try:
        return like.replaced(maps)
    except ValueError as error:
        raise ValueError(f"`{path}`: {error}") from None


def load_record(path: str | os.PathLike) -> dict[str, Any] | None:
    """The record of a saved chip; `None` for a map that has none.

    Raises:
        ValueError: If there is one that is no JSON object.
    """
    path = pathlib.Path(path) / RECORD
    if not path.is_file():
        return None
    return read_json(path, "record of a chip")
