"""Arrays by name from CSV and npz, in SI units; nothing is unpickled.

Each name ends in its unit, which may have a prefix: `read_uS`, `time_s`.
"""

import csv
import dataclasses
import os
import pathlib
import zipfile
from collections.abc import Callable

import numpy as np

from ..._core._units import PREFIXES


LARGEST = 0.1  # siemens, more than any cell has: beyond it the unit must be wrong


@dataclasses.dataclass(frozen=True)
class Column:
    """One array of a file.

    Args:
        name: Name in the file, with its unit.
        values: Values in the unit of the file.
        where: Maps an index to its place in the file, for messages.
    """

    name: str
    values: np.ndarray
    where: Callable[..., str]

    @property
    def stem(self) -> str:
        """The name without its unit."""
        return self.name.rpartition("_")[0] or self.name

    def to_si(self, unit: str) -> np.ndarray:
        """The values in `unit`, after a check.

        Raises:
            ValueError: If the name has no such unit, or a value is not finite, negative
                or, in siemens, more than any cell has.
        """
        suffix = self.name.rpartition("_")[2]
        prefix = suffix.removesuffix(unit)
        if not suffix.endswith(unit) or prefix not in PREFIXES:
            example = f"{self.stem}_{'u' if unit == 'S' else ''}{unit}"
            raise ValueError(f"`{self.name}` must name its unit, such as `{example}`")
        values = self.values * PREFIXES[prefix]
        rules = [
            (~np.isfinite(values), "must be a finite number"),
            (values < 0, "must be 0 or more"),
        ]
        if unit == "S":
            rules.append(
                (values > LARGEST, f"is beyond {LARGEST:g} S: is the unit right")
            )
        for is_bad, rule in rules:
            if np.any(is_bad):
                place = np.unravel_index(np.argmax(is_bad), values.shape)
                raise ValueError(
                    f"{self.where(*map(int, place))}, `{self.name}`: a value {rule}; "
                    f"got {self.values[place]:g}"
                )
        return values


def load_columns(path: str | os.PathLike) -> list[Column]:
    """All columns of a CSV file with a header, or all arrays of an npz file.

    Raises:
        ValueError: If the file is neither, or a row is not as long as the header.
        OSError: If the file cannot be read.
    """
    path = pathlib.Path(path)
    if path.suffix == ".npz":
        return [
            Column(name, values, lambda *place: f"element {list(place)}")
            for name, values in load_npz(path).items()
        ]
    lines = read_lines(path)
    header = [name.strip() for name in lines[0][1]]
    numbers = []
    for number, words in lines[1:]:
        if len(words) != len(header):
            raise ValueError(
                f"`{path}`: line {number} has {len(words)} values, the header has "
                f"{len(header)}."
            )
        numbers.append(number)
    return [
        Column(
            name,
            np.array(
                [parse(path, number, name, words[place]) for number, words in lines[1:]]
            ),
            lambda n: f"line {numbers[n]}",
        )
        for place, name in enumerate(header)
    ]


def read_lines(path: pathlib.Path) -> list[tuple[int, list[str]]]:
    """Number and words of every line of a CSV file, without comments (#) and blanks."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(enumerate(csv.reader(file), start=1))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"`{path}` is not a CSV file: {error}.") from error
    kept = [(n, row) for n, row in rows if row and not row[0].lstrip().startswith("#")]
    kept = [(n, row) for n, row in kept if any(word.strip() for word in row)]
    if len(kept) < 2:
        raise ValueError(
            f"`{path}` must have a header and at least one line of values."
        )
    return kept


def parse(path: pathlib.Path, line: int, name: str, word: str) -> float:
    """`word` as a number, which may be "nan".

    Raises:
        ValueError: If `word` is not a number, with the place in the file.
    """
    try:
        return float(word)
    except ValueError:
        raise ValueError(
            f"`{path}`: line {line}, `{name}`: `{word.strip()}` is not a number."
        ) from None


def load_npz(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The numeric arrays of an npz file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(
            f"`{path}` is not an npz file of plain arrays: {error}."
        ) from error
    for name, values in arrays.items():
        if values.dtype.kind not in "fiu":
            raise ValueError(
                f"`{path}`: `{name}` must hold real numbers; got {values.dtype}."
            )
    return {name: np.asarray(values, float) for name, values in arrays.items()}
