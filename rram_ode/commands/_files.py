"""Files of results, each complete or not at all."""

import csv
import io
import json
import pathlib
from collections.abc import Sequence
from typing import Any

from .._core._files import complete_file


def write_json(path: pathlib.Path, data: dict[str, Any], *, indent: int = 1) -> None:
    """Write plain data as strict JSON: a number that is not finite is refused."""
    text = json.dumps(data, indent=indent, allow_nan=False) + "\n"
    with complete_file(path) as temporary:
        temporary.write_text(text)


def write_csv(
    path: pathlib.Path, rows: Sequence[dict[str, Any]], names: Sequence[str]
) -> None:
    """Write `rows` under the header `names`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    with complete_file(path) as temporary:
        temporary.write_text(text.getvalue())


def write_figure(path: pathlib.Path, figure: Any) -> None:
    """Write a figure of matplotlib as PNG."""
    with complete_file(path) as temporary:
        figure.savefig(temporary, format="png")
