"""The chip's arrays with converters at every step: limits, laws of noise, mutants."""

import dataclasses

import _guided
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.accelerators import (
    _discrete_steps,
    calibrate_steps,
    DifferenceConversion,
    draw_steps,
    OpenReference,
    PlainConversion,
    StepMachine,
    StepNoise,
    StepTiming,
)
from rram_ode.blocks import CircuitNoise, CommonNoise, InputFlicker
from rram_ode.noise import (
    FlickerReadNoise,
    LogNormal,
    LogUniform,
    ReadNoise,
    TelegraphReadNoise,
    Traps,
    WhiteReadNoise,
)
from rram_ode.samplers import draw_digital, Euler
from rram_ode.sdes import MixedClasses, Prior
from rram_ode.system import run_key
from scipy.special import exp1


STEPS, NUM = 20, 256
SYSTEM = rr.System.from_preset("ring-fresh")
PROCESS = Euler().process_along(SYSTEM.checkpoint.sde, SYSTEM.config.solve.beta_factor)
TS = SYSTEM.chip_loop.schedule(
    jnp.linspace(0, 1, STEPS + 1) * SYSTEM.chip_loop.clock.duration,
    SYSTEM.chip_loop.clock.duration,
)
FIRST = 2**30
KEY = run_key(0)


def silent(chip):
    return dataclasses.replace(chip, read=ReadNoise(), traps=None)


@pytest.fixture(scope="module")
def chip():
    return silent(SYSTEM.program(3))


def machine(conversion, system=SYSTEM, **settings):
    design, ranges = system.blueprint.design, system.blueprint.ranges
    return StepMachine(
        system.blueprint.score,
        conversion,
        design.v_max,
        design.headroom * ranges.state,
        design.headroom,
        **settings,
    )


def calibrated(conversion, chip, system=SYSTEM, **settings):
    first = jnp.asarray(FIRST, jnp.uint32)
    x1 = system.prior.sample(KEY, first, NUM, 2)
    made = machine(conversion, system, **settings)
    return calibrate_steps(made, chip, PROCESS, x1, TS)


def draw(made, chip, num=NUM, **settings):
    prior = SYSTEM.prior
    return draw_steps(made, chip, PROCESS, TS, num, key=KEY, prior=prior, **settings)


def ends(conversion, chip, **settings):
    return np.asarray(draw(calibrated(conversion, chip, **settings), chip).x)


def rms(x, y):
    return float(np.sqrt(np.mean((np.asarray(x) - np.asarray(y)) ** 2)))


def twin(score):
    chunks = draw_digital(Euler(), PROCESS, score, TS, NUM, key=KEY, prior=SYSTEM.prior)
    return np.concatenate(list(map(np.asarray, chunks)), axis=1)


@pytest.fixture(scope="module")
def exact(chip):
    return ends(PlainConversion(), chip, state_bits=None)


@pytest.mark.long
def test_without_bits_and_noise_it_is_euler_with_the_chips_weights():
    """The weights by Ohm's law, of cells that were written 10 % off."""
    system = rr.System.from_preset("ring-fresh", {"fidelity": "ideal"})
    ideal = silent(system.program(0))

    def write(g):
        off = jr.normal(jr.key(g.size), g.shape, g.dtype)
        return g * (1 + 0.1 * off)

    where = lambda c: [
        each
        for layer in c.score.layers
        for each in (layer.crossbar.g_pos, layer.crossbar.g_neg)
    ]
    chip = eqx.tree_at(where, ideal, replace_fn=write)
    volts, weights = chip.score.volts, []
    for number, layer in enumerate(chip.score.layers):
        g = layer.crossbar.g_pos - layer.crossbar.g_neg
        ohms = layer.amplifier.feedback_resistance[None]
        rows = jnp.broadcast_to(volts[number], g.shape[0] - 1)[:, None]
        cols = jnp.broadcast_to(volts[number + 1], g.shape[1])[None]
        weights.append(g[:-1] * ohms * rows / cols)
    score = system.blueprint.score
    weights[-1] = weights[-1] / score.network.output_factor
    written = eqx.tree_at(lambda s: s.network.weights, score, tuple(weights))
    found = ends(PlainConversion(), chip, system=system, state_bits=None)
    assert rms(found, twin(written)) < 2e-5
    assert rms(found, twin(score)) > 1e-2  # the mutant: the network's own weights


@pytest.mark.slow
def test_differences_without_bits_are_whole_values(chip, exact):
    found = ends(DifferenceConversion(), chip, state_bits=None)
    assert rms(found, exact) < 2e-5


@pytest.mark.slow
def test_an_error_halves_with_a_bit(chip, exact):
    errors = [rms(ends(PlainConversion(b, b), chip), exact) for b in (7, 9)]
    assert 2.5 < errors[0] / errors[1] < 6.5  # 4, but for the state's bits


@pytest.mark.long
def test_a_wrong_range_of_the_adc_shows(chip, exact):
    made = calibrated(PlainConversion(8, 8), chip)
    run = draw(made, chip)
    assert np.max(run.clipped) < 1e-3
    assert (scales := made.scales) is not None
    narrow = lambda scale: tuple(
        each._replace(sums=scale * each.sums) for each in scales
    )
    clips = draw(dataclasses.replace(made, scales=narrow(0.25)), chip)
    wide = draw(dataclasses.replace(made, scales=narrow(8.0)), chip)
    own = rms(run.x, exact)
    assert np.max(clips.clipped) > 1e-2
    assert rms(clips.x, exact) > 3 * own
    assert rms(wide.x, exact) > 3 * own


@pytest.mark.slow
def test_the_open_loop_adds_up_what_rounding_leaves(chip, exact):
    closed = rms(ends(DifferenceConversion(5, refresh=0), chip), exact)
    opened = DifferenceConversion(5, refresh=0, reference=OpenReference())
    assert rms(ends(opened, chip), exact) > 2 * closed


@pytest.mark.slow
def test_offsets_are_measured_once_and_do_not_add_up(chip, exact, monkeypatch):
    """A current at each summing node, as an op-amp's offset makes it."""
    where = lambda c: [layer.trim for layer in c.score.layers]
    volts = [jnp.full(cols, 2e-3) for _, cols in chip.arrays]
    shifted = eqx.tree_at(where, chip, volts, is_leaf=lambda x: x is None)
    conversion = DifferenceConversion(refresh=0)
    assert rms(ends(conversion, shifted, state_bits=None), exact) < 2e-5
    made = _discrete_steps.ports_of
    without_zero = lambda *args: tuple(
        eqx.tree_at(lambda p: p.zero, port, 0 * port.zero) for port in made(*args)
    )
    monkeypatch.setattr(_discrete_steps, "ports_of", without_zero)
    assert rms(ends(conversion, shifted, state_bits=None), exact) > 1e-3


@pytest.mark.slow
def test_a_refresh_takes_errors_away(chip, exact):
    """Four bits of differences beside four, and eight, of whole values."""
    whole = PlainConversion(8, 8)
    refreshed = rms(ends(DifferenceConversion(4, 4, whole, 5), chip), exact)
    never = rms(ends(DifferenceConversion(4, 4, whole, 0), chip), exact)
    assert refreshed < 0.5 * rms(ends(PlainConversion(4, 4), chip), exact)
    assert refreshed < 0.7 * never


TIMING = StepTiming()
LAW = FlickerReadNoise(1e-6, 1.0, 1e5)


def noise_of(chip, read, steps=8, circuit=CircuitNoise(), timing=TIMING):
    noisy = dataclasses.replace(chip, read=read)
    return StepNoise.of(noisy, circuit, timing, steps)


def fluctuation(noise, num=64):
    """1/f noise of all cells at consecutive reads, `(reads, cells)`, by lab time."""
    paths = noise.paths(jnp.asarray(0, jnp.uint32), num)

    def at(step):
        parts = [n.flicker for n in noise.at(step, paths)]
        return jnp.concatenate([p.reshape(-1, num) for p in parts])

    values = jax.lax.map(at, jnp.arange(noise.num_steps, dtype=jnp.int32))
    return np.moveaxis(np.asarray(values), 2, 0).reshape(-1, values.shape[1])


@pytest.mark.slow
@pytest.mark.parametrize("lag", [1, 4, 16])
def test_slow_noise_runs_on_from_read_to_read(chip, lag):
    """Half the mean square of a change, by McWhorter's law in closed form.

    Across samples, too: lags of 16 reads pass the ends of samples of 8.
    """
    noise = noise_of(chip, ReadNoise(flicker=LAW))
    tau = lag * TIMING.step(3)
    ends = [exp1(2 * np.pi * float(f) * tau) for f in (LAW.f_min, LAW.f_max)]
    law = 1 - (ends[0] - ends[1]) / np.log(float(LAW.f_max / LAW.f_min))

    def beside_law(values):
        change = 0.5 * (values[lag:] - values[:-lag]) ** 2
        cells = change.mean(axis=0)
        error = cells.std() / np.sqrt(cells.size)
        return (cells.mean() - law) / law, error / law

    off, error = beside_law(fluctuation(noise))
    assert abs(off) < 4 * error + 0.02  # states a factor of 4 apart
    fresh = np.random.default_rng(0).standard_normal((512, 282))  # the mutant
    off, error = beside_law(fresh)
    assert off > 0.2


@pytest.mark.long
def test_slow_noise_does_not_change_with_the_steps(chip):
    """Twice as many steps of half the length: the same change over the same time."""
    half = StepTiming(0.25e-6, 0.25e-6, 0.1e-6, 0.025e-6)
    changes = []
    for timing, steps, lag in ((TIMING, 8, 4), (half, 16, 8)):
        read = ReadNoise(flicker=LAW)
        values = fluctuation(noise_of(chip, read, steps, timing=timing))
        changes.append(((values[lag:] - values[:-lag]) ** 2).mean())
    assert changes[0] / changes[1] == pytest.approx(1, abs=0.04)


@pytest.mark.parametrize("read", [0.1e-6, 0.5e-6, 2e-6])
def test_white_noise_is_averaged_by_a_read(chip, read):
    """The variance of a mean of held values, counted hold by hold."""
    timing = StepTiming(read=read)
    noise = noise_of(
        chip, ReadNoise(white=WhiteReadNoise(1e-7, 1e6)), timing=timing, steps=4
    )
    num = 4096
    paths = noise.paths(jnp.asarray(0, jnp.uint32), num)
    each = [noise.at(jnp.int32(k), paths)[1].white for k in range(4)]
    found = jnp.stack([values for values in each if values is not None])
    hold, rng = 0.5e-6, np.random.default_rng(1)
    values = np.repeat(rng.standard_normal((20000, 8)), 50, axis=1)
    width = round(50 * read / hold)
    starts = rng.integers(0, 50, 20000)
    means = [v[s : s + width].mean() for v, s in zip(values, starts, strict=True)]
    assert float(jnp.var(found)) == pytest.approx(np.var(means), rel=0.05)
    between = float(jnp.mean(found[1:] * found[:-1]))
    assert abs(between) < 4 / np.sqrt(found[1:].size)


@pytest.mark.long
def test_noise_of_the_cells_moves_the_samples(chip):
    noisy = dataclasses.replace(chip, read=ReadNoise(white=WhiteReadNoise(2e-6, 1e6)))
    made = calibrated(PlainConversion(8, 8), chip)
    one, other = draw(made, noisy), draw(made, noisy)
    np.testing.assert_array_equal(one.x, other.x)
    later = draw(made, noisy, first=NUM)
    assert rms(one.x, draw(made, chip).x) > 1e-3
    assert rms(one.x, later.x) > 1e-3


@pytest.mark.slow
def test_samples_do_not_depend_on_the_chunk(chip, monkeypatch):
    noisy = dataclasses.replace(
        chip, read=ReadNoise(white=WhiteReadNoise(2e-6, 1e6), flicker=LAW)
    )
    made = calibrated(PlainConversion(8, 8), chip)
    whole = draw(made, noisy, 48)
    monkeypatch.setattr("rram_ode.accelerators._step_noise.LARGEST_CHUNK", 16)
    np.testing.assert_allclose(draw(made, noisy, 48).x, whole.x, atol=1e-6)


@pytest.mark.slow
def test_noise_of_op_amps_and_supply_is_at_the_summing_nodes(chip):
    """At first auto-zero leaves nothing of 1/f noise, and adds what it stored."""
    common = CommonNoise(1e-4, 1e-6, 1e3, 1e6, is_zeroed=True)
    slow = InputFlicker(3e-6, 1.0, 1e5, is_zeroed=True)
    num = 4096
    variance = []
    for circuit in (CircuitNoise(None, common), CircuitNoise(slow, common)):
        noise = noise_of(chip, ReadNoise(), 8, circuit)
        paths = noise.paths(jnp.asarray(0, jnp.uint32), num)
        grounds = [noise.at(jnp.int32(k), paths)[1].ground for k in (0, 7)]
        variance.append(
            [float(jnp.mean(jnp.var(g, axis=1))) for g in grounds if g is not None]
        )
    law = float(common.std**2 * (1 + common.averaged(jnp.asarray(TIMING.read))))
    se = np.sqrt(2 / num)
    assert variance[0] == pytest.approx([law, law], rel=5 * se)
    assert variance[1][0] == pytest.approx(variance[0][0], rel=1e-6)
    tau = 7 * TIMING.step(3)
    ends = [exp1(2 * np.pi * float(f) * tau) for f in (slow.f_min, slow.f_max)]
    change = 2 * (1 - (ends[0] - ends[1]) / np.log(1e5))
    grown = variance[1][1] - variance[0][1]
    assert grown == pytest.approx(float(slow.spread**2) * change, rel=0.1)


@pytest.mark.slow
def test_telegraph_noise_switches_between_reads(chip):
    """Of one trap a cell that is half of the time in each state."""
    dwell = LogUniform(1e-5, 1e-5)
    law = TelegraphReadNoise(LogNormal(0.1), dwell, dwell)
    traps = Traps(*(jnp.full((1, 282), x) for x in (1e-6, 1e-5, 1e-5)))
    noisy = dataclasses.replace(chip, read=ReadNoise(telegraph=law), traps=traps)
    noise = StepNoise.of(noisy, CircuitNoise(), TIMING, 8)
    paths = noise.paths(jnp.asarray(0, jnp.uint32), 256)
    values = np.asarray([noise.at(jnp.int32(k), paths)[1].telegraph for k in range(8)])
    flips = np.mean(values[1:] != values[:-1])
    law = 0.5 * (1 - np.exp(-2 * TIMING.step(3) / 1e-5))
    assert flips == pytest.approx(law, rel=0.02)


@pytest.mark.slow
def test_each_sample_has_its_class():
    """Beside Euler's method on the labelled network."""
    shape = _guided.blueprint(weight=0.0)
    chip, num = shape.program(jr.key(0)), 64
    prior = Prior(1.0, MixedClasses(jnp.full(7, 1 / 7)))
    ts = jnp.linspace(1.0, 1e-3, 11)
    design = shape.design
    made = StepMachine(
        shape.score, PlainConversion(), design.v_max, 5.0, 1.1, state_bits=None
    )
    made = calibrate_steps(made, chip, _guided.FLOW, _guided.starts(), ts)
    found = draw_steps(made, chip, _guided.FLOW, ts, num, key=KEY, prior=prior)
    chunks = draw_digital(
        Euler(), _guided.FLOW, shape.score, ts, num, key=KEY, prior=prior
    )
    assert rms(found.x, np.concatenate(list(map(np.asarray, chunks)), axis=1)) < 1e-5
    two = _guided.blueprint().program(jr.key(0))
    with pytest.raises(ValueError, match="one array a layer"):
        draw_steps(made, two, _guided.FLOW, ts, num, key=KEY, prior=prior)


def test_bad_input_is_refused(chip):
    made = machine(PlainConversion(8, 8))
    with pytest.raises(ValueError, match="calibrate_steps"):
        draw(made, chip)
    with pytest.raises(ValueError, match="at least one start"):
        calibrate_steps(made, chip, PROCESS, jnp.zeros((2, 0)), TS)
    slow = ReadNoise(white=WhiteReadNoise(1e-7, 1e5))
    with pytest.raises(ValueError, match="holds a value for 5e-06 s"):
        noise_of(chip, slow)
    fast = ReadNoise(flicker=FlickerReadNoise(1e-6, 1.0, 1e7))
    with pytest.raises(ValueError, match="moves within a read"):
        noise_of(chip, fast)
    with pytest.raises(ValueError, match="`refresh` must be 0 or more"):
        DifferenceConversion(refresh=-1)
    with pytest.raises(ValueError, match="`dac_bits` must be a whole.*24; got 0"):
        PlainConversion(0, 8)
    with pytest.raises(ValueError, match="`adc_bits` must be a whole.*16; got 17"):
        DifferenceConversion(4, 17)
