"""What a report says of a user's own points."""

import pathlib
from typing import Any

from ..datasets.tables import LabelledTable, SPREAD, Table
from ..system import describe_points, file_digest, System
from ._tables import print_text


def points_report(system: System) -> dict[str, Any] | None:
    """File, columns and scaling of a user's points; `None` for data of the package."""
    dataset = system.dataset
    if not isinstance(dataset, Table | LabelledTable):
        return None
    path = pathlib.Path(system.config.data)
    return {
        "file": str(path.resolve()),
        "sha256": file_digest(path),
        "read": describe_points(system.config),
        "columns": list(dataset.columns),
        "centre": list(dataset.scaling.centre),
        "scale": list(dataset.scaling.scale),
        "rows": {s: len(dataset.rows(s)) for s in ("train", "held-out", "test")},
    }


def print_points(report: dict[str, Any]) -> None:
    """What was read, and what the numbers of the tables are of."""
    found = report["points"]
    if found is None:
        return
    rows = found["rows"]
    print_text(
        f"{found['read']} The network may learn {rows['train']} of them; "
        f"{rows['test']} others judge. samples.npz and samples.png have the units of "
        "the file; distances and metrics are of coordinates less their centre and over "
        f"their scale (by default {1 / SPREAD:g} standard deviations), see `points` in "
        "the report."
    )
    dim = len(found["columns"])
    if dim != 2:
        print_text(
            f"kl_2d and hist_l2 need two dimensions, and these points have {dim}: read "
            "the distance, kl_1d and sliced_wasserstein."
        )
