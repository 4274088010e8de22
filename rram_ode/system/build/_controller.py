"""The sequence around the core of a configuration, and the time it takes."""

import math

from ...blocks import OP_AMPS
from ...config import require_positive, RunConfig
from ...control import Controller, sequence
from ...energy import CONVERTER_BITS
from ._op_amp import build_auto_zero


LARGEST_OFFSET = 5.0  # spreads: one op-amp in two million has more


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
    """Refuse a reset that is too short to pre-charge, or to store the offsets.

    Raises:
        ValueError: With the reset that would do.
    """
    _require_starts(config)
    _require_zeroed(config)


def _require_zeroed(config: RunConfig) -> None:
    r"""Refuse a pre-charge in which the auto-zero's capacitors do not settle.

    An op-amp charges the capacitor C to its offset through the switch's resistance R as
    a follower of the gain-bandwidth f, within $RC + 1 / (2 \pi f)$. An offset of five
    spreads must fall to what the switch leaves, $k T / C$ and its charge. Without the
    dynamics of op-amps, the switch alone takes time.
    """
    c = config.op_amp
    zero = build_auto_zero(c, config.cell.temperature)
    if zero is None or c.kind == "ideal":
        return
    base = OP_AMPS[c.kind]()
    value = lambda name: float(getattr(base if getattr(c, name) is None else c, name))
    switch = c.zero_resistance * float(zero.capacitance)
    constant = switch
    if config.fidelity == "dynamic":
        constant += 1 / (2 * math.pi * value("gbw"))
    largest, left = LARGEST_OFFSET * value("offset_std"), zero.left()
    constants = math.log(largest / left) if largest > left else 0.0
    needed, given, enough = _precharge(config, constants * constant)
    if given < needed * (1 - 1e-9):
        raise ValueError(
            f"`solve.reset` = {config.solve.reset:g} s leaves {given:.3g} s to store "
            f"the op-amps' offsets, which takes {needed:.3g} s: {constants:.3g} time "
            f"constants, {switch:.3g} s of them `op_amp.zero_resistance` = "
            f"{c.zero_resistance:g} ohm with {float(zero.capacitance):.3g} F. Take a "
            f"reset of {enough:.4g} s or more, or a smaller resistance or "
            "`op_amp.auto_zero`."
        )


def _precharge(config: RunConfig, needed: float) -> tuple[float, float, float]:
    """`needed` seconds, those that pre-charge has, and the reset that would do."""
    reset, clock = config.solve.reset, config.controller.clock
    controller = build_controller(config)
    if controller is None or clock is None:
        return needed, reset, needed
    others = controller.busy - controller.precharge
    enough = (others + math.ceil(needed * clock * (1 - 1e-9))) / clock
    return needed, controller.precharge / clock, enough


def _require_starts(config: RunConfig) -> None:
    r"""Refuse a reset in which the integrators do not reach their starts.

    A capacitor C that is charged through R keeps $e^{-t / RC}$ of its difference from
    the start before it. The largest difference, two full scales, must fall to half a
    step of the start's DAC of b bits, which takes $(b + 1) \ln 2$ time constants. (A
    continuous DAC counts as the finest that is priced.)

    Raises:
        ValueError: If pre-charge is shorter than that.
    """
    solve, start = config.solve, config.start
    bits = CONVERTER_BITS["start"][1] if start.bits is None else start.bits
    constants = (bits + 1) * math.log(2)
    needed = constants * start.resistance * config.integrator.capacitance
    needed, given, enough = _precharge(config, needed)
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
