"""Telegraph and thermal noise of a chip: its own cells, its own lab time, off exact."""

import re

import diffrax as dfx
import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.crossbar import AbstractMapping, DifferentialPair, ReferenceColumn
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, NetworkDrift, SILENT
from rram_ode.loop._signals import PathSizes, sample_paths
from rram_ode.noise import (
    LabClock,
    LogNormal,
    LogUniform,
    ReadNoise,
    TelegraphReadNoise,
    ThermalNoise,
)
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE


RANGE = ConductanceRange(8e-6, 90e-6)
CLOCK = LabClock(20e-6, 12e-6)


def telegraph(amplitude=0.2, shortest=40e-6):
    dwell = LogUniform(shortest, 400e-6)
    return TelegraphReadNoise(LogNormal(amplitude), dwell, dwell)


def traps(chip):
    assert chip.traps is not None
    return chip.traps


def crossbars(chip):
    return [layer.crossbar for layer in chip.score.layers]


def make_chip(read, mapping: AbstractMapping = DifferentialPair(RANGE), seed=1):
    score = NetworkScore(fourier_mlp(2, (6, 4), key=jr.key(0)))
    design = Design(Cell(RANGE, (), read), mapping, FeedbackIntegrator(5e4, 30e-12))
    return Blueprint(score, design, Ranges(3.0, (3.0, 3.0), 3.0)).program(jr.key(seed))


def make_loop(read, num_steps=100, **options):
    flow = ProbabilityFlow(VPSDE(1.0, 1.0))
    schedule = Schedule(0.0, 1.0)
    return close_loop(
        NetworkDrift(flow), schedule, CLOCK, read=read, num_steps=num_steps, **options
    )


@eqx.filter_jit
def solve(loop, chip, x1, first=0):
    return loop.solve(chip, x1, first=jnp.asarray(first, jnp.uint32)).x0


@pytest.mark.slow
def test_traps_of_a_pair():
    """A jump is 20 % of its own cell, and the negative cell's subtracts."""
    chip = make_chip(ReadNoise(telegraph=telegraph()))
    bars = crossbars(chip)
    positive = jnp.concatenate([bar.g_pos.reshape(-1) for bar in bars])
    negative = jnp.concatenate([bar.g_neg.reshape(-1) for bar in bars])
    wanted = 0.2 * jnp.stack([positive, -negative])
    assert jnp.allclose(traps(chip).jump, wanted, rtol=1e-6)
    assert np.unique(np.asarray(traps(chip).high)).size == wanted.size
    single = make_chip(ReadNoise(telegraph=telegraph()), ReferenceColumn(RANGE))
    assert traps(single).jump.shape == (1, positive.size)
    assert np.all(traps(single).jump > 0)
    other = make_chip(ReadNoise(telegraph=telegraph()), seed=2)
    assert not np.any(traps(other).high == traps(chip).high)
    assert make_chip(ReadNoise()).traps is None


@pytest.mark.long
@pytest.mark.parametrize(
    "slot", ["telegraph", pytest.param("thermal", marks=pytest.mark.slow)]
)
def test_off_is_exact(slot):
    """A strength of zero is the loop without the noise, bit for bit; on is not."""
    x1 = jr.normal(jr.key(3), (2, 8))
    read = {
        "telegraph": ReadNoise(telegraph=telegraph(0.0)),
        "thermal": ReadNoise(thermal=ThermalNoise(300.0, 1e6)),
    }[slot]
    loud = {"telegraph": ReadNoise(telegraph=telegraph()), "thermal": read}[slot]
    chip, loop = make_chip(read), make_loop(read, 200)
    if slot == "thermal":
        bars = lambda chip: [bar.thermal.bandwidth for bar in crossbars(chip)]
        chip = eqx.tree_at(bars, chip, [jnp.array(0.0)] * 3)
    quiet = eqx.tree_at(lambda loop: loop.plan, loop, PathSizes(is_silent=True))
    assert jnp.array_equal(solve(loop, chip, x1), solve(quiet, chip, x1))
    assert jnp.array_equal(loop.grid, make_loop(ReadNoise(), 200).grid)
    noisy = solve(make_loop(loud, 200), make_chip(loud), x1)
    assert jnp.all(noisy != solve(quiet, chip, x1))


@pytest.mark.slow
def test_a_chip_lives_in_lab_time():
    """Samples 5 to 8 alone are those of the first eight; another chip's differ."""
    read = ReadNoise(telegraph=telegraph(), thermal=ThermalNoise(300.0, 1e6))
    chip, loop = make_chip(read), make_loop(read)
    x1 = jr.normal(jr.key(3), (2, 8))
    whole = solve(loop, chip, x1)
    alone = solve(loop, chip, x1[:, 4:], first=4)
    assert jnp.allclose(alone, whole[:, 4:], rtol=0, atol=1e-9)
    assert jnp.all(solve(loop, make_chip(read, seed=2), x1) != whole)


@pytest.mark.long
def test_paths_reach_the_right_cells():
    """With the traps of one pair alone, that pair fluctuates and no other."""
    read = ReadNoise(telegraph=telegraph())
    chip, loop = make_chip(read), make_loop(read)
    arrays = chip.arrays
    at = arrays[0][0] * arrays[0][1] + 3 * arrays[1][1] + 2  # layer 1, row 3, column 2
    keep = jnp.arange(traps(chip).jump.shape[1]) == at
    jump = jnp.where(keep[None], traps(chip).jump, 0.0)
    chip = eqx.tree_at(lambda chip: traps(chip).jump, chip, jump)
    paths = sample_paths(
        chip,
        CLOCK,
        loop.plan,
        jnp.array(1.0),
        2,
        first=jnp.uint32(0),
        num_samples=500,
        key=jr.key(0),
    )
    noise = paths.signals(jnp.array(0.0), jnp.array(1e-7), None).noise
    assert not np.any(noise[0].telegraph)
    assert not np.any(noise[2].telegraph)
    found = np.array(noise[1].telegraph)
    levels = np.unique(found[3, 2].round(12))
    assert levels.size == 4  # two traps
    span = float(jnp.sum(jnp.abs(jump)))
    assert np.isclose(levels.max() - levels.min(), span, rtol=1e-5)
    found[3, 2] = 0.0
    assert not np.any(found)


@pytest.mark.slow
def test_adaptive_steps_take_the_noise():
    """Tsit5 and 400 even steps of Heun agree on the same realised paths."""
    read = ReadNoise(telegraph=telegraph(), thermal=ThermalNoise(300.0, 1e6))
    chip, x1 = make_chip(read), jr.normal(jr.key(3), (2, 4))
    even = solve(make_loop(read, 400), chip, x1)
    adaptive = solve(make_loop(read, tolerance=1e-7, solver=dfx.Tsit5()), chip, x1)
    quiet = solve(make_loop(SILENT, 400), chip, x1)
    assert jnp.max(jnp.abs(even - adaptive)) < 1e-4
    assert jnp.max(jnp.abs(even - quiet)) > 1e-2


@pytest.mark.parametrize(
    ("read", "name"),
    [
        (ReadNoise(telegraph=telegraph(shortest=1e-6)), "telegraph"),
        (ReadNoise(thermal=ThermalNoise(300.0, 2e6)), "thermal"),
    ],
    ids=["telegraph", "thermal"],
)
def test_the_refusal_names_a_number_that_does(read, name):
    with pytest.raises(ValueError, match=f"does not resolve `read.{name}`") as error:
        make_loop(read, 20)
    number = int(re.findall(r"take (\d+) steps", str(error.value))[0])
    make_loop(read, number)
    with pytest.raises(ValueError, match="does not resolve"):
        make_loop(read, number - 1)
