"""Configuration to live objects: nothing below has seen a configuration."""

import dataclasses
import math

import diffrax as dfx

from ._build_cell import build_cell as build_cell
from ._idealise import idealise as idealise
from ._rules import limit, require_positive
from .blocks import (
    AutoZero,
    DAC,
    FeedbackIntegrator,
    Multiplier,
    OP_AMPS,
    OpAmp,
    OpAmpNoise,
    Schedule,
)
from .config import (
    OpAmpConfig,
    RunConfig,
    WiresConfig,
)
from .control import Controller, sequence
from .crossbar import (
    AbstractMapping,
    ColumnScale,
    DifferentialPair,
    LayerScale,
    ReferenceColumn,
    Tiling,
    Wires,
)
from .devices import (
    LabClock,
    ReadNoise,
)
from .samplers import close_loop, Loop, LoopHeun, make_dynamic
from .scores import Design, Parasitics
from .sdes import AbstractSDE, ProbabilityFlow, ReverseSDE


SOLVERS = {"euler": dfx.Euler, "heun": LoopHeun, "tsit5": dfx.Tsit5}
PROCESSES = {"probability-flow": ProbabilityFlow, "reverse-sde": ReverseSDE}


def build_design(config: RunConfig) -> Design:
    """What all chips of the configuration share."""
    if config.fidelity == "ideal":
        config = idealise(config)
    c, amplifier, integrator = config.crossbar, config.amplifier, config.integrator
    require_positive(
        config, "crossbar.v_max", "crossbar.headroom", "crossbar.v_disturb"
    )
    require_positive(config, "amplifier.v_rail", "integrator.leak")
    require_positive(config, "integrator.offset_std", zero=True)
    require_positive(config, "integrator.mismatch_std", zero=True)
    cell = build_cell(config.cell)
    cell.iv.check(c.v_max if amplifier.clamp else math.inf)
    mapping: AbstractMapping = DifferentialPair(cell.range)
    if c.mapping == "reference":
        mapping = ReferenceColumn(cell.range, c.reference_mismatch)
    return Design(
        cell,
        mapping,
        FeedbackIntegrator(
            integrator.resistance,
            integrator.capacitance,
            0.0 if integrator.leak is None else 1 / integrator.leak,
            limit(integrator.v_rail),
        ),
        ColumnScale() if c.scale == "column" else LayerScale(),
        v_max=c.v_max,
        v_disturb=limit(c.v_disturb),
        headroom=c.headroom,
        v_rail=limit(amplifier.v_rail),
        v_clamp=c.v_max if amplifier.clamp else math.inf,
        v_out=1.0 if amplifier.v_rail is None else amplifier.v_rail,
        offset_std=integrator.offset_std,
        mismatch_std=integrator.mismatch_std,
        wires=_wires(c.wires),
        tiling=Tiling(c.tile_rows, c.tile_cols),
        rescale=c.rescale,
        remap=config.cell.stuck.remap,
        fit_bias=c.bias == "fitted",
    )


def _wires(config: WiresConfig) -> Wires | None:
    """`None` where no wire has a resistance."""
    wires = Wires(**dataclasses.asdict(config))
    ohms = (config.word_line, config.bit_line, config.driver, config.sense)
    return wires if any(ohms) else None


def build_loop(config: RunConfig, sde: AbstractSDE, noise: ReadNoise) -> Loop:
    """The circuit around the chips, for the noise laws of their cells."""
    if config.fidelity == "ideal":
        config = idealise(config)
    require_positive(config, "solve.start_std", "solve.tolerance")
    solve = config.solve
    loop = close_loop(
        PROCESSES[solve.process](sde, solve.beta_factor),
        Schedule(solve.t0, solve.t1, solve.warp),
        LabClock(solve.duration, reset_time(config)),
        read=noise,
        multiplier=Multiplier(config.multiplier.full_scale),
        dac=DAC(config.dac.bits, config.dac.update_rate),
        solver=SOLVERS[solve.solver](),
        num_steps=solve.num_steps,
        tolerance=solve.tolerance if solve.solver == "tsit5" else None,
        noise_hold=solve.noise_hold,
    )
    if config.fidelity != "dynamic":
        return loop
    require_positive(config, "op_amp.c_in", "op_amp.c_f", zero=True)
    c_in, c_f = config.op_amp.c_in, config.op_amp.c_f
    parasitics = Parasitics(c_in, c_f, c_in + c_f > 0)
    op_amp, own = build_op_amp(config.op_amp), build_op_amp_noise(config)
    require_positive(config, "op_amp.auto_zero")
    require_positive(config, "op_amp.injection", zero=True)
    zero = None
    if config.op_amp.auto_zero is not None:
        zero = AutoZero(config.op_amp.auto_zero, config.op_amp.injection)
    return make_dynamic(loop, op_amp, parasitics, own, zero)


def build_op_amp_noise(config: RunConfig) -> OpAmpNoise | None:
    """White noise of op-amps and resistors; `None` where all of it is off."""
    c = config.op_amp
    require_positive(config, "op_amp.e_n", "op_amp.i_n", zero=True)
    require_positive(config, "op_amp.temperature", "op_amp.noise_bandwidth")
    if not (c.e_n or c.i_n or c.temperature):
        return None
    bandwidth = c.noise_bandwidth
    if bandwidth is None:
        bandwidth = config.solve.num_steps / (2 * config.solve.duration)
    return OpAmpNoise(c.e_n, c.i_n, c.temperature or 0.0, bandwidth)


def build_controller(config: RunConfig) -> Controller | None:
    """The state machine of the sequence; `None` where it takes no cycles of its own.

    Pre-charge takes what the other phases leave of `solve.reset`, in whole cycles; a
    converter takes a cycle for each bit and two more.

    Raises:
        ValueError: If they leave nothing.
    """
    solve, c = config.solve, config.controller
    require_positive(config, "controller.clock", "controller.load", "controller.hold")
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


def build_op_amp(config: OpAmpConfig) -> OpAmp:
    """An op-amp of the class, with the values that are set."""
    base = OP_AMPS[config.kind]()
    names = ("gain", "gbw", "slew", "offset_std", "bias_current")
    given = {n: getattr(config, n) for n in names if getattr(config, n) is not None}
    return OpAmp(**{**{n: getattr(base, n) for n in names}, **given})
