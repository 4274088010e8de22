"""Finished pieces of a long run, kept on disk for the same run to go on."""

import hashlib
import json
import os
import pathlib
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .._core._archives import read_npz
from .._core._files import complete_file, is_unfinished, set_aside
from .._core._own_files import read_json
from ._run import Piece


STORED = 65_536  # samples that are kept at once, at most


SAVE_SECONDS = 5.0  # least time between two saves of fewer


IDENTITY = "identity.json"


# Fields of a piece: sums over its samples, and what is seen over time.
SUMS = ("unsolved", "steps", "shares", "hits", "saturated", "cell_powers", "currents")
SUMS += ("stressed", "whens")
SEEN = ("names", "taus", "v")


class Store:
    """Keeps finished pieces of a long run in a folder, for the same run to go on.

    Pieces of another run (another `identity`) are removed. A folder that is damaged, or
    holds something else, is set aside as a whole, see `set_aside`.

    Args:
        folder: Made when the first piece is saved.
        identity: What the samples depend on, as plain data.
        part: Name of the run in the folder, which keeps those of several.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        identity: dict,
        *,
        part: str = "run",
    ):
        self._folder, self._part = folder, part
        self._plain = json.loads(json.dumps(identity))
        text = json.dumps(identity, sort_keys=True)
        self._owner = hashlib.sha256(text.encode()).hexdigest()
        self._pieces: list[Piece] = []
        self._results: dict[str, str] = {}
        self._kept = 0  # pieces that are on disk
        self._files = 0
        self._all: list[Store] = [self]  # the parts of the folder
        self._begun = time.monotonic()  # of what is not on disk

    def part(self, name: str) -> "Store":
        """The store of another run in the same folder, of the same identity."""
        store = Store(self._folder, self._plain, part=f"{self._part}-{name}")
        store._all = self._all
        self._all.append(store)
        return store

    def differences(self) -> tuple[str, ...]:
        """Names of the settings and files by which kept pieces are another run's."""
        try:
            old = self._kept_identity()
        except (ValueError, OSError):
            return ()  # it is set aside when it is loaded
        if old is None:
            return ()
        a, b = (dict(_flat(each)) for each in (_sorted(old), _sorted(self._plain)))
        return tuple(n for n in a | b if a.get(n, ...) != b.get(n, ...))

    def load(self) -> list[Piece]:
        """The pieces that are complete, in order."""
        self._pieces = self._read(self._load_pieces, [])
        self._kept = len(self._pieces)
        return list(self._pieces)

    def save(self, pieces: list[Piece]) -> None:
        """Keep all pieces of the run so far: on disk, once they are many or took long.

        What the parts of the folder have not yet written is written together.
        """
        self._pieces = list(pieces)
        num = sum(p.num for part in self._all for p in part._pieces[part._kept :])
        now = time.monotonic()
        begun = self._all[0]._begun
        if num < STORED and now - begun < SAVE_SECONDS:
            return
        for part in self._all:
            part._write_all()
        self._all[0]._begun = now

    def _write_all(self) -> None:
        new = self._pieces[self._kept :]
        if new:
            self._write(f"{self._part}-{self._files:06d}", _stack(new))
            self._files += 1
            self._kept = len(self._pieces)
        for name, text in self._results.items():
            self._write(name, {"value": np.array(text)})
        self._results.clear()

    def remember(self, name: str, compute: Callable[[], Any]) -> Any:
        """What `compute` returned when this was asked before, or returns now.

        Args:
            name: Name of the result, which is part of a file's.
            compute: Returns plain data: what it returns again is that of its JSON.
        """
        name = f"{self._part}-{name}"
        path = self._folder / f"{name}.npz"
        kept = self._read(lambda: self._arrays(path) if path.exists() else None, None)
        if kept is not None:
            return json.loads(str(kept["value"]))
        text = json.dumps(compute())
        self._results[name] = text
        self.save(self._pieces)
        return json.loads(text)

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._folder, ignore_errors=True)
        for part in self._all:
            part._pieces, part._kept, part._files = [], 0, 0
            part._results.clear()

    def _read(self, load: Callable[[], Any], nothing: Any) -> Any:
        """What `load` finds in the folder, if that is of this run and not damaged."""
        if not os.path.lexists(self._folder):
            return nothing
        try:
            found = self._kept_identity()
            if found is None:
                if not all(map(is_unfinished, self._folder.iterdir())):
                    raise ValueError(f"it has no `{IDENTITY}`")
                return nothing
            if found != self._plain:
                self.clear()
                return nothing
            return load()
        except (ValueError, OSError, KeyError, TypeError) as error:
            set_aside(self._folder, error)
            return nothing

    def _load_pieces(self) -> list[Piece]:
        paths = sorted(self._folder.glob(f"{self._part}-{'[0-9]' * 6}.npz"))
        names = [f"{self._part}-{n:06d}.npz" for n in range(len(paths))]
        if [path.name for path in paths] != names:
            raise ValueError("a piece is missing")
        pieces = [piece for path in paths for piece in _split(self._arrays(path))]
        self._files = len(paths)
        return pieces

    def _kept_identity(self) -> dict[str, Any] | None:
        """What the kept pieces depend on; `None` if there is nothing.

        Raises:
            ValueError: If it cannot be read.
        """
        mark = self._folder / IDENTITY
        if not os.path.lexists(mark):
            return None
        return read_json(mark, "identity of a run")

    def _arrays(self, path: pathlib.Path) -> dict[str, np.ndarray]:
        """The arrays of a file of this run, whose bits are as they were written."""
        values = read_npz(path)
        if str(values.pop("owner", "")) != self._owner:
            raise ValueError(f"`{path.name}` is of another run")
        return values

    def _write(self, name: str, values: dict[str, Any]) -> None:
        mark = self._folder / IDENTITY
        if not mark.exists():
            with complete_file(mark) as file:
                file.write_text(json.dumps(self._plain, sort_keys=True))
        owner = np.array(self._owner)
        with complete_file(self._folder / f"{name}.npz") as path:
            with path.open("wb") as file:
                np.savez(file, allow_pickle=False, owner=owner, **values)


def _stack(pieces: list[Piece]) -> dict[str, Any]:
    """Pieces as arrays; of what is seen over time, that of the first alone."""
    first = pieces[0]
    return {
        "x": np.concatenate([piece.x for piece in pieces]),
        "num": np.array([piece.num for piece in pieces]),
        **{n: np.array([getattr(piece, n) for piece in pieces]) for n in SUMS},
        **{name: np.asarray(getattr(first, name)) for name in SEEN},
    }


def _split(values: dict[str, np.ndarray]) -> list[Piece]:
    """The pieces of `_stack`, each with what is seen over time."""
    ends = np.cumsum(values["num"])
    if len(values["x"]) != ends[-1]:
        raise ValueError("a piece has another number of samples")
    seen: dict[str, Any] = {name: values[name] for name in SEEN}
    seen["names"] = tuple(map(str, seen["names"]))
    pieces = []
    for number, x in enumerate(np.split(values["x"], ends[:-1])):
        sums = {name: values[name][number] for name in SUMS}
        plain = {k: v if v.ndim else v.item() for k, v in sums.items()}
        pieces.append(Piece(**{**plain, **seen, "x": x}))
    return pieces


def _sorted(data: dict[str, Any]) -> dict[str, Any]:
    """The same data in the order of their names."""
    return json.loads(json.dumps(data, sort_keys=True))


def _flat(data: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested dictionaries by dotted name, as `--set` has it."""
    if not isinstance(data, dict):
        yield name, data
        return
    for key, value in data.items():
        inside = key if name in ("", "config") else f"{name}.{key}"
        yield from _flat(value, inside)
