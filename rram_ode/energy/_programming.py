r"""Pulses, joules and seconds of writing a chip, by the error that is left.

A cell is written by tries, each followed by a read that verifies it. A try lands at the
target with a spread $\sigma_1$ and is kept within $\pm a$, which leaves an even error
of the spread $\sigma = a / \sqrt{3}$. The number of tries is geometric:

$$n = 1 / \operatorname{erf}\bigl(\sqrt{3}\,\sigma / (\sqrt{2}\,\sigma_1)\bigr)$$

so that half the error takes twice the pulses. NeuRRAM (W. Wan et al., Nature 2022,
Extended Data Fig. 3) gives $\sigma_1$: 8.5 pulses a cell for $\pm 1\ \mu S$ of
40 uS. A verifying read of b bits takes the energy of an ADC of b bits.
"""

import dataclasses
import math

from scipy.special import erf

from ._constant import Constant, Value, Values
from ._converters import adc_constant, adc_energy, BITS


# A spread below the resolution of single precision is no spread: it is priced as this.
FINEST = 2.0**-24


# Assumption: steps of a tenth of the write error are an analog target.
STEPS_PER_SPREAD = 10.0


CONTINUOUS = 16  # fewest bits of an analog target, as of every continuous converter


PROGRAMMING: dict[str, Constant] = {
    "programming.pulse": Constant(
        0.15e-9,
        1.5e-9,
        15e-9,
        "J",
        "assumed: 1.75 V for 8.5 us (NeuRRAM) at 100 uA, 10 uA to 1 mA",
    ),
    "programming.spread": Constant(
        0.02,
        0.17,
        0.3,
        "1",
        "assumed: spread of a single try over g_max; 0.17 is 8.5 pulses a cell for "
        "+-1 uS of 40 uS (NeuRRAM)",
    ),
    "programming.duration": Constant(
        50e-9, 8.5e-6, 100e-6, "s", "NeuRRAM: pulses of 8.5 us; NeuroSim: 50 ns"
    ),
    "programming.read": adc_constant(8, 180e-9),
    "programming.endurance": Constant(
        1e5,
        1e6,
        1e11,
        "1",
        "assumed: programmings that a cell stands; 1e11 small steps, five decades more "
        "than of the whole range: analog RRAM, IEDM 2018, 10.1109/IEDM.2018.8614664",
    ),
    "programming.bit": Constant(
        10e-9, 100e-9, 1e-6, "s", "assumed: time of a verifying read per bit"
    ),
}


@dataclasses.dataclass(frozen=True)
class Programming:
    """What the cells of a chip are written to.

    Args:
        spread: Spread of the write error over g_max, a mean over the range.
        levels: Number of targets; `None` for an analog target, whose read resolves a
            tenth of `spread`, in `CONTINUOUS` bits or more.
        tries: Number of times that a cell is written to `spread`, above 1 where a
            narrower limit verifies the result again.
        is_pulse: Whether such a time is one pulse, as in a loop that a run simulates
            pulse by pulse; else it takes the tries that leave `spread`, above.
        extra: Pulses per cell beside those, such as the ones that find stuck cells.
    """

    spread: float = 1 / 40 / math.sqrt(3)
    levels: int | None = 1024
    tries: float = 1.0
    is_pulse: bool = False
    extra: float = 0.0

    @property
    def bits(self) -> int:
        """Resolution of a verifying read, in bits."""
        if self.levels is not None:
            return max(math.ceil(math.log2(self.levels)), 1)
        step = math.sqrt(12) * max(self.spread, FINEST) / STEPS_PER_SPREAD
        return max(math.ceil(-math.log2(step)), CONTINUOUS)

    def pulses(self, values: Values) -> Value:
        """Pulses per cell, a mean."""
        if self.is_pulse:
            return self.tries + self.extra
        limit = math.sqrt(3) * max(self.spread, FINEST)
        chance = erf(limit / (math.sqrt(2) * values["programming.spread"]))
        return self.tries / chance + self.extra

    def energy(self, values: Values) -> Value:
        """Energy to write one cell, in joules."""
        read = values["programming.read"] * _relative_read(self.bits)
        return self.pulses(values) * (values["programming.pulse"] + read)

    def duration(self, values: Values) -> Value:
        """Time to write one cell, in seconds."""
        read = values["programming.bit"] * self.bits
        return self.pulses(values) * (values["programming.duration"] + read)


def _relative_read(bits: int) -> float:
    """Energy of a read over that of 8 bits; beyond the fit a bit takes four times."""
    low, high = BITS
    inside = adc_energy(min(max(bits, low), high), 180e-9) / adc_energy(8, 180e-9)
    return inside * 4.0 ** max(bits - high, 0)
