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
import pytest
from _octagon import (
    CASES,
    check_precision,
    chi_square,
    CLOCK,
    FEWER,
    make_chip,
    make_loop,
    measure,
    NUM,
    OTHER_READ,
    OTHERS,
    READ,
    solve,
    spread,
    starts,
    WIDTH,
    with_noise,
)
from rram_ode._core._random import standard_normal
from rram_ode.crossbar import CellNoise
from rram_ode.loop import LoopHeun, LoopTerm
from rram_ode.loop._signals import _split, Signals


FEW = [(dfx.Euler(), 100), (LoopHeun(), 400)]
COUNTS = (100, 200, 400, 800, 1600)
ALL = [(solver, n) for solver in (dfx.Euler(), LoopHeun()) for n in COUNTS]
ALL += [(dfx.Tsit5(), tolerance) for tolerance in (1e-4, 1e-5, 1e-6)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("methods", "num"),
    [
        pytest.param(FEW, FEWER, id="few"),
        pytest.param(ALL, NUM, id="all", marks=pytest.mark.slow),
    ],
)
def test_noise_does_not_depend_on_the_step(methods, num, getkey):
    """Each read noise before and after the ReLU, Euler, Heun and adaptive Tsit5."""
    table = measure(methods, getkey(), num=num)
    check_precision(table)
    assert chi_square(table) > 1e-3


@pytest.mark.parametrize(
    ("methods", "cases"),
    [
        pytest.param(FEW, OTHERS[3:4], id="few", marks=pytest.mark.slow),
        pytest.param(ALL, OTHERS, id="all", marks=pytest.mark.slow),
    ],
)
def test_other_noise_does_not_depend_on_the_step(methods, cases, getkey):
    """1/f^1.3, telegraph and thermal noise, likewise."""
    table = measure(methods, getkey(), cases=cases, read=OTHER_READ)
    check_precision(table)
    assert chi_square(table) > 1e-3


@pytest.mark.slow
def test_width_of_the_ring(getkey):
    chip = with_noise(make_chip(), None, getkey())
    x0 = solve(make_loop(dfx.Heun(), 100), chip, starts(FEWER))
    radius = jnp.linalg.norm(x0, axis=0)
    assert abs(float(radius.std()) - WIDTH) < 0.02
    assert abs(float(radius.mean()) - 1.1) < 0.02


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
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
    """The mutant: noise drawn afresh whenever the field is evaluated."""

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
        key, samples = (
            jr.fold_in(chip.key, word),
            jnp.arange(v.shape[1], dtype="uint32"),
        )
        white, thermal = chip.read.white is not None, chip.read.thermal is not None
        jumps = None
        if chip.traps is not None:
            path = chip.traps.sample_path(
                CLOCK, (1, 0), first=samples[0], num_samples=v.shape[1], key=key
            )
            jumps = path.values[0]
        noise = []
        parts = _split(jumps, list(chip.arrays))
        for number, (part, (_, cols)) in enumerate(
            zip(parts, chip.arrays, strict=True)
        ):
            unit = standard_normal(jr.fold_in(key, number), samples, (cols,))
            one = CellNoise(
                white=unit if white else None,
                telegraph=part,
                thermal=unit if thermal else None,
            )
            noise.append(one)
        signals = Signals(control, None, tuple(noise), None)
        return self.term.prod((tau, v), signals)


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


@pytest.mark.long
@pytest.mark.parametrize(
    ("cases", "read"),
    [
        (CASES[:2], READ),
        pytest.param([OTHERS[3]], OTHER_READ, marks=pytest.mark.slow),
        pytest.param([OTHERS[5]], OTHER_READ, marks=pytest.mark.slow),
    ],
    ids=["white", "telegraph", "thermal"],
)
def test_noise_drawn_per_evaluation_fails(cases, read, getkey):
    """The same statistic and the same chi-square see the mutant at once."""
    methods = [(dfx.Heun(), 100), (dfx.Heun(), 400)]
    table = measure(methods, getkey(), solve_fresh, cases, read, FEWER)
    assert chi_square(table) < 1e-6
    (coarse, _), (fine, _) = table[cases[-1]]
    assert 1.7 < coarse / fine < 2.3  # linear: it falls as the root of the steps
