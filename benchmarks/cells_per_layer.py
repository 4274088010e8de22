r"""Cells per weight of each layer, chosen by disturbing one layer at a time.

A chip whose other layers hold their targets shows what one layer's cells do: the root
mean square $D_l$ by which the ends of solves leave those of the same chip with all
cells at their targets, over the spread of the samples. Errors of cells are independent,
so that numbers $n_l$ give

$$D^2 = \sum_l D_l^2 / n_l,$$

which `all layers` together check. Chosen are the numbers up to `MOST` with the fewest
cells and no larger a displacement than of `UNIFORM` cells in every layer. Other chips,
starts and data judge them.
"""

import dataclasses
import itertools
from typing import Any

import numpy as np
from rram_ode.chip import WrittenCells
from rram_ode.config import override_all, RunConfig
from rram_ode.metrics import interval
from rram_ode.presets import find_preset
from rram_ode.system import chip_key, Repeat, System
from tqdm import tqdm

from ._harness import forget_programs, run
from ._result import Gate, Row


UNIFORM, MOST = 2, 8
FIRST = 1000  # seed of the first chip that chooses; those that judge begin at 0
RIVAL = "the same chips with two cells a weight in every layer"
ADDED = "displacement of all layers together over the root of the sum, less one"
NUMBERS = "cell.devices_per_weight"


@dataclasses.dataclass(frozen=True)
class Size:
    """Samples of a chip and chips of a network: those that choose, those that judge."""

    chosen_by: tuple[int, int]
    judged_by: tuple[int, int]


# Solves of digits are dear: few samples, and the fewest chips that a distance takes.
SIZES = {
    "ring": Size((200, 2), (1000, 4)),
    "ring-64": Size((200, 2), (1000, 4)),
    "digits": Size((10, 1), (50, 4)),
}


def disturbed(system: System, seed: int, num: int) -> list[float]:
    """$D_l$ of each layer of one chip, then that of all layers together."""
    key, targets = chip_key(seed), system.blueprint.targets
    written = system.blueprint.write(key)
    still = WrittenCells(
        *(
            tuple(half[number][None] for half in targets.g)
            for number in range(2 if written.negative else 1)
        )
    )
    layers = range(len(targets.g))

    def ends(which: range | tuple[int, ...]) -> np.ndarray:
        mixed = (
            tuple(noisy[n] if n in which else exact[n] for n in layers)
            for noisy, exact in (
                (written.positive, still.positive),
                (written.negative or still.negative, still.negative),
            )
            if exact
        )
        chip = system.program(seed, cells=WrittenCells(*mixed))
        return Repeat(num, seed).analog(system, chip).x

    rest = ends(())
    moved = lambda x: float(np.sqrt(np.mean((x - rest) ** 2)) / np.std(rest))
    return [*(moved(ends((n,))) for n in layers), moved(ends(layers))]


def chosen(moved: np.ndarray, cells: np.ndarray) -> tuple[int, ...]:
    """The numbers with the fewest cells whose displacement is that of `UNIFORM`."""
    variances, most = moved**2, np.sum(moved**2) / UNIFORM
    numbers = itertools.product(range(1, MOST + 1), repeat=len(cells))
    fit = [n for n in numbers if np.sum(variances / np.array(n)) <= most * (1 + 1e-9)]
    return min(fit, key=lambda n: (float(cells @ np.array(n)), n))


def row(preset: str, options: Any, bar: tqdm) -> Row:
    """Sensitivities, the choice, and its verdict beside `UNIFORM` cells."""
    base, size = find_preset(preset), SIZES[preset]
    num, chips = size.chosen_by
    system = System.from_config(override_all(base, {NUMBERS: 1}))
    found = [disturbed(system, seed, num) for seed in range(FIRST, FIRST + chips)]
    bar.update()
    moved = np.sqrt(np.mean(np.square(found), axis=0))
    cells = np.array([g.size for g, _ in system.blueprint.targets.g])
    numbers = chosen(moved[:-1], cells)
    together = float(moved[-1] / np.sqrt(np.sum(moved[:-1] ** 2)) - 1)
    cases = {"uniform": UNIFORM, "chosen": numbers, "one": 1}
    judged = _judged(base, cases, size, options, bar)
    return Row(
        preset,
        Gate(abs(together), 0.3, ADDED),
        judged["seconds"],
        target=("cells_ratio", "<=", 0.65),
        details={
            "preset": preset,
            "moved": moved[:-1].tolist(),
            "together": float(moved[-1]),
            "numbers": list(numbers),
            "weights": cells.tolist(),
            **judged,
        },
    )


def _judged(
    base: RunConfig, cases: dict[str, Any], size: Size, options: Any, bar: tqdm
) -> dict[str, Any]:
    """Distances of chips with each case's numbers, and each case beside `uniform`."""
    num, chips = size.judged_by
    num, chips = options.num_samples or num, options.num_chips or chips
    ends, counts, joules, seconds = {}, {}, {}, []
    for name, numbers in cases.items():
        forget_programs()
        system, runs = System.from_config(override_all(base, {NUMBERS: numbers})), []
        for seed in range(chips):
            chip = system.program(seed)
            counts[name] = chip.num_cells
            spent, drawn = run(
                lambda r=Repeat(num, seed), s=system, c=chip: r.analog(s, c)
            )
            runs.append(drawn)
            seconds.append(spent)
        bar.update()
        ends[name] = [drawn.x for drawn in runs]
        joules[name] = float(np.mean([drawn.energy.energy for drawn in runs]))
    system = System.from_config(base)
    yardstick, fresh = (
        system.yardstick,
        [Repeat(num, seed).data(system) for seed in range(chips)],
    )
    embedded = [yardstick.embed(data) for data in fresh]
    each = {
        name: [
            yardstick.distance(yardstick.embed(x), data)
            for x, data in zip(xs, embedded, strict=True)
        ]
        for name, xs in ends.items()
    }
    together = lambda xs: np.concatenate(xs)
    beside = {
        name: yardstick.compare(
            together(ends[name]), together(ends["uniform"]), together(fresh), chips
        ).as_dict()
        for name in cases
        if name != "uniform"
    }
    apart = {
        name: list(interval(np.subtract(each[name], each["uniform"]).tolist()))
        for name in beside
        if chips > 1
    }
    return {
        "num_samples": num,
        "num_chips": chips,
        "seconds": float(np.median(seconds)),
        "cells": counts,
        "cells_ratio": counts["chosen"] / counts["uniform"],
        "joules": joules,
        "distance": {name: float(np.median(values)) for name, values in each.items()},
        "beside": beside,
        "apart": apart,
    }


def rows(options: Any) -> tuple[list[Row], dict[str, Any]]:
    """A row for each preset; digits, whose solves are dear, is one if it is asked."""
    total = 4 * len(options.presets)
    with tqdm(total=total, unit="case", desc="cells_per_layer") as bar:
        found = [row(preset, options, bar) for preset in options.presets]
    return found, {"uniform": UNIFORM, "most": MOST}
