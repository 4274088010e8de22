"""A ring as the fixed point of a small ReLU network, with one noise of one layer on.

The score pushes inwards beyond the sides of an octagon, the flow expands. The statistic
is the spread of (noise on minus noise off).
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import scipy.stats as st
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, NetworkDrift
from rram_ode.noise import (
    FlickerReadNoise,
    LabClock,
    LogNormal,
    LogUniform,
    ReadNoise,
    TelegraphReadNoise,
    ThermalNoise,
    WhiteReadNoise,
)
from rram_ode.scores import FourierMLP, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE


NUM, FEWER, CHUNK = 20_000, 8_000, 1000
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
    return Blueprint(octagon(), design, Ranges(3.0, (3.0,), 3.0)).program(jr.key(0))


def make_loop(solver, num_steps, read=READ):
    """Even steps for an integer, adaptive ones for a tolerance."""
    steps = {"num_steps": num_steps} if num_steps >= 1 else {"tolerance": num_steps}
    flow = ProbabilityFlow(VPSDE(1.0, 1.0))
    return close_loop(
        NetworkDrift(flow), Schedule(0.0, 1.0), CLOCK, read=read, solver=solver, **steps
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


def starts(num=NUM):
    return jr.normal(jr.key(1), (2, num))


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


def measure(methods, key, run=solve, cases=CASES, read=READ, num=NUM):
    """The spread in every cell of the table, each from a key of its own."""
    chip, x1 = make_chip(read), starts(num)
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
