"""What the continuous loop buys over converters, on pictures of digits."""

from typing import Any

from rram_ode.accelerators import AbstractConversion
from rram_ode.system import System

from ._result import Row
from .discrete_steps import Bench, delta, plain, RIVAL as RIVAL, table_of, WHOLE


NUM_SAMPLES, NUM_CHIPS, STEPS = 100, 2, 20
CASES: dict[str, tuple[AbstractConversion, int]] = {
    "8 bits": (WHOLE, STEPS),
    "6 bits": (plain(6), STEPS),
    "delta, 4 bits, 8 every 10": (delta(4), STEPS),
}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """The loop and machines that step, on few samples: cells have slow noise each."""
    num, chips = options.num_samples or NUM_SAMPLES, options.num_chips or NUM_CHIPS
    bench = Bench(System.from_preset("digits"), "digits", num, chips)
    return table_of(bench, CASES), {"num_samples": num, "num_chips": chips}
