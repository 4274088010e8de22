"""The law of the output does not depend on the solver or its step.

A ring as the fixed point of a small ReLU network: the score pushes inwards beyond the
sides of an octagon, the flow expands. Each read noise, at each layer alone; the
statistic is the spread of (noise on minus noise off), the reference is equality.
"""

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats as st
from rram_ode._draws import standard_normal
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.crossbar import CellNoise, DifferentialPair
from rram_ode.devices import (
    Cell,
    ConductanceRange,
    FlickerReadNoise,
    LabClock,
    LogNormal,
    LogUniform,
    ReadNoise,
    TelegraphReadNoise,
    ThermalNoise,
    WhiteReadNoise,
)
from rram_ode.samplers import close_loop
from rram_ode.samplers._signals import Signals
from rram_ode.samplers._term import LoopTerm
from rram_ode.scores import Design, FourierMLP, NetworkScore, program, Ranges
from rram_ode.sdes import ProbabilityFlow, VPSDE


NUM, CHUNK = 20_000, 1000
WIDTH = 0.35  # of the ring: standard deviation of the radius, whose mean is 1.1
RANGE = ConductanceRange(8e-6, 90e-6)
# The reset makes samples independent, so that standard errors are those of NUM draws.
CLOCK = LabClock(20e-6, 10e-3)
READ = ReadNoise(WhiteReadNoise(5e-6, 1e6), FlickerReadNoise(1.2e-6, 1e4, 5e4))
CASES = [("white", 0), ("white", 1), ("flicker", 0), ("flicker", 1)]  # law, layer
DWELL = LogUniform(5.2e-6, 52e-6)
OTHER_READ = ReadNoise(
    flicker=FlickerReadNoise(2.4e-6, 1e4, 5e4, exponent=1.3),
    telegraph=TelegraphReadNoise(LogNormal(0.3, 0.3), DWELL, DWELL),
    thermal=ThermalNoise(5e8, 1e6, 0.5),  # so hot that it shows
)
OTHERS = [(law, n) for law in ("flicker", "telegraph", "thermal") for n in (0, 1)]


def octagon():
    """score = -k sum_j d_j relu(d_j x - 1/2), with 8 directions d_j."""
    angles = 2 * np.pi * np.arange(8) / 8
    directions = jnp.asarray(np.stack([np.cos(angles), np.sin(angles)]))
    # At frequency 0 the embedding adds 0 to the first half of the units, 1 to the rest.
    biases = -0.5 - jnp.repeat(jnp.array([0.0, 1.0]), 4)
    network = FourierMLP(
        (directions, -1.26 * directions.T),
        (biases, jnp.zeros(2)),
        jnp.zeros(4),
        1.0,
    )
    return NetworkScore(network)


def make_chip(read=READ):
    cell = Cell(RANGE, (), read)
    design = Design(cell, DifferentialPair(RANGE), FeedbackIntegrator(5e4, 30e-12))
    return program(octagon(), design, Ranges(3.0, (3.0,), 3.0), key=jr.key(0))


def make_loop(solver, num_steps, read=READ):
    """Even steps for an integer, adaptive ones for a tolerance."""
    steps = {"num_steps": num_steps} if num_steps >= 1 else {"tolerance": num_steps}
    flow = ProbabilityFlow(VPSDE(1.0, 1.0))
    return close_loop(
        flow, Schedule(0.0, 1.0), CLOCK, read=read, solver=solver, **steps
    )


def silence(chip, law, layer):
    """Without one noise of one layer, by a value, so that nothing compiles again."""
    if law == "telegraph":
        sizes = [layer.crossbar.g_pos.size for layer in chip.score.layers]
        keep = jnp.repeat(jnp.arange(len(sizes)) != layer, jnp.array(sizes))
        jump = jnp.where(keep[None], chip.traps.jump, 0.0)
        return eqx.tree_at(lambda chip: chip.traps.jump, chip, jump)
    if law == "thermal":
        where = lambda chip: chip.score.layers[layer].crossbar.thermal.bandwidth
    else:
        where = lambda chip: getattr(chip.score.layers[layer].crossbar, f"{law}_std")
    return eqx.tree_at(where, chip, jnp.zeros_like(where(chip)))


def with_noise(chip, case, key, cases=CASES):
    """The noise of this case alone; none for `None`."""
    for law, layer in cases:
        if (law, layer) != case:
            chip = silence(chip, law, layer)
    return eqx.tree_at(lambda chip: chip.key, chip, key)


@eqx.filter_jit
def solve(loop, chip, x1):
    """In chunks that stay in the cache; a chunk is the same samples (`first`)."""

    def chunk(n):
        part = jax.lax.dynamic_slice_in_dim(x1, n * CHUNK, CHUNK, axis=1)
        return loop.solve(chip, part, first=(n * CHUNK).astype(jnp.uint32)).x0

    parts = jax.lax.map(chunk, jnp.arange(x1.shape[1] // CHUNK))
    return jnp.moveaxis(parts, 0, 1).reshape(x1.shape)


def starts():
    return jr.normal(jr.key(1), (2, NUM))


def spread(on, off):
    """Of the displacement, and its standard error."""
    shift = np.asarray(on - off)
    square = np.sum((shift - shift.mean(axis=1, keepdims=True)) ** 2, axis=0)
    value = np.sqrt(square.mean())
    return value, square.std() / np.sqrt(square.size) / (2 * value)


def chi_square(table):
    """p of equality within each law and layer, all cells in one chi-square."""
    total, freedom = 0.0, 0
    for cells in table.values():
        value, error = np.array(cells).T
        mean = np.sum(value / error**2) / np.sum(1 / error**2)
        total += np.sum(((value - mean) / error) ** 2)
        freedom += len(cells) - 1
    return st.chi2.sf(total, freedom)


def measure(methods, key, run=solve, cases=CASES, read=READ):
    """The spread in every cell of the table, each from a key of its own."""
    chip, x1 = make_chip(read), starts()
    every = OTHERS if read is OTHER_READ else CASES
    table = {case: [] for case in cases}
    for number, (solver, num_steps) in enumerate(methods):
        loop = make_loop(solver, num_steps, read)
        off = run(loop, with_noise(chip, None, key, every), x1)
        for case in cases:
            own = jr.fold_in(jr.fold_in(key, number), every.index(case))
            on = run(loop, with_noise(chip, case, own, every), x1)
            table[case].append(spread(on, off))
    return table


def check_precision(table):
    """The noise is large enough to matter, and measured to 1 % or better."""
    for cells in table.values():
        for value, error in cells:
            assert value > 0.1 * WIDTH
            assert error < 0.01 * value


FEW = [(dfx.Euler(), 100), (dfx.Euler(), 1600), (dfx.Heun(), 400), (dfx.Tsit5(), 1e-4)]
COUNTS = (100, 200, 400, 800, 1600)
FEWER = [(dfx.Euler(), 100), (dfx.Heun(), 400)]
ALL = [(solver, n) for solver in (dfx.Euler(), dfx.Heun()) for n in COUNTS]
ALL += [(dfx.Tsit5(), tolerance) for tolerance in (1e-4, 1e-5, 1e-6)]


@pytest.mark.parametrize(
    "methods",
    [pytest.param(FEW, id="few"), pytest.param(ALL, id="all", marks=pytest.mark.slow)],
)
def test_noise_does_not_depend_on_the_step(methods, getkey):
    """Each read noise before and after the ReLU, Euler, Heun and adaptive Tsit5."""
    table = measure(methods, getkey())
    check_precision(table)
    assert chi_square(table) > 1e-3


@pytest.mark.parametrize(
    ("methods", "cases"),
    [
        pytest.param(
            [(dfx.Euler(), 100), (dfx.Heun(), 400)], OTHERS[1:3] + OTHERS[5:], id="few"
        ),
        pytest.param(ALL, OTHERS, id="all", marks=pytest.mark.slow),
    ],
)
def test_other_noise_does_not_depend_on_the_step(methods, cases, getkey):
    """1/f^1.3, telegraph and thermal noise, likewise."""
    table = measure(methods, getkey(), cases=cases, read=OTHER_READ)
    check_precision(table)
    assert chi_square(table) > 1e-3


def test_width_of_the_ring(getkey):
    chip = with_noise(make_chip(), None, getkey())
    radius = jnp.linalg.norm(solve(make_loop(dfx.Heun(), 100), chip, starts()), axis=0)
    assert abs(float(radius.std()) - WIDTH) < 0.02
    assert abs(float(radius.mean()) - 1.1) < 0.02


@pytest.mark.parametrize(
    "case",
    [CASES[0], *(pytest.param(c, marks=pytest.mark.slow) for c in CASES[1:])],
    ids=str,
)
def test_euler_at_100_steps_resolves_this_loop(case, getkey):
    """On one path its response is biased by less than a standard error of the table.

    Euler's own first-order error is no error of the noise. Here it is 0.1 to 0.7
    standard errors (Heun at 100: 0.002), so it adds less than 1 to the chi-square; a
    stiffer loop would show it in the table.
    """
    chip, x1, key = make_chip(), starts(), getkey()
    quiet, noisy = with_noise(chip, None, key), with_noise(chip, case, key)
    (coarse, error), (fine, _) = (
        spread(solve(loop, noisy, x1), solve(loop, quiet, x1))
        for loop in (make_loop(dfx.Euler(), 100), make_loop(dfx.Euler(), 1600))
    )
    assert abs(coarse - fine) < error


class FreshTerm(dfx.AbstractTerm):
    """The mutant: white noise drawn afresh whenever the field is evaluated."""

    term: LoopTerm

    def vf(self, t, y, args):
        del args
        return t, y

    def contr(self, t0, t1, **kwargs):
        del kwargs
        return t1 - t0

    def prod(self, vf, control):
        tau, v = vf
        chip = self.term.waveforms.chip
        word = jax.lax.bitcast_convert_type(tau.astype(jnp.float32), jnp.uint32)
        noise = []
        for number, (_, cols) in enumerate(chip.score.arrays):
            key = jr.fold_in(jr.fold_in(chip.key, number), word)
            samples = jnp.arange(v.shape[1], dtype=jnp.uint32)
            noise.append(CellNoise(white=standard_normal(key, samples, (cols,))))
        signals = Signals(control, None, tuple(noise), None)
        return control * self.term.rate(tau, v, signals)


@eqx.filter_jit
def solve_fresh(loop, chip, x1):
    volts, times = chip.score.volts_in, loop.times
    solution = dfx.diffeqsolve(
        FreshTerm(loop.term(chip, x1)),
        loop.solver,
        times[0],
        times[-1],
        None,
        volts * x1,
        stepsize_controller=dfx.StepTo(ts=times),
        max_steps=times.size,
    )
    assert solution.ys is not None
    return solution.ys[0] / volts


def test_noise_drawn_per_evaluation_fails(getkey):
    """The same statistic and the same chi-square see the mutant at once."""
    methods, cases = [(dfx.Heun(), 100), (dfx.Heun(), 400)], CASES[:2]
    table = measure(methods, getkey(), solve_fresh, cases)
    assert chi_square(table) < 1e-6
    (coarse, _), (fine, _) = table["white", 1]
    assert 1.7 < coarse / fine < 2.3  # linear: it falls as the root of the steps
