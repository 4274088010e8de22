"""The comparison at equal quality: run, write, print."""

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

from .._core._files import output_folder
from .._core._versions import versions
from ..accelerators import all_constants, find_machines, MACHINES
from ..config import RunConfig
from ..energy import ArrayPower, assume as assumed, Constant, nominals
from ..metrics import interval
from ..samplers import DIGITAL_SAMPLERS
from ..studies import (
    analog_rows,
    check_claims,
    ComparisonPlan,
    digital_rows,
    DigitalResult,
    equalise,
    find_shortest,
    HOST,
    is_paper_network,
    PAPER,
    pareto,
    Row,
    run_chips,
)
from ..system import System
from ._comparison import AXES, draw_comparison, print_comparison, print_lists
from ._files import write_csv, write_figure, write_json


def run_compare(
    config: RunConfig,
    preset: str,
    folder: pathlib.Path,
    *,
    num_samples: int,
    num_chips: int,
    num_seeds: int,
    seed: int,
    chip_seed: int,
    margin: float,
    batch: int,
    systems: Sequence[str],
    machines: Sequence[str],
    assume: Sequence[str],
    shortest: bool,
) -> None:
    """Compare the analog machine with digital ones; write the files, print the tables.

    Args:
        config: All settings.
        preset: Name for report and figure.
        folder: Gets `compare.csv`, `compare.json`, `compare.png`.
        num_samples: Number of samples of each run.
        num_chips: Number of chips.
        num_seeds: Runs per chip.
        seed: Seed of the first run.
        chip_seed: Seed of the first chip.
        margin: Margin of the equivalence test, relative.
        batch: Samples together on processors, beside a batch of 1.
        systems: `board`, `integrated` and names of digital samplers.
        machines: Names of digital machines; none for all.
        assume: Texts `NAME=VALUE` that fix constants of the energy model.
        shortest: Whether the shortest solve of equal quality is searched, too.
    """
    table = assumed(_constants(), tuple(assume))
    rivals = find_machines(tuple(machines) or tuple(MACHINES))
    plan = ComparisonPlan(num_samples, num_chips, num_seeds, seed, chip_seed, margin)
    system = require_plane(System.from_config(config), "compare")
    chip = system.program(plan.chip_seed)
    system.check(chip)
    nothing = ArrayPower(0.0, 0.0, 0.0)
    for row in ("board", "integrated"):  # refuses bad settings before any work
        system.energy_model(chip, nothing, row)(nominals(table))
    folder = output_folder(folder)
    with tqdm(total=plan.num_runs, unit="run", desc="analog") as bar:
        analog = run_chips(system, plan, bar.update)
    names = [name for name in systems if name in DIGITAL_SAMPLERS]
    with tqdm(unit="search step", desc="digital") as bar:
        found = [equalise(system, plan, analog, name, bar.update) for name in names]
    own = analog_rows(system, plan, analog, table)
    rows = [own[name] for name in own if name in systems]
    for result in tqdm(found, unit="sampler", desc="machines"):
        rows += digital_rows(system, plan, analog, result, rivals, table, batch)
    euler = next((r.num_steps for r in found if r.name == "euler"), None)
    if not is_paper_network(system.checkpoint.score.network):
        euler = None  # steps of another network
    held = check_claims(MACHINES["a100"], MACHINES["engine-fp32"], table, euler)
    report = {
        "preset": preset,
        "plan": dataclasses.asdict(plan),
        "config": dataclasses.asdict(system.config),
        "versions": versions(),
        "quality": {
            "analog": interval(analog.qualities.mean(axis=1).tolist())._asdict(),
            "floor": interval(analog.floor.mean(axis=1).tolist())._asdict(),
        },
        "samplers": [_verdict(result) for result in found],
        "rows": [row.as_dict() for row in rows],
        "tornado": {
            f"{row.system} on {row.machine}, batch {row.batch}": row.ratio.spread.swings
            for row in rows
            if row.ratio is not None
        },
        "pareto": {
            axis: [f"{r.system} on {r.machine}" for r in pareto(rows, axis)]
            for axis in AXES
        },
        "claims": [claim.as_dict() for claim in held],
        "constants": {n: dataclasses.asdict(c) for n, c in table.items()},
    }
    if shortest:
        report["shortest_solve"] = _shortest(system, plan)
    _write(folder, f"{preset}: equal quality within {margin:.0%}", rows, report)
    print_comparison(rows, report)
    print(f"\nwrote {folder}/compare.csv, compare.json, compare.png")


def print_machines(assume: Sequence[str] = ()) -> None:
    """Print presets, machines, and every constant with its source."""
    print_lists(assumed(_constants(), tuple(assume)))


def require_plane(system: System, command: str) -> System:
    """`system`, or a `ValueError` if its data are not in the plane."""
    if system.dataset.dim != 2:
        raise ValueError(
            f"`{command}` judges by kl_2d, which is defined in the plane; the data "
            f"`{system.config.data}` have dim {system.dataset.dim}: `python -m "
            "rram_ode.sample` judges any dimension."
        )
    return system


def _constants() -> dict[str, Constant]:
    return all_constants() | HOST | PAPER


def _shortest(system: System, plan: ComparisonPlan) -> dict[str, Any]:
    with tqdm(unit="run", desc="shorter solves") as bar:
        found = find_shortest(system, plan, bar.update)
    return {
        "seconds": found.search.found,
        "tried": {
            f"{seconds:g}": dataclasses.asdict(excess)
            for seconds, excess in found.search.tried.items()
        },
        "limit": found.limit,
    }


def _verdict(result: DigitalResult) -> dict[str, Any]:
    """What the search found, with every step count that was tried."""
    excess, sampler = result.excess, result.sampler
    if excess is None or sampler is None or result.steps is None:
        return {"sampler": result.name, "refused": result.refused}
    steps, bits = result.num_steps, result.bits
    return {
        "sampler": result.name,
        "steps": steps,
        "evaluations": None if steps is None else sampler.num_evaluations(steps),
        "weight_bits": None if bits is None else bits.found,
        **dataclasses.asdict(excess),
        "tried": {
            str(n): {**dataclasses.asdict(e), "is_not_worse": e.is_not_worse}
            for n, e in sorted(result.steps.tried.items())
        },
    }


def _write(
    folder: pathlib.Path, title: str, rows: list[Row], report: dict[str, Any]
) -> None:
    names = list(report["rows"][0]) if rows else ["system"]
    write_csv(folder / "compare.csv", report["rows"], names)
    write_figure(folder / "compare.png", draw_comparison(rows, title))
    write_json(folder / "compare.json", report)
