"""A measured conductance map: every cell of an array, as a file."""

import os
import pathlib

import numpy as np
from jaxtyping import Float

from ._columns import Column, load_npz, parse, read_lines


def read_map(path: str | os.PathLike) -> dict[str, Float[np.ndarray, "_ _"]]:
    """Conductances of one or more arrays by name, `(rows, cols)`, in siemens.

    An npz file holds one array per map, named with its unit (`layer0_pos_uS`). A CSV
    file holds one map: a first line with its name (`g_uS`), then one line for each row
    of cells. Keys are the names without the unit.

    Raises:
        ValueError: If a map is not a rectangle of numbers, has no unit, or a value is
            not finite, negative, or cannot be a conductance: with line and column.
        OSError: If the file cannot be read.
    """
    path = pathlib.Path(path)
    try:
        if path.suffix == ".npz":
            columns = [
                Column(name, values, lambda i, j: f"row {i + 1}, column {j + 1}")
                for name, values in load_npz(path).items()
            ]
        else:
            columns = [_csv_map(path)]
        maps = {}
        for column in columns:
            if column.values.ndim != 2 or 0 in column.values.shape:
                raise ValueError(
                    f"`{column.name}` must have rows and columns; got shape "
                    f"{column.values.shape}"
                )
            maps[column.stem] = column.to_si("S")
    except ValueError as error:
        text = str(error).rstrip(".")
        known = text if f"`{path}`" in text else f"`{path}`: {text}"
        raise ValueError(f"{known}.") from None
    return maps


def _csv_map(path: pathlib.Path) -> Column:
    (_, header), *lines = read_lines(path)
    name = header[0].strip()
    if any(word.strip() for word in header[1:]):
        raise ValueError("the first line must be the map's name with its unit (`g_uS`)")
    width = len(lines[0][1])
    for number, words in lines:
        if len(words) != width:
            raise ValueError(
                f"line {number} has {len(words)} values, line {lines[0][0]} has {width}"
            )
    values = [[parse(path, n, name, word) for word in words] for n, words in lines]
    where = lambda i, j: f"line {lines[i][0]}, column {j + 1}"
    return Column(name, np.array(values), where)
