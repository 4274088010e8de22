"""Effects of cells and wires that are not simulated, each with its size."""

import math

from scipy.constants import epsilon_0

from ...blocks import OpAmpProcess
from ...energy import CONSTANTS
from ._neglected import amount, Neglected, Size
from ._scale import LINE, PEAK, PITCH, Scale, WHOLE


FILAMENT = 1e6  # K/W from a filament to its surroundings: assumed, 1e5 to 1e7


SHARED = 0.05  # of a cell's rise that its neighbour sees: assumed


CELL_TC = abs(WHOLE.process.cell_tc_lrs)  # 1/K


INDUCTANCE = 1e-6  # H/m of a line on a chip: assumed, of the order of mu_0


COUPLING = 0.1e-9  # F/m between neighbouring lines: assumed, half of 0.2 fF/um


WIDTH = 0.28e-6  # metres, the least width of metal at 180 nm: gf180mcu


MIGRATION = 1e3  # A/m of drawn width, one direction, 10 years at 110 C: gf180mcu


FLICKER = 1e-24  # V^2 F, as the source of `op_amp.flicker`


ACCESS_AREA = (0.35e-6) ** 2  # m^2, as the source of `cell.access.threshold_std`


LEAKAGE = 1e-12  # A of a cell's closed transistor or junction at 27 C: assumed


RETURN = 1e-3  # ohm: as the source of `supply.ground_noise`


_GF180 = "gf180mcu open PDK"


def _heat(scale: Scale) -> Size:
    power = scale.g_max * scale.config.crossbar.v_max**2
    rise = power * FILAMENT
    part = rise * CELL_TC
    text = (
        f"{amount(power, 'W')} x {FILAMENT:g} K/W = {amount(rise, 'K')} at v_max, "
        f"{amount(part)} of g there; {amount(part / PEAK**2)} at rms signals"
    )
    return Size(text, scale.of_gain(part / PEAK**2))


def _neighbours(scale: Scale) -> Size:
    rise = scale.g_max * (scale.config.crossbar.v_max / PEAK) ** 2 * FILAMENT
    part = 4 * SHARED * rise * CELL_TC
    text = f"4 neighbours x {SHARED:g} x {amount(rise, 'K')} rms: {amount(part)} of g"
    return Size(text, scale.of_gain(part))


def _dielectric(scale: Scale) -> Size:
    c = 25 * epsilon_0 * (100e-9) ** 2 / 5e-9
    delay = c / (scale.g_max / 2)
    return Size(
        f"{amount(c, 'F')} over half of g_max: a delay of {amount(delay, 's')}",
        scale.of_delay(delay),
    )


def _transistor_noise(scale: Scale) -> Size:
    access = scale.config.cell.access
    ohms = access.resistance or 2.8e3
    one = math.sqrt(FLICKER / (OpAmpProcess().oxide * ACCESS_AREA))
    volts = one * math.sqrt(math.log(1e5))
    part = volts / access.overdrive * ohms * scale.g_max / 2
    text = (
        f"{amount(volts * 1e6)} uV of a threshold over {access.overdrive:g} V, in "
        f"{amount(ohms, 'ohm')} of 2 / g_max: {amount(part)} of g"
    )
    return Size(text, scale.of_gain(part))


def _leakage(scale: Scale) -> Size:
    one = LEAKAGE * 2 ** (scale.kelvin / 10)
    current = 2 * max(scale.rows) * one
    text = f"{2 * max(scale.rows)} cells x {amount(one, 'A')} into a summing node"
    return Size(text, scale.of_currents(current))


def _wear(scale: Scale) -> Size:
    del scale
    stands = CONSTANTS["programming.endurance"]
    return Size(f"1 of {stands.nominal:.0e} programmings, {stands.low:.0e} or more")


def _half_selected(scale: Scale) -> Size:
    del scale
    ratio = LEAKAGE / 100e-6
    return Size(f"1 pA beside the 100 uA of a written cell: {amount(ratio)}", 0.0)


def _correlation(scale: Scale) -> Size:
    rows = 2 * max(scale.rows)
    factor = math.sqrt(1 + 0.01 * (rows - 1))
    return Size(
        f"a correlation of 0.01 between the {rows} cells of a column makes the error "
        f"of their sum {factor:.2g} times as large"
    )


def _radiation(scale: Scale) -> Size:
    channels, config = 2 * sum(scale.cols), scale.config
    updates = config.solve.duration * (config.dac.update_rate or 10e6)
    bits = channels * updates * (config.dac.bits or 12)
    rate = bits / 1e6 * 1000e-9
    return Size(
        f"{amount(bits)} bits of waveforms x 1,000 upsets in 1e9 hours a megabit: one "
        f"in {amount(1 / rate)} hours; filaments hold no charge"
    )


def _field(scale: Scale) -> Size:
    side = max(*scale.rows, *scale.cols) * PITCH
    volts = 2 * math.pi * 50 * 1e-3 * side**2
    return Size(
        f"1 mT at 50 Hz through {amount(side, 'm')} squared: {amount(volts * 1e12)} pV",
        scale.of_rows(volts),
    )


CELLS = (
    Neglected(
        "a cell's own heat",
        _heat,
        "it bends the largest cells alone, as cell.iv does",
        "assumption: 1e6 K/W, from 1e5 to 1e7; process.cell_tc_lrs of a whole chip",
    ),
    Neglected(
        "heat of neighbouring cells",
        _neighbours,
        "common to a column, and trimmed with its gain",
        "assumption: a twentieth of a cell's rise reaches a neighbour",
    ),
    Neglected(
        "capacitance of a cell",
        _dielectric,
        "far beyond the band of a solve",
        "assumption: HfO2 of 5 nm, relative permittivity 25, 100 nm wide",
    ),
    Neglected(
        "1/f noise of access transistors",
        _transistor_noise,
        "smaller than that of the cell in series, which cell.read.flicker has",
        "assumption: 1e-24 V^2 F, as op_amp.flicker, on 0.35 x 0.35 um^2",
    ),
    Neglected(
        "leakage of closed transistors and junctions",
        _leakage,
        "a constant current, trimmed as an offset; it doubles each 10 K",
        "assumption: 1 pA a cell at 27 C",
    ),
    Neglected(
        "wear: a range that narrows with programmings",
        _wear,
        "runs that rewrite report the part of the endurance that ten years take",
        "energy.CONSTANTS, programming.endurance",
    ),
    Neglected(
        "disturb of neighbours while a cell is written",
        _half_selected,
        "their transistors are closed, and write-verify reads after all pulses",
        "assumption: 1T1R with a gate line for each row",
    ),
    Neglected(
        "correlation of errors of neighbouring cells",
        _correlation,
        "no source of a device gives one; gradients are common, and trimmed",
        "assumption: 0.01",
    ),
    Neglected(
        "radiation",
        _radiation,
        "one sample in very many is wrong, and the next is not",
        "assumption: 1,000 FIT a megabit of SRAM at sea level",
    ),
    Neglected(
        "magnetic fields and light",
        _field,
        "loops are small, packages opaque",
        "law of induction; assumption: 1 mT",
    ),
)


def _inductance(scale: Scale) -> Size:
    length = max(*scale.rows, *scale.cols) * PITCH
    delay = INDUCTANCE * length * max(scale.loads)
    return Size(
        f"{amount(length, 'm')} x 1 pH/um x {amount(max(scale.loads), 'S')}: a delay "
        f"of {amount(delay, 's')}",
        scale.of_delay(delay),
    )


def _crosstalk(scale: Scale) -> Size:
    c = 2 * COUPLING * PITCH
    delay = c / (scale.g_max / 2)
    return Size(
        f"{amount(c, 'F')} a cell to both neighbours over half of g_max: as a delay "
        f"of {amount(delay, 's')}",
        scale.of_delay(delay),
    )


def _ground(scale: Scale) -> Size:
    volts = scale.returned * RETURN
    return Size(
        f"{amount(scale.returned, 'A')} of all columns x 1 mohm: {amount(volts, 'V')} "
        f"at all inputs, times a noise gain of {amount(max(scale.noise_gains[:-1]))}",
        scale.of_inputs(volts),
    )


def _migration(scale: Scale) -> Size:
    current = scale.line_load * scale.config.crossbar.v_max / PEAK
    ratio = current / WIDTH / MIGRATION
    return Size(
        f"{amount(current, 'A')} rms in a bit line of {amount(WIDTH, 'm')}: "
        f"{amount(ratio)} of the 1 mA/um of ten years at 110 C"
    )


def _uneven_wires(scale: Scale) -> Size:
    c = scale.config.crossbar.wires
    ohms = max(c.word_line, c.bit_line) or LINE
    drop = ohms * scale.line_load * max(scale.rows) / 2
    part = 0.2 * drop / math.sqrt(max(scale.cols))
    return Size(
        f"a fifth of the {amount(drop)} that {amount(ohms, 'ohm')} a cell take, "
        f"independent over {max(scale.cols)} columns: {amount(part)}",
        scale.of_gain(part),
    )


def _contacts(scale: Scale) -> Size:
    part = 10 * scale.g_max / 2
    return Size(f"10 ohm over 2 / g_max: {amount(part)} of g, until verified", 0.0)


WIRES = (
    Neglected(
        "inductance of lines",
        _inductance,
        "far beyond the band of a solve",
        "assumption: 1 pH/um",
    ),
    Neglected(
        "crosstalk between lines",
        _crosstalk,
        "neighbours end in virtual grounds; what couples is a displacement current",
        "assumption: 0.1 fF/um",
    ),
    Neglected(
        "drop along the ground's return",
        _ground,
        "its noise is supply.ground_noise; the steady part follows the signal",
        "assumption: 1 mohm, as supply.ground_noise",
    ),
    Neglected(
        "electromigration",
        _migration,
        "no error: a limit of the lines' life, for the layout to keep",
        f"{_GF180}, table 14.3",
    ),
    Neglected(
        "spread of the wires' resistance",
        _uneven_wires,
        "smaller than the drop itself, which is on where wires are",
        "assumption: 20 %",
    ),
    Neglected(
        "contacts and vias of a cell",
        _contacts,
        "in series with the cell as write-verify reads it",
        "assumption: 10 ohm",
    ),
)
