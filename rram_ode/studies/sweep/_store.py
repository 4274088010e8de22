"""The results of a study on disk: one xarray dataset, which grows task by task.

Every quantity is an array over the axes of the grid and the chips, in the format zarr,
without compression. A finished task is marked last, by a checksum of its bits: what a
killed run had not marked is run again and gives the same bits.
"""

import json
import pathlib
import shutil
import warnings
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..._core._files import cannot_write, complete_file, DamagedWarning, is_unfinished
from ..._core._own_files import read_json
from ._chips import Outcome, QUANTITIES, STATE
from ._dataset import (
    coordinates,
    first_line,
    IDENTITY,
    make_dataset,
    MARK,
    NAME,
    UNREADABLE,
)
from ._study import Study, Task


REFUSALS = "refusals.json"


class StudyStore:
    """The dataset of one study, which one process writes.

    Args:
        folder: Gets `study.zarr`; it is made if it is not there.
        study: What is asked.
        identity: What the results depend on, see `identify`.

    Raises:
        ValueError: If the folder holds another study, or something else.
        OSError: If it cannot be written.
    """

    def __init__(self, folder: pathlib.Path, study: Study, identity: dict[str, Any]):
        import zarr

        self._folder, self._study = folder, study
        self._path = folder / NAME
        if not self._path.exists():
            self._create(identity)
        self._require_same(identity)
        # What a killed run was writing.
        for each in self._path.rglob("*.partial"):
            each.unlink()
        for each in filter(is_unfinished, folder.glob(f".*-{NAME}")):
            shutil.rmtree(each)
        self._group = zarr.open_group(self._path, mode="r+")
        self._require_whole()

    def _create(self, identity: dict[str, Any]) -> None:
        """An empty dataset, complete or not at all."""
        with complete_file(self._path) as temporary:
            try:
                make_dataset(temporary, self._study, identity)
            except BaseException:
                shutil.rmtree(temporary, ignore_errors=True)
                raise

    def _require_same(self, identity: dict[str, Any]) -> None:
        try:
            kept = read_json(self._path / "zarr.json", "zarr store")
            found = json.loads(kept["attributes"][IDENTITY])
        except (ValueError, KeyError, TypeError, OSError):
            raise ValueError(
                f"`{self._path}` is no store of a sweep: choose another `--out`."
            ) from None
        a, b = (dict(_flat(each)) for each in (found, _plain(identity)))
        names = sorted(n for n in a | b if a.get(n, ...) != b.get(n, ...))
        if names:
            more = "" if len(names) <= 4 else f" and {len(names) - 4} more"
            raise ValueError(
                f"`{self._path}` holds another study ({', '.join(names[:4])}{more} "
                "differ): choose another folder by `--out`, or remove it."
            )

    def _require_whole(self) -> None:
        """Every array is there; coordinates that changed are written again."""
        for name in (*QUANTITIES, STATE, MARK):
            try:
                self._array(name)
            except (*UNREADABLE, KeyError):
                raise ValueError(
                    f"`{self._path}/{name}` is damaged: remove `{self._path}`, and the "
                    "sweep runs from its beginning."
                ) from None
        for name, wanted in coordinates(self._study).items():
            try:
                found = [str(each) for each in self._array(name)[...]]
            except (*UNREADABLE, KeyError):
                found = []
            if found != [str(each) for each in wanted]:
                self._rewrite(name, wanted)

    def _rewrite(self, name: str, values: np.ndarray) -> None:
        """Coordinates of one axis that are damaged."""
        try:
            self._array(name)[...] = values
        except (*UNREADABLE, KeyError) as error:
            raise ValueError(
                f"`{self._path}/{name}` is damaged ({first_line(error)}): remove "
                f"`{self._path}`, and the sweep runs from its beginning."
            ) from None
        warnings.warn(
            f"`{self._path}` is damaged: the values of `{name}` are written again.",
            DamagedWarning,
            stacklevel=2,
        )

    def pending(self) -> list[Task]:
        """The tasks that are not there; one whose bits changed is run again."""
        marks, kept = self._open(MARK), dict[int, dict[str, np.ndarray]]()
        found, damaged = [], 0
        if marks is None:
            damaged, marks = len(list(self._study.tasks())), self._array(MARK)[...]
        marks = marks.reshape(self._study.num_points, -1)
        for task in self._study.tasks():
            mark = marks[task.point, task.first // self._study.block]
            if not mark:
                found.append(task)
                continue
            if task.point not in kept:
                kept = {task.point: self._read(task.point)}
            part = slice(task.first, task.stop)
            values = {name: x[part] for name, x in kept[task.point].items()}
            if _checksum(values) != mark:
                damaged += 1
                found.append(task)
        if damaged:
            warnings.warn(
                f"`{self._path}` is damaged: {damaged} tasks are run again.",
                DamagedWarning,
                stacklevel=2,
            )
        return found

    def _read(self, point: int) -> dict[str, np.ndarray]:
        """What is kept of a point; an array that cannot be read is left out."""
        index = self._study.index(point)
        found = {name: self._open(name, index) for name in (*QUANTITIES, STATE)}
        return {name: x for name, x in found.items() if x is not None}

    def _open(self, name: str, index: tuple[int, ...] = ()) -> np.ndarray | None:
        """The last axis of an array at `index`; `None`, and no more, of a cut file."""
        try:
            return np.asarray(self._array(name)[(*index, ...)])
        except UNREADABLE:
            shutil.rmtree(self._path.joinpath(name, "c", *map(str, index)))
            return None

    def _array(self, name: str) -> Any:
        return self._group[name]

    def write(self, task: Task, outcome: Outcome) -> None:
        """Keep what a task found; the mark comes last.

        Raises:
            OSError: If the disk is full, or cannot be written: one line.
        """
        index = self._study.index(task.point)
        where = (*index, slice(task.first, task.stop))
        values = {**outcome.values, STATE: outcome.state}
        try:
            if outcome.refusal:
                self._note(task.point, outcome.refusal)
            for name, each in values.items():
                self._array(name)[where] = each
            mark = (*index, task.first // self._study.block)
            self._array(MARK)[mark] = _checksum(values)
        except OSError as error:
            raise cannot_write(f"cannot write `{self._path}`", error) from error

    def refusals(self) -> dict[int, str]:
        """Why a chip was refused, by number of the point."""
        path = self._folder / REFUSALS
        if not path.exists():
            return {}
        found = read_json(path, "list of refusals")
        return {int(point): text for point, text in found.items()}

    def _note(self, point: int, text: str) -> None:
        known = self.refusals()
        if point in known:
            return
        known[point] = text
        with complete_file(self._folder / REFUSALS) as file:
            file.write_text(json.dumps(dict(sorted(known.items()))))

    @property
    def num_bytes(self) -> int:
        """Bytes of all files of the dataset."""
        return sum(p.stat().st_size for p in self._path.rglob("*") if p.is_file())


def _checksum(values: Mapping[str, np.ndarray]) -> int:
    """A number from 1 on of the bits of all values; 0 is that of nothing."""
    found = 0
    for name in (*QUANTITIES, STATE):
        each = values.get(name)
        bits = b"" if each is None else np.ascontiguousarray(each).tobytes()
        found = zlib.crc32(bits, found)
    return max(found, 1)


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(data, sort_keys=True))


def _flat(data: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested dictionaries, by the name that a user gives them."""
    if not isinstance(data, dict):
        yield name.removeprefix("study.").removeprefix("config."), data
        return
    for key, value in data.items():
        yield from _flat(value, f"{name}.{key}" if name else key)
