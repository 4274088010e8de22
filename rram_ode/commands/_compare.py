"""The comparison at equal quality: run, write, print."""

import dataclasses
import functools
import math
import pathlib
from collections.abc import Callable, Mapping, Sequence

from tqdm import tqdm

from .._core._files import output_folder
from .._core._versions import versions
from ..accelerators import all_constants, find_machines, MACHINES
from ..config import RunConfig
from ..energy import (
    ArrayPower,
    assume as assumed,
    Constant,
    Constants,
    nominals,
    remember,
)
from ..samplers import DIGITAL_SAMPLERS
from ..studies import (
    ANALOG,
    analog_row,
    check_claims,
    ComparisonPlan,
    digital_rows,
    equalise,
    find_standing,
    find_steps,
    Finding,
    HOST,
    is_paper_network,
    keep_rows,
    NETWORK_OF_DATA,
    network_trial,
    own_trial,
    PAPER,
    pareto,
    Referee,
    Row,
    sampler_refusal,
    spread,
    Standing,
    step_row,
    STEP_SYSTEMS,
    twin_rows,
)
from ..system import board_system, load_chip, record_inputs, System
from ..training import shipped_picture_network
from ..views import progress
from ._comparison import print_comparison, print_lists
from ._comparison_files import AXES, write_comparison
from ._comparison_plan import comparison_store, require_comparison
from ._comparison_report import JUST_NOTICEABLE, report_sampler, report_shortest
from ._idle import print_idle, print_questions
from ._saved_chip import print_repeated, print_saved, require_same_cells
from ._techniques import plan_techniques, refuse_all, TechniquePlan, try_techniques


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
    most_chips: int,
    batch: int,
    systems: Sequence[str],
    machines: Sequence[str],
    assume: Sequence[str],
    shortest: bool,
    chip_file: pathlib.Path | None = None,
    yes: bool = False,
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
        margin: Difference that one would just accept, in just-noticeable distances.
        most_chips: Most chips to go up to where a verdict needs more.
        batch: Samples together on processors, beside a batch of 1.
        systems: `board`, `integrated`, names of digital samplers and of techniques.
        machines: Names of digital machines; none for all.
        assume: Texts `NAME=VALUE` that fix constants of the energy model.
        shortest: Whether the shortest solve of equal quality is searched, too.
        chip_file: A saved chip, or a map of conductances, in place of the chips: each
            of `num_chips` is a repeat on it.
        yes: Whether to run what does not fit, too.
    """
    if config.guidance.weight:
        raise ValueError(
            "`compare` takes samples of equal quality, which `guidance.weight` 0 alone "
            f"aims at; got {config.guidance.weight:g}: `sample` and `benchmarks "
            "guidance` show what guidance does."
        )
    table = assumed(_constants(), tuple(assume))
    rivals = find_machines(tuple(machines) or tuple(MACHINES))
    plan = ComparisonPlan(
        num_samples, num_chips, num_seeds, seed, chip_seed, margin, most_chips
    )
    system = System.from_config(config)
    if chip_file is not None:
        saved = load_chip(system, chip_file, chip_seed)
        plan = dataclasses.replace(plan, saved=saved, chip_seed=saved.seed)
    require_comparison(system, plan, folder, yes=yes)
    others = {name: shipped_picture_network(name) for name in _beside(config)}
    networks = {"": system.twin.score} | {n: other.score for n, other in others.items()}
    techniques = plan_techniques(networks, systems)
    _require_systems(system, preset, systems, techniques)
    chip = plan.chip(system)
    if chip_file is not None and plan.saved is not None:
        print_saved(system, chip_file, plan.saved, chip)
        print_repeated(chip_file)
    system.check(chip)
    print_idle(system, preset, chip)
    print_questions(config)
    machines_of = _analog_systems(system, systems)
    nothing = ArrayPower(0.0, 0.0, 0.0)
    for row, each in machines_of.items():  # refuses bad settings before any work
        if chip_file is not None:
            require_same_cells(each, chip_file, row)
        each.energy_model(plan.chip(each), nothing, row)(nominals(table))
    folder = output_folder(folder)
    store = comparison_store(system, plan, folder)
    referee = Referee(system, plan)
    with progress(unit="chip", name="analog") as bar:
        standing = find_standing(system, plan, referee, bar, store)
    plan, analog = standing.plan, standing.analog
    names = [name for name in systems if name in DIGITAL_SAMPLERS]
    with progress(unit="search step", name="digital") as bar:
        found = [
            result
            for name in names
            for result in equalise(system, plan, referee, analog, name, bar, store)
        ]
    rows: list[Row] = []
    for name, each in machines_of.items():
        own = standing
        if each is not system:
            with progress(unit="chip", name=name) as bar:
                own = find_standing(each, plan, referee, bar, store.part(name))
        rows.append(analog_row(each, own, name, table))
    rows += twin_rows(standing)
    for result in tqdm(found, unit="sampler", desc="machines"):
        rows += digital_rows(system, standing, result, rivals, table, batch)
    euler = next((r.num_steps for r in found if r.label == "euler"), None)
    trials = [own_trial(system, standing, referee, euler)]
    trials += [network_trial(system, standing, referee, name) for name in others]
    ours = remember(system.energy_model(chip, analog.power, "integrated"), table)
    rows += try_techniques(techniques, trials, table, ours, store)
    for name in (name for name in STEP_SYSTEMS if name in systems):
        with progress(unit="chip", name=name) as bar:
            find = functools.partial(
                _steps, system, standing, referee, name, table, bar
            )
            rows += keep_rows(store, f"{name}-{plan.num_chips}", table, find).rows
    network = system.checkpoint.score.network
    if not is_paper_network(network):
        euler = None  # steps of another network
    task = "unconditional" if network.classes is None else "conditional"
    held = check_claims(MACHINES["a100"], MACHINES["engine-fp32"], table, euler, task)
    report = {
        "preset": preset,
        "plan": plan.as_dict(),
        "chip": None if chip_file is None else str(chip_file),
        "cells_sha256": None if plan.saved is None else plan.saved.sha256,
        "is_beyond": standing.difference.is_beyond,
        "needed_chips": math.ceil(plan.num_chips * standing.difference.factor),
        "accepted": system.yardstick.accepted,
        "just_noticeable_distance": system.yardstick.delta,
        "config": dataclasses.asdict(system.config),
        "files": record_inputs(system.config, folder, chip=chip_file),
        "versions": versions(),
        "quality": {
            "analog": spread(analog.distances)._asdict(),
            "twin": spread(standing.twin)._asdict(),
            "difference": standing.difference.as_dict(JUST_NOTICEABLE),
            "verdict": str(standing.verdict),
            "blur": standing.blur.tolist(),
        },
        "samplers": [report_sampler(result) for result in found],
        "left_out": list(techniques.left_out),
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
        find = functools.partial(report_shortest, system, plan, referee)
        report["shortest_solve"] = store.remember(f"shortest-{plan.num_chips}", find)
    title = f"{preset}: equal within {margin:g} just-noticeable distance"
    write_comparison(folder, title, rows, report)
    store.clear()
    print_comparison(rows, report)
    print(f"\nwrote {folder}/compare.csv, compare.json, compare.png")


def print_machines(systems: Mapping[str, str], assume: Sequence[str] = ()) -> None:
    """Print presets, systems, machines, and every constant with its source.

    Args:
        systems: What each system is, by its name.
        assume: Texts `NAME=VALUE` that fix constants of the energy model.
    """
    print_lists(systems, assumed(_constants(), tuple(assume)))


def _beside(config: RunConfig) -> list[str]:
    """Names of networks of the same data that no chip holds."""
    return [NETWORK_OF_DATA[config.data]] if config.data in NETWORK_OF_DATA else []


def _require_systems(
    system: System, preset: str, names: Sequence[str], techniques: TechniquePlan
) -> None:
    """Raise a `ValueError` if none of the systems can run."""
    samplers = [name for name in names if name in DIGITAL_SAMPLERS]
    refused = {name: sampler_refusal(system, name) for name in samplers}
    reasons = [f"{name} is left out: {r}" for name, r in refused.items() if r]
    is_any = any(name in ANALOG or name in STEP_SYSTEMS for name in names)
    if not (is_any or techniques.jobs or len(reasons) < len(samplers)):
        raise refuse_all(preset, [*reasons, *techniques.left_out])


def _constants() -> dict[str, Constant]:
    return all_constants() | HOST | PAPER


def _analog_systems(system: System, names: Sequence[str]) -> dict[str, System]:
    """The system of each analog row that is asked for: the board has its own op-amps.

    A run without errors has no op-amps either: then the board's is the same.
    """
    found = {}
    for name in (name for name in ANALOG if name in names):
        is_board = name == "board" and system.config.fidelity != "ideal"
        found[name] = board_system(system) if is_board else system
    return found


def _steps(
    system: System,
    standing: Standing,
    referee: Referee,
    name: str,
    table: Constants,
    bar: Callable[[int], object],
) -> Finding:
    found = find_steps(system, standing, referee, name, bar)
    return Finding([step_row(system, standing, found, table)])
