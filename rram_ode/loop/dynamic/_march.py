"""A batch through the dynamic circuit on fixed steps."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.tree_util as jtu
from jaxtyping import Array, Float, Integer

from ..._core._types import (
    Currents,
    Scalar,
    Seconds,
    State,
    Voltages,
)
from ...blocks import Propagator, Response, StageNoise, StageState
from .._signals import Signals
from .._waveforms import Waveforms
from ._circuit import Circuit
from ._ground import grounded, with_ground
from ._state import CircuitState
from ._turn import HoldPaths, Turn


class Propagators(eqx.Module):
    """Exact linear responses of all stages over steps of the lengths that occur.

    Args:
        layers: Responses of the amplifiers; a leading axis over the lengths.
        integrator: Responses of the integrators; a leading axis over the lengths.
        multipliers: Response of the multipliers, where they take time.
        lines: Responses of the word lines of each layer, where they take time.
    """

    layers: tuple[Response, ...]
    integrator: Response
    multipliers: Propagator | None = None
    lines: tuple[Propagator, ...] | None = None

    def at(self, which: Integer[Array, ""]) -> "Propagators":
        """For one length."""
        return jtu.tree_map(lambda leaf: leaf[which], self)


@eqx.filter_jit
def propagators(circuit: Circuit, lengths: Float[Array, " lengths"]) -> Propagators:
    """For each of `lengths`, in seconds."""
    over = lambda stage: jax.vmap(stage.propagator)(lengths)
    return Propagators(
        tuple(over(stage) for stage in circuit.layers),
        over(circuit.integrator),
        None if circuit.pole is None else over(circuit.pole),
        None if circuit.lines is None else tuple(over(p) for p in circuit.lines),
    )


def step(
    circuit: Circuit,
    waveforms: Waveforms,
    propagators: Propagators,
    u: CircuitState,
    tau0: Scalar,
    control: Signals,
    stages: tuple[StageNoise, ...] | None = None,
    turn: Turn | None = None,
) -> CircuitState:
    r"""All op-amps over one step, in the order of the signal.

    Each stage sees its input as the line with the true mean and end, answers with its
    exact linear response, and hands on its output's mean and end. The integrators are
    first predicted with a constant input, and corrected when the last layer is known:
    order 2, one pass through the network, and stable however fast an op-amp is. Where
    all are fast, it is the midpoint rule of the quasi-static loop. Multipliers with a
    pole are one more stage, predicted and corrected with the integrators. `stages` is
    noise of the op-amps, constant over the step. In the `turn` of a label an array is
    switched, and what it puts out goes on through the holds.

    Summing nodes that move change the current of non-linear cells: with the mean and
    end of their voltages the step of the stage is taken again.
    """
    stages = with_ground(stages, control.noise, control.ground)
    own = None if stages is None else stages[-1]
    dt = control.dt
    mean = waveforms.play(tau0 + dt / 2, control)
    end = waveforms.play(tau0 + dt, control)
    first, held = circuit.scores(u), None
    if turn is not None:
        assert u.held is not None  # by `at_rest`
        mean, end, held = turn.to_array(mean), turn.to_array(end), turn.begun(u.held)
        (now,) = circuit.ends(u.layers)
        first, _ = turn.over(held, now, now, dt)
    injected = waveforms.noise(tau0 + dt / 2, control)
    integrator = circuit.integrator
    v = integrator.output(u.integrator)
    v_score, _ = circuit.join(first, u.guidance)
    products = circuit.chip.multiply(mean.factors, v, control.of_score(v_score))
    _, i, i_end = _integrator_inputs(
        circuit, propagators, u, products, products, injected
    )
    predicted, v_mean = integrator.advance(
        propagators.integrator, dt, u.integrator, i, i_end, own
    )
    v_end = integrator.output(predicted)
    last_mean, last_end = v_mean, v_end
    means: list[State] = []
    layers: list[StageState] = []
    lines: list[Voltages] = []
    for number, (stage, state) in enumerate(zip(circuit.layers, u.layers, strict=True)):
        place = circuit.places[number]
        if place.is_first:
            last_mean, last_end = v_mean, v_end
        rows = circuit.rows(number, last_mean), circuit.rows(number, last_end)
        if circuit.lines is not None:
            assert u.lines is not None
            assert propagators.lines is not None
            poles, before = circuit.lines[number], u.lines[number]
            after, rows_mean = poles.advance(propagators.lines[number], before, *rows)
            rows = rows_mean, after
            lines.append(after)
        into_mean, into_end = (
            lambda v_m=None, number=number, v=v, played=played: circuit.currents(
                number, v, played.embedding, played.noise[number], v_m
            )
            for v, played in zip(rows, (mean, end), strict=True)
        )
        one = None if stages is None else stages[number]
        go = lambda a, b, number=number, stage=stage, state=state, one=one: (
            stage.advance(propagators.layers[number], dt, state, a, b, one)
        )
        after, last_mean = go(into_mean(), into_end())
        for _ in range(circuit.rounds(number)):
            v_m_end = grounded(stage, after, into_end, one)
            if stage.has_capacitors:
                v_m = (state[1] + v_m_end) / 2
            else:
                v_m = grounded(stage, last_mean[None], into_mean, one)
            after, last_mean = go(into_mean(v_m), into_end(v_m_end))
        layers.append(after)
        last_end = stage.output(after)
        if place.is_last:
            means.append(last_mean)
    ends = circuit.ends(tuple(layers))
    if turn is not None:
        assert held is not None  # as above
        means, ends = turn.over(held, means[0], ends[0], dt)
        held = jnp.stack(ends)
    guided, *scores = _guided(circuit, propagators, u, means, ends)
    score, score_end = (control.of_score(each) for each in scores)
    products = circuit.chip.multiply(mean.factors, v_mean, score)
    products_end = circuit.chip.multiply(end.factors, v_end, score_end)
    outputs, i_mean, i_end = _integrator_inputs(
        circuit, propagators, u, products, products_end, injected
    )
    corrected, _ = integrator.advance(
        propagators.integrator, dt, u.integrator, i_mean, i_end, own
    )
    rows = None if circuit.lines is None else tuple(lines)
    return CircuitState(tuple(layers), corrected, outputs, rows, guided, held)


def _guided(
    circuit: Circuit,
    propagators: Propagators,
    u: CircuitState,
    means: list[State],
    ends: list[State],
) -> tuple[State | None, State, State]:
    """State of the multipliers that guide after a step, and mean and end of the score.

    Args:
        circuit: The chip.
        propagators: Responses over the step.
        u: State at the beginning of the step.
        means: Means of the outputs of all arrays, or of holds, over the step, in volts.
        ends: The same at its end.
    """
    mean, end = circuit.guide(means), circuit.guide(ends)
    if u.guidance is None or mean is None or end is None:
        return None, circuit.join(means, None)[0], circuit.join(ends, None)[0]
    assert circuit.pole is not None
    assert propagators.multipliers is not None
    after, mean = circuit.pole.advance(propagators.multipliers, u.guidance, mean, end)
    return after, circuit.join(means, mean)[0], circuit.join(ends, after)[0]


def _integrator_inputs(
    circuit: Circuit,
    propagators: Propagators,
    u: CircuitState,
    mean: State,
    end: State,
    injected: State | None,
) -> tuple[State | None, Currents, Currents]:
    """The multipliers' state after a step, and what the integrators get of products.

    Args:
        circuit: The chip.
        propagators: Responses over the step.
        u: State at the beginning of the step.
        mean: Mean of the products over the step, in volts.
        end: Products at its end.
        injected: Injected noise, in volts.

    Returns:
        The state, and mean and end of the currents, in amperes.
    """
    outputs = None
    if circuit.pole is not None:
        assert u.multipliers is not None
        assert propagators.multipliers is not None
        outputs, mean = circuit.pole.advance(
            propagators.multipliers, u.multipliers, mean, end
        )
        end = outputs
    into = lambda v_in: circuit.integrator_currents(v_in, injected)
    return outputs, into(mean), into(end)


def march(
    circuit: Circuit,
    waveforms: Waveforms,
    control: Callable[[Scalar, Scalar], Signals],
    u: CircuitState,
    times: Seconds,
    lengths: Float[Array, " lengths"],
    which: Integer[Array, " steps"],
    slots: Integer[Array, " times"],
    num_kept: int,
    stages: Callable[[Scalar, Scalar], tuple[StageNoise, ...] | None],
    holds: HoldPaths | None = None,
) -> tuple[CircuitState, CircuitState]:
    """The last state, and those at the times whose slot is below `num_kept`.

    Args:
        circuit: The chip.
        waveforms: What the DAC plays.
        control: Means of all signals over a step.
        u: The start.
        times: Boundaries of the steps, in seconds.
        lengths: Lengths that occur, in seconds.
        which: The length of each step.
        slots: Where the state at each time is kept; `num_kept` for nowhere.
        num_kept: Number of states that are kept.
        stages: Noise of the op-amps over a step.
        holds: Turns of a switched array; `None` where no array is.
    """
    table = propagators(circuit, lengths)
    kept = jtu.tree_map(lambda x: jnp.zeros((num_kept + 1, *x.shape), x.dtype), u)
    keep = lambda kept, u, slot: jtu.tree_map(
        lambda all, one: jax.lax.dynamic_update_index_in_dim(all, one, slot, 0), kept, u
    )

    def body(carry, inputs):
        u, kept = carry
        tau0, tau1, length, slot, number = inputs
        kept = keep(kept, u, slot)
        turn = None if holds is None else holds.turn(number)
        now = control(tau0, tau1), stages(tau0, tau1), turn
        u = step(circuit, waveforms, table.at(length), u, tau0, *now)
        return (u, kept), None

    inputs = times[:-1], times[1:], which, slots[:-1], jnp.arange(which.size)
    (u, kept), _ = jax.lax.scan(body, (u, kept), inputs)
    kept = keep(kept, u, slots[-1])
    return u, jtu.tree_map(lambda x: x[:-1], kept)
