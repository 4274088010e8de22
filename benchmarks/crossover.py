"""How the energies of analog and digital samples change with width, time and batch.

The chip of `ring-64` is run once; wider and narrower ones follow from it by the scaling
laws of `rram_ode.studies.widen`; what they say of the chip `ring` stands beside it. The
digital rival is Heun on the same network with as many steps as equal the chip `ring`
(`python -m rram_ode.compare`). Operations times energy for the engine, wall power times
wall time for the GPU: two columns, never mixed. `--readme` draws docs/crossover.png.
"""

import dataclasses
import pathlib
from typing import Any

import equinox as eqx
import jax.random as jr
import numpy as np
from rram_ode import commands
from rram_ode.accelerators import all_constants, MACHINES
from rram_ode.config import RunConfig
from rram_ode.energy import (
    analog_energy,
    capacitor_limit,
    cell_limit,
    count_parts,
    Integrated,
    landauer_limit,
    nominals,
    propagate,
    sampler_work,
    Spread,
)
from rram_ode.plots import plot_crossover
from rram_ode.presets import PRESETS
from rram_ode.samplers import Heun
from rram_ode.scores import fourier_mlp
from rram_ode.studies import crossings, MeasuredChip, widen
from rram_ode.system import Repeat, System

from ._harness import run
from ._result import Gate, Row


RIVAL = "Heun on the same network: an ideal 45 nm INT8 engine, an A100"
WIDTHS = tuple(2**k for k in range(3, 13))
TIMES = tuple(10.0**k for k in np.arange(-7, -2.9, 0.5))
BATCHES = tuple(10**k for k in range(6))
EXPONENTS = {"weights of one size": 1.0, "weights as 1 / sqrt n": 0.5}
ENGINE, GPU = "engine-int8", "a100"
NAMES = {ENGINE: "ideal 45 nm INT8 engine", GPU: "A100 (left: batch 1)"}
FIGURE = pathlib.Path(__file__).parents[1] / "docs" / "crossover.png"
STEPS = 6  # of Heun: `python -m rram_ode.compare`
BITS = 8.0
PROGRAMMED = RunConfig().power.programming_samples
TILE = 128
NUM_SAMPLES = 2_000


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each width and law."""
    num = options.num_samples or NUM_SAMPLES
    chip, narrow = (_seen(preset, num) for preset in ("ring-64", "ring"))
    table = all_constants()
    values = nominals(table)
    same = _analog(widen(chip, 64, exponent=1.0), values) / _analog(chip, values)
    gate = Gate(
        abs(same - 1), 1e-9, "relative difference of the law at 64 wide to the chip"
    )
    found = []
    curves: dict[str, dict[str, list[float]]] = {}
    for law, exponent in EXPONENTS.items():
        for tile in (None, TILE):
            name = law if tile is None else f"{law}, tiles of {tile} rows"
            curves[name] = {ENGINE: [], GPU: []}
            for width in WIDTHS:
                wide = widen(chip, width, exponent=exponent, tile_rows=tile)
                spent, details = run(lambda w=wide, n=width: _compare(w, n, table))
                for rival in curves[name]:
                    curves[name][rival].append(details["ratio"][rival]["nominal"])
                case = f"{name}, {width} wide"
                details = {"law": name, "width": width, **details}
                found.append(Row(case, gate, spent, details=details))
    extra = {
        "num_samples": num,
        "steps": STEPS,
        "bits": BITS,
        "crossings": {
            law: {
                rival: crossings(np.array(WIDTHS, float), np.array(ratio))
                for rival, ratio in each.items()
            }
            for law, each in curves.items()
        },
        "law_over_chip_14": {
            law: _analog(widen(chip, 14, exponent=exponent), values)
            / _analog(narrow, values)
            for law, exponent in EXPONENTS.items()
        },
        "times": [_over_time(chip, duration, table) for duration in TIMES],
        "batches": [_over_batch(batch, table) for batch in BATCHES],
    }
    if options.readme:
        draw({"rows": [row.as_dict() for row in found], **extra}, FIGURE)
    return found, extra


def draw(result: dict[str, Any], path: pathlib.Path) -> None:
    """Write the figure of a result."""
    commands.write_figure(path, plot_crossover(result, NAMES))
    print(f"wrote {path}")


def _seen(preset: str, num: int) -> MeasuredChip:
    """The chip of a preset, as it ran."""
    system: System = System.from_config(PRESETS[preset][0])
    chip = system.program(0)
    power = Repeat(num, 0).analog(system, chip).array_power
    return MeasuredChip(count_parts(chip, system.chip_loop), power, chip.arrays)


def _work(width: int):
    shape = eqx.filter_eval_shape(
        lambda key: fourier_mlp(2, (width, width), key=key), jr.key(0)
    )
    return sampler_work(Heun(), STEPS, shape)


def _analog(chip: MeasuredChip, values) -> Any:
    return analog_energy(
        Integrated(), chip.parts, chip.power, values, num_samples=PROGRAMMED
    ).energy


def _digital(rival: str, width: int, batch: int, values) -> Any:
    machine, work = MACHINES[rival], _work(width)
    parts = machine.operations_energy(work, batch, values)
    if parts is not None:
        return sum(parts.values())
    return machine.wall_energy(work, batch, values)


def _numbers(spread: Spread) -> dict[str, Any]:
    return {
        "nominal": spread.nominal,
        "low": spread.low,
        "high": spread.high,
        "driver": spread.driver,
    }


def _compare(chip: MeasuredChip, width: int, table) -> dict[str, Any]:
    values, work = nominals(table), _work(width)
    columns = sum(cols for _, cols in chip.arrays)
    speed = values["amplifier.speed"]
    digital = lambda rival: lambda v: _digital(rival, width, 1, v)
    ratio = lambda rival: lambda v: _analog(chip, v) / _digital(rival, width, 1, v)
    return {
        "analog_j": _numbers(propagate(lambda v: _analog(chip, v), table)),
        "digital_j": {
            rival: _numbers(propagate(digital(rival), table)) for rival in (ENGINE, GPU)
        },
        "ratio": {
            rival: _numbers(propagate(ratio(rival), table)) for rival in (ENGINE, GPU)
        },
        "limits_j": {
            "kT/C of the integrators": capacitor_limit(2, BITS),
            "thermal noise of the columns": cell_limit(columns, BITS, speed),
            "Landauer, the digital products": landauer_limit(work.macs, BITS),
        },
    }


def _over_time(chip: MeasuredChip, duration: float, table) -> dict[str, Any]:
    parts = dataclasses.replace(chip.parts, duration=duration, reset=0.0)
    at = MeasuredChip(parts, chip.power, chip.arrays)
    return {
        "duration_s": duration,
        "analog_j": _numbers(propagate(lambda v: _analog(at, v), table)),
    }


def _over_batch(batch: int, table) -> dict[str, Any]:
    return {
        "batch": batch,
        **{
            rival: _numbers(
                propagate(lambda v, r=rival: _digital(r, 64, batch, v), table)
            )
            for rival in (ENGINE, GPU)
        },
    }
