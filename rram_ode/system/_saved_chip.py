"""A chip that outlives its run: saved with its identity, or measured elsewhere."""

import dataclasses
import hashlib
import pathlib

import jax
import numpy as np

from ..chip import load_cells, load_record, save_cells, WrittenCells
from ._system import System


def save_chip(
    system: System, seed: int, folder: pathlib.Path, versions: dict[str, str]
) -> None:
    """Write the cells of chip `seed` of `system`, and what else makes it this chip."""
    faults = []
    for name, g in system.stuck(seed).named().items():
        values = np.asarray(g)
        for row, col in np.argwhere(np.isfinite(values)):
            place = {"map": name, "row": int(row), "column": int(col)}
            faults.append({**place, "stuck_s": float(values[row, col])})
    record = {
        "chip_seed": seed,
        "config": dataclasses.asdict(system.config),
        "checkpoint_sha256": system.checkpoint.record["sha256"],
        "faults": faults,
        "versions": versions,
    }
    save_cells(folder, system.write(seed), record)


def load_chip(
    system: System, path: pathlib.Path, seed: int
) -> tuple[WrittenCells, int, str]:
    """Cells of a saved chip or measured map, its seed, and a hash of its cells.

    A measured map has no record: it takes `seed` for all that is not in its cells
    (offsets, mismatch, noise in lab time).

    Raises:
        ValueError: If the map does not fit, or was saved with another checkpoint.
    """
    record = load_record(path) or {}
    trained = system.checkpoint.record["sha256"]
    if record.get("checkpoint_sha256", trained) != trained:
        raise ValueError(
            f"`{path}` was written with another checkpoint: give that one, or remove "
            "`chip.json` to take the conductances alone."
        )
    seed = record.get("chip_seed", seed)
    if type(seed) is not int:
        raise ValueError(f"`{path}`: `chip_seed` must be an integer; got {seed!r}.")
    cells = load_cells(path, system.write(seed))
    content = b"".join(np.asarray(g).tobytes() for g in jax.tree.leaves(cells))
    return cells, seed, hashlib.sha256(content).hexdigest()
