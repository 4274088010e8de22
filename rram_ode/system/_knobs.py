"""All settings of a system with their values, units and sources."""

import dataclasses
from typing import Any

from .._core._units import format_quantity
from ..config import combines, leaves, read, RunConfig
from ._system import System


@dataclasses.dataclass(frozen=True)
class Knob:
    """One setting.

    Args:
        name: Dotted name, as for `--set` and `System.replace`.
        value: Value in the SI base unit, or text.
        unit: The SI base unit; empty for a pure number or text.
        when: When its randomness is drawn: never, per chip, per lab time, per sample.
        role: Who decides it: design, process, environment or numerical.
        pays: What a change of a design knob costs, or the settings whose errors it
            moves; empty for other roles.
        help: What it is.
        combines: What it acts together with.
        source: Paper and figure, or "assumption".

    Example:
        >>> import rram_ode as rr
        >>> all_knobs = rr.knobs(rr.System.from_preset("ring"))
        >>> knob = next(k for k in all_knobs if k.name == "solve.reset")
        >>> knob.text, knob.role, knob.pays
        ('12 us', 'design', 'seconds, joules')
    """

    name: str
    value: Any
    unit: str
    when: str
    role: str
    pays: str
    help: str
    combines: str
    source: str

    @property
    def text(self) -> str:
        """The value with its unit and a prefix."""
        if isinstance(self.value, float):
            return format_quantity(self.value, self.unit)
        return str(self.value)


def knobs(system: System | RunConfig) -> list[Knob]:
    """Every setting of `system`, in the order of its configuration.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring")
        >>> [k.text for k in rr.knobs(system) if k.name == "solve.duration"]
        ['20 us']
    """
    config = system.config if isinstance(system, System) else system
    return [
        Knob(
            name,
            read(config, name),
            field.metadata["unit"],
            field.metadata["when"],
            field.metadata["role"],
            field.metadata["pays"],
            field.metadata["help"],
            combines(config, name),
            field.metadata["source"],
        )
        for name, field in leaves(config)
    ]
