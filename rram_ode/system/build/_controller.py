"""The sequence around the core of a configuration, and the time it takes."""

import math

from ...config import require_positive, RunConfig
from ...control import Controller, sequence


def build_controller(config: RunConfig) -> Controller | None:
    """The state machine of the sequence; `None` where it takes no cycles of its own.

    Pre-charge takes what the other phases leave of `solve.reset`, in whole cycles; a
    converter takes a cycle for each bit and two more.

    Raises:
        ValueError: If they leave nothing.
    """
    solve, c = config.solve, config.controller
    require_positive(config, "controller.clock")
    require_positive(config, "controller.wait", zero=True)
    if c.clock is None or not solve.reset > 0:
        return None
    cycles = lambda seconds: math.ceil(seconds * c.clock * (1 - 1e-9))
    convert = config.power.adc_bits + 2
    others = 1 + c.load + c.hold + convert
    precharge = cycles(solve.reset) - others
    if precharge < 1:
        raise ValueError(
            f"`solve.reset` = {solve.reset:g} s has no time to pre-charge: the other "
            f"phases take {others} cycles of `controller.clock` = {c.clock:g} Hz. Take "
            f"{(others + 1) / c.clock:g} s or more, a faster clock, or "
            "`controller.clock` = None."
        )
    run = max(1, cycles(solve.duration))
    return Controller(c.load, precharge, run, c.hold, convert)


def reset_time(config: RunConfig) -> float:
    """Seconds between two solves: the controller stepped from one to the next.

    A solve that is no whole number of cycles is held for the rest of its last.
    """
    duration, clock = config.solve.duration, config.controller.clock
    controller = build_controller(config)
    if controller is None or clock is None:
        return config.solve.reset
    found = sequence(controller, wait=config.controller.wait)
    held = controller.run / clock - duration
    return (found.period - controller.run) / clock + held
