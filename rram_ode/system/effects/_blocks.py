"""Effects of row drivers, rectifiers, multipliers and integrators."""

import math

from scipy.constants import Boltzmann

from ...config import RunConfig
from ._effect import (
    Condition,
    DYNAMIC,
    Effect,
    GUIDED,
    HOT,
    SWITCHED,
    under,
    WARM,
)
from ._scale import Scale


DIODE, LOOP_GAIN = 0.6, 1e3  # a diode's drop in volts, and what divides it: assumed


LEAK = 1e9  # ohms, of the examples


def _is_held(config: RunConfig) -> bool:
    solve = config.solve
    return solve.process == "reverse-sde" and solve.noise_hold is not None


BLOCKS = (
    Effect(
        "offset of row drivers",
        ("driver.offset_std",),
        example=("driver.offset_std=20uV",),
        size=Scale.of_rows,
    ),
    Effect(
        "gain of row drivers",
        ("driver.gain_std",),
        example=("driver.gain_std=1e-4",),
        size=Scale.of_gain,
    ),
    Effect(
        "offset of inverters",
        ("inverter.offset_std",),
        example=("inverter.offset_std=40uV",),
        size=Scale.of_rows,
    ),
    Effect(
        "gain of inverters",
        ("inverter.gain_std",),
        example=("inverter.gain_std=1e-3",),
        size=Scale.of_gain,
    ),
    Effect(
        "offset of rectifiers",
        ("rectifier.offset_std",),
        example=("rectifier.offset_std=20uV",),
        size=Scale.of_rows,
    ),
    Effect(
        "gain of rectifiers",
        ("rectifier.gain_std",),
        example=("rectifier.gain_std=1e-3",),
        size=Scale.of_gain,
    ),
    Effect(
        "rectifiers made of diodes",
        ("rectifier.kind",),
        under("rectifier", "gain", "resistance", "saturation", "ideality"),
        ("rectifier.kind=precision",),
        size=lambda s, _: s.of_rows(DIODE / LOOP_GAIN),
        why="the board's circuit is not published; a loop divides the diode's drop",
    ),
    Effect(
        "gain of multipliers",
        ("multiplier.gain_std",),
        example=("multiplier.gain_std=0.01",),
        size=Scale.of_gain,
    ),
    Effect(
        "feed-through of multipliers",
        under("multiplier", "signal_std", "factor_std"),
        example=("multiplier.signal_std=1e-3",),
        size=Scale.of_gain,
    ),
    Effect(
        "offset of multipliers",
        ("multiplier.offset_std",),
        example=("multiplier.offset_std=1mV",),
        size=Scale.of_integrand,
    ),
    Effect(
        "drift of multipliers' offsets with temperature",
        ("process.multiplier_drift",),
        example=("cell.temperature=358K", "process.multiplier_drift=3e-6"),
        needs=WARM,
        size=lambda s, x: s.of_integrand(HOT * x),
    ),
    Effect(
        "bends of multipliers",
        under("multiplier", "signal_bend_std", "factor_bend_std"),
        example=("multiplier.signal_bend_std=1e-3",),
        size=Scale.of_gain,
    ),
    Effect(
        "white noise of multipliers",
        ("multiplier.noise",),
        example=("multiplier.noise=50e-9",),
        size=lambda s, x: s.of_integrand(x / math.sqrt(2 * s.duration)),
    ),
    Effect(
        "1/f noise of multipliers",
        ("multiplier.flicker",),
        example=("multiplier.flicker=3uV",),
        size=lambda s, x: s.of_integrand(x * math.sqrt(2 * s.e_folds)),
    ),
    Effect(
        "bandwidth of multipliers",
        ("multiplier.bandwidth",),
        example=("fidelity=dynamic", "multiplier.bandwidth=100MHz"),
        needs=DYNAMIC,
        size=lambda s, x: s.of_delay(2 / (2 * math.pi * x)),
        why="paid as 100 MHz or as fast as a solve needs",
    ),
    Effect(
        "injected noise cut at full scale",
        ("solve.limit_noise",),
        ("solve.noise_hold",),
        (
            "solve.process=reverse-sde",
            "solve.noise_hold=0.1us",
            "solve.limit_noise=True",
        ),
        Condition("solve.process=reverse-sde and solve.noise_hold", _is_held),
        why="a flow injects no noise",
    ),
)


TURNS = ("guidance.weight=1", "guidance.circuit=switched")


def _hold_noise(s: Scale, is_on: bool) -> float:
    """Of samples that are drawn apart in each period of a solve."""
    c, periods = s.config.guidance, s.duration * s.config.guidance.switch_rate
    heat = Boltzmann * s.config.cell.temperature * is_on
    return s.of_integrand(math.sqrt(heat / c.hold_capacitance / periods))


GUIDANCE = (
    Effect(
        "gain of the guidance stage",
        ("guidance.gain_std",),
        example=("guidance.weight=1", "guidance.gain_std=0.01"),
        needs=GUIDED,
        size=Scale.of_gain,
    ),
    Effect(
        "feed-through of the guidance stage",
        under("guidance", "signal_std", "factor_std"),
        example=("guidance.weight=1", "guidance.signal_std=1e-3"),
        needs=GUIDED,
        size=Scale.of_gain,
    ),
    Effect(
        "offset of the guidance stage",
        ("guidance.offset_std",),
        example=("guidance.weight=1", "guidance.offset_std=1mV"),
        needs=GUIDED,
        size=Scale.of_integrand,
    ),
    Effect(
        "bends of the guidance stage",
        under("guidance", "signal_bend_std", "factor_bend_std"),
        example=("guidance.weight=1", "guidance.signal_bend_std=1e-3"),
        needs=GUIDED,
        size=Scale.of_gain,
    ),
    Effect(
        "white noise of the guidance stage",
        ("guidance.noise",),
        example=("guidance.weight=1", "guidance.noise=50e-9"),
        needs=GUIDED,
        size=lambda s, x: s.of_integrand(x / math.sqrt(2 * s.duration)),
    ),
    Effect(
        "1/f noise of the guidance stage",
        ("guidance.flicker",),
        example=("guidance.weight=1", "guidance.flicker=3uV"),
        needs=GUIDED,
        size=lambda s, x: s.of_integrand(x * math.sqrt(s.e_folds)),
    ),
    Effect(
        "settling of the holds of a switched array",
        ("guidance.switch_resistance",),
        example=(*TURNS, "guidance.switch_resistance=10kohm"),
        needs=SWITCHED,
        size=lambda s, x: s.of_delay(x * s.config.guidance.hold_capacitance),
    ),
    Effect(
        "charge that switches leave on holds",
        under("guidance", "injection", "injection_std"),
        example=(*TURNS, "guidance.injection=1fC"),
        needs=SWITCHED,
        size=lambda s, x: s.of_integrand(x / s.config.guidance.hold_capacitance),
    ),
    Effect(
        "droop of holds",
        ("guidance.leakage",),
        example=(*TURNS, "guidance.leakage=1pA"),
        needs=SWITCHED,
        size=lambda s, x: s.of_integrand(
            x / s.config.guidance.hold_capacitance / (2 * s.config.guidance.switch_rate)
        ),
    ),
    Effect(
        "thermal noise of the switches of holds",
        ("guidance.hold_noise",),
        example=(*TURNS, "guidance.hold_noise=True"),
        needs=SWITCHED,
        size=_hold_noise,
    ),
)


INTEGRATORS = (
    Effect(
        "leak of integrators",
        ("integrator.leak",),
        example=("integrator.leak=1Gohm",),
        size=lambda s, x: s.duration / (x * s.config.integrator.capacitance),
    ),
    Effect(
        "leak over temperature",
        ("process.leak_doubling",),
        example=(
            "cell.temperature=358K",
            "integrator.leak=1Gohm",
            "process.leak_doubling=10K",
        ),
        needs=Condition(
            f"{WARM.text}, and integrator.leak",
            lambda c: WARM.holds(c) and c.integrator.leak is not None,
        ),
        size=lambda s, x: (
            2 ** (HOT / x) * s.duration / (LEAK * s.config.integrator.capacitance)
        ),
    ),
    Effect(
        "offset of integrators",
        ("integrator.offset_std",),
        example=("integrator.offset_std=20uV",),
        size=Scale.of_integrand,
    ),
    Effect(
        "mismatch of R C between integrators",
        ("integrator.mismatch_std",),
        example=("integrator.mismatch_std=0.001",),
        size=Scale.of_gain,
    ),
    Effect(
        "k T / C at hand-over",
        ("integrator.hold_noise",),
        example=("integrator.hold_noise=True",),
        size=lambda s, _: s.of_state(
            math.sqrt(Boltzmann * 300 / s.config.integrator.capacitance)
        ),
    ),
    Effect(
        "rails of integrators",
        ("integrator.v_rail",),
        example=("integrator.v_rail=1.2V",),
        why="a limit, whose hits are counted",
    ),
)
