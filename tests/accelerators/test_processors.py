"""Whole processors at batch 1: from one fused program to the launch-bound worst."""

import jax.random as jr
import numpy as np
import pytest
from rram_ode.accelerators import all_constants, MACHINES, Processor, PROCESSORS
from rram_ode.energy import MEGABYTE, nominals, propagate, sampler_work, Work
from rram_ode.samplers import Euler, Heun
from rram_ode.scores import fourier_mlp


TABLE = all_constants()
VALUES = nominals(TABLE)
WORK = sampler_work(Heun(), 6, fourier_mlp(2, (14, 14), key=jr.key(0)))


def joules(machine: Processor, values, work=WORK, batch=1) -> float:
    spent = machine.wall_energy(work, batch, values)
    assert spent is not None
    return float(spent)


def seconds(machine: Processor, work, values=VALUES) -> float:
    took = machine.seconds(work, 1, values)
    assert took is not None
    return float(took)


def a100() -> Processor:
    machine = MACHINES["a100"]
    assert isinstance(machine, Processor)
    return machine


@pytest.mark.parametrize("machine", PROCESSORS, ids=lambda machine: machine.name)
def test_the_range_reaches_from_a_fused_program_to_the_worst(machine: Processor):
    low, high = (VALUES | end for end in machine.ends())
    fused, nominal, worst = (joules(machine, v) for v in (low, VALUES, high))
    assert fused < nominal < worst
    spread = propagate(lambda v: machine.wall_energy(WORK, 1, v), TABLE)
    assert spread.nominal == nominal
    assert spread.low < 0.7 * nominal
    # The mutant: a range without a low end, that of launches alone.
    alone = TABLE | {
        name: type(TABLE[name])(
            TABLE[name].nominal, TABLE[name].nominal, TABLE[name].high, unit, "a mutant"
        )
        for name, unit in (
            (f"{machine.name}.launch", "s"),
            (f"{machine.name}.idle", "1"),
        )
    }
    mutant = propagate(lambda v: machine.wall_energy(WORK, 1, v), alone)
    assert mutant.low > spread.low


def test_a_fused_gpu_by_hand():
    """100 ns a barrier, 5 % of the power: 78 barriers of 12 evaluations and 6 steps."""
    machine = a100()
    low, _ = machine.ends()
    assert WORK.launches == 12 * 6 + 6
    got = joules(machine, VALUES | low)
    assert got == pytest.approx(250 * 78 * 100e-9 * 0.05, rel=0.03)
    assert joules(machine, VALUES) / got > 100


def test_power_is_full_where_the_roofline_rules():
    """Between launches a part of it; the energy is that of idle and busy time."""
    machine = a100()
    busy = Work(macs=10**12, launches=1)
    took = seconds(machine, busy)
    assert joules(machine, VALUES, busy) == pytest.approx(250 * took, rel=1e-3)
    waiting = Work(macs=0, launches=10)
    assert joules(machine, VALUES, waiting) == pytest.approx(250 * 0.3 * 60e-6)


def test_weights_in_the_cache_are_read_once():
    """1,000 readings of 8 MB of weights: from the cache of 40 MB one is from memory."""
    machine = a100()
    words = 2 * MEGABYTE / 8
    job = Work(macs=0, weight_words=int(1000 * words), stored_words=int(words))
    inside, outside = (
        seconds(machine, job, VALUES | {"a100.cache": cache * MEGABYTE})
        for cache in (40.0, 4.0)
    )
    assert outside / inside == pytest.approx(1000)
    assert np.isclose(inside, 32 * words / (1555e9 * 8))


def test_a_class_embedding_is_paid_for():
    """Of 3 classes: an addition and a word for each hidden column and evaluation."""
    plain = fourier_mlp(2, (14, 10), key=jr.key(0))
    own = fourier_mlp(2, (14, 10), num_classes=3, key=jr.key(0))
    work, more = (sampler_work(Euler(), 7, each) for each in (plain, own))
    assert more.adds - work.adds == 7 * 24
    assert more.table_words - work.table_words == 7 * 24
    assert more.stored_table_words - work.stored_table_words == 3 * 14
    assert (more.macs, more.mults) == (work.macs, work.mults)
