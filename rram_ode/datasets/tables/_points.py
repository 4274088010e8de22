"""Points in a file: npz, npy, or text in columns; nothing is unpickled."""

import dataclasses
import pathlib

import numpy as np

from ..._core._archives import read_npz
from ..._core._npy import read_npy
from ..._core._own_files import check_file
from ._columns import columns_of_table, LABELS


TABLES = (".csv", ".tsv", ".txt", ".dat", ".xlsx")


REPEATED = 0.1  # rows that repeat others, at most, without a word: assumed


FAR = 100.0  # interquartile ranges from the median, 135 sd of a normal: assumed


ARRAYS = (".npz", ".npy")


LABELLED = (*LABELS, "y", "target", "targets")  # in an npz file, beside a table


POINTS = ("x", "points", "data", "samples")


FEWEST = 100  # rows with all values, of which 25 judge (assumed)


FEWEST_OF_CLASS = 12  # rows, of which 3 judge (assumed)


MOST_CLASSES = 100  # more distinct labels are a number that was measured (assumed)


LARGEST_DIM = 4_096  # of a state: a chip has a loop for each coordinate (assumed)


@dataclasses.dataclass(frozen=True)
class PointsFile:
    """What a file of points holds.

    Args:
        values: The points, `(num, dim)`, in the user's units.
        columns: Name of each coordinate.
        labels: Number of each point's class, `(num,)`, or `None`.
        classes: Names of the classes in the order of their numbers.
        dropped: Number of rows left out, because a value in them is missing.
        ignored: Names of columns or arrays that were not read.
        notes: What a user has to know of how the file was read.
    """

    values: np.ndarray
    columns: tuple[str, ...]
    labels: np.ndarray | None
    classes: tuple[str, ...]
    dropped: int
    ignored: tuple[str, ...]
    notes: tuple[str, ...] = ()


def is_table_file(name: str) -> bool:
    """Whether `name` is that of a file of points, by its ending."""
    return pathlib.PurePath(name).suffix.lower() in (*TABLES, *ARRAYS)


def read_points(path: pathlib.Path) -> PointsFile:
    """The points of a file.

    A text or a workbook has one point a row; its column `label` or `class` holds
    labels, and other columns of text are left out. An npz file holds an array `x` or
    `points`, `(num, dim)`, or one array a coordinate, and labels in `label` or `y`.
    Rows with a missing value are left out and counted.

    Raises:
        ValueError: If the file is none of these, is larger than 1 GiB, packed or
            unpacked, or has too few rows.
        OSError: If it cannot be read.
    """
    num_bytes, suffix = check_file(path), path.suffix.lower()
    if suffix not in (*TABLES, *ARRAYS):
        raise ValueError(
            f"`{path}` must be a file of points, {', '.join((*TABLES, *ARRAYS))}; save "
            "it as one of these."
        )
    if num_bytes == 0:
        raise ValueError(f"`{path}` is empty: write one point a row.")
    notes: tuple[str, ...] = ()
    if suffix in TABLES:
        found = columns_of_table(path)
        points, notes = _points(path, found.columns, found.ignored), found.notes
    elif suffix == ".npy":
        array = read_npy(path, path.name)
        points = _points(path, _split(path, path.stem, array), ())
    else:
        points = _points(path, *_npz(path))
    notes = (*notes, *_doubts(points.values, points.columns))
    return dataclasses.replace(points, notes=notes)


def _doubts(values: np.ndarray, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Rows that repeat others, and values so far away that they set the scale."""
    found, num = [], len(values)
    repeated = num - len({row.tobytes() for row in values})
    if repeated > REPEATED * num:
        found.append(
            f"{repeated} of {num} rows repeat others, so that rows that judge are "
            "among those that are learned: leave them out if they are copies"
        )
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        far = np.abs(values - middle) / (high - low)
    for name, away in zip(columns, far.T, strict=True):
        if slips := int(np.sum(away[np.isfinite(away)] > FAR)):
            found.append(
                f"{slips} values of `{name}` lie more than {FAR:g} times the "
                "interquartile range from its median, and set its scale: leave them "
                "out if they are slips"
            )
    return tuple(found)


def _points(
    path: pathlib.Path, columns: dict[str, np.ndarray], ignored: tuple[str, ...]
) -> PointsFile:
    """Columns of one length as points, with a column of labels if there is one."""
    own = [n for n in columns if n.lower() in LABELS]
    label = columns[own[0]] if own else None
    texts = [n for n, c in columns.items() if c.dtype.kind == "U" and n not in own[:1]]
    kept = {n: c for n, c in columns.items() if n not in (*own[:1], *texts)}
    if not kept:
        raise ValueError(
            f"`{path}` must have a column of numbers for each coordinate; found "
            f"{', '.join(columns) or 'none'}."
        )
    if len(kept) > LARGEST_DIM:
        raise ValueError(
            f"`{path}` has {len(kept)} columns of numbers, above {LARGEST_DIM}: a row "
            "is a point, and a column is one coordinate."
        )
    if all(len(c) >= FEWEST and (c == c[0]).all() for c in kept.values()):
        raise ValueError(f"`{path}` must hold different points; all rows are equal.")
    values = np.stack([np.asarray(c, np.float64) for c in kept.values()], axis=1)
    is_whole = np.asarray(np.isfinite(values).all(axis=1))
    if label is not None:
        is_whole &= _has_label(label)
    num = int(is_whole.sum())
    if num < FEWEST:
        raise ValueError(
            f"`{path}` must have {FEWEST} rows or more without a missing value, to "
            f"learn and to judge from; got {num} of {len(values)}."
        )
    values = values if is_whole.all() else values[is_whole]
    if np.ptp(values, axis=0).max() == 0:
        raise ValueError(f"`{path}` must hold different points; all rows are equal.")
    labels, classes = None, ()
    if label is not None:
        labels, classes = _classes(path, own[0], label[is_whole])
    dropped = len(is_whole) - num
    return PointsFile(values, tuple(kept), labels, classes, dropped, (*ignored, *texts))


def _has_label(label: np.ndarray) -> np.ndarray:
    if label.dtype.kind == "U":
        return ~np.isin(np.char.lower(np.char.strip(label)), ("", "nan"))
    return np.isfinite(np.asarray(label, np.float64))


def _classes(
    path: pathlib.Path, name: str, label: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Numbers from 0, and names in the order of the labels."""
    if label.dtype.kind == "U":
        label = np.char.strip(label)
    kinds, numbers = np.unique(label, return_inverse=True)
    if not 2 <= len(kinds) <= MOST_CLASSES:
        raise ValueError(
            f"`{path}`: the column `{name}` must hold 2 to {MOST_CLASSES} classes; got "
            f"{len(kinds)}. Rename it if it is no label."
        )
    names = tuple(_class_name(k) for k in kinds.tolist())
    taken = [n for n in names if n in ("all", "none")]
    if taken:
        raise ValueError(
            f"`{path}`: a class must not be called `{taken[0]}`, which `solve.label` "
            "takes for all classes or none: rename it."
        )
    counts = np.bincount(numbers.ravel())
    if counts.min() < FEWEST_OF_CLASS:
        raise ValueError(
            f"`{path}`: each class must have {FEWEST_OF_CLASS} rows or more; "
            f"`{names[counts.argmin()]}` has {counts.min()}. Leave it out, or join it "
            "with another."
        )
    return numbers.ravel(), names


def _class_name(label: float | int | str | bool) -> str:
    """A label with all its digits, so that no two have one name."""
    is_whole = isinstance(label, float) and label.is_integer() and abs(label) < 2**53
    return str(int(label)) if is_whole else str(label)


def _npz(path: pathlib.Path) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """The columns of an npz file, and the arrays that are none."""
    arrays = read_npz(path)
    tables = [n for n, a in arrays.items() if a.ndim == 2 and a.dtype.kind in "biuf"]
    named = [n for n in arrays if n.lower() in POINTS and arrays[n].ndim == 2]
    lines = {n: a for n, a in arrays.items() if a.ndim == 1}
    if len(named or tables) > 1:
        raise ValueError(
            f"`{path}` must hold one table of points; it holds "
            f"{', '.join(named or tables)}. Name it `x`, and drop or rename the others."
        )
    if not tables:
        length = max((len(a) for a in lines.values()), default=0)
        columns = {n: a for n, a in lines.items() if len(a) == length}
        ignored = tuple(n for n in arrays if n not in columns)
        return columns, ignored
    name = (named or tables)[0]
    columns = _split(path, name, arrays[name])
    label = [
        n for n in lines if n.lower() in LABELLED and len(lines[n]) == len(arrays[name])
    ]
    if label:
        columns["label"] = lines[label[0]]
    ignored = tuple(n for n in arrays if n not in (name, *label[:1]))
    return columns, ignored


def _split(path: pathlib.Path, name: str, array: np.ndarray) -> dict[str, np.ndarray]:
    """One column for each coordinate of a table."""
    if not 1 <= array.ndim <= 2 or not array.size or array.dtype.kind == "U":
        raise ValueError(
            f"`{path}`: `{name}` must hold numbers, of shape (num,) or (num, dim); got "
            f"{array.dtype} of shape {array.shape}."
        )
    if array.ndim == 1:
        return {name: array}
    return {f"{name}{number}": column for number, column in enumerate(array.T)}
