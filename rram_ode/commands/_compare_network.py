"""The comparison of techniques on a network that no chip holds: run, write, print."""

import pathlib
from collections.abc import Sequence

from .._core._files import output_folder
from .._core._versions import versions
from ..accelerators import all_constants
from ..energy import assume as assumed
from ..studies import free_trial, HOST
from ._comparison import draw_comparison, print_rows
from ._files import write_csv, write_figure, write_json
from ._tables import print_text
from ._techniques import try_techniques


NOTE = (
    "Each row takes as few of Euler's steps as make it equal to the reference; its "
    "quality and its joules are those of one machine. No chip here holds this network, "
    "so there is no analog row. compare.json names the source of every constant."
)


def run_compare_network(
    name: str,
    folder: pathlib.Path,
    *,
    num_samples: int,
    num_repeats: int,
    seed: int,
    margin: float,
    systems: Sequence[str],
    assume: Sequence[str],
) -> None:
    """Try techniques on a network without a chip; write the files, print the rows.

    Args:
        name: A preset without a chip.
        folder: Gets `compare.csv`, `compare.json`, `compare.png`.
        num_samples: Number of samples of each repeat.
        num_repeats: Number of independent repeats.
        seed: Seed of all repeats.
        margin: Difference that one would just accept, in just-noticeable distances.
        systems: Names of techniques' rows.
        assume: Texts `NAME=VALUE` that fix constants of the energy model.
    """
    table = assumed(all_constants() | HOST, tuple(assume))
    folder = output_folder(folder)
    trial, yardstick = free_trial(name, num_samples, num_repeats, seed, margin)
    rows, left_out = try_techniques([trial], systems, table, None)
    report = {
        "preset": name,
        "plan": {
            "num_samples": num_samples,
            "num_repeats": num_repeats,
            "seed": seed,
            "margin": margin,
        },
        "accepted": yardstick.accepted,
        "just_noticeable_distance": yardstick.delta,
        "reference": trial.beside,
        "left_out": left_out,
        "rows": [row.as_dict() for row in rows],
        "versions": versions(),
    }
    names = list(report["rows"][0]) if rows else ["system"]
    write_csv(folder / "compare.csv", report["rows"], names)
    title = f"{name}: equal within {margin:g} just-noticeable distance"
    write_figure(folder / "compare.png", draw_comparison(rows, title))
    write_json(folder / "compare.json", report)
    print(f"One just-noticeable distance: {yardstick.accepted}.\n")
    print_rows(rows)
    for line in left_out:
        print_text(line)
    print()
    print_text(NOTE)
    print(f"\nwrote {folder}/compare.csv, compare.json, compare.png")
