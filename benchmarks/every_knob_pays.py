"""Every design knob at its ends, and all cheap ends at once: nothing is free.

A machine has joules, seconds, an area, and a distance of its samples from those of the
ideal machine of the same preset and starts. From one design, each knob goes to each of
its ends (`config.design_knobs`): a cost rises, or the distance, or the machine is
refused, or it is no better in anything. Then the ends are taken together, as a search
would take them, and numbers between the ends step by step: no machine may be cheaper
than the first and as near. So the design is one at which such a search had ended.

The distance is no verdict on samples: it is paired, start by start, and so it sees what
no comparison of two clouds of 256 points would see.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
from rram_ode.config import design_knobs, override_all, read, RunConfig
from rram_ode.presets import find_preset
from tqdm import tqdm

from ._machines import (
    ALONG,
    BASE,
    Bench,
    COSTS,
    DECODING,
    DYNAMIC,
    ends,
    falls,
    Figures,
    PICTURES,
    rises,
    verdict,
    WITH,
)
from ._result import Gate, Row


RIVAL = "none: each knob against the same machine before"


# Of a walk: what is off in the design, and what has no number to step from.
STILL = (*WITH, "op_amp.offset_std", "op_amp.c_f", "op_amp.i_out")
STEPS = (0.5, 0.7, 0.85, 0.95, 1.05, 1.2, 1.4, 2.0)
NUM_MACHINES = {"quasi-static": 200, "dynamic": 60}


# Knobs that share a budget of error or time: what one saves, the other may spend. A
# walk moves them together, too, as often as not the one up and the other down.
TOGETHER = (
    ("integrator.resistance", "integrator.capacitance"),
    ("integrator.capacitance", "solve.reset"),
    ("dac.bits", "dac.update_rate"),
    ("adc.bits", "adc.noise"),
    ("controller.clock", "solve.reset"),
    ("controller.clock", "controller.load"),
    ("crossbar.v_max", "multiplier.full_scale"),
    ("crossbar.v_max", "amplifier.v_rail"),
    ("start.resistance", "solve.reset"),
    ("cell.write.factor", "cell.write.acceptance"),
)


def cases() -> list[tuple[str, Any]]:
    """Every design knob with each of its ends; those of `DYNAMIC` act there alone."""
    return [
        (name, end)
        for name in design_knobs()
        for end in ends(override_all(find_preset(preset_of(name)), base_of(name)), name)
    ]


def preset_of(name: str) -> str:
    """The preset of the design from which the knob `name` moves."""
    return PICTURES if name.startswith("decoder.") else "ring-fresh"


def base_of(name: str) -> dict[str, Any]:
    """The settings of the design from which the knob `name` moves."""
    if name.startswith("decoder."):
        return {} if name == "decoder.circuit" else DECODING
    return {**BASE, **(DYNAMIC if is_dynamic(name) else {}), **WITH.get(name, {})}


def is_dynamic(name: str) -> bool:
    """Whether a knob acts on the samples in `dynamic` alone."""
    return name.startswith("op_amp.") or name in DYNAMIC


def search(
    bench: Bench, knobs: Iterable[str]
) -> tuple[dict[str, Any], Figures, Figures]:
    """Take every end that costs less and is as near; the first and the last figures.

    Two rounds over all knobs: what one allows, another may need.
    """
    first = bench.figures({})
    assert not isinstance(first, str)
    best, taken = first, {}
    for name in (*knobs,) * 2:
        for end in ends(override_all(bench.config, taken), name):
            tried = bench.figures({**taken, **ALONG.get((name, end), {}), name: end})
            if isinstance(tried, str) or rises(first, tried):
                continue
            if set(falls(best, tried)) & set(COSTS):
                best, taken = tried, {**taken, name: end}
    return taken, first, best


def walk(
    bench: Bench, knobs: Iterable[str], seed: int, num: int
) -> tuple[dict[str, Any], Figures, Figures]:
    """Step through machines at random, and keep each that saves and costs nothing.

    A step moves one knob, or two of `TOGETHER`, by `STEPS`, a number of bits by one,
    and a choice to another. Costs may not rise, nor the error by more than 0.1 %.
    """
    first, taken, random = bench.figures({}), {}, np.random.default_rng(seed)
    assert not isinstance(first, str)
    alone = tuple(knobs)
    both = [pair for pair in TOGETHER if set(pair) <= set(alone)]
    best, order = first, [*((name,) for name in alone), *both]
    for number in range(num):
        if number % len(order) == 0:
            random.shuffle(order)
        names = order[number % len(order)]
        values = step(override_all(bench.config, taken), names, random)
        tried = bench.figures({**taken, **values})
        if isinstance(tried, str) or tried.error > 1.001 * first.error:
            continue
        if not set(rises(best, tried)) & set(COSTS) and set(falls(best, tried)) - {
            "error"
        }:
            best, taken = tried, {**taken, **values}
    return taken, first, best


def step(
    config: RunConfig, names: tuple[str, ...], random: np.random.Generator
) -> dict[str, Any]:
    """Other values of knobs, near those of `config`.

    The second of two goes against the first in half of the steps.
    """
    factor, found = float(random.choice(STEPS)), {}
    for name in names:
        found[name] = _near(config, name, factor, random)
        factor = 1 / factor if random.random() < 0.5 else float(random.choice(STEPS))
    return found


def _near(
    config: RunConfig, name: str, factor: float, random: np.random.Generator
) -> Any:
    """A value of one knob, `factor` from that of `config`, in its range."""
    knob, value = design_knobs()[name], read(config, name)
    if not knob.is_number or value is None:
        return ends(config, name)[random.integers(len(ends(config, name)))]
    if isinstance(value, int):
        most = 1 if name.endswith("bits") else abs(round(value * (factor - 1)))
        value = value + max(most, 1) * (1 if factor > 1 else -1)
    else:
        value = value * factor
    low, high = knob.range
    return min(max(value, low), high)


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each end, and one for the search that takes all of them."""
    del options
    found, benches = [], {}
    for name, end in tqdm(cases(), unit="end", desc="every knob"):
        base = base_of(name)
        preset = preset_of(name)
        key = (preset, *sorted(base.items(), key=str))
        if key not in benches:
            bench = Bench(base, preset)
            benches[key] = bench, bench.figures({})
        bench, before = benches[key]
        if isinstance(before, str):
            what = "designs that are refused before a knob moves"
            found.append(Row(f"{name}={end}", Gate(1.0, 0.0, what)))
            continue
        after = bench.figures({**ALONG.get((name, end), {}), name: end})
        told = verdict(before, after)
        figures = after if isinstance(after, str) else dataclasses.asdict(after)
        details = {"verdict": told, "before": dataclasses.asdict(before)}
        gate = Gate(float(told.startswith("free")), 0.0, "ends that cost nothing")
        case = f"{name}={end}"
        found.append(Row(case, gate, details={**details, "after": figures}))
    bases = {"quasi-static": BASE, "dynamic": {**BASE, **DYNAMIC}}
    for fidelity, base in bases.items():
        bench = Bench(base)
        knobs = knobs_of(fidelity)
        numbers = [name for name in knobs if name not in STILL]
        num = NUM_MACHINES[fidelity]
        found += [
            _saving(f"cheap ends together, {fidelity}", search(bench, knobs), 1e-3),
            _saving(
                f"steps between ends, {fidelity}", walk(bench, numbers, 0, num), 0.02
            ),
        ]
    return found, {}


def knobs_of(fidelity: str) -> list[str]:
    """The design knobs that a search moves in a machine of a fidelity.

    In `dynamic` they are those of the analog circuit. What is digital, or is done when
    cells are written, acts there as it does in `quasi-static`, in a minute a machine.
    """
    if fidelity != "dynamic":
        return [name for name in design_knobs() if not is_dynamic(name)]
    return [
        name
        for name, knob in design_knobs().items()
        if not name.startswith(("cell.", "dac.", "adc.", "start.", "solve.process"))
        and (knob.is_number or is_dynamic(name))
        and name not in WITH
    ]


def _saving(
    case: str, found: tuple[dict[str, Any], Figures, Figures], limit: float
) -> Row:
    """The row of a search's end."""
    taken, first, best = found
    saved = max(1 - getattr(best, c) / getattr(first, c) for c in COSTS)
    what = "largest saving of a search, with no more of anything"
    details = {
        "taken": taken,
        "before": dataclasses.asdict(first),
        "after": dataclasses.asdict(best),
    }
    return Row(case, Gate(saved, limit, what), details=details)
