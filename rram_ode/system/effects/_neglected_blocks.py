"""Effects of resistors, multipliers and integrators that are not simulated."""

from ._neglected import amount, Neglected, Size
from ._scale import PEAK, Scale


MISMATCH = 1e-3  # of equal resistors: as the source of `inverter.gain_std`


CHARGE = 1e-16  # C: as the source of `op_amp.injection`


_GF180 = "gf180mcu open PDK, docs/analog/spice/elec_specs"


def _resistors(scale: Scale) -> Size:
    return Size(f"{amount(MISMATCH)} of equal resistors", scale.of_gain(MISMATCH))


def _bent_resistors(scale: Scale) -> Size:
    rail = scale.config.amplifier.v_rail or 1.0
    part = 200e-6 * rail / PEAK
    return Size(
        f"200 ppm/V x {amount(rail / PEAK, 'V')} rms: {amount(part)}",
        scale.of_gain(part),
    )


def _warm_multipliers(scale: Scale) -> Size:
    part = 3e-4 * abs(scale.kelvin)
    return Size(
        f"300 ppm/K x {amount(abs(scale.kelvin), 'K')} from the trims: {amount(part)}",
        scale.of_gain(part),
    )


BLOCKS = (
    Neglected(
        "mismatch of feedback resistors",
        _resistors,
        "trim.columns gives each column its gain",
        "assumption: 1e-3, as inverter.gain_std",
    ),
    Neglected(
        "bend of resistors",
        _bent_resistors,
        "smaller than the spread of multipliers",
        f"{_GF180}: poly of 1 kohm per square, -200 ppm/V",
    ),
    Neglected(
        "multipliers over temperature",
        _warm_multipliers,
        "trim.tracking trims multipliers in use, at the temperature of use",
        "assumption: 300 ppm/K, tails whose current rises with T",
    ),
)


def _bent_capacitors(scale: Scale) -> Size:
    part = 7.6e-6 * scale.config.crossbar.v_max
    return Size(
        f"7.6 ppm/V x {amount(scale.config.crossbar.v_max, 'V')}: {amount(part)}",
        scale.of_gain(part),
    )


def _soakage(scale: Scale) -> Size:
    share = (scale.config.start.memory or 1e-3) / 10
    return Size(f"a tenth of start.memory: {amount(share)} of the state", share)


def _hand_over(scale: Scale) -> Size:
    volts = CHARGE / scale.config.integrator.capacitance
    return Size(
        f"0.1 fC / {amount(scale.config.integrator.capacitance, 'F')}: "
        f"{amount(volts * 1e6)} uV",
        scale.of_state(volts),
    )


def _hold_droop(scale: Scale) -> Size:
    c = scale.config
    leak = c.integrator.leak or 1e9
    held = (c.controller.hold + (c.adc.bits or 10)) / (c.controller.clock or 10e6)
    share = held / (leak * c.integrator.capacitance)
    return Size(
        f"{amount(held, 's')} of hold and conversion over {amount(leak, 'ohm')} x "
        f"{amount(c.integrator.capacitance, 'F')}: {amount(share)} of the state",
        share,
    )


INTEGRATORS = (
    Neglected(
        "bend of capacitors",
        _bent_capacitors,
        "small beside the spread of R C",
        f"{_GF180}: MIM of 1.5 fF/um^2, 7.6 ppm/V",
    ),
    Neglected(
        "dielectric absorption within a solve",
        _soakage,
        "start.memory has what passes from one sample to the next",
        "assumption: a tenth of what relaxes after a solve",
    ),
    Neglected(
        "charge of the switch at hand-over",
        _hand_over,
        "k T / C of the same switch is integrator.hold_noise",
        "assumption: 0.1 fC, as op_amp.injection",
    ),
    Neglected(
        "droop of a held end",
        _hold_droop,
        "the leak acts during the solve, which is longer",
        "integrator.leak or 1 Gohm, controller.hold, adc.bits",
    ),
)
