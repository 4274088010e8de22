"""What a comparison takes before it begins."""

import dataclasses
import pathlib

from .._core._files import PARTIAL
from .._core._versions import versions
from ..studies import ComparisonPlan
from ..system import hash_inputs, Store, System
from ._idle import print_started_anew
from ._plan import (
    Cost,
    LAW,
    require_cells,
    require_fit,
    require_numbers,
    solve_seconds,
)


TRIED = 30  # samplers, numbers of steps and formats of a comparison, about


KEPT = 8  # bytes of a coordinate of a sample, of a chip and of its twin together


def require_comparison(
    system: System, plan: ComparisonPlan, folder: pathlib.Path, *, yes: bool
) -> None:
    """Refuse numbers of chips and samples that do not fit into this computer.

    Args:
        system: The analog machine.
        plan: Numbers of the comparison.
        folder: Where its files will be.
        yes: Whether to run it all the same.

    Raises:
        ValueError: If it does not fit; the text says what would.
    """
    dim, most = system.checkpoint.score.dim, plan.most_chips
    cells = require_cells(system.config, system, yes=yes)
    each = TRIED * solve_seconds(system.config, cells)
    many, runs = plan.num_seeds * plan.num_samples, plan.num_seeds * most
    samples = Cost(
        KEPT * dim * runs,
        f"chips and twins, up to {most} chips in {plan.num_seeds} runs each",
        each * runs,
        LAW.disk * dim * runs,
    )
    chips = Cost(KEPT * dim * many, "samples of each chip and its twin", each * many)
    flag = "--most-chips" if most > plan.num_chips else "--num-chips"
    asked = [
        ("--num-samples", plan.num_samples, samples, f"fewer chips by `{flag}`"),
        (flag, most, chips, "fewer samples by `--num-samples`"),
    ]
    for name, value, cost, remedy in sorted(asked, key=lambda each: -each[1]):
        require_fit(name, value, cost, remedy, yes=yes, folder=folder)
    require_numbers(
        plan.num_samples,
        {"seed": (plan.seed, runs), "chip-seed": (plan.chip_seed, most)},
        runs=plan.num_seeds,
    )


def comparison_store(
    system: System, plan: ComparisonPlan, folder: pathlib.Path
) -> Store:
    """What a killed comparison of the same settings and files left in `folder`."""
    identity = {
        "config": dataclasses.asdict(system.config),
        "versions": versions(),
        "network": system.checkpoint.record["sha256"],
        "plan": plan.as_dict(),
        "cells": None if plan.saved is None else plan.saved.sha256,
        "files": hash_inputs(system.config),
    }
    store = Store(folder / PARTIAL, identity)
    print_started_anew(store)
    return store
