"""A comparison as a table, a report and a figure: three files, or none."""

import functools
import pathlib
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .._core._files import write_all
from ..plots import plot_comparison
from ..studies import costs, pareto, Row
from ._comparison import ends
from ._files import write_csv, write_figure, write_json


AXES = {"energy": "joules a sample", "seconds": "seconds a sample"}


def write_comparison(
    folder: pathlib.Path, title: str, rows: list[Row], report: dict[str, Any]
) -> None:
    """Write `compare.csv`, `compare.json` and `compare.png` after all three are made.

    Args:
        folder: Gets the files.
        title: Title of the figure.
        rows: At least one row.
        report: What the JSON has; its `rows` are those of the CSV.
    """
    fields, figure = report["rows"], draw_comparison(rows, title)
    write_all(
        {
            folder / "compare.csv": functools.partial(
                write_csv, rows=fields, names=list(fields[0])
            ),
            folder / "compare.json": functools.partial(write_json, data=report),
            folder / "compare.png": functools.partial(write_figure, figure=figure),
        }
    )


def draw_comparison(rows: list[Row], title: str) -> Figure:
    """Distance against energy and time; the tornado of the first ratio."""
    distance = np.array([row.distance for row in rows])
    index = {id(row): number for number, row in enumerate(rows)}
    first = next((row for row in rows if row.ratio is not None), None)
    ratio = None if first is None else first.ratio
    what = "" if first is None else f"energy, {first.system} on {first.machine}"
    return plot_comparison(
        [row.system for row in rows],
        [_named(row) for row in rows],
        distance,
        {
            label: np.array([ends(costs(row, axis)) for row in rows])
            for axis, label in AXES.items()
        },
        {
            label: [index[id(row)] for row in pareto(rows, axis)]
            for axis, label in AXES.items()
        },
        {} if ratio is None else ratio.spread.swings,
        f"{what} over integrated",
        title,
    )


def _named(row: Row) -> str:
    """The machine of a row, for a legend; techniques share engines and have names."""
    machine = f"{row.machine}, batch {row.batch}"
    return machine if row.baseline is None else f"{row.system}: {machine}"
