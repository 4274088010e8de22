"""Chips spread over devices are the chips one by one."""

import functools
import os
import pathlib
import socket
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
from rram_ode.loop import (
    close_loop,
    Devices,
    draw,
    draw_population,
    LoopHeun,
    NetworkDrift,
)
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


# `argv`: address of the coordinator, number of processes, number of this one.
CODE = f"""
import sys; sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r})
import jax; jax.config.update('jax_enable_x64', True)
address, num, own = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if num > 1:
    jax.distributed.initialize(address, num, own)
from test_draw_population import population
print(len(jax.devices()), population().tobytes().hex())
"""


def spread(num_processes, num_devices):
    """All devices as each process counts them, and the population as it has it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    flags = f"--xla_force_host_platform_device_count={num_devices}"
    env = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", CODE, address, str(num_processes), str(own)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )
        for own in range(num_processes)
    ]
    try:
        found = [each.communicate(timeout=240) for each in running]
    finally:
        for each in running:
            each.kill()
    for each, (_, said) in zip(running, found, strict=True):
        assert each.returncode == 0, said
    # What connects processes prints lines of its own ahead.
    last = [out.splitlines()[-1].split() for out, _ in found]
    return [(int(num), np.frombuffer(bytes.fromhex(x))) for num, x in last]


@pytest.mark.long
@pytest.mark.parametrize(
    ("num_processes", "num_devices"),
    [
        (2, 1),
        pytest.param(1, 2, marks=pytest.mark.slow),
        pytest.param(2, 2, marks=pytest.mark.slow),  # one of the four has no chip
    ],
)
def test_processes_and_devices_give_the_bits_of_one(num_processes, num_devices):
    """Three chips on one device here, and shared by several, in each process."""
    assert len(jax.devices()) == 1
    for num, found in spread(num_processes, num_devices):
        assert num == num_processes * num_devices
        assert np.array_equal(found, population().ravel())


def test_each_chip_is_on_one_device():
    """The first devices are full, the last have less or nothing."""
    devices = Devices(tuple(jax.devices()) * 3)
    for num in range(1, 9):
        runs = [devices.run(place, num) for place in range(3)]
        assert [n for run in runs for n in run] == list(range(num))
        lengths = [len(run) for run in runs]
        assert lengths == sorted(lengths, reverse=True)
        assert lengths[0] == devices.share(num)


def test_no_device_and_no_chip_are_refused():
    loop, chips = machine()
    with pytest.raises(ValueError, match="a device of this process; got"):
        Devices(())
    draw = functools.partial(draw_population, loop, num_samples=2, key=jr.key(1))
    with pytest.raises(ValueError, match="one chip or more.*got one chip"):
        draw(chip_at(chips, 0))
    with pytest.raises(ValueError, match="one chip or more.*got none"):
        draw(jax.tree.map(lambda x: x[:0] if eqx.is_array(x) else x, chips))


@pytest.mark.slow
def test_no_sample_is_refused():
    loop, chips = machine()
    with pytest.raises(ValueError, match="`num_samples` must be 1 or more; got 0"):
        draw_population(loop, chips, 0, key=jr.key(1))
