"""Finished pieces of a long run, kept on disk for the same run to go on."""

import dataclasses
import json
import pathlib
import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np

from .._core._files import complete_file
from ._run import combine, Piece


STORED = 65_536


class Store:
    """Keeps finished pieces of a long run in a folder, for the same run to go on.

    Pieces of another run (another `identity`) are removed.

    Args:
        folder: Made when the first piece is saved.
        identity: What the samples depend on, as plain data.
    """

    def __init__(self, folder: pathlib.Path, identity: dict):
        self._folder = folder
        self._identity = json.dumps(identity, sort_keys=True)
        self._saved = 0

    def differences(self) -> tuple[str, ...]:
        """Names of the settings and files by which kept pieces are another run's."""
        mark = self._folder / "identity.json"
        if not mark.exists():
            return ()
        try:
            old = dict(_flat(json.loads(mark.read_text())))
        except json.JSONDecodeError:
            return ("identity.json",)
        new = dict(_flat(json.loads(self._identity)))
        return tuple(n for n in old | new if old.get(n, ...) != new.get(n, ...))

    def load(self) -> list[Piece]:
        """The pieces that are complete, in order."""
        mark = self._folder / "identity.json"
        if not mark.exists() or mark.read_text() != self._identity:
            self.clear()
            return []
        pieces = []
        for path in sorted(self._folder.glob("[0-9]*.npz")):
            with np.load(path) as file:
                values = {name: file[name] for name in file.files}
            pieces.append(
                Piece(
                    **{
                        **{k: v if v.ndim else v.item() for k, v in values.items()},
                        "names": tuple(map(str, values["names"])),
                    }
                )
            )
        self._saved = len(pieces)
        return pieces

    def save(self, pieces: list[Piece]) -> list[Piece]:
        """Write the new pieces as one, once they are many samples."""
        old, new = pieces[: self._saved], pieces[self._saved :]
        if sum(piece.num for piece in new) < STORED:
            return pieces
        self._folder.mkdir(parents=True, exist_ok=True)
        mark = self._folder / "identity.json"
        mark.write_text(self._identity)
        piece = combine(new)
        fields = {f.name: getattr(piece, f.name) for f in dataclasses.fields(piece)}
        with complete_file(self._folder / f"{self._saved:06d}.npz") as file:
            np.savez(file, **fields)
        self._saved += 1
        return [*old, piece]

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._saved = 0


def _flat(data: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested dictionaries by dotted name, as `--set` has it."""
    if not isinstance(data, dict):
        yield name, data
        return
    for key, value in data.items():
        inside = key if name in ("", "config") else f"{name}.{key}"
        yield from _flat(value, inside)
