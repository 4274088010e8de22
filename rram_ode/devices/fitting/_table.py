"""Measured conductances: the target, the conductance read, and the time."""

import dataclasses
import os

import numpy as np

from ._columns import Column, load_columns


_UNITS = {"target": "S", "read": "S", "time": "s"}


@dataclasses.dataclass(frozen=True)
class MeasuredTable:
    """A table whose rows are reads, each of one cell.

    Args:
        target: Target conductances, `(num,)`, in siemens.
        read: Conductances read, `(num,)`, in siemens.
        time: Seconds after programming, `(num,)`; `None` if that was not recorded.

    Raises:
        ValueError: If a value is not finite, negative, or cannot be a conductance.
    """

    target: np.ndarray
    read: np.ndarray
    time: np.ndarray | None = None

    def __post_init__(self):
        for name, unit in _UNITS.items():
            values = getattr(self, name)
            if values is None:
                continue
            if np.ndim(values) != 1 or np.shape(values) != np.shape(self.target):
                raise ValueError(
                    f"`{name}` must have one axis and as many values as `target`; got "
                    f"shape {np.shape(values)}."
                )
            Column(f"{name}_{unit}", values, lambda n: f"row {n + 1}").to_si(unit)


def read_table(path: str | os.PathLike) -> MeasuredTable:
    """The table in a CSV file with a header, or in the arrays of an npz file.

    Columns are `target_uS`, `read_uS` and, if the time was recorded, `time_s`, in any
    order and with any prefix (`target_S`, `time_ms`). Other columns are ignored, as are
    blank lines and lines that begin with #.

    Raises:
        ValueError: If a column is missing, has no unit or is there twice, or a value is
            not a number, negative, or cannot be a conductance; with line and column.
        OSError: If the file cannot be read.
    """
    columns = load_columns(path)
    found: dict[str, np.ndarray] = {}
    for column in columns:
        if column.stem not in _UNITS:
            continue
        if column.stem in found:
            raise ValueError(f"`{path}` has `{column.stem}` twice.")
        try:
            found[column.stem] = column.to_si(_UNITS[column.stem])
        except ValueError as error:
            raise ValueError(f"`{path}`: {error}.") from None
    for name in ("target", "read"):
        if name not in found:
            raise ValueError(
                f"`{path}` has no column `{name}_uS` (or another prefix of S); it has "
                f"{', '.join(column.name for column in columns)}."
            )
    return MeasuredTable(**found)
