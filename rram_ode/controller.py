"""`python -m rram_ode.controller`: the sequence around the core, its properties."""

import dataclasses
import sys
from typing import Annotated, Literal

import tyro

from . import commands
from .control import FAULTS


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Check the four properties of a preset's controller in every state.

    Exit status 1 where one is broken, with the shortest way to break it.
    """

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """Whose controller; `python -m rram_ode.sample --list` names them."""
    fault: Literal["none", *FAULTS] = "none"  # type: ignore[valid-type]
    """Break the controller first, to see what the check then finds."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, e.g. controller.load=4."""


def main() -> None:
    """Run the command line."""
    arguments = commands.parse_arguments(Arguments, "python -m rram_ode.controller")
    config = commands.configure(arguments.preset, arguments.set)
    sys.exit(commands.run_controller(arguments.preset, config, arguments.fault))


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
