r"""Area of the machine by part, counted from the objects that are simulated.

A part's area follows from what it must do: a capacitor's from its farads, a resistor's
from its ohms, an op-amp's from its current and its Miller capacitor, a converter's from
its bits and its rate. Wiring between blocks and pads are left out.

Converters: the regression of Accelergy's ADC plug-in on B. Murmann's survey (T.
Andrulis et al., arXiv 2404.06553, equation 1), for the node n in nm, the rate f in Hz
and the energy E of a conversion in pJ:

$$A = \exp(1.346 + 0.993 \ln n + 0.181 \ln f + 0.299 \ln E)\ \mu\mathrm{m}^2$$

which is assumed for DACs, too. The switches of a channel of several full scales take
the area of a row driver (assumed).
"""

import dataclasses
import math

import jax
import numpy as np

from ..chip import Chip
from ..loop import AbstractLoop, DynamicLoop
from ._analog import AbstractAnalogRow
from ._analog_rows import Board
from ._constant import Constant, Value, Values
from ._converters import adc_energy, BITS, DigitalSide
from ._count import over_nominal
from ._parts import multiplier_share, PartCounts
from ._trimming import Trimming


NODE = 180e-9


LEAST_RATE = 1e4  # hertz; a slower converter is no smaller


_NEUROSIM = "NeuroSim's Param.cpp (range assumed)"


_GF180 = "gf180mcu open PDK (0.18 um)"


AREA: dict[str, Constant] = {
    "area.cell": Constant(
        12 * NODE**2, 48 * NODE**2, 200 * NODE**2, "m^2", f"1T1R of 48 F^2: {_NEUROSIM}"
    ),
    "area.memory_bit": Constant(
        120 * NODE**2,
        160 * NODE**2,
        300 * NODE**2,
        "m^2",
        f"SRAM of 160 F^2: {_NEUROSIM}",
    ),
    "area.capacitor": Constant(
        1e-3, 1.5e-3, 2e-3, "F/m^2", f"MIM of 1, 1.5 or 2 fF/um^2: {_GF180}"
    ),
    "area.sheet": Constant(
        300.0,
        1000.0,
        2000.0,
        "ohm",
        f"high-resistance poly, 1 kohm per square: {_GF180}",
    ),
    "area.square": Constant(
        1e-12,
        2e-12,
        8e-12,
        "m^2",
        "assumed: a square of poly 1 um wide and its spacing",
    ),
    "area.driver": Constant(
        20e-12, 100e-12, 1e-9, "m^2", "assumed: switches and level shifter of a row"
    ),
    "area.ampere": Constant(
        0.2e-6,
        1e-6,
        10e-6,
        "m^2/A",
        "assumed: transistors at 0.2 V of overdrive, 1 um^2 for each uA of supply",
    ),
    "area.op_amp": Constant(
        300e-12,
        1000e-12,
        5000e-12,
        "m^2",
        "assumed: bias, wells and wiring of a two-stage op-amp at 180 nm",
    ),
    "area.multiplier": Constant(
        200e-12, 2000e-12, 20e-9, "m^2", "assumed: a Gilbert cell and its biases"
    ),
    "area.controller": Constant(
        1e-9, 10e-9, 100e-9, "m^2", "assumed: a sequencer of about 1,000 gates"
    ),
    "board.package": Constant(
        9e-6, 30e-6, 60e-6, "m^2", "SOIC-8 (JEDEC MS-012), 4.9 x 6 mm (range assumed)"
    ),
    "board.passive": Constant(
        0.5e-6, 1.3e-6, 5e-6, "m^2", "0603, 1.6 x 0.8 mm (range assumed)"
    ),
}


@dataclasses.dataclass(frozen=True)
class PartSizes:
    """What the area of a chip depends on, beside its circuit.

    Args:
        resistances: Ohms of all resistors: feedback, inverters and rectifiers,
            integrators.
        resistors: Number of these resistors.
        capacitors: Farads of the integrators, across feedback resistors and of holds.
        storage: Farads that hold offsets.
        pair: Area of one input transistor of an op-amp, in m^2.
        digital: Bits and rates of the converters.
        rows: Number of rows that have a driver.
        trimming: What the trims take.
    """

    resistances: float = 0.0
    resistors: int = 0
    capacitors: float = 0.0
    storage: float = 0.0
    pair: float = 0.0
    digital: DigitalSide = DigitalSide()
    rows: int = 0
    trimming: Trimming = Trimming()


def measure_parts(
    chip: Chip,
    loop: AbstractLoop,
    circuit: PartCounts,
    digital: DigitalSide,
    *,
    pair: float = 0.0,
    auto_zero: float = 0.0,
    rectifier: float = 0.0,
    tile: tuple[int | None, int | None] = (None, None),
    in_turn: tuple[bool, bool] = (False, False),
) -> PartSizes:
    """The sizes of the parts of `chip` in `loop`.

    Args:
        chip: The hardware.
        loop: The circuit around it.
        circuit: The counts that `count_parts` returns.
        digital: Bits and rates of the converters.
        pair: Area of one input transistor of an op-amp, in m^2.
        auto_zero: Capacitor that stores the offset of an op-amp, in farads.
        rectifier: Resistor of a rectifier, in ohms; 0 for none.
        tile: Largest number of rows and of columns of an array; `None` is no limit.
        in_turn: Whether rows are driven, and columns sensed, at either end in turn: a
            strip at the other side passes the signals of half of them on, which is
            assumed to take a driver for each.
    """
    network = chip.crossbars
    ohms: list[float] = []
    rows = 0
    if network is not None:
        for layer in network.all_layers:
            ohms += np.ravel(
                jax.device_get(layer.amplifier.feedback_resistance)
            ).tolist()
        rows = network.num_rows + sum(_joints(*shape, *tile) for shape in chip.arrays)
        both = np.asarray(chip.arrays).reshape(-1, 2)[:, list(in_turn)]
        rows += int(np.sum(both // 2))
        # An inverter needs two equal resistors, which load its row as a cell does.
        ohms += [2 * max(ohms)] * circuit.inverters
    ohms += [rectifier] * (circuit.rectifiers if rectifier else 0)
    ohms += [float(chip.integrator.resistance)] * circuit.dim
    # Four around each difference, three around each sum.
    ohms += [float(chip.integrator.resistance)] * (7 * circuit.guides // 2)
    ohms = [each / over_nominal(chip)[0] for each in ohms]
    farads = circuit.capacitance * circuit.dim
    farads += circuit.hold_capacitance * circuit.holds
    if isinstance(loop, DynamicLoop):
        farads += float(loop.parasitics.c_f) * len(circuit.noise_gains)
    return PartSizes(
        math.fsum(ohms),
        len(ohms),
        farads,
        auto_zero * circuit.amplifiers,
        pair,
        digital,
        rows,
    )


def _joints(rows: int, cols: int, *tile: int | None) -> int:
    """Drivers of rows and switches of columns that tiles need beside one array's."""
    down, across = (
        1 if most is None else math.ceil(size / most)
        for size, most in zip((rows, cols), tile, strict=True)
    )
    return rows * (across - 1) + cols * (down - 1)


def chip_area(
    row: AbstractAnalogRow, circuit: PartCounts, sizes: PartSizes, values: Values
) -> dict[str, Value]:
    """Area of each part, in m^2; a board's parts are packages beside a chip of cells.

    Args:
        row: `Board()` or `Integrated()`.
        circuit: The counts that `count_parts` returns.
        sizes: The sizes that `measure_parts` returns.
        values: Value of each constant, a number or an array of samples.
    """
    core = {
        "cells": values["area.cell"] * circuit.cells,
        "row drivers": values["area.driver"] * sizes.rows,
    }
    if circuit.switches:
        core["switches"] = values["area.driver"] * circuit.switches
    core |= trims_area(sizes.trimming, values)
    if isinstance(row, Board):
        packages = circuit.amplifiers + circuit.multipliers + circuit.channels + 1
        packages += math.ceil(circuit.switches / 4)  # of four switches each
        passive = sizes.resistors + circuit.dim + circuit.holds
        return core | {
            "packages": values["board.package"] * packages,
            "passive parts": values["board.passive"] * passive,
        }
    static = row.static(circuit, values)
    current = sum(static[name] for name in circuit.duties) / values["supply"]
    miller = circuit.op_amps.design.c_c / values["area.capacitor"]
    one = values["area.op_amp"] + miller + 2 * sizes.pair
    op_amps = one * circuit.amplifiers + values["area.ampere"] * current
    squares = sizes.resistances / values["area.sheet"]
    digital = sizes.digital
    waves = converter_area(digital.dac_bits, digital.update_rate) * circuit.channels
    if digital.noise_rate:
        noise = converter_area(digital.dac_bits, digital.noise_rate)
        waves = waves + noise * circuit.dim
    if digital.dac_ranges > 1:
        waves = waves + values["area.driver"] * circuit.channels
    # A start is played once in each period.
    once = 1 / (circuit.duration + circuit.reset)
    starts = converter_area(digital.start_bits, once) * circuit.dim
    multiplier = values["area.multiplier"] * multiplier_share(circuit, values)
    return core | {
        "op-amps": op_amps,
        "capacitors": sizes.capacitors / values["area.capacitor"],
        "auto-zero": sizes.storage / values["area.capacitor"],
        "resistors": squares * values["area.square"],
        "multipliers": multiplier * circuit.scales,
        "dac": waves + starts,
        "adc": converter_area(digital.adc_bits, digital.conversion_rate) * circuit.dim,
        "waveform memory": values["area.memory_bit"] * circuit.stored_bits,
        "controller": values["area.controller"],
    }


def trims_area(trims: Trimming, values: Values) -> dict[str, Value]:
    """Area of what sets and holds the trims, and of what follows them in use."""
    if trims.is_none:
        return {}
    dacs = (
        (trims.offset_dacs, trims.offset_bits),
        (trims.gain_dacs, trims.gain_bits),
        (trims.scale_dacs, trims.scale_bits),
    )
    codes = sum(num * bits for num, bits in dacs)
    area = sum(num * converter_area(bits, LEAST_RATE) for num, bits in dacs if num)
    squares = trims.gain_ohms / values["area.sheet"]
    fixed = area + squares * values["area.square"] + values["area.memory_bit"] * codes
    switches = values["area.driver"] * trims.spares
    following = values["area.op_amp"] * trims.tracked
    if trims.clock:
        following = following + values["area.oscillator"]
    return {
        "trims": fixed + switches + values["area.controller"] * trims.counters,
        "tracking": following,
    }


def converter_area(bits: float | int, rate: float, node: float = NODE) -> float:
    """Area of a best-case converter, in m^2; see the module's equation.

    Args:
        bits: Resolution, taken within the 4 to 14 bits of the energy's fit; a further
            bit doubles the area, as it doubles the number of unit elements.
        rate: Conversions per second, in hertz.
        node: Node of the technology, in metres.
    """
    rate = min(max(rate, LEAST_RATE), 1e10)
    inside = min(max(bits, BITS[0]), BITS[1])
    picojoules = 1e12 * adc_energy(inside, node, rate)
    logarithm = (
        1.3461916439910742
        + 0.9932794744745022 * math.log(node * 1e9)
        + 0.18071538424508238 * math.log(rate)
        + 0.29912426192653485 * math.log(picojoules)
    )
    return 1e-12 * math.exp(logarithm) * 2.0 ** (bits - inside)
