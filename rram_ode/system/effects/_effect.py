"""What a line of the table of errors is made from: an effect that settings turn on."""

import dataclasses
import math
from collections.abc import Callable

from ...config import RunConfig
from ._scale import Scale


HOT = 58.0  # kelvin above the trims, of examples at 358 K


ROUND = math.sqrt(12)  # a step over the rms error of rounding


@dataclasses.dataclass(frozen=True)
class Condition:
    """What else must hold, beside an effect's own settings, for it to act.

    Args:
        text: The condition in words, as it follows "needs".
        holds: Whether a configuration meets it.
    """

    text: str
    holds: Callable[[RunConfig], bool]


@dataclasses.dataclass(frozen=True)
class Effect:
    """An error, a limit or a remedy that the simulator has, and the settings behind it.

    Args:
        name: What it is.
        knobs: Dotted names of the settings that turn it on: with all of them as
            `config.idealise` leaves them, it is off.
        shape: Settings that only shape it.
        example: Settings `PATH=VALUE` that turn it on where all errors are off.
        needs: What must hold besides; `None` for nothing.
        size: Displacement of the ends by `example`, rms, in units of x; `None` for a
            limit or a remedy, which moves no sample by itself.
        why: Why it may be off, or what stands in its place.
    """

    name: str
    knobs: tuple[str, ...]
    shape: tuple[str, ...] = ()
    example: tuple[str, ...] = ()
    needs: Condition | None = None
    size: Callable[[Scale], float] | None = None
    why: str = "a whole chip has it"


def under(group: str, *names: str) -> tuple[str, ...]:
    """The dotted names of settings of one group."""
    return tuple(f"{group}.{name}" for name in names)


DYNAMIC = Condition("fidelity=dynamic", lambda c: c.fidelity == "dynamic")


STATIC = Condition(
    "fidelity=dynamic or op_amp.static_errors=True",
    lambda c: c.fidelity == "dynamic" or c.op_amp.static_errors,
)


WARM = Condition(
    "cell.temperature other than process.trim_temperature",
    lambda c: c.cell.temperature != c.process.trim_temperature,
)
