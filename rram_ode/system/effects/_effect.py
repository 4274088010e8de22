"""What a line of the table of errors is made from: an effect that settings turn on."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

from ...config import override_all, parse_pairs, read, RunConfig
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
        size: Displacement of the ends, rms, in units of x, by the value that `example`
            gives the effect's own setting; `None` for a limit or a remedy, which moves
            no sample by itself.
        why: Why it may be off, or what stands in its place; empty where only the whole
            chip says it.
    """

    name: str
    knobs: tuple[str, ...]
    shape: tuple[str, ...] = ()
    example: tuple[str, ...] = ()
    needs: Condition | None = None
    size: Callable[[Scale, Any], float] | None = None
    why: str = ""

    @property
    def value(self) -> Any:
        """What `example` gives the first of its settings that turns the effect on."""
        config = override_all(RunConfig(), parse_pairs(self.example))
        given = [pair.partition("=")[0] for pair in self.example]
        return read(config, next(name for name in self.knobs if name in given))

    def moves(self, scale: Scale) -> float | None:
        """Displacement by `example`, rms, in units of x; `None` without a size."""
        return None if self.size is None else self.size(scale, self.value)


def under(group: str, *names: str) -> tuple[str, ...]:
    """The dotted names of settings of one group."""
    return tuple(f"{group}.{name}" for name in names)


DYNAMIC = Condition("fidelity=dynamic", lambda c: c.fidelity == "dynamic")


STATIC = Condition(
    "fidelity=dynamic or op_amp.static_errors=True",
    lambda c: c.fidelity == "dynamic" or c.op_amp.static_errors,
)


GUIDED = Condition("guidance.weight above 0", lambda c: c.guidance.weight > 0)


SWITCHED = Condition(
    f"guidance.circuit=switched and {GUIDED.text}",
    lambda c: GUIDED.holds(c) and c.guidance.circuit == "switched",
)


DECODES = Condition("decoder.circuit=analog", lambda c: c.decoder.circuit == "analog")


WARM = Condition(
    "cell.temperature other than process.trim_temperature",
    lambda c: c.cell.temperature != c.process.trim_temperature,
)
