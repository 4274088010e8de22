"""A closed loop whose steps and paths suit the noise of its chips."""

from typing import Any

import diffrax as dfx
import equinox as eqx
import numpy as np

from .._core._arrays import as_float, scalar, scalar_or_none
from .._core._identity import Identity
from ..blocks import CircuitNoise, DAC, Multiplier, Schedule
from ..noise import LabClock, ReadNoise, with_own_pole
from ._amplifiers import AmplifierPoles
from ._circuit_paths import plan_circuit
from ._closed_loop import ClosedLoop
from ._converters import Converters
from ._drift import AbstractDrift
from ._grid import most_steps, union_grid
from ._heun import LoopHeun
from ._one_piece import LAWS
from ._signals import PathSizes
from ._updates import UpdateErrors


class Silence(eqx.Module):
    """No read noise, whatever the laws of the chips: asked for by `read=SILENT`.

    For decks and references that have none. Chips without noise need none: their
    `ReadNoise()` has no law.
    """


SILENT = Silence()


def close_loop(
    drift: AbstractDrift,
    schedule: Schedule,
    clock: LabClock,
    *,
    read: ReadNoise | Silence,
    multiplier: Multiplier = Multiplier(),
    dac: DAC = DAC(),
    converters: Converters = Converters(),
    solver: dfx.AbstractSolver = LoopHeun(),
    num_steps: int = 200,
    tolerance: float | None = None,
    noise_hold: float | None = None,
    adjoint: dfx.AbstractAdjoint = dfx.RecursiveCheckpointAdjoint(),
    identity: Identity | None = None,
    pace: float = 1.0,
    circuit_noise: CircuitNoise = CircuitNoise(),
    noise_limit: float | None = None,
    updates: UpdateErrors | None = None,
    jitter: float | None = None,
    amplifiers: AmplifierPoles | None = None,
) -> ClosedLoop:
    """A loop whose steps and paths suit the noise of `read`.

    Every edge of a held signal is a step boundary. Noise ahead of a nonlinearity is
    resolved, never averaged: too few steps are refused. The loop solves chips with
    these laws alone, see `ClosedLoop.check`.

    Args:
        drift: What to solve: `NetworkDrift(process, readout)` for a network.
        schedule: Circuit time to diffusion time.
        clock: Duration of a solve, and of the reset between two.
        read: Noise laws of the chips that will be solved: `design.cell.read` or
            `chip.read`. `SILENT` solves chips that have noise without it.
        multiplier: Sets the full scale of the factors.
        dac: Plays embedding and multiplier factors, and held injected noise.
        converters: The DAC of the starts and the ADC of the ends.
        solver: A method of diffrax.
        num_steps: Even steps; with a `tolerance`, edges alone bound the steps.
        tolerance: Relative tolerance of adaptive steps; `None` takes `num_steps`.
        noise_hold: Hold of injected noise, in seconds; `None` for a Wiener process.
        adjoint: How gradients are taken through a solve.
        identity: The system that the loop belongs to; with `None` the loop takes any
            chip.
        pace: Factor of all times of the clock over the nominal ones.
        circuit_noise: Noise of the blocks around the arrays.
        noise_limit: Largest injected noise at the integrators' inputs, in volts.
        updates: Errors of the DAC's updates; `None` for none.
        jitter: Spread of the moment at which a solve ends, in seconds.
        amplifiers: Poles of the amplifiers, for white noise that has their own: it is
            held for an even step.

    Raises:
        ValueError: If `num_steps` does not resolve a noise, with the number that does.
    """
    if num_steps < 1:
        raise ValueError(f"`solve.num_steps` must be 1 or more; got {num_steps}.")
    duration = float(clock.duration)
    holds: dict[str, float] = {}
    plans: dict[str, Any] = {}
    laws = ReadNoise() if isinstance(read, Silence) else read
    for name in LAWS:
        law = getattr(laws, name)
        if law is None:
            continue
        if with_own_pole(law) is not None:
            plans[name], holds["read.white"] = (num_steps,), 1 / num_steps
            continue
        plans[name] = law.plan(clock)
        holds[f"read.{name}"] = float(law.interval(clock, plans[name])) / duration
    own_pole = with_own_pole(laws.white) is not None
    if own_pole and amplifiers is None:
        raise ValueError(
            "`cell.read.white.own_pole` is noise behind the amplifiers' poles: close "
            "the loop with `amplifiers=AmplifierPoles(...)`."
        )
    read_holds = {name: scalar(holds[f"read.{name}"]) for name in plans}
    if not own_pole and holds.get("read.white") == holds.get("read.thermal", 0.0):
        plans["thermal"] = "white"
    circuit, seconds = plan_circuit(circuit_noise, clock)
    holds |= {name: hold / duration for name, hold in seconds.items()}
    for name, hold in holds.items():
        if tolerance is None and num_steps * hold < 1 - 1e-5:
            raise ValueError(
                f"`solve.num_steps` = {num_steps} (of {duration / num_steps:g} s) "
                f"does not resolve `{name}`, held {hold * duration:g} s: take "
                f"{int(np.ceil(1 / hold - 1e-5))} steps or more."
            )
    waves = None
    if dac.update_rate is not None:
        waves = dac.sized_for.num_holds(clock.sized_for)
        holds["dac"] = float(dac.interval) / duration
    injected, injected_hold, noise_dac = None, duration / num_steps, None
    if drift.has_diffusion:
        if noise_hold is not None:
            if not noise_hold > 0:
                raise ValueError(
                    "`solve.noise_hold` must be positive, in seconds; got "
                    f"{noise_hold:g}."
                )
            injected_hold, noise_dac = noise_hold, DAC(dac.bits, inl=dac.inl)
        holds["injected"] = injected_hold / duration
        longest = clock.sized_for if noise_hold is not None else duration
        injected = int(np.ceil(longest / injected_hold * (1 - 1e-6)))
    if updates is not None and dac.update_rate is None:
        raise ValueError(
            "`dac.glitch`, `dac.skew` and `dac.jitter` are errors of updates, and a "
            "continuous DAC has none: set `dac.update_rate`, or all three to 0."
        )
    if jitter is not None and not jitter >= 0:
        raise ValueError(f"`solve.jitter` must be 0 or more, in s; got {jitter:g}.")
    if noise_limit is not None and noise_hold is None and drift.has_diffusion:
        raise ValueError(
            "`solve.limit_noise` needs noise that is held: what a limit leaves of a "
            "Wiener process depends on the step. Set `solve.noise_hold`, or leave the "
            "limit out."
        )
    grid, most = (
        union_grid(num_steps if tolerance is None else 1, [*holds.values()]),
        None,
    )
    if clock.longest is not None or dac.fastest is not None:
        # The longest solve has most edges of holds in seconds, and as many of others.
        in_seconds = {"read.thermal", "supply.noise", "dac"}
        in_seconds |= set() if own_pole else {"read.white"}
        in_seconds |= set() if noise_hold is None else {"injected"}
        share = duration / clock.sized_for
        fast = {}
        if waves is not None:
            fast["dac"] = float(dac.sized_for.interval / dac.interval)
        least = [
            h * (share if name in in_seconds else 1) * fast.get(name, 1)
            for name, h in holds.items()
        ]
        most = most_steps(num_steps, least)
    return ClosedLoop(
        drift=drift,
        schedule=schedule,
        clock=clock,
        multiplier=multiplier,
        dac=dac,
        solver=solver,
        grid=as_float(grid),
        tolerance=None if tolerance is None else scalar(tolerance),
        plan=PathSizes(
            **plans,
            injected=injected,
            waves=waves,
            is_silent=isinstance(read, Silence),
            circuit=circuit,
            own_pole=own_pole,
            late=None if updates is None or updates.jitter is None else waves,
        ),
        injected_hold=scalar(injected_hold),
        read_holds=read_holds,
        adjoint=adjoint,
        converters=converters,
        noise_dac=noise_dac,
        identity=identity,
        pace=scalar(pace),
        circuit_noise=circuit_noise,
        noise_limit=scalar_or_none(noise_limit),
        updates=updates,
        jitter=scalar_or_none(jitter),
        amplifiers=amplifiers if own_pole else None,
        most_steps=most,
    )
