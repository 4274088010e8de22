"""Noise that a run leaves out, and whether it may."""

import math

from scipy.constants import Boltzmann

from ..chip import Chip
from ..config import RunConfig
from .build import build_auto_zero


KELVIN = 300.0


SILENT = 0.01  # of a unit of the state: what may be left out; assumed


LEFT = 100e-6  # volts that auto-zero may leave where none is simulated; assumed


def require_quiet(config: RunConfig, chip: Chip) -> None:
    r"""Refuse an integrator so small that the noise of its resistor is no detail.

    A resistor R moves the voltage of a capacitor C by $\sqrt{2 k T \tau / (R C^2)}$
    within $\tau$ seconds. Only fidelity `dynamic` with `op_amp.resistor_noise`
    simulates it.

    Raises:
        ValueError: With the displacement and the capacitance that would do.
    """
    _require_stored(config)
    simulated = config.fidelity == "dynamic" and config.op_amp.resistor_noise
    if config.fidelity == "ideal" or simulated:
        return
    c, duration = config.integrator, config.solve.duration
    variance = 2 * Boltzmann * KELVIN * duration / (c.resistance * c.capacitance**2)
    moved = math.sqrt(variance) / float(chip.score.volts_in)
    if moved > SILENT:
        # At one time constant R C the variance falls as 1 / C.
        least = c.capacitance * (moved / SILENT) ** 2
        raise ValueError(
            f"`integrator.capacitance` = {c.capacitance:.3g} F: the thermal noise of "
            f"`integrator.resistance` moves the state by {moved:.2g}, above the "
            f"{SILENT:g} that a run may leave out: take {least:.3g} F or more at the "
            "same R C, or `fidelity` dynamic with `op_amp.resistor_noise`."
        )


def _require_stored(config: RunConfig) -> None:
    """Refuse an auto-zero capacitor that holds no offset, where nothing else tells.

    Fidelity `dynamic` simulates what the capacitor leaves; `quasi-static` the charge
    alone, with `op_amp.static_errors`, and nothing without.
    """
    zero = build_auto_zero(config.op_amp)
    if config.fidelity != "quasi-static" or zero is None:
        return
    c, charge = float(zero.capacitance), float(zero.injection)
    charge = 0.0 if config.op_amp.static_errors else charge
    left = math.hypot(math.sqrt(Boltzmann * KELVIN / c), charge / c)
    if left > LEFT:
        raise ValueError(
            f"`op_amp.auto_zero` = {c:.3g} F leaves {left * 1e6:.3g} uV of offset by "
            f"k T / C and `op_amp.injection`, above the {LEFT * 1e6:g} uV that a "
            "quasi-static run may leave out: take a larger capacitor, or `fidelity` "
            "dynamic."
        )
