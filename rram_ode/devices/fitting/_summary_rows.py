"""Rows of a table that sum up the others: `mean`, `std`, as Excel and pandas add."""

import dataclasses

import numpy as np

from ..._core._sheet import Sheet, SheetColumn


_MEANS = {"mean", "average", "avg", "avg.", "median"}
_SPREADS = {"std", "stdev", "std.", "std dev", "std. dev.", "standard deviation"}
_SPREADS |= {"sd", "sigma", "σ", "variance", "sem", "cv"}
_OTHERS = {"min", "max", "minimum", "maximum", "count", "sum", "total", "25%", "50%"}
_OTHERS |= {"75%", "n"}  # where they are as few: a state may be called `max`
_MOST = 0.25  # of the rows: words of more are those of states (assumed)


def without_summaries(sheet: Sheet) -> Sheet:
    """A sheet without the rows that a word marks as a mean or a spread of others.

    Of a sheet that has nothing else, the rows of means stay.
    """
    words = [
        [word.strip().lower() for word in column.cells]
        for column in sheet.columns
        if not isinstance(column.cells, np.ndarray) and not column.is_numeric
    ]
    num = len(words[0]) if words else 0
    if any(len(column.cells) != num for column in sheet.columns):
        return sheet
    rows = list(zip(*words, strict=True))
    of = lambda known: np.array([not known.isdisjoint(row) for row in rows])
    is_summary = of(_MEANS | _SPREADS)
    if not is_summary.any():
        return sheet
    is_out = is_summary | of({w for w in _OTHERS if of({w}).sum() <= is_summary.sum()})
    if is_out.all():
        is_out = ~of(_MEANS)
        if not is_out.any() or is_out.all():
            return sheet
    elif is_out.mean() > _MOST:
        said = (
            f"{is_out.sum()} of {num} rows have a word of a mean or a spread, and are "
            "taken as cells: leave them out if they are none"
        )
        return dataclasses.replace(sheet, warnings=(*sheet.warnings, said))
    column, kept = sheet.columns[0], np.flatnonzero(~is_out)
    said = "1 row" if is_out.sum() == 1 else f"{is_out.sum()} rows"
    note = (
        f"{said} of a mean or a spread of other rows left out (the first in "
        f"{column.where(int(np.argmax(is_out)))})"
    )
    columns = tuple(_rows_of(column, kept) for column in sheet.columns)
    return dataclasses.replace(sheet, columns=columns, notes=(*sheet.notes, note))


def _rows_of(column: SheetColumn, rows: np.ndarray) -> SheetColumn:
    cells, where = column.cells, column.where
    kept = cells[rows] if isinstance(cells, np.ndarray) else [cells[n] for n in rows]
    return dataclasses.replace(column, cells=kept, where=lambda n: where(int(rows[n])))
