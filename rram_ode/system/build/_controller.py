"""The sequence around the core of a configuration, and the time it takes."""

import math

from ...config import require_positive, RunConfig
from ...control import Controller, sequence
from ...energy import CONVERTER_BITS


def build_controller(config: RunConfig) -> Controller | None:
    """The state machine of the sequence; `None` where it takes no cycles of its own.

    Pre-charge takes what the other phases leave of `solve.reset`, in whole cycles; a
    converter takes a cycle for each bit and two more, a continuous one those of the
    finest.

    Raises:
        ValueError: If they leave nothing.
    """
    solve, c = config.solve, config.controller
    require_positive(config, "controller.clock")
    require_positive(config, "controller.wait", zero=True)
    if c.clock is None or not solve.reset > 0:
        return None
    cycles = lambda seconds: math.ceil(seconds * c.clock * (1 - 1e-9))
    bits = CONVERTER_BITS["adc"][1] if config.adc.bits is None else config.adc.bits
    convert = bits + 2
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


def require_settled(config: RunConfig) -> None:
    r"""Refuse a reset in which the integrators do not reach their starts.

    A capacitor C that is charged through R keeps $e^{-t / RC}$ of its difference from
    the start before it. The largest difference, two full scales, must fall to half a
    step of the start's DAC of b bits, which takes $(b + 1) \ln 2$ time constants. (A
    continuous DAC counts as the finest that is priced.)

    Raises:
        ValueError: If pre-charge is shorter than that.
    """
    solve, start, clock = config.solve, config.start, config.controller.clock
    bits = CONVERTER_BITS["start"][1] if start.bits is None else start.bits
    constants = (bits + 1) * math.log(2)
    needed = constants * start.resistance * config.integrator.capacitance
    controller = build_controller(config)
    if controller is None or clock is None:
        given, enough = solve.reset, needed
    else:
        given = controller.precharge / clock
        others = controller.busy - controller.precharge
        enough = (others + math.ceil(needed * clock * (1 - 1e-9))) / clock
    if given < needed * (1 - 1e-9):
        raise ValueError(
            f"`solve.reset` = {solve.reset:g} s leaves {given:.3g} s to pre-charge; "
            f"the integrators take {needed:.3g} s to reach half a step of `start.bits` "
            f"= {bits}: {constants:.3g} time constants of `start.resistance` = "
            f"{start.resistance:g} ohm and `integrator.capacitance` = "
            f"{config.integrator.capacitance:g} F. Take a reset of {enough:.4g} s or "
            "more, or a smaller resistance."
        )


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
