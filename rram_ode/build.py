"""Configuration to live objects: nothing below has seen a configuration."""

import dataclasses
import math
from typing import Any

import diffrax as dfx

from ._build_cell import build_cell as build_cell
from ._build_controller import (
    build_controller as build_controller,
    reset_time as reset_time,
)
from ._build_op_amp import (
    build_auto_zero as build_auto_zero,
    build_op_amp as build_op_amp,
    build_op_amp_noise as build_op_amp_noise,
)
from ._build_rectifier import build_rectifier as build_rectifier
from ._idealise import idealise as idealise
from ._identity import Identity
from ._rules import limit, require_positive
from .blocks import (
    DAC,
    FeedbackIntegrator,
    Multiplier,
    MultiplierPole,
    MultiplierSpread,
    Schedule,
    StartHold,
)
from .config import MultiplierConfig, RunConfig, StartConfig, WiresConfig
from .crossbar import (
    AbstractMapping,
    ColumnScale,
    DifferentialPair,
    LayerScale,
    ReferenceColumn,
    Tiling,
    Wires,
)
from .devices import LabClock, ReadNoise
from .samplers import close_loop, Loop, LoopHeun, make_dynamic, Silence
from .scores import Design, Parasitics
from .sdes import AbstractSDE, flow_along, reverse_along


PROCESSES = {"probability-flow": flow_along, "reverse-sde": reverse_along}
CIRCUIT = (
    "fidelity",
    "crossbar",
    "amplifier",
    "rectifier",
    "op_amp",
    "dac",
    "multiplier",
    "integrator",
    "start",
)
SOLVERS = {"euler": dfx.Euler, "heun": LoopHeun, "tsit5": dfx.Tsit5}


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
        rectifier=build_rectifier(config.rectifier),
        multiplier=_multiplier(config.multiplier),
        start=_start(config.start),
        wires=_wires(c.wires),
        tiling=Tiling(c.tile_rows, c.tile_cols),
        rescale=c.rescale,
        remap=config.cell.stuck.remap,
        fit_bias=c.bias == "fitted",
    )


def _multiplier(c: MultiplierConfig) -> MultiplierSpread | None:
    """`None` where no multiplier errs."""
    spread = MultiplierSpread(c.gain_std, c.signal_std, c.factor_std, c.offset_std)
    errs = c.gain_std or c.signal_std or c.factor_std or c.offset_std
    return spread if errs else None


def _start(c: StartConfig) -> StartHold | None:
    """`None` where a start is what the DAC gave."""
    hold = StartHold(c.injection, c.leakage, c.hold)
    return hold if c.injection or c.leakage * c.hold else None


def _wires(config: WiresConfig) -> Wires | None:
    """`None` where no wire has a resistance."""
    wires = Wires(**dataclasses.asdict(config))
    ohms = (config.word_line, config.bit_line, config.driver, config.sense)
    return wires if any(ohms) else None


def build_identity(config: RunConfig, record: dict[str, Any]) -> Identity:
    """What chips and loops of `config` are made for; numerics and costs are left out.

    Args:
        config: Of the run.
        record: Of the checkpoint.
    """
    clock = {"duration": config.solve.duration, "reset": reset_time(config)}
    if config.fidelity == "ideal":
        config = idealise(config)
    solve, groups = config.solve, dataclasses.asdict(config)
    names = ("process", "beta_factor", "noise_hold")
    return Identity(
        {
            "network": record["sha256"],
            "process": [record["sde"], *(groups["solve"][name] for name in names)],
            "clock": {**clock, "t": (solve.t0, solve.t1, solve.warp)},
            "cell": groups["cell"],
            "circuit": {name: groups[name] for name in CIRCUIT},
        }
    )


def build_loop(
    config: RunConfig,
    sde: AbstractSDE,
    noise: ReadNoise | Silence,
    *,
    identity: Identity | None = None,
) -> Loop:
    """The circuit around the chips, for the noise laws of their cells.

    Args:
        config: Of the run.
        sde: What the network was trained on.
        noise: The laws, or `SILENT` to solve without read noise.
        identity: Of the system that the loop belongs to; `None` takes any chip.
    """
    if config.fidelity == "ideal":
        config = idealise(config)
    require_positive(config, "solve.start_std", "solve.tolerance")
    require_positive(config, "multiplier.bandwidth")
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
        identity=identity,
    )
    if config.fidelity != "dynamic":
        return loop
    require_positive(config, "op_amp.c_in", "op_amp.c_f", zero=True)
    c_in, c_f = config.op_amp.c_in, config.op_amp.c_f
    parasitics = Parasitics(c_in, c_f, c_in + c_f > 0)
    return make_dynamic(
        loop,
        build_op_amp(config.op_amp),
        parasitics,
        build_op_amp_noise(config),
        build_auto_zero(config.op_amp),
        _pole(config.multiplier),
    )


def _pole(c: MultiplierConfig) -> MultiplierPole | None:
    """`None` where multipliers are infinitely fast."""
    if c.bandwidth is None or math.isinf(c.bandwidth):
        return None
    return MultiplierPole(c.bandwidth)
