"""The data of a configuration that names a file of points."""

import functools
import hashlib
import math
import pathlib

from ..._core._own_files import open_file
from ...config import PointsConfig, RunConfig
from ...datasets.tables import (
    LabelledTable,
    PointsFile,
    read_points,
    Scaling,
    Table,
    table_dataset,
)


def file_digest(path: pathlib.Path) -> str:
    """SHA-256 of a file, hashed again only if its size or its time has changed.

    Raises:
        OSError: If the file cannot be read.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise OSError(
            f"cannot read `data` = {path}: {error.strerror}. Give the path of a file."
        ) from error
    return _digest(path, found.st_size, found.st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _digest(path: pathlib.Path, size: int, time: int) -> str:
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def scaling_of(config: PointsConfig) -> Scaling | None:
    """The scaling that `config` gives, or `None` for that of the file.

    Raises:
        ValueError: If only one of both is given, their lengths differ, or a number is
            none, or a scale is not positive.
    """
    if config.centre is None and config.scale is None:
        return None
    if config.centre is None or config.scale is None:
        raise ValueError("`points.centre` and `points.scale` go together: set both.")
    if len(config.centre) != len(config.scale):
        raise ValueError(
            "`points.centre` and `points.scale` must have one number for each "
            f"coordinate; got {len(config.centre)} and {len(config.scale)}."
        )
    if not all(math.isfinite(c) for c in config.centre):
        raise ValueError(f"`points.centre` must be finite; got {config.centre}.")
    if not all(math.isfinite(s) and s > 0 for s in config.scale):
        raise ValueError(f"`points.scale` must be positive; got {config.scale}.")
    return Scaling(config.centre, config.scale)


@functools.lru_cache(maxsize=4)
def points_of(path: pathlib.Path, digest: str) -> PointsFile:
    """What the file with this hash holds."""
    return read_points(path)


@functools.lru_cache(maxsize=4)
def table_of(
    path: pathlib.Path, digest: str, scaling: Scaling | None, precision: str
) -> Table | LabelledTable:
    """The points of the file with this hash as data, in the default precision."""
    try:
        return table_dataset(points_of(path, digest), scaling)
    except ValueError as error:
        raise ValueError(f"`{path}`: {error}") from error


def describe_points(config: RunConfig) -> str:
    """What was read of the file of points, and what was left out, in one sentence."""
    path = pathlib.Path(config.data)
    file = points_of(path, file_digest(path))
    text = f"`{path}`: {len(file.values)} points of {', '.join(file.columns[:6])}"
    if len(file.columns) > 6:
        text += f", ... ({len(file.columns)} coordinates)"
    if file.classes:
        text += f", in {len(file.classes)} classes, {', '.join(file.classes[:12])}"
    if file.dropped:
        rows = "row" if file.dropped == 1 else "rows"
        text += f"; {file.dropped} {rows} with a missing value left out"
    if file.ignored:
        text += f"; not read: {', '.join(file.ignored)}"
    if file.notes:
        text += f"; {'; '.join(file.notes)}"
    return text + "."
