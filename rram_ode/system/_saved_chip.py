"""A chip that outlives its run: saved with its identity, or measured elsewhere."""

import dataclasses
import hashlib
import pathlib

import jax
import numpy as np

from .._core._versions import versions
from ..chip import CellState, Chip, load_cells, load_record, save_cells, WrittenCells
from ._keys import chip_key
from ._system import System


def save_chip(system: System, seed: int, folder: pathlib.Path | str) -> None:
    """Write the cells of chip `seed` of `system`, and what else makes it this chip.

    Args:
        system: What the chip belongs to.
        seed: Seed of the chip.
        folder: Gets the cells as npz and CSV, and `chip.json`: faults, seed, versions.

    Example:
        >>> import tempfile
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-fresh")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     rr.save_chip(system, 5, folder)
        ...     chip = rr.load_chip(system, folder).on(system)
        >>> bool((chip.score.layers[0].crossbar.g_pos >= 0).all())
        True
    """
    faults, key = [], chip_key(seed)
    for name, g in system.blueprint.stuck(key).named().items():
        values = np.asarray(g)
        for row, col in np.argwhere(np.isfinite(values)):
            place = {"map": name, "row": int(row), "column": int(col)}
            faults.append({**place, "stuck_s": float(values[row, col])})
    record = {
        "chip_seed": seed,
        "config": dataclasses.asdict(system.config),
        "checkpoint_sha256": system.checkpoint.record["sha256"],
        "mapping": _mapping(system),
        "faults": faults,
        "versions": versions(),
    }
    save_cells(pathlib.Path(folder), system.blueprint.write(key), record)


@dataclasses.dataclass(frozen=True)
class SavedChip:
    """What a file holds of a chip.

    Args:
        cells: Conductances of all cells.
        seed: Seed of all that is not in cells: offsets, mismatch, noise in lab time.
        sha256: Hash of the cells.
        age: Age at which the cells were saved, in seconds; `None` if nobody wrote it
            down.
        notes: Sentences on values that were changed as the file was read.
    """

    cells: WrittenCells
    seed: int
    sha256: str
    age: float | None = None
    notes: tuple[str, ...] = ()

    def on(self, system: System) -> Chip:
        """The chip, as `system` runs it.

        Where its cells are those that its seed writes, it is the very chip of the seed:
        trimmed by a bench that saw it fresh, and with `cell.ageing` ageing on from
        `cell.age` if its own age is known. Otherwise the cells are a measured map: they
        stay at one age, are not repaired, and a bench trims them as they are, neither
        younger nor at another temperature.

        Raises:
            ValueError: If the chip was saved at a later age than `cell.age`.
        """
        ages_on = self.ages_on(system)
        if not (ages_on or self._is_written(system)):
            return system.program(self.seed, cells=self.cells)
        chip = system.program(self.seed)
        return chip if ages_on else dataclasses.replace(chip, origin=None)

    def is_measured(self, system: System) -> bool:
        """Whether the cells are not those that the seed writes in `system`.

        Raises:
            ValueError: If the chip was saved at a later age than `cell.age`.
        """
        return not (self.ages_on(system) or self._is_written(system))

    def ages_on(self, system: System) -> bool:
        """Whether the chip ages on in `system`: its seed must write the saved cells.

        Raises:
            ValueError: If the chip was saved at a later age than `cell.age`.
        """
        if system.blueprint.ageing is None:
            return False
        begin = system.blueprint.ageing.age
        if self.age is None:
            return False
        if self.age > begin * (1 + 1e-9):
            raise ValueError(
                f"this chip was saved at an age of {self.age:g} s, and an age cannot "
                f"run backwards: `cell.age` must be that or more; got {begin:g} s."
            )
        return self._is_written(system, CellState(self.age))

    def _is_written(self, system: System, state: CellState | None = None) -> bool:
        """Whether the seed writes these cells; a `state` of `None` is at `cell.age`."""
        written = system.blueprint.write(chip_key(self.seed), state)
        pairs = zip(self.cells.arrays, written.arrays, strict=True)
        return all(np.allclose(a, b, rtol=1e-6, atol=0) for a, b in pairs)


def load_chip(system: System, path: pathlib.Path | str, seed: int = 0) -> SavedChip:
    """A saved chip, or a measured map of conductances.

    Args:
        system: What the chip is to run in: `load_chip(system, path).on(system)`.
        path: Folder of a saved chip, or an npz or CSV map.
        seed: Seed of all that is not in the cells, for a map without a record.

    Example:
        >>> import tempfile
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-fresh")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     rr.save_chip(system, 5, folder)
        ...     saved = rr.load_chip(system, folder)
        >>> saved.seed
        5

    Raises:
        ValueError: If the map does not fit, or was saved with another checkpoint or
            for another mapping of weights to conductances.
    """
    path = pathlib.Path(path)
    record = load_record(path) or {}
    trained = system.checkpoint.record["sha256"]
    if record.get("checkpoint_sha256", trained) != trained:
        raise ValueError(
            f"`{path}` was written with another checkpoint: give that one, or remove "
            "`chip.json` to take the conductances alone."
        )
    meant = _mapping(system)
    for name, written in record.get("mapping", meant).items():
        if not _agree(written, meant.get(name)):
            raise ValueError(
                f"the conductances in `{path}` mean other weights: its {name} are not "
                "those of this run; give its preset and its settings of `crossbar`, "
                "`amplifier` and `cell`, or remove `chip.json` to take the "
                "conductances as they are."
            )
    seed = record.get("chip_seed", seed)
    if type(seed) is not int:
        raise ValueError(f"`{path}`: `chip_seed` must be an integer; got {seed!r}.")
    notes: list[str] = []
    cells = load_cells(path, system.blueprint.write(chip_key(seed)), notes.append)
    content = b"".join(np.asarray(g).tobytes() for g in jax.tree.leaves(cells))
    age = record.get("config", {}).get("cell", {}).get("age")
    return SavedChip(
        cells, seed, hashlib.sha256(content).hexdigest(), age, tuple(notes)
    )


def _mapping(system: System) -> dict[str, list[float]]:
    """What gives conductances their meaning: scales of weights, and voltages."""
    targets = system.blueprint.targets
    scales = [np.ravel(each) for each in targets.siemens]
    return {
        "siemens per unit of weight": np.concatenate(scales).astype(float).tolist(),
        "volts per unit": [float(u) for u in targets.volts],
        "volts of the constant rows": [float(v) for v in targets.v_bias],
    }


def _agree(written: object, meant: object) -> bool:
    """Whether two lists of numbers are equal but for rounding."""
    try:
        a, b = np.asarray(written, float), np.asarray(meant, float)
    except (TypeError, ValueError):
        return False
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-5, atol=0))
