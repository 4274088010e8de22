"""Noise that a run leaves out, and whether it may."""

import math

from scipy.constants import Boltzmann

from ..chip import Chip
from ..config import RunConfig


KELVIN = 300.0


SILENT = 0.01  # of a unit of the state: what may be left out; assumed


def require_quiet(config: RunConfig, chip: Chip) -> None:
    r"""Refuse an integrator so small that the noise of its resistor is no detail.

    A resistor R moves the voltage of a capacitor C by $\sqrt{2 k T \tau / (R C^2)}$
    within $\tau$ seconds. Only fidelity `dynamic` with `op_amp.resistor_noise`
    simulates it.

    Raises:
        ValueError: With the displacement and the capacitance that would do.
    """
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
