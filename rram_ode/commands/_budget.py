"""An error budget on the screen, in files and as a figure."""

import dataclasses
import functools
import pathlib
from typing import Any

import numpy as np

from .._core._files import output_folder, write_all
from .._core._versions import versions
from ..config import RunConfig
from ..metrics import Interval
from ..plots import plot_budget
from ..studies import (
    BudgetPlan,
    corner_points,
    error_budget,
    ErrorBudget,
    FINER,
    knobs_of,
    off_errors,
    present_errors,
    SOBOL_CHIPS,
)
from ..system import record_inputs, System
from ..views import progress
from ._files import write_csv, write_figure, write_json
from ._idle import print_idle, print_questions
from ._plan import (
    Cost,
    require_cells,
    require_fit,
    require_numbers,
    solve_seconds,
)
from ._tables import print_entries, print_table, print_text


LOSS = "distance to the samples of the same chip without errors, from the same starts"


NOTES = (
    f"Loss: {LOSS}.",
    "Both distances are in just-noticeable distances (see `rr.metrics.distance`). They "
    "are squares: the roots of two machines' distances to any data differ by the root "
    "of the distance between the two machines at most.",
    "Alone and saved: 95 % intervals over chips. Sobol: strengths of all errors "
    "independent and uniform from 0 (off) to 1 (this design); 95 % by bootstrap over "
    "points and chips.",
    "The solver is numerical, no part of the chip: against "
    f"{FINER} times as many steps.",
)


NUMBERS = ("loss_alone", "saved", "sobol_first", "sobol_total", "distance_change")


def run_budget(
    config: RunConfig,
    preset: str,
    folder: pathlib.Path,
    *,
    num_samples: int,
    num_chips: int,
    seed: int,
    chip_seed: int,
    points: int,
    yes: bool = False,
) -> None:
    """Attribute the loss of a machine to its errors; write the files, print the table.

    Args:
        config: All settings.
        preset: Name for report and figure.
        folder: Gets `budget.csv`, `budget.json`, `budget.png`.
        num_samples: Number of samples of each solve.
        num_chips: Number of chips.
        seed: Seed of the samples.
        chip_seed: Seed of the first chip.
        points: Number of points of the Sobol sequence, a power of 2.
        yes: Whether to run what does not fit, too.
    """
    plan = BudgetPlan(num_samples, num_chips, seed, chip_seed, points)
    system = System.from_config(config)
    names = present_errors(system.blueprint.design, system.chip_loop)
    if not names:
        raise ValueError(
            "there is no error to attribute a loss to: `fidelity` ideal turns all off."
        )
    strengths = len(corner_points(len(names)))
    dim = system.checkpoint.score.dim
    each = solve_seconds(config, require_cells(config, system, yes=yes))
    many = 4 * dim * strengths
    samples = Cost(
        many * num_chips,
        f"{strengths} strengths on {num_chips} chips",
        strengths * num_chips * each,
    )
    chips = Cost(many * num_samples, "samples", strengths * num_samples * each)
    asked = [
        ("--num-samples", num_samples, samples, "fewer chips by `--num-chips`"),
        ("--num-chips", num_chips, chips, "fewer samples by `--num-samples`"),
    ]
    for name, value, cost, remedy in sorted(asked, key=lambda each: -each[1]):
        require_fit(name, value, cost, remedy, yes=yes)
    lanes = min(num_chips, SOBOL_CHIPS) * (len(names) + 2) * num_samples
    cost = Cost(8 * (len(names) + 2), "losses", lanes * each)
    require_fit("--points", points, cost, "fewer samples", yes=yes)
    require_numbers(
        num_samples, {"seed": (seed, num_chips), "chip-seed": (chip_seed, num_chips)}
    )
    chip = system.program(plan.chip_seed)
    system.chip_loop.check(chip)
    print_idle(system, preset, chip)
    print_questions(config)
    folder = output_folder(folder)
    total = plan.num_solves(len(names))
    with progress(total, "solve", name="error budget") as bar:
        found = error_budget(system, plan, bar)
    report = budget_report(preset, system.config, plan, found)
    report["files"] = record_inputs(config, folder)
    write_budget(folder, report, found)
    print_budget(report)
    print(f"\nwrote {folder}/budget.csv, budget.json, budget.png")


def budget_report(
    preset: str, config: RunConfig, plan: BudgetPlan, budget: ErrorBudget
) -> dict[str, Any]:
    """Everything as plain data, for the JSON."""
    indices = budget.indices
    return {
        "preset": preset,
        "plan": dataclasses.asdict(plan) | {"sobol_chips": SOBOL_CHIPS},
        "config": dataclasses.asdict(config),
        "versions": versions(),
        "loss": LOSS,
        "loss_full": budget.corners.full._asdict(),
        "loss_spread": None if indices is None else indices.spread,
        "distance": {
            "without": budget.distance[0]._asdict(),
            "full": budget.distance[1]._asdict(),
            "change": budget.change[-1]._asdict(),
        },
        "errors": [_row(name, config, budget) for name in (*budget.names, "solver")],
        "off": {n: list(s) for n, s in off_errors(budget.names).items()},
        "stuck_cells": dict(zip(("stuck", "cells"), budget.stuck, strict=True)),
    }


def _row(name: str, config: RunConfig, budget: ErrorBudget) -> dict[str, Any]:
    row = {"error": name, "settings": knobs_of(name, config)}
    if name == "solver":
        alone, saved = budget.solver
        found = dict.fromkeys(NUMBERS) | {"loss_alone": alone, "saved": saved}
    else:
        at, corners, indices = budget.names.index(name), budget.corners, budget.indices
        columns = (
            corners.alone,
            corners.saved,
            None if indices is None else indices.first,
            None if indices is None else indices.total,
            budget.change,
        )
        found = {
            key: None if column is None else column[at]
            for key, column in zip(NUMBERS, columns, strict=True)
        }
    return row | {k: None if v is None else v._asdict() for k, v in found.items()}


def print_budget(report: dict[str, Any]) -> None:
    """What the whole chip loses, the table, what is off, and how to read it."""
    plan, far, full = report["plan"], report["distance"], report["loss_full"]
    print_text(
        f"{report['preset']}, {plan['num_chips']} chips of {plan['num_samples']} "
        f"samples. Loss of the whole chip: {_text(full)}; distance "
        f"to the data {far['without']['mean']:.3g} without errors, "
        f"{far['full']['mean']:.3g} with: {_text(far['change'], sign=True)}"
    )
    whole, body = full["mean"], []
    for row in ranked(report["errors"]):
        body.append(
            (
                row["error"],
                *map(
                    _below,
                    (
                        _text(row["loss_alone"]),
                        _share(row["saved"], whole),
                        _text(row["sobol_first"]),
                        _text(row["sobol_total"]),
                        _text(row["distance_change"], sign=True),
                    ),
                ),
            )
        )
    header = ("error", "loss alone", "saved when left out", "Sobol, first order")
    header += ("Sobol, total", "change of distance")
    print_table(body, header)
    print("\nStrength 1, the design's own:")
    print_entries(
        [((r["error"],), [_settings(r["settings"])]) for r in ranked(report["errors"])]
    )
    stuck = report["stuck_cells"]
    print(f"\n{stuck['stuck']} of {stuck['cells']} cells of these chips are stuck.")
    for name, settings in report["off"].items():
        words = " ".join(f"--set {setting}" for setting in settings)
        print_text(f"off in this design: {name} (on with, for example, {words})")
    print()
    for note in NOTES:
        print_text(note)


def ranked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What must improve first on top: by the total index, else by what it saves."""
    key = lambda row: tuple(
        -row[name]["mean"] if row[name] else np.inf for name in ("sobol_total", "saved")
    )
    return sorted(rows, key=key)


def write_budget(
    folder: pathlib.Path, report: dict[str, Any], budget: ErrorBudget
) -> None:
    """`budget.csv`, `budget.png`, `budget.json`: three files, or none."""
    rows = [_flat(row) for row in report["errors"]]
    title = (
        f"{report['preset']}: what of the loss, {_text(report['loss_full'])} "
        "just-noticeable distances, is due to which error"
    )
    figure = plot_budget(budget, title=title)
    write_all(
        {
            folder / "budget.json": functools.partial(write_json, data=report),
            folder / "budget.png": functools.partial(write_figure, figure=figure),
            folder / "budget.csv": functools.partial(
                write_csv, rows=rows, names=list(rows[0])
            ),
        }
    )


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    flat = {"error": row["error"], "settings": _settings(row["settings"])}
    for name in NUMBERS:
        found = row[name] or dict.fromkeys(Interval._fields)
        flat[name] = found["mean"]
        flat |= {f"{name}_{end}": found[end] for end in ("low", "high")}
    return flat


def _settings(settings: dict[str, Any]) -> str:
    return " ".join(
        f"{k}={v:g}" if isinstance(v, float) else f"{k}={v}"
        for k, v in settings.items()
        if v not in (0.0, None)
    )


def _text(found: dict[str, float] | None, sign: bool = False) -> str:
    if found is None:
        return "-"
    numbers = (f"{x:+.2g}" if sign else f"{x:.2g}" for x in found.values())
    return "{} ({} to {})".format(*numbers)


def _below(text: str) -> str:
    """A number with its interval in the line below it."""
    return text.replace(" (", "\n(", 1)


def _share(found: dict[str, float], whole: float) -> str:
    if not whole > 0:
        return "-"
    return "{:.0%} ({:.0%} to {:.0%})".format(*(x / whole for x in found.values()))
