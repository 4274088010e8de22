"""Effects of cells and of the wires between them."""

import math

from scipy.constants import Boltzmann

from ._effect import Condition, DYNAMIC, Effect, HOT, ROUND, under, WARM
from ._scale import LINE, Scale


def _disturbed(s: Scale, rate: float) -> float:
    """What the reads of one programming move a cell by, in siemens."""
    seconds = s.config.power.programming_samples * s.duration
    return rate * s.v_rms**2 * seconds * s.g_max / 2


def _in_series(s: Scale, ohms: float) -> float:
    """Resistance of an access transistor over that of its cell."""
    return ohms * s.g_max / 2


def _thermal(s: Scale) -> float:
    """Thermal noise of a column's cells that the loop sees, in amperes."""
    density = 4 * Boltzmann * s.config.cell.temperature * max(s.loads)
    return math.sqrt(density * s.band)


def _e_folds(s: Scale) -> float:
    """Width of the band of the cells' 1/f noise."""
    c = s.config.cell.read.flicker
    return math.log(c.f_max / c.f_min)


def _drop(s: Scale, ohms: float) -> float:
    """Fraction of a signal that lines of `ohms` a cell take, of arrays in parallel."""
    return ohms * s.line_load * max(s.rows) / 2


_HAS_ACCESS = Condition(
    "cell.access.resistance", lambda c: c.cell.access.resistance > 0
)


ACCESS = 2.8e3  # ohms, of the examples


# Of the cell cmo-hfox at the middle of its range, in siemens: see `devices.measured`.
WRITTEN, RELAXED = 0.054e-6, 0.76e-6  # by programming; within an hour


CELLS = (
    Effect(
        "conductances in levels",
        ("cell.levels",),
        example=("cell.levels=1024",),
        size=lambda s, x: s.of_cells(s.span / (x - 1) / ROUND),
    ),
    Effect(
        "programming noise",
        under("cell.write", "factor", "std", "std_rel"),
        under("cell.write", "acceptance", "verify", "max_pulses", "cycle"),
        ("cell.write.factor=1",),
        size=lambda s, x: s.of_cells(x * WRITTEN),
    ),
    Effect(
        "differences between devices, which programming repeats",
        under("cell.write", "device_std", "device_std_rel"),
        example=("cell.write.device_std=0.1uS",),
        size=Scale.of_cells,
        why="no source of cmo-hfox tells it apart from programming noise",
    ),
    Effect(
        "stuck cells",
        under("cell.stuck", "lrs", "hrs"),
        ("cell.stuck.remap",),
        ("cell.stuck.lrs=1e-3",),
        size=lambda s, x: s.of_cells(math.sqrt(x) * s.span / 2),
    ),
    Effect(
        "relaxation and conductance drift",
        ("cell.age", "cell.ageing"),
        under(
            "cell.drift",
            *("law", "nu", "nu_std", "reference", "activation_energy", "temperature"),
        ),
        ("cell.age=3600s",),
        size=lambda s, _: s.of_cells(RELAXED),
    ),
    Effect(
        "read disturb",
        ("cell.drift.disturb",),
        example=("cell.age=1s", "cell.ageing=0.01uS", "cell.drift.disturb=0.001"),
        needs=Condition("cell.ageing", lambda c: c.cell.ageing is not None),
        size=lambda s, x: s.of_cells(_disturbed(s, x)),
    ),
    Effect(
        "reads that disturb are refused",
        ("crossbar.v_disturb",),
        example=("crossbar.v_disturb=0.3V", "amplifier.clamp=True"),
        why="a limit, not an error",
    ),
    Effect(
        "bent current of cells",
        ("cell.iv.law",),
        ("cell.iv.v0",),
        ("cell.iv.law=sinh",),
        size=lambda s, _: s.of_gain((s.v_rms / 0.5) ** 2 / 6),
        why="the default's cells were measured as linear at these voltages",
    ),
    Effect(
        "access transistors in series",
        ("cell.access.resistance",),
        under("cell.access", "overdrive", "verified", "saturates"),
        ("cell.access.resistance=2.8kohm",),
        size=lambda s, x: s.of_gain(_in_series(s, x) ** 2 * s.v_rms / 2),
    ),
    Effect(
        "thresholds of access transistors",
        ("cell.access.threshold_std",),
        example=("cell.access.resistance=2.8kohm", "cell.access.threshold_std=14mV"),
        needs=_HAS_ACCESS,
        size=lambda s, x: s.of_cells(x * _in_series(s, ACCESS) * s.g_max / 2),
    ),
    Effect(
        "white read noise",
        under("cell.read.white", "std", "std_rel"),
        under("cell.read.white", "bandwidth", "own_pole"),
        ("cell.read.white.std=0.1uS",),
        size=lambda s, x: s.of_cells(
            x * math.sqrt(s.band / s.config.cell.read.white.bandwidth)
        ),
    ),
    Effect(
        "1/f read noise",
        under("cell.read.flicker", "std", "slope"),
        under("cell.read.flicker", "f_min", "f_max", "exponent"),
        ("cell.read.flicker.std=0.03uS",),
        size=lambda s, x: s.of_cells(x * math.sqrt(_e_folds(s))),
    ),
    Effect(
        "random telegraph noise",
        ("cell.read.telegraph.amplitude",),
        under(
            "cell.read.telegraph",
            *("amplitude_sigma", "exponent", "g_ref", "dwell_min", "dwell_max"),
            *("dwell_ratio", "traps", "share"),
        ),
        ("cell.read.telegraph.amplitude=0.01",),
        size=lambda s, x: s.of_cells(x * s.g_max / 4),
        why="no source of cmo-hfox counts traps; its 1/f noise is on",
    ),
    Effect(
        "thermal and shot noise of cells",
        ("cell.read.thermal.bandwidth",),
        ("cell.read.thermal.fano",),
        ("cell.read.thermal.bandwidth=1MHz",),
        size=lambda s, _: s.of_currents(_thermal(s)),
        why="below the white read noise, which is on",
    ),
    Effect(
        "read error slower than a run",
        under("cell.read.fixed", "std", "std_rel"),
        example=("cell.read.fixed.std=0.1uS",),
        size=Scale.of_cells,
        why="age and 1/f noise have what is slow",
    ),
    Effect(
        "mismatch of reference columns",
        ("crossbar.reference_mismatch",),
        example=("crossbar.mapping=reference", "crossbar.reference_mismatch=0.01"),
        needs=Condition(
            "crossbar.mapping=reference", lambda c: c.crossbar.mapping == "reference"
        ),
        size=lambda s, x: s.of_cells(x * s.g_max / 2),
        why="differential pairs have no reference column",
    ),
    Effect(
        "cells over temperature",
        under("process", "cell_tc_lrs", "cell_tc_hrs"),
        example=("cell.temperature=358K", "process.cell_tc_lrs=-0.5e-3"),
        needs=WARM,
        size=lambda s, x: s.of_gain(HOT * abs(x)),
    ),
    Effect(
        "differences of cells over temperature",
        ("process.cell_tc_std",),
        example=("cell.temperature=358K", "process.cell_tc_std=0.1e-3"),
        needs=WARM,
        size=lambda s, x: s.of_cells(HOT * x * s.g_max / 2),
    ),
)


WIRES = (
    Effect(
        "IR drop along word and bit lines",
        under("crossbar.wires", "word_line", "bit_line"),
        under("crossbar.wires", "sensing", "driving"),
        (f"crossbar.wires.bit_line={LINE:g}ohm",),
        size=lambda s, x: s.of_gain(_drop(s, x)),
        why="small on small arrays, and a quarter more to compile; it grows with the "
        "square of the rows",
    ),
    Effect(
        "resistance of drivers and sensed ends",
        under("crossbar.wires", "driver", "sense"),
        example=("crossbar.wires.driver=1ohm",),
        size=lambda s, x: s.of_gain(x * max(s.loads)),
        why="op-amps in a loop: what is left of an ohm is divided by their gain",
    ),
    Effect(
        "capacitance of word and bit lines",
        ("crossbar.wires.capacitance",),
        example=("fidelity=dynamic", "crossbar.wires.capacitance=1fF"),
        needs=DYNAMIC,
        size=lambda s, x: s.of_delay(2 * max(s.rows) * x / min(s.loads)),
        why="far beyond the band of a solve",
    ),
    Effect(
        "wires over temperature",
        ("process.wire_tc",),
        example=(
            "cell.temperature=358K",
            f"crossbar.wires.bit_line={LINE:g}ohm",
            "process.wire_tc=3.3e-3",
        ),
        needs=Condition(
            f"{WARM.text}, and wires",
            lambda c: (
                WARM.holds(c)
                and c.crossbar.wires.word_line + c.crossbar.wires.bit_line > 0
            ),
        ),
        size=lambda s, x: s.of_gain(HOT * x * _drop(s, LINE)),
        why="acts where wires do",
    ),
)
