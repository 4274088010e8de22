"""How the energies of analog and digital samples change with width, time and batch.

The chip of `ring-64-fresh`, just written and with one cell a weight, is run once; wider
and narrower ones follow from it by the scaling laws of `rram_ode.studies.widen`; what
they say of the chip `ring-fresh` stands beside it. A whole chip takes more: compare
`python -m rram_ode.compare ring-64`. The digital rival is Heun on the same network with
as many steps as equal the chip `ring-fresh`
(`python -m rram_ode.compare`). Its weights lie in memories of their own size. Where the
curves cross is a root of the ratio, with the interval from the constants' ranges; each
machine also stands at the other's node. A wide chip without tiles needs op-amps that
the process does not have: rows say so, and the figure dots its line. Operations times
energy for engines, wall power times wall time for the GPU: two columns, never mixed.
`--readme` draws docs/crossover.png.
"""

import dataclasses
import functools
import pathlib
from typing import Any

import equinox as eqx
import jax.random as jr
import numpy as np
from rram_ode import commands
from rram_ode.accelerators import all_constants, Engine, MACHINES, Processor
from rram_ode.config import RunConfig
from rram_ode.energy import (
    AbstractAnalogRow,
    analog_energy,
    capacitor_limit,
    cell_limit,
    fastest_needed,
    Integrated,
    KILOBYTE,
    landauer_limit,
    nominals,
    propagate,
    sampler_work,
    Shrunk,
    Spread,
    Work,
)
from rram_ode.plots import plot_crossover
from rram_ode.presets import PRESETS
from rram_ode.samplers import Heun
from rram_ode.scores import fourier_mlp
from rram_ode.studies import find_crossing, MeasuredChip, widen
from rram_ode.system import build_digital_side, circuit_parts, Repeat, System

from ._harness import run
from ._result import Gate, Row


RIVAL = "Heun on the same network: ideal INT8 engines at 45 and 180 nm, an A100"
WIDTHS = tuple(2**k for k in range(3, 15))
SEARCHED = tuple(2 * round(4 * 2 ** (k / 2)) for k in range(23))
TIMES = tuple(10.0**k for k in np.arange(-7, -2.9, 0.5))
BATCHES = tuple(10**k for k in range(6))
EXPONENTS = {"weights of one size": 1.0, "weights as 1 / sqrt n": 0.5}
ENGINE, BANKS, OLD, GPU = (
    "engine-int8",
    "engine-int8-stationary",
    "engine-int8-180nm",
    "a100",
)
NAMES = {
    ENGINE: "ideal 45 nm INT8 engine, one memory of weights",
    BANKS: "the same, weights in banks of 8 KB",
    OLD: "ideal 180 nm INT8 engine, one memory",
    GPU: "A100 (left: batch 1)",
}
NEW = "at 45 nm"  # the chip, beside the engine of its node
FIGURE = pathlib.Path(__file__).parents[1] / "docs" / "crossover.png"
STEPS = 6  # of Heun: `python -m rram_ode.compare`
BITS = 8.0
PROGRAMMED = RunConfig().power.programming_samples
DIGITAL_SIDE = build_digital_side(RunConfig())  # converters and controller, by default
CHIP, CHIP_45NM = Integrated(DIGITAL_SIDE), Shrunk(DIGITAL_SIDE)
TILE = 128
NUM_SAMPLES = 2_000
NUM_DRAWS = 2**9  # of the constants: a wide chip has many op-amps
KILOBYTES = (8, 512, 16 * 1024)  # of weights, whose cost is shown


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each width and law."""
    num = options.num_samples or NUM_SAMPLES
    chip, narrow = (_seen(preset, num) for preset in ("ring-64-fresh", "ring-fresh"))
    table = all_constants()
    values = nominals(table)
    same = _analog(widen(chip, 64, exponent=1.0), values) / _analog(chip, values)
    gate = Gate(
        abs(same - 1), 1e-9, "relative difference of the law at 64 wide to the chip"
    )
    found, crossed = [], {}
    for law, exponent in EXPONENTS.items():
        for tile in (None, TILE):
            name = law if tile is None else f"{law}, tiles of {tile} rows"
            wider = functools.lru_cache(
                lambda width, e=exponent, t=tile: widen(
                    chip, width, exponent=e, tile_rows=t
                )
            )
            crossed[name] = _crossings(wider, table)
            for width in WIDTHS:
                spent, details = run(lambda w=wider, n=width: _compare(w(n), n, table))
                case = f"{name}, {width} wide"
                details = {"law": name, "width": width, **details}
                found.append(Row(case, gate, spent, details=details))
    extra = {
        "num_samples": num,
        "steps": STEPS,
        "bits": BITS,
        "crossings": crossed,
        "memories": [_memory(kilobytes, table) for kilobytes in KILOBYTES],
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
    parts = circuit_parts(system.config, system.chip_loop, chip)
    return MeasuredChip(parts, power, chip.arrays)


@functools.lru_cache
def _work(width: int) -> Work:
    shape = eqx.filter_eval_shape(
        lambda key: fourier_mlp(2, (width, width), key=key), jr.key(0)
    )
    work = sampler_work(Heun(), STEPS, shape)
    return dataclasses.replace(work, samples_per_loading=PROGRAMMED)


def _analog(chip: MeasuredChip, values, row: AbstractAnalogRow = CHIP) -> Any:
    return analog_energy(
        row, chip.parts, chip.power, values, num_samples=PROGRAMMED
    ).energy


def _digital(rival: str, width: int, batch: int, values) -> Any:
    machine, work = MACHINES[rival], _work(width)
    parts = machine.operations_energy(work, batch, values)
    if parts is not None:
        return sum(parts.values())
    return machine.wall_energy(work, batch, values)


PAIRS: dict[str, tuple[AbstractAnalogRow, str]] = {
    **{rival: (CHIP, rival) for rival in NAMES},
    f"{ENGINE}, chip {NEW}": (CHIP_45NM, ENGINE),
    f"{BANKS}, chip {NEW}": (CHIP_45NM, BANKS),
}


def _ratio(chip: MeasuredChip, pair: str, width: int, values) -> Any:
    row, rival = PAIRS[pair]
    return _analog(chip, values, row) / _digital(rival, width, 1, values)


def _spread(model, table) -> dict[str, Any]:
    return _numbers(propagate(model, table, num_draws=NUM_DRAWS))


def _numbers(spread: Spread) -> dict[str, Any]:
    return {
        "nominal": spread.nominal,
        "low": spread.low,
        "high": spread.high,
        "driver": spread.driver,
    }


def _exists(chip: MeasuredChip, values) -> bool:
    """Whether the process has op-amps as fast as the chip needs."""
    most = chip.parts.op_amps.design.fastest
    return fastest_needed(chip.parts, values) <= most * (1 + 1e-9)


def _crossings(wider, table) -> dict[str, Any]:
    """Where the chip begins to take less than each rival, for one law of scaling.

    Beside each nominal width stands whether op-amps of the needed speed exist.
    """
    values = nominals(table)
    found = {
        pair: find_crossing(
            lambda width, v, p=pair: _ratio(wider(width), p, width, v),
            SEARCHED,
            table,
            multiple=2,  # a network has pairs of sine and cosine
        ).as_dict()
        for pair in PAIRS
    }
    for crossing in found.values():
        crossing["op_amps_exist"] = [
            _exists(wider(round(width)), values) for width in crossing["widths"]
        ]
    return found


def _compare(chip: MeasuredChip, width: int, table) -> dict[str, Any]:
    values, work = nominals(table), _work(width)
    columns = sum(cols for _, cols in chip.arrays)
    engine, gpu = MACHINES[ENGINE], MACHINES[GPU]
    assert isinstance(engine, Engine)
    assert isinstance(gpu, Processor)
    return {
        "analog_j": _spread(lambda v: _analog(chip, v), table),
        "analog_45nm_j": _spread(lambda v: _analog(chip, v, CHIP_45NM), table),
        "digital_j": {
            rival: _spread(lambda v, r=rival: _digital(r, width, 1, v), table)
            for rival in NAMES
        },
        "ratio": {
            pair: _spread(lambda v, p=pair: _ratio(chip, p, width, v), table)
            for pair in PAIRS
        },
        "fastest_op_amp_hz": fastest_needed(chip.parts, values),
        "op_amps_exist": _exists(chip, values),
        "weights_in": engine.memories(work)["weights"].level(values),
        "gpu_ends_j": dict(
            zip(
                ("one fused kernel, idle power subtracted", "launch by launch"),
                (_digital(GPU, width, 1, values | end) for end in gpu.ends()),
                strict=True,
            )
        ),
        "limits_j": {
            "kT/C of the integrators": capacitor_limit(2, BITS),
            "thermal noise of the columns": cell_limit(
                columns, BITS, values["amplifier.speed"]
            ),
            "Landauer, the digital products": landauer_limit(work.macs, BITS),
        },
    }


def _memory(kilobytes: int, table) -> dict[str, Any]:
    """Cost of reading all weights of an engine once, where they fill so many KB."""
    machine, words = MACHINES[ENGINE], kilobytes * 1024
    assert isinstance(machine, Engine)
    work = Work(macs=words, weight_words=words, stored_words=words)
    weights = lambda v: (machine.operations_energy(work, 1, v) or {})["weights"]
    spread = propagate(weights, table)
    memory = machine.memories(work)["weights"]
    return {
        "kilobytes": memory.capacity / KILOBYTE,
        "level": memory.level(nominals(table)),
        "weights_j": _numbers(spread),
        "per_64_bits_j": spread.nominal / words * 8,
        "sources": {name: table[name].source for name in spread.swings},
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
            for rival in NAMES
        },
    }
