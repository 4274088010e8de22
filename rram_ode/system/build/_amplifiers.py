"""Poles of the amplifiers that white noise of the cells passes."""

import math

from ...config import require, RunConfig
from ...energy import CONSTANTS
from ...loop import AmplifierPoles


def build_amplifiers(config: RunConfig) -> AmplifierPoles:
    """Those that the run simulates or pays for.

    Fidelity `dynamic` simulates op-amps, which filter the noise themselves. In
    `quasi-static` the run pays for op-amps that are each as fast as its noise gain
    needs; an `op_amp.gbw` of its own makes noise wider than that, never narrower.

    Raises:
        ValueError: If `op_amp.gbw` is not positive.
    """
    if config.fidelity == "dynamic":
        return AmplifierPoles(math.inf)
    require("op_amp.gbw", config.op_amp.gbw)
    return AmplifierPoles(needed_pole(config.solve.duration), config.op_amp.gbw)


def needed_pole(duration: float) -> float:
    """Closed-loop bandwidth of the op-amps that a quasi-static run pays for, in Hz."""
    return CONSTANTS["amplifier.speed"].nominal / duration
