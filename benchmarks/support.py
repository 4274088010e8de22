"""What combines with what: every error under every way to run it, tried, not claimed.

Each case is a chip of `ring` with one error, all others off, solved for a few samples.
`yes` needs finite samples that differ from those without the error where it must show;
`refused` is an error that says why. A gradient is a `yes` if it agrees with finite
differences, knob by knob: see `_gradients`. The table of `docs/support.md` is this one:
`--readme` writes it there.
"""

import dataclasses
import pathlib
from typing import Any

import equinox as eqx
import jax
import jax.random as jr
import numpy as np
from rram_ode.config import idealise, override_all, parse_pairs, RunConfig
from rram_ode.presets import PRESETS
from rram_ode.system import System
from tqdm import tqdm

from ._gradients import (
    BETWEEN,
    cell_of,
    circuit_knobs,
    compare_gradients,
    Found,
    STRENGTHS,
)
from ._harness import forget_programs
from ._problem import problem
from ._result import Gate, Row


RIVAL = "none: each combination is run"
NUM_SAMPLES = 16
PAGE = pathlib.Path(__file__).parents[1] / "docs/support.md"
BEGIN, END = "<!-- support: begin -->", "<!-- support: end -->"

ERRORS = {
    "levels": ("cell.levels=64",),
    "write noise": ("cell.write.std=0.3uS",),
    "write-verify": ("cell.write.std=1uS", "cell.write.verify=0.3uS"),
    "stuck cells": ("cell.stuck.lrs=0.02", "cell.stuck.hrs=0.02"),
    "stuck cells, rows remapped": (
        "cell.stuck.lrs=0.02",
        "cell.stuck.hrs=0.02",
        "cell.stuck.remap=True",
    ),
    "4 cells a weight": ("cell.devices_per_weight=4", "cell.write.std=0.3uS"),
    "age": ("cell.age=1000",),
    "white read noise": ("cell.read.white.std=1uS",),
    "1/f read noise": ("cell.read.flicker.std=0.3uS",),
    "telegraph noise": ("cell.read.telegraph.amplitude=0.05",),
    "thermal and shot noise": ("cell.read.thermal.bandwidth=1MHz",),
    "bent I-V (sinh)": ("cell.iv.law=sinh",),
    "access transistors": (
        "cell.access.resistance=2kohm",
        "cell.access.overdrive=0.4V",
        "cell.access.threshold_std=15mV",
    ),
    "access transistors that no read verifies": (
        "cell.access.resistance=2kohm",
        "cell.access.threshold_std=15mV",
        "cell.access.verified=False",
        "cell.access.saturates=False",
    ),
    "wires": ("crossbar.wires.word_line=2ohm", "crossbar.wires.bit_line=2ohm"),
    "tiles": ("crossbar.tile_rows=8", "crossbar.tile_cols=8"),
    "DAC": ("dac.bits=8", "dac.update_rate=10MHz"),
    "leak, offset, mismatch": (
        "integrator.leak=10Mohm",
        "integrator.offset_std=1mV",
        "integrator.mismatch_std=0.02",
    ),
    "row drivers and inverters": (
        "driver.offset_std=1mV",
        "driver.gain_std=0.01",
        "inverter.offset_std=1mV",
        "inverter.gain_std=0.01",
    ),
    "rectifiers": ("rectifier.offset_std=1mV", "rectifier.gain_std=0.01"),
    "multipliers": (
        "multiplier.gain_std=0.01",
        "multiplier.offset_std=1mV",
        "multiplier.signal_bend_std=0.01",
        "multiplier.factor_bend_std=0.01",
    ),
    "reference and supply": ("supply.reference_std=0.01", "supply.std=0.01"),
    "static errors of op-amps": (
        "op_amp.kind=on-chip",
        "op_amp.static_errors=True",
        "op_amp.offset_std=0.5mV",
        "op_amp.bias_current=1nA",
    ),
    "1/f noise of op-amps": ("op_amp.flicker=10uV",),
    "noise of supply and ground": ("supply.noise=3mV", "supply.ground_noise=3uV"),
    "noise of multipliers": ("multiplier.noise=1e-6",),
}
WAYS = {
    "Heun": (),
    "Tsit5, adaptive": ("solve.solver=tsit5",),
    "reverse SDE": ("solve.process=reverse-sde", "multiplier.full_scale=1.45"),
    "one device, reference": ("crossbar.mapping=reference",),
    "op-amps take time": ("op_amp.kind=on-chip",),
    "with wires": ("crossbar.wires.word_line=2ohm",),
    "gradient": (),
}
EXACT = ("tiles",)  # without wires they change nothing


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each error, with what became of it in each way."""
    base, found = clean(), []
    bar = tqdm(total=len(ERRORS) * len(WAYS), unit="case", desc="support")
    plain = {
        way: attempt(base, way, how)[1]
        for way, how in WAYS.items()
        if way != "gradient"
    }
    for error, settings in ERRORS.items():
        told: dict[str, str] = {}
        for way, how in WAYS.items():
            if way == "gradient":
                continue
            told[way], x = attempt(base, way, (*how, *settings))
            bare = plain[way]
            is_same = x is not None and bare is not None and np.array_equal(x, bare)
            if is_same and error not in EXACT:
                told[way] = "no effect"
            bar.update()
        slopes = gradients(base, error)
        told["gradient"] = cell_of(slopes)
        bar.update()
        bad = sum(text in ("no effect", "not finite") for text in told.values())
        bad += sum(one.told == "wrong" for one in slopes.values())
        what = "combinations without effect or not finite, and wrong gradients"
        details = {
            "ways": told,
            "gradients": {name: one._asdict() for name, one in slopes.items()},
        }
        found.append(Row(error, Gate(float(bad), 0.0, what), details=details))
        forget_programs()
    bar.close()
    if options.readme:
        _write(table([(row.case, row.details["ways"]) for row in found]))
    return found, {}


def clean() -> RunConfig:
    """`ring` without any error, on a quasi-static chip."""
    return dataclasses.replace(
        idealise(PRESETS["ring-fresh"][0]), fidelity="quasi-static"
    )


def table(tried: list[tuple[str, dict[str, str]]]) -> str:
    """The table of `docs/support.md`, in Markdown."""
    lines = ["| | " + " | ".join(WAYS) + " |", "|---" * (len(WAYS) + 1) + "|"]
    notes: list[str] = []
    for case, ways in tried:
        cells = []
        for way in WAYS:
            parts = []
            for part in ways[way].split(BETWEEN):
                text, _, reason = part.partition(": ")
                if reason and reason not in notes:
                    notes.append(reason)
                number = f" ({notes.index(reason) + 1})" if reason else ""
                parts.append(text + number)
            cells.append("; ".join(parts))
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    notes = [f"({number}) {text}" for number, text in enumerate(notes, start=1)]
    return "\n".join([*lines, "", *notes]).rstrip() + "\n"


def attempt(
    base: RunConfig, way: str, settings: tuple[str, ...]
) -> tuple[str, np.ndarray | None]:
    """What became of it, and the samples."""
    try:
        config = override_all(base, parse_pairs(settings))
        if way == "op-amps take time":
            config = dataclasses.replace(config, fidelity="dynamic")
        system = System.from_config(config)
        chip = system.program(0)
        system.chip_loop.check(chip)
    except ValueError as error:
        return f"refused: {' '.join(str(error).split())}", None
    x1 = jr.normal(jr.key(1), (2, NUM_SAMPLES))
    x = np.asarray(_solve(system.chip_loop, chip, x1))
    return ("yes" if np.isfinite(x).all() else "not finite"), x


def gradients(base: RunConfig, error: str) -> dict[str, Found]:
    """Of the cells, main knobs of the circuit, and the strength of `error`."""
    knobs = (*circuit_knobs(base), *STRENGTHS[error])
    # Single precision resolves no difference over a small step.
    with jax.enable_x64(True):
        return compare_gradients(problem("ring-fresh"), base, ERRORS[error], knobs)


@eqx.filter_jit
def _solve(loop, chip, x1):
    return loop.solve(chip, x1, key=jr.key(2)).x0


def _write(text: str) -> None:
    """Put the table between the marks of its page."""
    whole = PAGE.read_text()
    head, rest = whole.split(BEGIN)
    _, tail = rest.split(END)
    PAGE.write_text(f"{head}{BEGIN}\n{text}{END}{tail}")
