"""`python -m rram_ode.compare`: energy and speed at equal quality, in one table."""

import csv
import dataclasses
import io
import json
import pathlib
from typing import Annotated, Any, Literal

import tyro
from tqdm import tqdm

from ._core._files import complete_file, output_folder
from .accelerators import all_constants, find_machines, MACHINES
from .commands import (
    AXES,
    budget_report,
    command,
    draw_comparison,
    load_preset,
    print_budget,
    print_comparison,
    print_lists,
    versions,
    write_budget,
)
from .config import apply_overrides
from .energy import ArrayPower, assume, Constant, nominals
from .metrics import interval
from .samplers import DIGITAL_SAMPLERS
from .studies import (
    analog_rows,
    BudgetPlan,
    check_claims,
    claims_note,
    ComparisonPlan,
    digital_rows,
    DigitalResult,
    equalise,
    error_budget,
    find_shortest,
    HOST,
    pareto,
    present_errors,
    Row,
    run_chips,
)
from .system import assemble, energy_model, System


SYSTEMS = ("board", "integrated", "euler", "heun", "tsit5", "dpm-solver++")


CLAIM_STEPS = 50


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Compare a simulated analog chip with digital samplers at equal quality."""

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to run; see --list."""
    num_samples: int = 4000
    """Samples of a run."""
    num_chips: int = 10
    """Chips, with seeds from chip-seed on; two or more."""
    num_seeds: int = 3
    """Runs a chip, each with fresh starts and data."""
    seed: int = 0
    """Of the first run."""
    chip_seed: int = 0
    """Of the first chip."""
    margin: float = 0.2
    """Relative margin of the equivalence test on kl_2d (an assumption)."""
    batch: int = 10_000
    """Samples together on processors, beside a batch of 1."""
    systems: tuple[str, ...] = SYSTEMS
    """Rows: board, integrated, and digital samplers."""
    machines: tuple[str, ...] = tuple(MACHINES)
    """Digital machines; see --list."""
    assume: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """NAME=VALUE: fix a constant of the energy model, e.g. a100.power=300W."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, as in `rram_ode.sample`."""
    fidelity: Literal["ideal", "quasi-static", "dynamic"] | None = None
    """Ideal turns every error off; dynamic makes every op-amp a state."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one."""
    out: pathlib.Path | None = None
    """Folder for compare.csv, .json and .png (default runs/compare-PRESET)."""
    shortest: bool = False
    """Also find the shortest solve that equals 50 steps of Euler (minutes)."""
    budget: bool = False
    """Instead: what of the loss is due to which error (budget.csv, .json, .png)."""
    points: int = 64
    """Of the Sobol sequence of --budget, a power of 2: more narrows its intervals."""
    list: bool = False
    """List presets, machines and constants with their sources."""


def main() -> None:
    """Run the command line."""
    arguments = tyro.cli(Arguments, prog="python -m rram_ode.compare")
    if arguments.list:
        print_lists(assume(_constants(), arguments.assume))
    elif arguments.budget:
        _budget(arguments)
    else:
        _compare(arguments)


def _compare(arguments: Arguments) -> None:
    table = assume(_constants(), arguments.assume)
    machines = find_machines(arguments.machines)
    plan = _plan(arguments)
    system = _system(arguments)
    chip = system.chip(plan.chip_seed)
    system.loop.check(chip)
    for row in ("board", "integrated"):  # refuses bad settings before any work
        energy_model(system, chip, ArrayPower(0.0, 0.0, 0.0), row)(nominals(table))
    folder = _folder(arguments)
    with tqdm(total=plan.num_runs, unit="run", desc="analog") as bar:
        analog = run_chips(system, plan, bar.update)
    names = [name for name in arguments.systems if name in DIGITAL_SAMPLERS]
    with tqdm(unit="search step", desc="digital") as bar:
        found = [equalise(system, plan, analog, name, bar.update) for name in names]
    own = analog_rows(system, plan, analog, table)
    rows = [own[name] for name in own if name in arguments.systems]
    for result in tqdm(found, unit="sampler", desc="machines"):
        rows += digital_rows(
            system, plan, analog, result, machines, table, arguments.batch
        )
    euler = next((r.num_steps for r in found if r.name == "euler"), None)
    network = system.checkpoint.score.network
    note, rivals = claims_note(network), (MACHINES["a100"], MACHINES["engine-fp32"])
    held = [] if note else check_claims(network, *rivals, table, euler or CLAIM_STEPS)
    report = {
        "preset": arguments.preset,
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
        "claims_note": note,
        "constants": {n: dataclasses.asdict(c) for n, c in table.items()},
    }
    if arguments.shortest:
        with tqdm(unit="run", desc="shorter solves") as bar:
            shortest = find_shortest(system, plan, bar.update)
        report["shortest_solve"] = {
            "seconds": shortest.search.found,
            "tried": {
                f"{seconds:g}": dataclasses.asdict(excess)
                for seconds, excess in shortest.search.tried.items()
            },
            "limit": shortest.limit,
        }
    _write(folder, arguments, rows, report)
    print_comparison(rows, report)
    print(f"\nwrote {folder}/compare.csv, compare.json, compare.png")


def _budget(arguments: Arguments) -> None:
    defaults = Arguments()
    for name in ("num_seeds", "margin", "batch", "systems", "machines", "assume"):
        if getattr(arguments, name) != getattr(defaults, name):
            flag = name.replace("_", "-")
            raise ValueError(f"`--budget` compares no systems: leave out `--{flag}`.")
    if arguments.shortest:
        raise ValueError("`--budget` compares no systems: leave out `--shortest`.")
    _plan(arguments)
    points = arguments.points
    if points < 2 or points & (points - 1):
        raise ValueError(f"`--points` must be a power of 2, 2 or more; got {points}.")
    plan = BudgetPlan(
        arguments.num_samples,
        arguments.num_chips,
        arguments.seed,
        arguments.chip_seed,
        points,
    )
    system = _system(arguments)
    names = present_errors(system.design, system.loop)
    if not names:
        raise ValueError(
            "there is no error to attribute a loss to: `fidelity` ideal turns all off."
        )
    system.loop.check(system.chip(plan.chip_seed))
    folder = _folder(arguments)
    total = plan.num_solves(len(names))
    with tqdm(total=total, unit="solve", desc="error budget") as bar:
        found = error_budget(system, plan, bar.update)
    report = budget_report(arguments.preset, system.config, plan, found)
    write_budget(folder, report)
    print_budget(report)
    print(f"\nwrote {folder}/budget.csv, budget.json, budget.png")


def _system(arguments: Arguments) -> System:
    """The machine that the preset and the settings describe."""
    config = load_preset(arguments.preset)
    for name in ("fidelity", "checkpoint"):
        if (value := getattr(arguments, name)) is not None:
            config = dataclasses.replace(config, **{name: value})
    system = assemble(apply_overrides(config, arguments.set), None)
    if system.dataset.dim != 2:
        raise ValueError(
            f"`compare` judges by kl_2d, which is defined in the plane; the data "
            f"`{system.config.data}` have dim {system.dataset.dim}: `python -m "
            "rram_ode.sample` judges any dimension."
        )
    return system


def _folder(arguments: Arguments) -> pathlib.Path:
    default = pathlib.Path("runs") / f"compare-{arguments.preset}"
    return output_folder(arguments.out or default)


def _constants() -> dict[str, Constant]:
    return all_constants() | HOST


def _plan(arguments: Arguments) -> ComparisonPlan:
    for name, least in (("num_samples", 100), ("num_chips", 2), ("num_seeds", 1)):
        if getattr(arguments, name) < least:
            raise ValueError(
                f"`--{name.replace('_', '-')}` must be {least} or more; got "
                f"{getattr(arguments, name)}."
            )
    if arguments.batch < 1:
        raise ValueError(f"`--batch` must be 1 or more; got {arguments.batch}.")
    if not 0 <= arguments.margin < 10:
        raise ValueError(f"`--margin` must be 0 to 10; got {arguments.margin:g}.")
    if not arguments.systems:
        raise ValueError(f"`--systems` names one or more of {', '.join(SYSTEMS)}.")
    for name in arguments.systems:
        if name not in SYSTEMS:
            raise ValueError(f"no system `{name}`; there are {', '.join(SYSTEMS)}.")
    return ComparisonPlan(
        arguments.num_samples,
        arguments.num_chips,
        arguments.num_seeds,
        arguments.seed,
        arguments.chip_seed,
        arguments.margin,
    )


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
    folder: pathlib.Path, arguments: Arguments, rows: list[Row], report: dict
) -> None:
    title = f"{arguments.preset}: equal quality within {arguments.margin:.0%}"
    text = io.StringIO()
    writer = csv.DictWriter(text, list(report["rows"][0]) if rows else ["system"])
    writer.writeheader()
    writer.writerows(report["rows"])
    with complete_file(folder / "compare.csv") as path:
        path.write_text(text.getvalue())
    with complete_file(folder / "compare.png") as path:
        draw_comparison(rows, title).savefig(path, format="png")
    with complete_file(folder / "compare.json") as path:
        path.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    command(main)
