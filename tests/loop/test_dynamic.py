"""The loop with op-amps that take time: its limit, its solvers, its gradient."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import DAC, FeedbackIntegrator, OpAmp, Schedule, Stage
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.crossbar import DifferentialPair, Wires
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import (
    close_loop,
    make_dynamic,
    NetworkDrift,
    Parasitics,
    SILENT,
    wire_up,
)
from rram_ode.noise import FlickerReadNoise, LabClock, ReadNoise, WhiteReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import ProbabilityFlow, ReverseSDE, VPSDE


SDE = VPSDE(0.1, 8.0)
RANGE = ConductanceRange(8e-6, 90e-6)
CLOCK, SCHEDULE = LabClock(20e-6, 12e-6), Schedule(1e-3, 1.0)
AMP = OpAmp(1e6, 50e6)
LOUD = ReadNoise(WhiteReadNoise(1e-6, 1e6), FlickerReadNoise(5e-7, 1e2, 1e5))
CAPACITORS = Parasitics(0.2e-12, 0.1e-12, True)


@functools.cache
def chip_of(is_loud=False, ohms=None, widths=(4, 4)):
    read = LOUD if is_loud else ReadNoise()
    network = NetworkScore(fourier_mlp(2, widths, key=jr.key(0)))
    design = Design(
        Cell(RANGE, (), read),
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=1.2),
        v_rail=1.2,
        v_clamp=0.2,
        offset_std=1e-4,
        wires=None if ohms is None else Wires(*ohms),
    )
    ranges = Ranges(3.0, (4.0,) * len(widths), 6.0)
    return Blueprint(network, design, ranges).program(jr.key(3))


def quasi_static(num_steps=200, **kwargs):
    process, kwargs = ProbabilityFlow(SDE), {"read": ReadNoise(), **kwargs}
    return close_loop(
        NetworkDrift(process), SCHEDULE, CLOCK, num_steps=num_steps, **kwargs
    )


def loop_of(op_amp=AMP, num_steps=200, parasitics=Parasitics(), **kwargs):
    return make_dynamic(quasi_static(num_steps, **kwargs), op_amp, parasitics)


def starts(num=8):
    return jr.normal(jr.key(1), (2, num))


@eqx.filter_jit
def solve(loop, chip, x1, first=jnp.uint32(0)):
    return loop.solve(chip, x1, first=first).x0


def distance(a, b):
    return float(jnp.abs(a - b).max() / jnp.abs(b).max())


# The ladder: quasi-static is the limit.


@pytest.mark.long
def test_tends_to_quasi_static_at_first_order():
    """Bandwidth x 10, x 100, x 1,000: the difference falls in proportion.

    On one grid of the same method, so that the difference is that of the op-amps.
    """
    limit = solve(loop_of(OpAmp(1e12, 1e16), 2000), chip_of(), starts())
    found = [
        distance(solve(loop_of(OpAmp(1e12, gbw), 2000), chip_of(), starts()), limit)
        for gbw in (1e7, 1e8, 1e9, 1e10)
    ]
    orders = np.log10(np.array(found[:-1]) / np.array(found[1:]))
    assert found[0] > 1e-3
    assert np.all(np.abs(orders - 1) < 0.1)


@pytest.mark.slow
def test_with_wires_it_tends_to_quasi_static_at_first_order():
    """The port matrix at fast op-amps is the effective conductances.

    The mutant, the same chip without wires, stays away.
    """
    chip = chip_of(ohms=(300.0, 200.0, 500.0, 100.0))
    limit = solve(quasi_static(2000), chip, starts())
    found = [
        distance(solve(loop_of(OpAmp(1e12, gbw), 2000), chip, starts()), limit)
        for gbw in (1e8, 1e9)
    ]
    assert abs(np.log10(found[0] / found[1]) - 1) < 0.1
    fast = solve(loop_of(OpAmp(1e12, 1e16), 2000), chip, starts())
    assert distance(fast, limit) < 1e-4
    assert distance(solve(quasi_static(2000), chip_of(), starts()), limit) > 1e-2


@pytest.mark.slow
def test_infinitely_fast_is_the_quasi_static_model():
    """Another method on the same grid: four times the steps, a fifth of the difference.

    Both have order 2, but for the kinks of the rectifiers, which fall as they will.
    """
    errors = []
    for num_steps in (200, 800):
        fast = solve(loop_of(OpAmp(1e12, 1e16), num_steps), chip_of(), starts())
        slow = solve(quasi_static(num_steps), chip_of(), starts())
        errors.append(distance(fast, slow))
    assert errors[-1] < 1e-4
    assert errors[0] / errors[-1] > 5


@pytest.mark.slow
def test_read_noise_of_the_limit_is_that_of_the_quasi_static_model():
    """The same paths drive both; another chip's noise differs far more."""
    read, chip = LOUD, chip_of(is_loud=True)
    fast = loop_of(OpAmp(1e12, 1e16), 400, read=read)
    quiet = solve(loop_of(OpAmp(1e12, 1e16), 400, read=SILENT), chip, starts())
    noisy = solve(fast, chip, starts())
    slow = solve(quasi_static(400, read=read), chip, starts())
    other = solve(fast, chip, starts(), jnp.uint32(100))
    assert distance(noisy, quiet) > 20 * distance(noisy, slow)
    assert distance(noisy, other) > 20 * distance(noisy, slow)


# The two solvers.


@pytest.mark.parametrize(
    "parasitics",
    [Parasitics(), pytest.param(CAPACITORS, marks=pytest.mark.slow)],
    ids=["plain", "capacitors"],
)
@pytest.mark.slow
def test_the_march_and_the_stiff_solver_agree(parasitics):
    """Kvaerno5 at 1e-6 against 200 fixed steps; and second order."""
    exact = solve(loop_of(AMP, 1, parasitics, tolerance=1e-7), chip_of(), starts(3))
    errors = [
        distance(
            solve(loop_of(AMP, num_steps, parasitics), chip_of(), starts(3)), exact
        )
        for num_steps in (200, 800)
    ]
    assert errors[0] < 1e-3
    assert np.log2(errors[0] / errors[-1]) / 2 > 1.7


@pytest.mark.slow
def test_they_agree_where_the_dac_steps():
    """Held waveforms: every update is a boundary of both."""
    dac = DAC(8, 2.5e6)
    exact = solve(loop_of(AMP, 1, tolerance=1e-7, dac=dac), chip_of(), starts(3))
    marched = solve(loop_of(AMP, 200, dac=dac), chip_of(), starts(3))
    continuous = solve(loop_of(AMP, 200), chip_of(), starts(3))
    assert distance(marched, exact) < 1e-3
    assert distance(continuous, exact) > 5 * distance(marched, exact)


@pytest.mark.long
def test_samples_do_not_know_each_other():
    """In another order beside others: the same to rounding."""
    batch = solve(loop_of(), chip_of(), starts(8))
    others = jnp.roll(starts(8), 3, axis=1).at[:, 0].set(0.5)
    found = solve(loop_of(), chip_of(), others)
    assert np.allclose(found[:, 1:], jnp.roll(batch, 3, axis=1)[:, 1:], rtol=1e-12)
    assert distance(found[:, :1], batch[:, 5:6]) > 1e-3


@pytest.mark.slow
def test_a_batch_is_its_samples():
    """One at a time: the same to rounding."""
    batch = solve(loop_of(), chip_of(), starts(8))
    alone = solve(loop_of(), chip_of(), starts(8)[:, 3:4])
    assert np.allclose(batch[:, 3:4], alone, rtol=1e-12, atol=1e-12)


# Errors.


@pytest.mark.lowest
def test_off_is_exact():
    """Offset and bias at zero, slew and rails at infinity change no bit."""
    plain = solve(loop_of(), chip_of(), starts())
    off = OpAmp(1e6, 50e6, offset_std=0.0, bias_current=0.0)
    assert jnp.array_equal(solve(loop_of(off), chip_of(), starts()), plain)
    for error in ({"offset_std": 1e-3}, {"bias_current": 1e-7}, {"slew": 1e4}):
        changed = solve(loop_of(OpAmp(1e6, 50e6, **error)), chip_of(), starts())
        assert distance(changed, plain) > 1e-4


@pytest.mark.long
def test_offset_is_multiplied_by_the_noise_gain():
    """An offset on the amplifiers: each output at rest moves by its noise gain."""
    shifted = wire_up(chip_of(), OpAmp(1e12, 50e6, offset_std=1e-4), Parasitics())
    plain = wire_up(chip_of(), OpAmp(1e12, 50e6), Parasitics())
    waves = jnp.zeros(6)
    v = jnp.full((2, 1), 0.01)
    before, after = plain.at_rest(v, waves), shifted.at_rest(v, waves)
    stage = shifted.layers[0]
    moved = (after.layers[0] - before.layers[0])[0, :, 0]
    assert isinstance(stage, Stage)
    assert np.allclose(moved, stage.noise_gain * stage.offset, rtol=1e-9)
    assert np.all(np.asarray(stage.offset) != 0)


@pytest.mark.long
def test_waveforms_start_at_rest():
    """Held at its start, no op-amp moves: all slopes of the layers are zero."""
    loop, chip = loop_of(), chip_of()
    circuit, term = loop.circuit(chip), loop.loop.term(chip, starts())
    waves = term.waveforms(jnp.asarray(0.0))
    u = circuit.at_rest(0.05 * starts(), waves)
    rates = circuit.rate(u, waves)
    for rate, stage in zip(rates.layers, circuit.layers, strict=True):
        assert jnp.abs(rate).max() < 1e-9 * stage.op_amp.unity
    assert jnp.abs(rates.integrator[1]).max() > 1e3


# Gradient.


@pytest.mark.slow
def test_gradient_of_a_sample():
    """By R, C, bandwidth and a conductance: 1e-4 of finite differences."""

    chip, loop, x1 = chip_of(widths=(4,)), loop_of(AMP, 100), starts(1)
    where = lambda chip, loop: (
        chip.integrator.resistance,
        chip.integrator.capacitance,
        loop.op_amp.gbw,
        chip.score.layers[1].crossbar.g_pos,
    )
    values = where(chip, loop)

    def sample(scale):
        scaled = [scale[n] * value for n, value in enumerate(values[:3])]
        scaled.append(values[3].at[2, 1].multiply(scale[3]))
        changed = eqx.tree_at(lambda both: where(*both), (chip, loop), tuple(scaled))
        return changed[1].solve(changed[0], x1).x0[0, 0]

    ones = jnp.ones(4)
    gradient = jax.jit(jax.grad(sample))(ones)
    value = jax.jit(sample)
    for n in range(4):
        h = 1e-4
        step = h * jnp.eye(4)[n]
        slope = (value(ones + step) - value(ones - step)) / (2 * h)
        assert np.isclose(gradient[n], slope, rtol=1e-4)
        assert slope != 0


@pytest.mark.slow
def test_the_reverse_sde_runs_with_slow_op_amps():
    """The injected noise passes the integrators: close to the quasi-static samples."""
    key = jr.key(5)
    loop = close_loop(
        NetworkDrift(ReverseSDE(SDE)), SCHEDULE, CLOCK, read=ReadNoise(), num_steps=400
    )
    dynamic = make_dynamic(loop, OpAmp(1e12, 1e16))
    run = eqx.filter_jit(lambda loop: loop.solve(chip_of(), starts(), key=key).x0)
    fast, slow = run(dynamic), run(loop)
    assert distance(fast, slow) < 0.05


@pytest.mark.slow
def test_nodes_are_observed():
    loop, chip = loop_of(), chip_of()
    run = eqx.filter_jit(lambda loop: loop.solve(chip, starts(), num_observed=5))
    seen, wanted = run(loop).observation, run(quasi_static()).observation
    assert seen.names == wanted.names
    assert seen.v.shape == wanted.v.shape == (5, 2, 8)
    assert np.allclose(seen.taus, wanted.taus)
    assert np.allclose(seen.power, wanted.power, rtol=0.1)
