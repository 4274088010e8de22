"""A measured conductance map: every cell of an array, as a file."""

import os
import pathlib
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from ..._core._column_units import parse_name
from ..._core._numbers import find_decimals, is_number
from ..._core._sheet import read_arrays, read_rows, SheetColumn
from ..._core._units import format_quantity
from ._conductances import require_offset, to_siemens
from ._roles import CURRENT, Named


def read_map(
    path: str | os.PathLike, note: Callable[[str], object] = lambda text: None
) -> dict[str, Float[np.ndarray, "_ _"]]:
    """Conductances of one or more arrays by name, `(rows, cols)`, in siemens.

    An npz, npy or mat file holds one array per map, named with its unit
    (`layer0_pos_uS`; an npy file has its own name). A text file or the sheet of a
    workbook holds one map: a first line with its name (`g_uS`), then one line for each
    row of cells; without that line the file has the name of the map. Maps may be
    in siemens or in ohms. Keys are the names without the unit. Every cell needs a
    value: a chip cannot be made of cells that are not known. One below 0 by at most
    1 % of the largest of its map is a meter's offset, and is 0.

    Args:
        path: The file.
        note: Function that is called with a sentence on values that were changed.

    Raises:
        ValueError: If a map is not a rectangle of numbers, has no unit, or a value is
            not finite, negative, or cannot be a conductance: with line and column.
        OSError: If the file cannot be read.
    """
    path = pathlib.Path(path)
    try:
        arrays = read_arrays(path)
        columns = [_text_map(path)] if arrays is None else arrays
        return dict(_map(column, arrays is not None, note) for column in columns)
    except ValueError as error:
        text = str(error).rstrip(".")
        known = text if f"`{path}`" in text else f"`{path}`: {text}"
        raise ValueError(f"{known}.") from None


def _map(
    column: SheetColumn, is_array: bool, note: Callable[[str], object]
) -> tuple[str, np.ndarray]:
    if is_array:
        where = lambda i, j: f"row {i + 1}, column {j + 1}"
        column = SheetColumn(column.name, "", column.cells, where)
    shape = np.shape(column.cells)
    if len(shape) != 2 or 0 in shape:
        raise ValueError(
            f"`{column.name}` must have rows and columns; got shape {shape}"
        )
    named = Named(column, parse_name(column.name))
    if named.base not in CURRENT[:2]:
        raise ValueError(
            f"`{column.name}` must name its unit, such as `{_stem(column.name)}_uS`"
        )
    values = column.numbers()
    is_bad = ~np.isfinite(values)
    if is_bad.any():
        i, j = map(int, np.unravel_index(np.argmax(is_bad), is_bad.shape))
        raise ValueError(
            f"{column.where(i, j)}, `{column.name}`: a value must be a finite number "
            f"(an open cell is 0); got {values[i, j]:g}"
        )
    g = to_siemens(named, None)
    if negative := require_offset(named, g, float(g.max())):
        lowest = format_quantity(float(g.min()), "S", 3)
        note(
            f"{negative} of {g.size} cells of `{column.name}` below 0, to {lowest}, "
            "are taken as 0: the offset of a meter"
        )
    return _stem(column.name), np.maximum(g, 0.0)


def _stem(name: str) -> str:
    """A map's name without its unit, as it is written: the key of a chip's array."""
    stem = name.rpartition("_")[0] if "_" in name else ""
    if stem and parse_name(name).unit is not None:
        return stem
    return " ".join(parse_name(name).words).replace(" ", "_") or name


def _text_map(path: pathlib.Path) -> SheetColumn:
    found = read_rows(path)
    plain = [row for row in found.rows if not row.is_comment]
    kind = found.kind
    first = plain[0]
    if any(first.words[1:]) or is_number(first.words[0]):
        named = [row for row in found.rows if row.is_comment and len(row.words) == 1]
        if not named and parse_name(path.stem).unit is None:
            raise ValueError(
                f"the first {kind}, or the name of the file, must be the map's name "
                "with its unit (`g_uS`)"
            )
        name, lines = named[-1].words[0] if named else path.stem, plain
    else:
        name, lines = first.words[0], plain[1:]
    if not lines:
        raise ValueError(f"the map must have a name and at least one {kind} of values")
    width = len(lines[0].words)
    while width > 1 and not any(row.words[width - 1 : width] != [""] for row in lines):
        width -= 1  # a separator at the end of each line
    for row in lines:
        if len(row.words) < width or any(row.words[width:]):
            raise ValueError(
                f"{kind} {row.place} has {len(row.words)} values, {kind} "
                f"{lines[0].place} has {width}"
            )
    words = [word for row in lines for word in row.words[:width]]
    at = lambda n: f"{kind} {lines[n // width].place}, column {n % width + 1}"
    (decimals,) = find_decimals([(name, words, at)], found.separator)
    flat = SheetColumn(name, "", words, at, decimals)
    where = lambda i, j: f"{kind} {lines[i].place}, column {j + 1}"
    return SheetColumn(name, "", flat.numbers().reshape(len(lines), width), where)
