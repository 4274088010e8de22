"""Noise that a run leaves out, and whether it may."""

import dataclasses
import math

from scipy.constants import Boltzmann

from ..blocks import KELVIN, OpAmpProcess
from ..chip import Chip
from ..config import RunConfig
from .build import build_auto_zero
from .effects import SMALL


LEFT = 23e-6  # volts that auto-zero may leave unsimulated, as the on-chip class's does


UP = 1.01  # above rounding, so that what is advised will do


LONG = 0.1  # of a solve: R C that every multiplier has room for; assumed


LOUDEST = 106e-6  # volts of an op-amp's noise that may stay unsimulated: the class's


def require_quiet(config: RunConfig, chip: Chip) -> None:
    r"""Refuse an integrator so small that the noise of its resistor is no detail.

    A resistor R moves the voltage of a capacitor C by $\sqrt{2 k T \tau / (R C^2)}$
    within $\tau$ seconds. Only fidelity `dynamic` with `op_amp.resistor_noise`
    simulates it.

    Raises:
        ValueError: With the displacement and the capacitance that would do.
    """
    _require_stored(config)
    _require_silent(config)
    simulated = config.fidelity == "dynamic" and config.op_amp.resistor_noise
    if config.fidelity == "ideal" or simulated:
        return
    c, duration = config.integrator, config.solve.duration
    variance = 2 * Boltzmann * KELVIN * duration / (c.resistance * c.capacitance**2)
    moved = math.sqrt(variance) / float(chip.score.volts_in)
    if moved > SMALL:
        raise ValueError(
            f"`integrator.capacitance` = {c.capacitance:.3g} F: the thermal noise of "
            f"`integrator.resistance` moves the state by {moved:.2g}, above the "
            f"{SMALL:g} that a run may leave out: take {_quiet(config, moved)}, or "
            "`fidelity` dynamic with `op_amp.resistor_noise`."
        )


def _quiet(config: RunConfig, moved: float) -> str:
    """The capacitor whose noise is a detail, in words.

    With the same resistor the state's displacement falls as 1 / C. Where R C would then
    be long, which the multipliers pay for, it falls as its root at the same R C.
    """
    c, factor = config.integrator, UP * moved / SMALL
    least = c.capacitance * factor
    if c.resistance * least <= LONG * config.solve.duration:
        return f"{least:.3g} F or more"
    least, ohms = factor * least, c.resistance / factor**2
    return f"{least:.3g} F and `integrator.resistance` = {ohms:.3g} ohm, the same R C"


def _require_stored(config: RunConfig) -> None:
    """Refuse an auto-zero capacitor that holds no offset, where nothing else tells.

    Fidelity `dynamic` simulates what the capacitor leaves; `quasi-static` the charge
    alone, with `op_amp.static_errors`, and nothing without.
    """
    if config.fidelity != "quasi-static":
        return
    zero = build_auto_zero(config.op_amp, config.cell.temperature)
    is_simulated, spread = config.op_amp.static_errors, config.op_amp.offset_std
    if zero is None:
        if not is_simulated and spread is not None and spread > LEFT:
            raise ValueError(
                f"`op_amp.offset_std` = {spread:g} V without `op_amp.auto_zero` is "
                f"above the {LEFT * 1e6:g} uV that a quasi-static run may leave out: "
                "take a capacitor that stores it, a smaller spread, "
                "`op_amp.static_errors`, or `fidelity` dynamic."
            )
        return
    if is_simulated:
        zero = dataclasses.replace(zero, injection=0.0)
    c, left = float(zero.capacitance), zero.left()
    if left > LEFT:
        raise ValueError(
            f"`op_amp.auto_zero` = {c:.3g} F leaves {left * 1e6:.3g} uV of offset by "
            f"k T / C and `op_amp.injection`, above the {LEFT * 1e6:g} uV that a "
            "quasi-static run may leave out: take a larger capacitor, or `fidelity` "
            "dynamic."
        )


def _require_silent(config: RunConfig) -> None:
    r"""Refuse a Miller capacitor whose op-amp is noisy, where nothing simulates it.

    The noise of an input pair in its own gain-bandwidth, $8 k T \gamma (1 + \eta) /
    g_{m1}$ with the bandwidth $g_{m1} / 4 C_c$, is $2 k T \gamma (1 + \eta) / C_c$
    whatever the current.
    """
    c = config.op_amp
    if config.fidelity != "quasi-static":  # which pays for op-amps on the chip
        return
    process = OpAmpProcess()
    charge = 2 * Boltzmann * KELVIN * process.gamma * (1 + process.load_noise)
    if charge > LOUDEST**2 * c.c_c:
        raise ValueError(
            f"`op_amp.c_c` = {c.c_c:.3g} F: the input pair's noise is "
            f"{math.sqrt(charge / c.c_c) * 1e6:.3g} uV in its own bandwidth, above the "
            f"{LOUDEST * 1e6:g} uV that a quasi-static run may leave out: take "
            f"{charge / LOUDEST**2:.3g} F or more, or `fidelity` dynamic."
        )
