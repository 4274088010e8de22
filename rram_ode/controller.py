"""`python -m rram_ode.controller`: the sequence around the core, its properties."""

import dataclasses
import sys
from typing import Annotated, Literal

import tyro

from .commands import command, load_preset
from .config import apply_overrides
from .control import AbstractController, check_controller, FAULTS
from .system import build_controller


MOST_CYCLES = 20_000  # of a solve; ring has 200: 1,921 states


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Check the four properties of a preset's controller in every state.

    Exit status 1 where one is broken, with the shortest way to break it.
    """

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """Whose controller; `python -m rram_ode.sample --list` names them."""
    fault: Literal["none", *FAULTS] = "none"  # type: ignore[valid-type]
    """Break it first: what the check then finds."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, e.g. controller.load=4."""


def main() -> None:
    """Run the command line."""
    arguments = tyro.cli(Arguments, prog="python -m rram_ode.controller")
    config = apply_overrides(load_preset(arguments.preset), arguments.set)
    sound = build_controller(config)
    if sound is None:
        raise ValueError(
            "there is no controller: `controller.clock` and `solve.reset` must be "
            "positive."
        )
    if sound.run > MOST_CYCLES:
        raise ValueError(
            f"a solve of {sound.run} cycles has too many states to visit: take a "
            f"`solve.duration` of {MOST_CYCLES} cycles of `controller.clock` at most."
        )
    controller: AbstractController = sound
    if arguments.fault != "none":
        controller = FAULTS[arguments.fault](sound)
    phases = ", ".join(
        f"{name} {cycles}" for name, cycles in dataclasses.asdict(sound).items()
    )
    print(f"cycles of {arguments.preset}: {phases}")
    verdicts = check_controller(controller)
    for verdict in verdicts:
        print(verdict.text)
    if not all(verdict.holds for verdict in verdicts):
        sys.exit(1)


if __name__ == "__main__":
    command(main)
