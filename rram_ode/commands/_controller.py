"""The check of a configuration's controller, printed."""

import dataclasses

from ..config import RunConfig
from ..control import AbstractController, check_controller, FAULTS
from ..system import build_controller, System


MOST_CYCLES = 20_000  # of a solve; ring has 200: 1,921 states


def run_controller(preset: str, config: RunConfig, fault: str) -> int:
    """Check the four properties in every state and print them; the exit status.

    Args:
        preset: Name for the first line.
        config: All settings.
        fault: Name of a fault to put in first, or `none`.

    Raises:
        ValueError: If there is no controller, it has too many states, or the settings
            have no chip.
    """
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
    System.from_config(config)
    controller: AbstractController = sound
    if fault != "none":
        controller = FAULTS[fault](sound)
    phases = ", ".join(
        f"{name} {cycles}" for name, cycles in dataclasses.asdict(sound).items()
    )
    print(f"cycles of {preset}: {phases}")
    verdicts = check_controller(controller)
    for verdict in verdicts:
        print(verdict.text)
    return int(not all(verdict.holds for verdict in verdicts))
