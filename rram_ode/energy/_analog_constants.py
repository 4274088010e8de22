"""Constants of the analog machine: on one chip (a projection), and on a board.

The two sets are never mixed. Nobody published a breakdown of the paper's 0.36 W.
"""

from ._constant import Constant
from ._converters import adc_constant


_GBW = "assumed: order of magnitude of an on-chip op-amp"


_PART = "assumed: discrete parts from memory, no data sheet at hand"


INTEGRATED: dict[str, Constant] = {
    "supply": Constant(
        1.8, 3.3, 3.3, "V", "assumed: I/O transistors at 180 nm, ground at mid-rail"
    ),
    "amplifier.overdrive": Constant(0.1, 0.2, 0.3, "V", _GBW),
    "amplifier.load": Constant(
        0.3e-12, 1e-12, 10e-12, "F", "assumed: a bit line and the next input"
    ),
    "amplifier.branches": Constant(
        2.0, 4.0, 8.0, "1", "assumed: currents of two stages and bias over the pair's"
    ),
    "amplifier.speed": Constant(
        5.0,
        20.0,
        100.0,
        "1",
        "assumed: closed-loop bandwidth times T_solve; at 20 a stage's lag is 0.8 % of "
        "the schedule",
    ),
    "multiplier.power": Constant(
        50e-6, 200e-6, 1e-3, "W", "assumed: a Gilbert cell at 180 nm"
    ),
    "dac.power": Constant(
        20e-6, 100e-6, 500e-6, "W", "assumed: one channel with its buffer"
    ),
    "reference.power": Constant(
        20e-6, 200e-6, 1e-3, "W", "assumed: bias, mid-rail ground and full scales"
    ),
    "controller.power": Constant(
        10e-6, 100e-6, 1e-3, "W", "assumed: a sequencer at 180 nm, clock included"
    ),
    "memory.bit": Constant(
        0.5e-12,
        3e-12,
        10e-12,
        "J/bit",
        "assumed: an 8 KB SRAM of 45 nm (Horowitz) scaled to 180 nm, outside the fit",
        180e-9,
        1.8,
    ),
    "adc.conversion": adc_constant(8, 180e-9),
}


BOARD: dict[str, Constant] = {
    "board.supply": Constant(5.0, 10.0, 30.0, "V", "assumed: +-5 V, up to +-15 V"),
    "board.amplifier": Constant(
        1e-3,
        1.71e-3,
        70e-3,
        "W",
        "assumed: solved, so that 93 op-amps and the rest draw 0.36 W; 10 to 70 mW are "
        "usual",
    ),
    "board.multiplier": Constant(
        25e-3,
        40e-3,
        180e-3,
        "W",
        "assumed: low power at +-5 V; 120 mW of the AD633 class alone pass 0.36 W",
    ),
    "board.dac": Constant(0.25e-3, 1e-3, 5e-3, "W", _PART),
    "board.reference": Constant(1e-3, 5e-3, 20e-3, "W", _PART),
    "board.controller": Constant(
        10e-3,
        20e-3,
        300e-3,
        "W",
        "assumed: its share; a whole STM32F4 at full clock draws more than 100 mW",
    ),
    "board.conversion": Constant(
        1e-9, 10e-9, 100e-9, "J", "assumed: 12-bit ADC of the microcontroller"
    ),
}


SHARED: dict[str, Constant] = {
    "random.normal": Constant(
        1e-12, 5e-12, 20e-12, "J", "assumed: one normal from a hash of 10 operations"
    ),
    "programming.cell": Constant(
        1.5e-9,
        15e-9,
        150e-9,
        "J",
        "assumed: 1 to 100 pulses of 1.75 V and 8.5 us (NeuRRAM) at 100 uA",
    ),
    "reset.share": Constant(
        0.1, 1.0, 1.0, "1", "assumed: share of the static power between two solves"
    ),
}
