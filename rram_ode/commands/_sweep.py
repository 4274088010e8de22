"""A sweep on the screen, in files and as a figure, and what it takes before it runs."""

import dataclasses
import functools
import math
import os
import pathlib
import tempfile
from collections.abc import Sequence
from typing import Any

from .._core._files import output_folder, write_all
from .._core._memory import physical_memory
from ..config import Axis, RunConfig
from ..metrics import Interval
from ..plots import plot_sweep
from ..studies import (
    AbstractExecutor,
    identify,
    measure_law,
    open_executor,
    Plan,
    plan_study,
    planned_bytes,
    PointSummary,
    require_cluster_packages,
    run_study,
    Study,
    StudyStore,
    summarise,
    WATTS,
)
from ..system import record_inputs, System
from ..views import progress
from ._files import write_csv, write_figure, write_json
from ._idle import print_idle, print_questions
from ._plan import Cost, require_cells, require_fit, require_numbers, solve_seconds
from ._sweep_tables import print_plan, print_sweep, units_of


WORKER_BYTES = 1.5e9  # of memory for each worker that is started without being asked


MOST_REFUSED = 4  # points from the end, of which one says what is idle


CHIP_BYTES = 150.0  # of a chip in the dataset


VERDICTS = ("better", "equal", "worse", "undecided")


def run_sweep(
    config: RunConfig,
    axes: tuple[Axis, ...],
    folder: pathlib.Path,
    *,
    preset: str,
    num_chips: int,
    num_samples: int,
    seed: int,
    chip_seed: int,
    limit: float,
    cluster: str | None,
    num_workers: int | None,
    is_dry: bool,
    yes: bool,
) -> None:
    """Run a sweep, or go on with it; write the files and print the table.

    Args:
        config: All settings beside those of the axes.
        axes: The settings that are swept.
        folder: Gets `study.zarr`, `sweep.csv`, `sweep.json` and `sweep.png`, or
            `plan.json` of a dry run.
        preset: Name for report and figure.
        num_chips: Chips at every point.
        num_samples: Samples of a chip.
        seed: Seed of the samples of the first chip.
        chip_seed: Seed of the first chip.
        limit: Largest distance of a good chip, in just-noticeable distances.
        cluster: Where workers are; `None` for this computer.
        num_workers: Number of workers; `None` for one a core.
        is_dry: Whether to print what the sweep takes, and not to run it.
        yes: Whether to run what does not fit, too.
    """
    require_cluster_packages()
    if not limit > 0:
        raise ValueError(f"`--limit` must be above 0; got {limit}.")
    study = Study(preset, config, axes, num_chips, num_samples, seed, chip_seed)
    seeds = {"seed": (seed, num_chips), "chip-seed": (chip_seed, num_chips)}
    require_numbers(num_samples, seeds)
    system = System.from_config(config)
    workers = num_workers or (1 if cluster else _workers_here(study))
    if not is_dry:
        _require_fit(study, system, folder, workers, yes=yes)
    identity = identify(study)
    if is_dry:
        with open_executor(cluster, workers) as executor:
            plan = _plan(study, identity, executor, num_workers)
        print_plan(study, plan)
        write_json(output_folder(folder) / "plan.json", dataclasses.asdict(plan))
        return
    # The builder may refuse the last points.
    if last := study.first_system(range(study.num_points)[: -MOST_REFUSED - 1 : -1]):
        print_idle(last[1], preset, last[1].program(chip_seed))
    print_questions(config)
    store = StudyStore(output_folder(folder), study, identity)
    total = study.num_points * study.num_chips
    with (
        open_executor(cluster, workers) as executor,
        progress(total, "chip", name="sweep") as bar,
    ):
        took = run_study(study, store, executor, bar)
    points = summarise(study, folder, limit)
    report = {
        "preset": preset,
        "config": dataclasses.asdict(config),
        "axes": [dataclasses.asdict(axis) for axis in axes],
        "numbers": {
            "num_chips": num_chips,
            "num_samples": num_samples,
            "seed": seed,
            "chip_seed": chip_seed,
            "limit": limit,
        },
        "versions": identity["versions"],
        "files": record_inputs(config, folder),
        "took": {
            **dataclasses.asdict(took),
            "workers": workers,
            "disk": store.num_bytes,
            "joules_assumed": WATTS * took.core_seconds,
        },
        "points": [_flat(point) for point in points],
        "refusals": {str(n): text for n, text in store.refusals().items()},
    }
    _write(folder, report, study, points)
    print_sweep(study, points, store.refusals(), limit)
    print(f"\nwrote {folder}/study.zarr, sweep.csv, sweep.json, sweep.png")


def _workers_here(study: Study) -> int:
    """One worker a core, as far as memory and tasks go."""
    has = getattr(os, "sched_getaffinity", None)
    cores = len(has(0)) if has else os.cpu_count() or 1
    room = int((physical_memory() or math.inf) // WORKER_BYTES)
    return max(1, min(cores, room, study.num_points * study.num_blocks))


def _require_fit(
    study: Study, system: System, folder: pathlib.Path, workers: int, *, yes: bool
) -> None:
    """Refuse what does not fit into this computer, or a day; by the law of `_plan`."""
    cells = require_cells(study.config, system, yes=yes)
    each = solve_seconds(study.config, cells) * study.num_points / workers
    kept = CHIP_BYTES * study.num_points
    cost = Cost(kept, "a table", study.num_samples * each, kept)
    remedy = "fewer samples, fewer values, or more `--workers`"
    require_fit("--chips", study.num_chips, cost, remedy, yes=yes, folder=folder)


def _plan(
    study: Study,
    identity: dict[str, Any],
    executor: AbstractExecutor,
    asked: int | None,
) -> Plan:
    """What a study takes, by chips that are timed first."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = StudyStore(pathlib.Path(folder), study, identity)
        empty = scratch.num_bytes
        law = measure_law(study, executor, scratch)
    return plan_study(
        study,
        law,
        num_workers=asked or executor.num_workers,
        num_bytes=planned_bytes(study, empty),
    )


def _write(
    folder: pathlib.Path,
    report: dict[str, Any],
    study: Study,
    points: Sequence[PointSummary],
) -> None:
    """`sweep.csv`, `sweep.json`, `sweep.png`: three files, or none."""
    rows = [_flat(point) for point in points]
    title = f"{study.preset}: {study.num_chips} chips at each point"
    figure = plot_sweep(study.axes, points, units=units_of(study.config), title=title)
    write_all(
        {
            folder / "sweep.csv": functools.partial(
                write_csv, rows=rows, names=list(rows[0])
            ),
            folder / "sweep.json": functools.partial(write_json, data=report),
            folder / "sweep.png": functools.partial(write_figure, figure=figure),
        }
    )


def _finite(value: float) -> float | None:
    """`value`, or `None` where there is none: five chips have an interval, four not."""
    return value if math.isfinite(value) else None


def _flat(point: PointSummary) -> dict[str, Any]:
    row = dict(point.settings) | {"chips": point.num_chips, "refused": point.refused}
    for name in ("distance", "good"):
        found = getattr(point, name)
        for end in Interval._fields:
            column = name if end == "mean" else f"{name}_{end}"
            row[column] = None if found is None else _finite(getattr(found, end))
    row |= {"energy_j": _finite(point.energy), "saturated": _finite(point.saturated)}
    return row | {name: point.verdicts.get(name, 0) for name in VERDICTS}
