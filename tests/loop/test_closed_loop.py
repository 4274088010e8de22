"""The loop: off is exact, mutants show, orders of the solvers, refusals."""

import pathlib
import re
import subprocess
import sys

import diffrax as dfx
import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import DAC, FeedbackIntegrator, Multiplier, Schedule
from rram_ode.chip import Blueprint, Chip, Design, Ranges, ScoreBlock
from rram_ode.crossbar import ColumnScale, DifferentialPair, LayerScale, ReferenceColumn
from rram_ode.devices import Cell, ConductanceRange, ProgrammingNoise, StuckFaults
from rram_ode.loop import close_loop, LoopHeun, NetworkDrift
from rram_ode.noise import FlickerReadNoise, LabClock, ReadNoise, WhiteReadNoise
from rram_ode.samplers import Euler, Heun
from rram_ode.scores import fourier_mlp, GaussianScore, NetworkScore, NoiseReadout
from rram_ode.sdes import ProbabilityFlow, ReverseSDE, VPSDE


SDE = VPSDE(0.1, 8.0)
FLOW = ProbabilityFlow(SDE)
RANGE = ConductanceRange(8e-6, 90e-6)
INTEGRATOR = FeedbackIntegrator(5e4, 30e-12)
CLOCK, SCHEDULE = LabClock(20e-6, 12e-6), Schedule(1e-3, 1.0)
RANGES = Ranges(5.0, (10.0, 10.0), 50.0)
QUIET = ReadNoise()
LOUD = ReadNoise(WhiteReadNoise(2e-6, 1e6), FlickerReadNoise(5e-7, 1e2, 1e5))
READ = ReadNoise(WhiteReadNoise(0.0, 1e6), FlickerReadNoise(0.0, 1e2, 1e5))


def score(readout=None):
    network = fourier_mlp(2, (14, 14), output_factor=5.0, key=jr.key(0))
    return NetworkScore(network) if readout is None else NetworkScore(network, readout)


def chip_of(network, cell=Cell(RANGE), mapping=DifferentialPair(RANGE), **design):
    design = {"integrator": INTEGRATOR, **design}
    return Blueprint(network, Design(cell, mapping, **design), RANGES).program(
        jr.key(3)
    )


def nominal_chip():
    return chip_of(score())


def noisy_chip():
    """Read noise at its slots; tests choose how loud."""
    return chip_of(score(), Cell(RANGE, (), LOUD))


def solve(loop, chip, x1, first=0):
    return _solve(loop, chip, x1, jnp.asarray(first, jnp.uint32))


@eqx.filter_jit
def _solve(loop, chip, x1, first):
    return loop.solve(chip, x1, first=first).x0


@eqx.filter_jit
def digital(sampler, network, x1, ts):
    return sampler(FLOW, network, x1, ts)


def starts(num=64):
    return jr.normal(jr.key(1), (2, num))


# Off is exact.

IDEAL = {
    "pair, column": (None, DifferentialPair(RANGE), ColumnScale()),
    "pair, layer": (None, DifferentialPair(RANGE), LayerScale()),
    "reference, column": (None, ReferenceColumn(RANGE), ColumnScale()),
    "reference, layer": (None, ReferenceColumn(RANGE), LayerScale()),
    "noise prediction": (NoiseReadout(SDE), DifferentialPair(RANGE), ColumnScale()),
}
METHODS = {"euler": (dfx.Euler(), Euler()), "heun": (LoopHeun(), Heun())}


def distance_from_digital(name, method, num_steps=200):
    readout, mapping, scale = IDEAL[name]
    solver, sampler = METHODS[method]
    network = score(readout)
    chip = chip_of(network, mapping=mapping, scale=scale)
    loop = close_loop(
        NetworkDrift(FLOW, network.readout),
        SCHEDULE,
        CLOCK,
        read=QUIET,
        solver=solver,
        num_steps=num_steps,
    )
    wanted = digital(
        sampler, network, starts(), SCHEDULE(loop.times, loop.clock.duration)
    )
    assert 0.1 < jnp.std(wanted) < 100
    return float(jnp.abs(solve(loop, chip, starts()) - wanted).max())


@pytest.mark.parametrize(
    ("name", "method"),
    [(name, "heun") for name in IDEAL] + [("pair, column", "euler")],
)
def test_ideal_chip_is_the_digital_sampler(name, method):
    """The same numbers in volts, siemens and seconds, on the same grid."""
    assert distance_from_digital(name, method) < 1e-8


@pytest.mark.long
def test_ideal_chip_in_float32():
    """In a process of its own, without x64: largest difference 1e-4."""
    code = (
        f"import sys; sys.path.insert(0, {str(pathlib.Path(__file__).parent)!r})\n"
        "from test_closed_loop import distance_from_digital, IDEAL, starts\n"
        "assert starts().dtype == 'float32'\n"
        "print(distance_from_digital('pair, column', 'heun'))\n"
        "print(distance_from_digital('reference, layer', 'heun'))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    differences = [float(line) for line in run.stdout.split()]
    assert len(differences) == 2
    assert max(differences) < 1e-4


ZEROS = {
    "write": {"cell": Cell(RANGE, (ProgrammingNoise(0.0),))},
    "stuck": {"cell": Cell(RANGE, (StuckFaults(0.0, 0.0, RANGE),))},
    "reference mismatch": {"mapping": ReferenceColumn(RANGE, 0.0)},
    "offset and mismatch": {"offset_std": 0.0, "mismatch_std": 0.0},
    "leak": {"integrator": FeedbackIntegrator(5e4, 30e-12, leak=0.0)},
    "far rails and clamp": {"v_rail": 1e3, "v_clamp": 1e3},
}


@pytest.mark.parametrize("name", ZEROS)
def test_an_error_at_zero_changes_nothing(name):
    """One program: the samples are equal bit for bit."""
    loop, network = close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=QUIET), score()
    design = dict(ZEROS[name])
    mapping = type(design.get("mapping", DifferentialPair(RANGE)))
    plain = solve(loop, chip_of(network, mapping=mapping(RANGE)), starts())
    assert jnp.array_equal(solve(loop, chip_of(network, **design), starts()), plain)


@pytest.mark.long
@pytest.mark.lowest
def test_read_noise_at_zero_changes_nothing():
    """Another program (it draws the paths): equal to rounding on the same grid."""
    network = score()
    cell = Cell(RANGE, (), READ)
    loop = close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=READ)
    quiet = close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=QUIET)
    assert jnp.array_equal(loop.grid, quiet.grid)
    noisy = solve(loop, chip_of(network, cell), starts())
    assert jnp.allclose(noisy, solve(quiet, chip_of(network), starts()), atol=1e-12)


@pytest.mark.long
def test_fine_dac_changes_little():
    """24 bits: half a code, 2^-24 of full scale, on every waveform."""
    network = score()
    plain = solve(
        close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=QUIET),
        chip_of(network),
        starts(),
    )
    fine = close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=QUIET, dac=DAC(24))
    difference = jnp.abs(solve(fine, chip_of(network), starts()) - plain).max()
    assert 0 < difference < 1e-4


# What must show.


def scaled(where, factor):
    return lambda chip: eqx.tree_at(where, chip, replace_fn=lambda x: factor * x)


def one_cell(chip):
    return eqx.tree_at(
        lambda chip: chip.score.layers[0].crossbar.g_pos,
        chip,
        replace_fn=lambda g: g.at[0, 3].multiply(1.01),
    )


CHANGES = {
    "one conductance": one_cell,
    "feedback": scaled(
        lambda chip: chip.score.layers[1].amplifier.feedback_resistance, 1.01
    ),
    "R C of one channel": lambda chip: eqx.tree_at(
        lambda chip: chip.integrator.mismatch, chip, jnp.array([0.0, 0.02])
    ),
    "R C": lambda chip: eqx.tree_at(
        lambda chip: chip.integrator.mismatch, chip, jnp.array([0.02, 0.02])
    ),
    "offset": lambda chip: eqx.tree_at(
        lambda chip: chip.integrator.offset, chip, jnp.array([1e-3, 0.0])
    ),
    "leak": lambda chip: eqx.tree_at(
        lambda chip: chip.integrator.leak, chip, jnp.array(3e-9)
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_circuit_shows(name):
    """1 % of one cell or resistor, 2 % of R C against the waveforms: far over 1e-8."""
    loop, chip = (
        close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=QUIET),
        nominal_chip(),
    )
    plain = solve(loop, chip, starts())
    assert jnp.abs(solve(loop, CHANGES[name](chip), starts()) - plain).max() > 1e-4


def test_waveforms_follow_the_nominal_circuit():
    """Another R, C, reset or duration solves the same equation."""
    loop, chip = (
        close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=QUIET),
        nominal_chip(),
    )
    plain = solve(loop, chip, starts())
    other = scaled(lambda chip: chip.integrator.resistance, 0.7)(chip)
    assert jnp.allclose(solve(loop, other, starts()), plain, rtol=0, atol=1e-10)
    slower = close_loop(NetworkDrift(FLOW), SCHEDULE, LabClock(35e-6, 1e-6), read=QUIET)
    assert jnp.allclose(solve(slower, chip, starts()), plain, rtol=0, atol=1e-10)


# One sample at a time.


@pytest.mark.long
def test_batch_is_the_map_of_one_sample():
    """Features first in one state, against `vmap` of the solve of one sample."""
    loop, chip = (
        close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=QUIET),
        nominal_chip(),
    )
    each = eqx.filter_jit(
        lambda x1: eqx.filter_vmap(
            lambda x: loop.solve(chip, x[:, None]).x0[:, 0], in_axes=1, out_axes=1
        )(x1)
    )(starts())
    assert jnp.allclose(solve(loop, chip, starts()), each, rtol=0, atol=1e-11)


@pytest.mark.long
def test_network_of_a_batch_is_the_map_of_one_sample():
    analog = nominal_chip().score
    wave = analog.embedding(jnp.array(0.3))
    v = analog.volts_in * starts()
    batch, _ = analog.nodes(v, wave)
    each = jnp.stack([analog.nodes(v[:, n], wave)[0] for n in range(3)], axis=1)
    assert jnp.allclose(batch[:, :3], each, rtol=1e-12, atol=0)
    wanted = score().network(jnp.array(0.3), starts())
    assert jnp.allclose(batch / analog.volts_out, wanted, rtol=1e-9, atol=1e-9)


def test_samples_do_not_depend_on_their_chunk():
    """Noise of lab time: samples 32 to 63 alone are the second half of a batch."""
    chip = noisy_chip()
    loop = close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=LOUD)
    whole = solve(loop, chip, starts())
    rolled = jnp.roll(starts(), -32, axis=1)
    half = solve(loop, chip, rolled, first=32)[:, :32]
    assert jnp.allclose(half, whole[:, 32:], rtol=0, atol=1e-5)
    assert jnp.abs(solve(loop, chip, rolled)[:, :32] - half).max() > 1e-2


# Solvers.

FAST = VPSDE(0.1, 20.0)  # errors far above rounding, down to those of Tsit5
GAUSSIAN = GaussianScore(FAST, np.array([0.3, -0.2]), np.diag([0.16, 0.81]))


def gaussian_chip(integrator=INTEGRATOR):
    block = ScoreBlock(GAUSSIAN, 2)
    return Chip(block, integrator, ReadNoise(), jr.key(0))


def exact_flow(x1, t1, t0):
    """mu(t0) + (x1 - mu(t1)) sqrt(v(t0) / v(t1)), by coordinates."""
    moments = []
    for t in (t1, t0):
        mean, std = (float(x) for x in FAST.marginal(jnp.array(t)))
        moments.append(
            (mean * GAUSSIAN.mean, mean**2 * np.array([0.16, 0.81]) + std**2)
        )
    (mean1, variance1), (mean0, variance0) = moments
    gain = jnp.asarray(np.sqrt(variance0 / variance1))
    return mean0[:, None] + (x1 - mean1[:, None]) * gain[:, None]


@pytest.mark.long
@pytest.mark.parametrize(
    ("solver", "order", "steps", "slack"),
    [
        (dfx.Euler(), 1, (800, 1600), 0.1),
        (LoopHeun(), 2, (400, 800), 0.1),
        (dfx.Tsit5(), 5, (64, 96), 0.3),
    ],
    ids=["euler", "heun", "tsit5"],
)
@pytest.mark.lowest
def test_order_of_convergence(solver, order, steps, slack):
    """The loop on Gaussian data against the exact flow; the slope is fitted."""
    schedule, x1 = Schedule(0.1, 1.0), starts(8)
    errors = []
    for n in steps:
        loop = close_loop(
            NetworkDrift(ProbabilityFlow(FAST)),
            schedule,
            CLOCK,
            read=QUIET,
            solver=solver,
            num_steps=n,
        )
        error = solve(loop, gaussian_chip(), x1) - exact_flow(x1, 1.0, 0.1)
        errors.append(float(jnp.sqrt(jnp.mean(error**2))))
    slope = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert abs(slope - order) < slack


@pytest.mark.slow
def test_loop_heun_is_heun_of_diffrax():
    """With noise on, on the same grid, to rounding."""
    x1, chip = starts(8), noisy_chip()
    ours, theirs = (
        solve(
            close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=LOUD, solver=method),
            chip,
            x1,
        )
        for method in (LoopHeun(), dfx.Heun())
    )
    assert jnp.abs(ours - theirs).max() < 1e-10


@pytest.mark.long
def test_warp_changes_the_steps_not_the_flow():
    schedule, x1 = Schedule(0.05, 1.0, 2.0), starts(8)
    loop = close_loop(
        NetworkDrift(ProbabilityFlow(FAST)),
        schedule,
        CLOCK,
        read=QUIET,
        solver=dfx.Tsit5(),
        num_steps=200,
    )
    error = solve(loop, gaussian_chip(), x1) - exact_flow(x1, 1.0, 0.05)
    assert jnp.abs(error).max() < 1e-7


@pytest.mark.slow
def test_adaptive_steps_equal_a_fine_grid():
    """Tsit5 with a tolerance, each sample its own steps; with noise and without."""
    x1 = starts(8)
    grid = close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=LOUD, num_steps=3200)
    free = close_loop(
        NetworkDrift(FLOW),
        SCHEDULE,
        CLOCK,
        read=LOUD,
        solver=dfx.Tsit5(),
        tolerance=1e-7,
    )
    ends = []
    for chip in (noisy_chip(), chip_of(score(), Cell(RANGE, (), READ))):
        ends.append(solve(grid, chip, x1))
        difference = jnp.abs(solve(free, chip, x1) - ends[-1])
        # The flow expands; the grid is within 1e-5 (against a tolerance of 1e-8).
        assert (difference / (1 + jnp.abs(ends[-1]))).max() < 2e-4
    assert jnp.abs(ends[0] - ends[1]).max() > 0.05


@pytest.mark.slow
def test_dac_holds_tend_to_the_waveform():
    """Each hold plays its middle, so that the error is of second order in the hold."""
    chip, x1, process = gaussian_chip(), starts(), ProbabilityFlow(FAST)
    schedule = Schedule(0.05, 1.0)
    plain = solve(
        close_loop(NetworkDrift(process), schedule, CLOCK, read=QUIET, num_steps=800),
        chip,
        x1,
    )
    errors = []
    for rate in (5e6, 10e6):
        dac = DAC(update_rate=rate)
        loop = close_loop(
            NetworkDrift(process), schedule, CLOCK, read=QUIET, dac=dac, num_steps=800
        )
        difference = solve(loop, chip, x1) - plain
        errors.append(float(jnp.sqrt(jnp.mean(difference**2))))
    assert abs(np.log2(errors[0] / errors[1]) - 2) < 0.2


# Refusals.


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: close_loop(
                NetworkDrift(FLOW), SCHEDULE, CLOCK, read=QUIET, num_steps=0
            ),
            "1 or more; got 0",
        ),
        (
            lambda: close_loop(
                NetworkDrift(FLOW), SCHEDULE, CLOCK, read=READ, num_steps=39
            ),
            r"`solve.num_steps` = 39 .* does not resolve `read.white`.* take 40 steps",
        ),
        (
            lambda: close_loop(
                NetworkDrift(FLOW),
                SCHEDULE,
                CLOCK,
                read=ReadNoise(flicker=FlickerReadNoise(0.0, 1.0, 1e6)),
                num_steps=100,
            ),
            "does not resolve `read.flicker`",
        ),
        (
            lambda: close_loop(
                NetworkDrift(ReverseSDE(SDE)),
                SCHEDULE,
                CLOCK,
                read=QUIET,
                noise_hold=0.0,
            ),
            "`solve.noise_hold` must be positive",
        ),
        (
            lambda: close_loop(
                NetworkDrift(ReverseSDE(SDE)), SCHEDULE, CLOCK, read=QUIET
            ).solve(gaussian_chip(), starts()),
            "the reverse SDE needs a `key`",
        ),
    ],
)
@pytest.mark.lowest
def test_bad_solves_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "law", [WhiteReadNoise(0.0, 3.3e6), FlickerReadNoise(0.0, 1e2, 1e6)]
)
def test_the_refusal_names_a_number_that_does(law):
    is_white = isinstance(law, WhiteReadNoise)
    read = ReadNoise(white=law) if is_white else ReadNoise(flicker=law)
    with pytest.raises(ValueError, match="does not resolve") as error:
        close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=read, num_steps=20)
    number = int(re.findall(r"take (\d+) steps", str(error.value))[0])
    close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=read, num_steps=number)
    with pytest.raises(ValueError, match="does not resolve"):
        close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=read, num_steps=number - 1)


def test_a_factor_above_full_scale_is_refused():
    """The message names a duration, and that duration passes."""
    chip, make = (
        nominal_chip(),
        lambda clock: close_loop(
            NetworkDrift(FLOW), SCHEDULE, clock, read=QUIET, multiplier=Multiplier(0.5)
        ),
    )
    with pytest.raises(
        ValueError, match="above `multiplier.full_scale` = 0.5"
    ) as error:
        make(LabClock(1e-6)).check(chip)
    named = re.findall(r"`solve.duration` = (\S+) s", str(error.value))[0]
    peak = make(LabClock(1.001 * float(named))).check(chip)
    assert 0.49 < peak <= 0.5
