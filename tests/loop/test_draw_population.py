"""Chips spread over devices are the chips one by one."""

import functools
import os
import pathlib
import subprocess
import sys

import equinox as eqx
import jax
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.chip import Blueprint, chip_at, Design, Ranges
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange, ProgrammingNoise
from rram_ode.loop import close_loop, draw, draw_population, LoopHeun, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise, WhiteReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore, VelocityReadout
from rram_ode.sdes import Prior, VelocityFlow


NUM_CHIPS, NUM_SAMPLES = 3, 20
RANGE, READ = ConductanceRange(8e-6, 90e-6), ReadNoise(WhiteReadNoise(5e-7, 1e6))


def machine():
    """A loop, and chips with errors of writing and of reading."""
    score = NetworkScore(fourier_mlp(2, (8, 8), key=jr.key(0)), VelocityReadout())
    cell = Cell(RANGE, (ProgrammingNoise(1e-6),), READ)
    integrator = FeedbackIntegrator(5e4, 30e-12)
    design = Design(cell, DifferentialPair(RANGE), integrator=integrator)
    keys = jr.split(jr.key(5), NUM_CHIPS)
    # One compilation in the place of one for each operation.
    write = eqx.filter_jit(Blueprint.program_many)
    chips = write(Blueprint(score, design, Ranges(5.0, (10.0, 10.0), 10.0)), keys)
    schedule, clock = Schedule(0.0, 1.0), LabClock(20e-6, 12e-6)
    loop = close_loop(
        NetworkDrift(VelocityFlow(), VelocityReadout()),
        schedule,
        clock,
        read=READ,
        solver=LoopHeun(),
        num_steps=40,
    )
    return loop, chips


@functools.cache
def population():
    x0 = draw_population(*machine(), NUM_SAMPLES, key=jr.key(1), prior=Prior(0.8))
    return np.asarray(x0)


@pytest.mark.slow
def test_each_chip_draws_what_it_draws_alone():
    loop, chips = machine()
    got = population()
    assert got.shape == (NUM_CHIPS, 2, NUM_SAMPLES)
    for number in range(NUM_CHIPS):
        chip = chip_at(chips, number)
        (alone,) = draw(loop, chip, NUM_SAMPLES, key=jr.key(1), prior=Prior(0.8))
        np.testing.assert_allclose(got[number], alone.x0, rtol=1e-12, atol=1e-13)
    assert np.abs(got[0] - got[1]).max() > 1e-3


@pytest.mark.slow
def test_two_devices_give_the_numbers_of_one():
    """Three chips on two devices, in a process that shows two; here there is one."""
    code = (
        f"import sys; sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r})\n"
        "import jax; jax.config.update('jax_enable_x64', True)\n"
        "from test_draw_population import population\n"
        "assert len(jax.devices()) == 2\n"
        "print(population().tobytes().hex())\n"
    )
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **flags, "JAX_PLATFORMS": "cpu"},
    )
    assert done.returncode == 0, done.stderr
    both = np.frombuffer(bytes.fromhex(done.stdout)).reshape(NUM_CHIPS, 2, NUM_SAMPLES)
    assert len(jax.devices()) == 1
    np.testing.assert_allclose(population(), both, rtol=1e-12, atol=1e-13)


@pytest.mark.slow
def test_no_sample_is_refused():
    loop, chips = machine()
    with pytest.raises(ValueError, match="`num_samples` must be 1 or more; got 0"):
        draw_population(loop, chips, 0, key=jr.key(1))
