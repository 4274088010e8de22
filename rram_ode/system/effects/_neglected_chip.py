"""Effects of converters, supply and die that are not simulated, with sizes."""

import math

from ._neglected import amount, Neglected, Size
from ._scale import RATE, Scale, WHOLE


NOMINAL_BITS = 12  # of a converter where the configuration has a continuous one


BOUNCE, COUPLED = 10e-3, 1e-3  # V of a digital edge in the substrate, and its share


PACKAGE = 50.0  # K/W from die to surroundings: assumed, a small package


GRADIENT = 0.1  # of the die's rise, between its parts: assumed


# 1/K, resistors' and cells' together.
COEFFICIENTS = abs(WHOLE.process.resistor_tc) + abs(WHOLE.process.cell_tc_lrs)


SLOPE = 10.0  # relative change per metre (1 % per mm) of resistors: assumed


SIDE = 45e-6  # metres of an op-amp with its passive parts: assumed, 0.002 mm^2


def _dac(scale: Scale) -> Size:
    bits = scale.config.dac.bits or NOMINAL_BITS
    part = 2.0**-bits
    return Size(f"1 LSB of {bits} bits: {amount(part)}", scale.of_gain(part))


def _dac_settling(scale: Scale) -> Size:
    return Size("a time constant of 5 ns: a delay", scale.of_delay(5e-9))


def _start(scale: Scale) -> Size:
    c = scale.config.start
    bits = c.bits or NOMINAL_BITS
    volts = 2 * c.full_scale * scale.config.crossbar.v_max / 2**bits
    return Size(
        f"1 LSB of {bits} bits: {amount(volts, 'V')}",
        scale.of_state(volts),
    )


def _adc(scale: Scale) -> Size:
    c = scale.config.adc
    bits = c.bits or NOMINAL_BITS
    volts = c.full_scale * scale.config.crossbar.v_max / 2**bits
    return Size(
        f"half of an LSB of {bits} bits: {amount(volts, 'V')}",
        scale.of_state(volts),
    )


def _kick(scale: Scale) -> Size:
    share = 1e-13 / scale.config.integrator.capacitance
    return Size(
        f"0.1 pF / {amount(scale.config.integrator.capacitance, 'F')} = "
        f"{amount(share)}, which the integrator's op-amp gives back before the ADC "
        "decides",
        0.0,
    )


def _clock(scale: Scale) -> Size:
    return Size("50 ppm of the solve's duration", scale.of_gain(50e-6))


def _controller(scale: Scale) -> Size:
    del scale
    return Size("no reachable state breaks one of the four properties", 0.0)


CONVERTERS = (
    Neglected(
        "uneven steps of the waveforms' DAC",
        _dac,
        "blocks.DAC.fabricate has them; common to both coordinates",
        "assumption: 1 LSB",
    ),
    Neglected(
        "settling of the waveforms' DAC",
        _dac_settling,
        "dac.glitch and dac.skew have what is larger",
        "assumption: 5 ns",
    ),
    Neglected(
        "uneven steps of the starts' DAC",
        _start,
        "starts are wide",
        "assumption: 1 LSB",
    ),
    Neglected(
        "uneven steps of the ADC",
        _adc,
        "adc.noise spreads them",
        "assumption: half of an LSB",
    ),
    Neglected("kick-back of the ADC", _kick, "the hold waits", "assumption: 0.1 pF"),
    Neglected(
        "error of the clock's frequency",
        _clock,
        "trim.rc measures R C by the same clock",
        "assumption: a crystal of 50 ppm",
    ),
    Neglected(
        "faults of the sequence",
        _controller,
        "python -m rram_ode.controller checks every state",
        "rram_ode.control",
    ),
)


def _reference_noise(scale: Scale) -> Size:
    return Size("10 uV of 1 V: 1e-05 of every full scale", scale.of_gain(1e-5))


def _package(scale: Scale) -> Size:
    rejection = scale.config.supply.rejection
    volts = 2e-9 * 1e-3 / 1e-6 / rejection
    return Size(
        f"2 nH x 1 mA/us over a rejection of {rejection:g}: {amount(volts * 1e9)} nV",
        scale.of_inputs(volts),
    )


def _pads(scale: Scale) -> Size:
    return Size("1 nA x 1 kohm of the reference's 1 V", scale.of_gain(1e-6))


def _substrate(scale: Scale) -> Size:
    clock = scale.config.controller.clock or 10e6
    left = min(1.0, RATE / (2 * math.pi * clock * scale.duration))
    volts = BOUNCE * COUPLED * left
    return Size(
        f"10 mV x 1e-03 at {amount(clock, 'Hz')}, of which {amount(left)} is in the "
        f"loop's band: {amount(volts * 1e9)} nV at all inputs",
        scale.of_inputs(volts),
    )


SUPPLY = (
    Neglected(
        "noise of the reference",
        _reference_noise,
        "one factor of all converters",
        "assumption: 10 uV of 1 V",
    ),
    Neglected(
        "inductance of the package",
        _package,
        "supply.noise has the ripple that it adds to",
        "assumption: 2 nH, 1 mA in 1 us",
    ),
    Neglected(
        "leakage of pads and their protection",
        _pads,
        "signals stay on the chip; the reference has a pad",
        "assumption: 1 nA",
    ),
    Neglected(
        "coupling through the substrate",
        _substrate,
        "what keeps step with the clock is an offset, and trimmed",
        "assumption: 10 mV, a thousandth of it coupled",
    ),
)


def _die_heat(scale: Scale) -> Size:
    del scale
    return Size(f"{PACKAGE:g} K above the surroundings for each watt of a report")


def _heat_gradient(scale: Scale) -> Size:
    part = GRADIENT * PACKAGE * COEFFICIENTS / math.sqrt(12)
    return Size(
        f"a tenth of {PACKAGE:g} K, of one watt, x {COEFFICIENTS:g}/K / sqrt(12): "
        f"{amount(part)} of R_f G",
        scale.of_gain(part),
    )


def _slope(scale: Scale) -> Size:
    side = math.sqrt(scale.amplifiers) * SIDE
    part = SLOPE * side / math.sqrt(12)
    return Size(
        f"1 % per mm x {amount(side, 'm')} / sqrt(12): {amount(part)}",
        scale.of_gain(part),
    )


def _stress(scale: Scale) -> Size:
    return Size("1e-03 of resistors, common", scale.of_gain(1e-3))


DIE = (
    Neglected(
        "heat of the die",
        _die_heat,
        "cell.temperature is that of the warm die, and the bench sees it warm",
        f"assumption: {PACKAGE:g} K/W",
    ),
    Neglected(
        "gradient of temperature over the die",
        _heat_gradient,
        "trim.columns takes it while the power stays",
        "assumption: a tenth of the die's rise; coefficients of a whole chip",
    ),
    Neglected(
        "gradients of the process over the die",
        _slope,
        "trim.columns gives each column its gain; pairs are laid out crossed",
        "assumption: 1 % per mm, 0.002 mm^2 an op-amp",
    ),
    Neglected(
        "stress of the package",
        _stress,
        "trims come after packaging",
        "assumption: 1e-3",
    ),
)
