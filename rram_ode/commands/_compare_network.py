"""The comparison of techniques on a network that no chip holds: run, write, print."""

import pathlib
from collections.abc import Sequence

from .._core._files import output_folder, PARTIAL
from .._core._versions import versions
from ..accelerators import all_constants
from ..energy import assume as assumed
from ..samplers import DIGITAL_SAMPLERS
from ..studies import ANALOG, free_trial, HOST, STEP_SYSTEMS
from ..system import Store
from ..training import shipped_picture_network
from ._comparison import print_rows
from ._comparison_files import write_comparison
from ._idle import print_started_anew
from ._tables import print_text
from ._techniques import plan_techniques, refuse_all, try_techniques


NOTE = (
    "Each row takes the fewest of Euler's steps that make it equal to the reference, "
    "of the numbers that were tried, or the most where none does, which the row says. "
    "Its quality and its joules are those of one machine. No chip here holds this "
    "network, so there is no analog row. compare.json names the source of every "
    "constant."
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
    techniques = plan_techniques({name: shipped_picture_network(name).score}, systems)
    left_out = [*techniques.left_out, *_without_chip(systems)]
    if not techniques.jobs:
        raise refuse_all(name, left_out)
    folder = output_folder(folder)
    trial, yardstick = free_trial(name, num_samples, num_repeats, seed, margin)
    plan = {
        "num_samples": num_samples,
        "num_repeats": num_repeats,
        "seed": seed,
        "margin": margin,
    }
    record = shipped_picture_network(name).record
    identity = {"preset": name, "plan": plan, "versions": versions()}
    store = Store(folder / PARTIAL, {**identity, "network": record["sha256"]})
    print_started_anew(store)
    rows = try_techniques(techniques, [trial], table, None, store)
    report = {
        "preset": name,
        "plan": plan,
        "accepted": yardstick.accepted,
        "just_noticeable_distance": yardstick.delta,
        "reference": trial.beside,
        "left_out": left_out,
        "rows": [row.as_dict() for row in rows],
        "versions": versions(),
    }
    title = f"{name}: equal within {margin:g} just-noticeable distance"
    write_comparison(folder, title, rows, report)
    store.clear()
    print(f"One just-noticeable distance: {yardstick.accepted}.\n")
    print_rows(rows)
    for line in left_out:
        print_text(line)
    print()
    print_text(NOTE)
    print(f"\nwrote {folder}/compare.csv, compare.json, compare.png")


def _without_chip(systems: Sequence[str]) -> list[str]:
    """One sentence about the systems that have no row without a chip."""
    samplers = [name for name in systems if name in DIGITAL_SAMPLERS]
    chips = [name for name in systems if name in (*ANALOG, *STEP_SYSTEMS)]
    parts = []
    if chips:
        parts.append(f"{', '.join(chips)}, as no chip holds this network")
    if samplers:
        parts.append(
            f"{', '.join(samplers)}, whose rows stand beside a chip: techniques here "
            "run by Euler's steps"
        )
    return [f"Left out: {'; '.join(parts)}."] if parts else []
