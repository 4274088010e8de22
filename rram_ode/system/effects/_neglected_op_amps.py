"""Effects of op-amps and drivers that are not simulated, each with its size."""

import math

from ._neglected import amount, Neglected, Size
from ._scale import PEAK, Scale


REJECTION = 1e-4  # 80 dB of common mode in a follower: assumed


YEARS = 10 * 365.25 * 86400


HELD_LEAK = 1e-14  # A of the switch of an auto-zero at 27 C: assumed


FLICKER = 3e-6  # V at 1 Hz: as the source of `op_amp.flicker`


STAGES = 3  # a row driver, a rectifier and an inverter between two layers


def _common_mode(scale: Scale) -> Size:
    volts = scale.config.crossbar.v_max * REJECTION / PEAK
    return Size(
        f"none at + inputs on ground; followers: v_max x 80 dB, a third of it "
        f"a bend: {amount(volts, 'V')}",
        scale.of_rows(volts),
    )


def _distortion(scale: Scale) -> Size:
    left = max(scale.noise_gains) / float(scale.op_amp.gain)
    part = 0.3 * left
    return Size(
        f"noise gain {amount(max(scale.noise_gains))} over a gain of "
        f"{amount(float(scale.op_amp.gain))}, x 0.3: {amount(part)}",
        scale.of_gain(part),
    )


def _second_pole(scale: Scale) -> Size:
    delay = len(scale.cols) / (2 * math.pi * 3 * scale.gbw)
    return Size(
        f"{len(scale.cols)} amplifiers, each a pole at three times the "
        f"gain-bandwidth: a delay of {amount(delay, 's')}",
        scale.of_delay(delay),
    )


def _slow_rows(scale: Scale) -> Size:
    # A follower has a noise gain of 1, a rectifier and an inverter of 2.
    delay = 5 * len(scale.cols) / (2 * math.pi * scale.gbw)
    return Size(
        f"{len(scale.cols)} layers x (1 + 2 + 2) / 2 pi {amount(scale.gbw, 'Hz')}: a "
        f"delay of {amount(delay, 's')}",
        scale.of_delay(delay),
    )


def _noisy_rows(scale: Scale) -> Size:
    volts = scale.e_n * math.sqrt(STAGES * scale.band)
    return Size(
        f"{amount(scale.e_n * 1e9)} nV/sqrt(Hz) of {STAGES} op-amps in the loop's "
        f"{amount(scale.band, 'Hz')}: {amount(volts * 1e6)} uV",
        scale.of_rows(volts),
    )


def _flickering_rows(scale: Scale) -> Size:
    volts = FLICKER * math.sqrt(STAGES * math.log(1e5))
    return Size(
        f"3 uV x sqrt({STAGES} ln 1e5) of {STAGES} op-amps: {amount(volts, 'V')}, "
        "less what an auto-zero takes",
        scale.of_rows(volts),
    )


def _warm_speed(scale: Scale) -> Size:
    delay = sum(scale.noise_gains) / (2 * math.pi * scale.gbw)
    change = abs(scale.kelvin) / 300
    return Size(
        f"gm in proportion to 1 / T: {amount(100 * change)} % of a delay of "
        f"{amount(delay, 's')} at {amount(scale.kelvin, 'K')} above the trims",
        scale.of_delay(change * delay),
    )


def _zero_droop(scale: Scale) -> Size:
    farads = scale.config.op_amp.auto_zero or 10e-12
    leak = HELD_LEAK * 2 ** (scale.kelvin / 10)
    volts = leak * scale.duration / farads
    return Size(
        f"{amount(leak, 'A')} x {amount(scale.duration, 's')} / "
        f"{amount(farads, 'F')}: {amount(volts * 1e9)} nV",
        scale.of_inputs(volts),
    )


def _own_heat(scale: Scale) -> Size:
    rail = scale.config.amplifier.v_rail or 1.0
    watts = rail**2 / min(scale.feedbacks)
    volts = watts * 100 * 2e-6
    return Size(
        f"{amount(watts, 'W')} of the output stage x 100 K/W x 2 uV/K: "
        f"{amount(volts * 1e9)} nV",
        scale.of_inputs(volts),
    )


def _old_transistors(scale: Scale) -> Size:
    age = scale.config.cell.age or 0.0
    volts = 1e-6 * (max(age, scale.duration) / YEARS) ** 0.2
    return Size(
        "10 mV in 10 years at the full supply, as its cube: 10 uV at a tenth of it, "
        f"a tenth of that between a pair; {amount(volts * 1e9)} nV at this age",
        scale.of_rows(volts),
    )


OP_AMPS = (
    Neglected(
        "common-mode rejection",
        _common_mode,
        "the linear part is driver.gain_std",
        "assumption: 80 dB",
    ),
    Neglected(
        "harmonic distortion of op-amps",
        _distortion,
        "loop gain divides it",
        "assumption: the gain falls by 0.3 towards the rails",
    ),
    Neglected(
        "second poles of op-amps",
        _second_pole,
        "a phase margin of 60 degrees is required of each op-amp",
        "blocks.OpAmpProcess, second_pole",
    ),
    Neglected(
        "bandwidth of row drivers, rectifiers, inverters",
        _slow_rows,
        "amplifiers are slower by their noise gain; op_amp.gbw has those",
        "op_amp.gbw",
    ),
    Neglected(
        "white noise of row drivers, rectifiers, inverters",
        _noisy_rows,
        "amplifiers multiply theirs by the noise gain; op_amp.e_n has those",
        "op_amp.e_n",
    ),
    Neglected(
        "1/f noise of row drivers, rectifiers, inverters",
        _flickering_rows,
        "amplifiers multiply theirs by the noise gain; op_amp.flicker has those",
        "assumption: 3 uV, as op_amp.flicker on a chip",
    ),
    Neglected(
        "speed of op-amps over temperature",
        _warm_speed,
        "a bias of constant gm takes it back",
        "assumption: gm falls as 1 / T at a constant current",
    ),
    Neglected(
        "droop of the stored offset",
        _zero_droop,
        "a solve is short; the leak doubles each 10 K",
        "assumption: 10 fA",
    ),
    Neglected(
        "heat of an output stage at its input pair",
        _own_heat,
        "a pair is laid out across the heat's gradient",
        "assumption: 100 K/W, 2 uV/K",
    ),
    Neglected(
        "ageing of transistors",
        _old_transistors,
        "auto-zero takes that of amplifiers",
        "assumption: bias-temperature instability, the fifth root of time",
    ),
)
