"""Samples of chips and of their digital twin: run, judge, write, print."""

import dataclasses
import functools
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np

from .._core._files import output_folder, PARTIAL, write_all
from .._core._units import format_quantity
from .._core._versions import versions
from ..config import RunConfig
from ..plots import plot_samples
from ..system import (
    hash_inputs,
    in_units,
    load_chip,
    NUM_SLOW,
    record_inputs,
    Repeat,
    repeats,
    Store,
    System,
)
from ..views import progress, ProgressBar
from ._decoder import decode_apart, decode_on_chip, has_analog_decoder, print_decoder
from ._files import write_figure, write_json
from ._idle import print_idle, print_questions, print_started_anew
from ._measurements import print_measurements, warn_of_measurements
from ._own_points import points_report, print_points
from ._pictures import arrays_of, draw_grid, judge_labelled, LabelledSamples
from ._plan import (
    Cost,
    LAW,
    require_cells,
    require_fit,
    require_numbers,
    solve_seconds,
)
from ._report import judged, make_report, print_report
from ._saved_chip import print_saved, save
from ._stopwatch import Stopwatch


JUDGED = 20_000
NUM_SEEDS = 3


def run_sample(
    config: RunConfig,
    numbers: dict[str, Any],
    folder: pathlib.Path,
    *,
    chip_file: pathlib.Path | None = None,
    save_to: pathlib.Path | None = None,
    yes: bool = False,
) -> None:
    """Sample chips and their digital twin; write the files and print the tables.

    Args:
        config: All settings.
        numbers: What repeats the run besides: `preset`, `seed`, `chip_seed`,
            `num_samples`, `num_chips`, `sampler`.
        folder: Gets `samples.npz`, `samples.png`, `report.json`.
        chip_file: A saved chip, or a map of conductances; `None` programs the chip.
        save_to: Folder that keeps the chip; `None` keeps none.
        yes: Whether to run what does not fit, too.
    """
    clock = Stopwatch()
    system = System.from_config(config, sampler=numbers["sampler"])
    saved = None
    if chip_file is not None:
        saved = load_chip(system, chip_file, numbers["chip_seed"])
        numbers = {**numbers, "chip_seed": saved.seed}
    num, seed, chip_seed = (numbers[n] for n in ("num_samples", "seed", "chip_seed"))
    plan_sample(system, numbers, folder, yes=yes)
    chip = system.program(chip_seed) if saved is None else saved.on(system)
    if saved is not None and chip_file is not None:
        print_saved(system, chip_file, saved, chip)
    peak = system.check(chip)
    measured = print_measurements(config)
    idle = print_idle(system, numbers["preset"], chip)
    questions = print_questions(config)
    folder = output_folder(folder)
    cells_hash = None if saved is None else saved.sha256
    identity = {
        "config": dataclasses.asdict(config),
        "versions": versions(),
        "checkpoint": system.checkpoint.record["sha256"],
        "numbers": [num, seed, chip_seed],
        "cells": cells_hash,
        "files": hash_inputs(config),
    }
    if save_to is not None:
        save(system, chip_seed, save_to)
    store = Store(folder / PARTIAL, identity)
    print_started_anew(store)
    extra = min(num, JUDGED)
    more_chips = NUM_SEEDS * extra * (numbers["num_chips"] - 1)
    total = num + (NUM_SEEDS - 1) * extra + more_chips
    runs = repeats(num, seed, NUM_SEEDS, extra=extra)
    data = [each.data(system) for each in runs]
    with progress(total, name="analog") as bar:
        run = system.sample(chip, num, seed=seed, store=store, progress=bar)
        more = [
            each.analog(
                system, chip, store=store.part(f"repeat-{number}"), progress=bar
            )
            for number, each in enumerate(runs[1:], start=1)
        ]
        short = [each.head(extra) for each in runs], [x[:extra] for x in data]
        others = [
            store.remember(
                f"chip-{number}",
                functools.partial(_other_chip, system, chip_seed + number, *short, bar),
            )
            for number in range(1, numbers["num_chips"])
        ]
    digital = [each.digital(system) for each in runs]
    every = [run, *more]
    clouds = {
        "analog": [run.x, *(each.x for each in more)],
        "digital": digital,
        "data": data,
        "fresh": [each.fresh_data(system) for each in runs],
    }
    cut = {name: [x[:extra] for x in xs] for name, xs in clouds.items()}
    report = make_report(numbers, system, chip, run, peak, cut)
    first = {"chip_seed": chip_seed, **report["quality"]["analog"]}
    report["chips"] = [first, *others]
    report["chip"] = None if chip_file is None else str(chip_file)
    report["cells_sha256"] = cells_hash
    report["files"] = record_inputs(config, folder, chip=chip_file)
    report["without_effect"] = idle
    report["measurements"] = measured
    report["points"] = points_report(system)
    report["questions"] = questions
    images = judged_images = None
    if has_analog_decoder(system):
        found = decode_on_chip(system, chip_seed, runs, every, extra, run.energy)
        images, judged_images, report["decoder"] = found
    if run.labels is not None:
        analog, twins = (np.concatenate(cut[side]) for side in ("analog", "digital"))
        found = [each.labels for each in every if each.labels is not None]
        labels = np.concatenate([each[:extra] for each in found])
        asked = LabelledSamples(
            analog, twins, labels, NUM_SLOW * len(every), judged_images
        )
        report["classes"] = judge_labelled(system, asked)
    title = (
        f"{numbers['preset']}: {num} samples, {config.fidelity} chip {chip_seed}, "
        f"{format_quantity(config.solve.duration, 's')} per solve"
    )
    first_clouds = {"data": data[0], "digital": digital[0], "analog": run.x}
    figure = plot_samples(system, run, digital[0], data=data[0], title=title)
    arrays = {
        name: in_units(system.dataset, first_clouds[name])
        for name in ("analog", "digital", "data")
    }
    arrays |= arrays_of(system, run.x, digital[0], run.labels, images)
    report["wall"] = clock.read()
    writers: dict[str, Callable[[pathlib.Path], object]] = {
        "report.json": functools.partial(write_json, data=report, indent=2),
        "samples.png": functools.partial(write_figure, figure=figure),
        "samples.npz": functools.partial(_write_arrays, arrays),
    }
    if run.labels is not None:
        pictured = system, run.x, digital[0], run.labels, title, images
        writers |= draw_grid(*pictured)
    write_all({folder / name: write for name, write in writers.items()})
    files = ["samples.npz", "samples.png", "report.json", *list(writers)[3:]]
    store.clear()
    print_report(report, run)
    warn_of_measurements(config)
    print_decoder(report)
    print_points(report)
    print(f"\nwrote {folder}/{', '.join(files)}")


def plan_sample(
    system: System, numbers: dict[str, Any], folder: pathlib.Path, *, yes: bool
) -> None:
    """Refuse numbers of samples and chips, and a chip, that do not fit.

    Raises:
        ValueError: As `require_fit`.
    """
    num, chips = numbers["num_samples"], numbers["num_chips"]
    extra = min(num, JUDGED)
    each = solve_seconds(system.config, require_cells(system.config, system, yes=yes))
    dim = system.checkpoint.score.dim
    kept = "samples of the chip and of its twin, and data"
    cost = Cost(LAW.sample * dim, kept, each, LAW.disk * dim)
    require_fit("--num-samples", num, cost, "more memory", yes=yes, folder=folder)
    chip = Cost(LAW.report, "a report", LAW.chip + NUM_SEEDS * extra * each)
    require_fit("--num-chips", chips, chip, "fewer samples", yes=yes)
    require_numbers(
        num,
        {
            "seed": (numbers["seed"], NUM_SEEDS),
            "chip-seed": (numbers["chip_seed"], chips),
        },
        runs=NUM_SEEDS,
    )


def _write_arrays(arrays: dict[str, np.ndarray], path: pathlib.Path) -> None:
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _other_chip(
    system: System,
    seed: int,
    runs: list[Repeat],
    data: list[np.ndarray],
    bar: ProgressBar,
) -> dict[str, Any]:
    """Quality of the chip with this seed, from the starts of the first chip."""
    chip = system.program(seed)
    found = [each.analog(system, chip, progress=bar) for each in runs]
    clouds = [run.x for run in found]
    told = {"chip_seed": seed, **judged(list(zip(clouds, data, strict=True)))}
    if has_analog_decoder(system):
        told["decoder"] = decode_apart(system, seed, runs, found)
    return told
