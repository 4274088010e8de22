"""The circuit around the chips of a configuration."""

import dataclasses
import math

import diffrax as dfx

from ..._core._identity import Identity
from ...blocks import CircuitNoise, Multiplier, MultiplierPole, Schedule
from ...config import (
    idealise,
    limit,
    MultiplierConfig,
    require_below,
    require_positive,
    RunConfig,
    SolveConfig,
)
from ...loop import (
    AbstractLoop,
    close_loop,
    ClosedLoop,
    LoopHeun,
    make_dynamic,
    NetworkDrift,
    Silence,
    switch_loop,
    SwitchedLoop,
    UpdateErrors,
)
from ...noise import LabClock, ReadNoise
from ...scores import AbstractReadout, ScoreReadout
from ...sdes import (
    AbstractSDE,
    flow_along,
    reverse_along,
    ReverseSDE,
    VelocityFlow,
)
from ._amplifiers import build_amplifiers
from ._circuit_noise import build_circuit_noise
from ._controller import require_settled, reset_time
from ._converters import build_converters, build_dac, require_priced
from ._op_amp import (
    build_auto_zero,
    build_op_amp,
    build_op_amp_noise,
    build_parasitics,
    design_op_amp,
)


PROCESSES = {"probability-flow": flow_along, "reverse-sde": reverse_along}


SOLVERS = {"euler": dfx.Euler, "heun": LoopHeun, "tsit5": dfx.Tsit5}


def build_drift(
    config: RunConfig, sde: AbstractSDE, readout: AbstractReadout
) -> NetworkDrift:
    """The drift that the loop integrates.

    `solve.score_factor` is that of the flow's score. The reverse SDE has twice the
    flow's, so that the same more is half as much of it.

    Raises:
        ValueError: If the factor is not 1 for a velocity, or not positive.
    """
    require_positive(config, "solve.score_factor")
    solve, factor = config.solve, config.solve.score_factor
    process = PROCESSES[solve.process](sde, solve.beta_factor)
    if isinstance(process, VelocityFlow) and factor != 1:
        raise ValueError(
            "`solve.score_factor` must be 1 for a network that predicts a velocity: "
            f"there is no score; got {factor:g}."
        )
    if isinstance(process, ReverseSDE):
        factor = 1 + (factor - 1) / 2
    return NetworkDrift(process, readout, factor)


def build_schedule(solve: SolveConfig) -> Schedule:
    """The schedule from circuit time to diffusion time."""
    return Schedule(solve.t0, solve.t1, solve.warp, solve.lead)


def build_loop(
    config: RunConfig,
    sde: AbstractSDE,
    noise: ReadNoise | Silence,
    *,
    readout: AbstractReadout = ScoreReadout(),
    identity: Identity | None = None,
    pace: float = 1.0,
) -> AbstractLoop:
    """The circuit around the chips, for the noise laws of their cells.

    Args:
        config: All settings of the run.
        sde: What the network was trained on.
        noise: The laws, or `SILENT` to solve without read noise and noise of
            the blocks around the arrays.
        readout: What the output of the network stands for.
        identity: Identity of the loop's system; a loop of `None` takes any chip.
        pace: Factor of the clock's times in `config`; see `paced`.
    """
    reset, is_silent = reset_time(config), isinstance(noise, Silence)
    if config.fidelity == "ideal":
        config = idealise(config)
    else:
        require_priced(config)
        require_settled(config)
    require_positive(config, "solve.duration", "solve.start_std", "solve.tolerance")
    require_positive(config, "solve.longest")
    require_positive(config, "multiplier.bandwidth")
    solve = config.solve
    why = "a hundredth of the solve, as it acts to first order"
    require_below("solve.jitter", solve.jitter, 0.01 * solve.duration, why)
    require_below("solve.lead", solve.lead, solve.duration, "the solve's duration")
    closed = close_loop(
        build_drift(config, sde, readout),
        build_schedule(solve),
        LabClock(solve.duration, reset, solve.longest),
        read=noise,
        multiplier=Multiplier(config.multiplier.full_scale),
        dac=build_dac(config.dac),
        converters=build_converters(config),
        solver=SOLVERS[solve.solver](),
        num_steps=solve.num_steps,
        tolerance=solve.tolerance if solve.solver == "tsit5" else None,
        noise_hold=solve.noise_hold,
        identity=identity,
        pace=pace,
        noise_limit=_noise_limit(config),
        updates=_updates(config),
        jitter=solve.jitter or None,
        circuit_noise=CircuitNoise() if is_silent else build_circuit_noise(config),
        amplifiers=build_amplifiers(config),
    )
    is_switched = config.guidance.weight and config.guidance.circuit == "switched"
    loop = _switched(config, closed) if is_switched else closed
    if config.fidelity != "dynamic":
        return loop
    return make_dynamic(
        loop,
        build_op_amp(config.op_amp),
        build_parasitics(
            config.op_amp, config.crossbar.wires, config.cell.devices_per_weight
        ),
        build_op_amp_noise(config),
        build_auto_zero(config.op_amp, config.cell.temperature),
        _pole(config.multiplier),
        design_op_amp(config.op_amp),
    )


def _switched(config: RunConfig, loop: ClosedLoop) -> SwitchedLoop:
    """`loop` around an array that is switched between labels."""
    guidance = config.guidance
    why = "as an array needs a part of its turn to settle"
    require_below("guidance.acquisition", guidance.acquisition, 1.0, why)
    return switch_loop(loop, guidance.switch_rate, guidance.acquisition)


def paced(config: RunConfig, pace: float) -> RunConfig:
    """`config` with all times that the chip's clock counts `pace` times as long."""
    solve, clock = config.solve, config.controller.clock
    hold, rate = solve.noise_hold, config.dac.update_rate
    longest, fastest = solve.longest, config.dac.fastest
    return dataclasses.replace(
        config,
        solve=dataclasses.replace(
            solve,
            duration=pace * solve.duration,
            reset=pace * solve.reset,
            longest=None if longest is None else pace * longest,
            noise_hold=None if hold is None else pace * hold,
        ),
        controller=dataclasses.replace(
            config.controller, clock=None if clock is None else clock / pace
        ),
        dac=dataclasses.replace(
            config.dac,
            update_rate=None if rate is None else rate / pace,
            fastest=None if fastest is None else fastest / pace,
        ),
        guidance=dataclasses.replace(
            config.guidance, switch_rate=config.guidance.switch_rate / pace
        ),
    )


def _updates(config: RunConfig) -> UpdateErrors | None:
    """`None` where updates add nothing."""
    c = config.dac
    if c.update_rate is not None:
        why = "a fifth of an update, so that five standard deviations fit"
        require_below("dac.skew", c.skew, 0.2 / c.update_rate, why)
        require_below("dac.jitter", c.jitter, 0.2 / c.update_rate, why)
    if not (c.glitch or c.skew or c.jitter):
        return None
    return UpdateErrors(c.glitch, c.skew, c.jitter or None)


def _noise_limit(config: RunConfig) -> float | None:
    """Largest output of a multiplier, whose full scale is a factor on 1 V."""
    if not config.solve.limit_noise:
        return None
    return min(config.multiplier.full_scale, limit(config.amplifier.v_rail))


def _pole(c: MultiplierConfig) -> MultiplierPole | None:
    """`None` where multipliers are infinitely fast."""
    if c.bandwidth is None or math.isinf(c.bandwidth):
        return None
    return MultiplierPole(c.bandwidth)
