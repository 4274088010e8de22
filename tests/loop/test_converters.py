"""The DAC of the starts and the ADC of the ends, as they act on samples."""

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import ADC, DAC, FeedbackIntegrator, Schedule
from rram_ode.chip import Chip, ScoreBlock
from rram_ode.loop import (
    close_loop,
    Converters,
    draw,
    draw_population,
    NetworkDrift,
    SILENT,
)
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import GaussianScore
from rram_ode.sdes import ProbabilityFlow, ReverseSDE, VPSDE
from rram_ode.spice import check_netlist, write_netlist
from rram_ode.system import netlist_cases, System


SDE = VPSDE(0.1, 8.0)
CLOCK = LabClock(20e-6, 12e-6)
FULL_SCALE = 0.16  # volts; a unit is 0.05 V
QUIET = {"cell.read.white.std": 0.0, "cell.read.flicker.slope": 0.0}


def chip_of(seed=0):
    score = ScoreBlock(GaussianScore(SDE, np.zeros(2), 0.25 * np.eye(2)), 2)
    integrator = FeedbackIntegrator(30e3, 10e-12, offset=np.zeros(2))
    return Chip(score, integrator, ReadNoise(), jr.key(seed))


def loop_of(converters=Converters(), process=None, **kwargs):
    drift = NetworkDrift(ProbabilityFlow(SDE) if process is None else process)
    kwargs = {"read": SILENT, "num_steps": 40, "solver": dfx.Euler(), **kwargs}
    return close_loop(
        drift, Schedule(1e-3, 1.0), CLOCK, converters=converters, **kwargs
    )


def converters_of(adc=None, start=None, noise=None):
    return Converters(ADC(adc, FULL_SCALE, noise=noise), DAC(start), FULL_SCALE)


@eqx.filter_jit
def solve(loop, chip, x1, **kwargs):
    return loop.solve(chip, x1, **kwargs)


def starts(num=64, key=1):
    return jr.normal(jr.key(key), (2, num))


def on_codes(x, bits):
    """Whether all numbers are codes of a converter: a whole number of its steps."""
    steps = np.asarray(x, float) * 0.05 / (FULL_SCALE / 2 ** (bits - 1))
    return np.abs(steps - np.round(steps)).max() < 1e-3


# Off is exact.


@pytest.mark.long
def test_without_bits_nothing_changes():
    plain = solve(loop_of(), chip_of(), starts(), num_observed=3)
    noisy = solve(loop_of(converters_of(noise=0.5)), chip_of(), starts())
    np.testing.assert_array_equal(noisy.x0, plain.x0)
    assert plain.observation.names == ("state",)
    converted = solve(loop_of(converters_of(6, 6)), chip_of(), starts())
    assert np.abs(np.asarray(converted.x0 - plain.x0)).max() > 0.05


@pytest.mark.long
def test_an_ideal_machine_has_no_converters():
    small = {"adc.bits": 4, "start.bits": 4}
    plain, coarse = (
        System.from_preset("ring-ideal", {"solve.num_steps": 40, **more})
        for more in ({}, small)
    )
    runs = [one.sample(one.program(), 64) for one in (plain, coarse)]
    np.testing.assert_array_equal(runs[0].x, runs[1].x)
    assert "ADC" not in runs[1].clipped
    # Its joules are those of the same machine with the errors.
    assert runs[1].energy.breakdown["adc"] < runs[0].energy.breakdown["adc"]


@pytest.mark.long
@pytest.mark.parametrize(
    "fidelity", ["quasi-static", pytest.param("dynamic", marks=pytest.mark.slow)]
)
def test_every_other_machine_has(fidelity):
    settings = {"fidelity": fidelity, "solve.num_steps": 80, "adc.noise": 0.0}
    system = System.from_preset("ring-fresh", {**settings, "adc.bits": 5, **QUIET})
    chip = system.program()
    run = system.sample(chip, 64)
    codes = run.x * float(chip.score.volts_in) / (0.2 / 16)
    np.testing.assert_allclose(codes, np.round(codes), atol=1e-3)
    assert {"ADC", "start DAC"} <= set(run.clipped)
    fine = System.from_preset("ring-fresh", {**settings, "adc.bits": None, **QUIET})
    exact = fine.sample(fine.program(), 64).x * float(chip.score.volts_in) / (0.2 / 16)
    assert 0.3 < np.abs(codes - exact).max() < 0.5 + 1e-3


# What they do.


@pytest.mark.long
def test_ends_are_codes_of_the_adc():
    loop, chip = loop_of(converters_of(6)), chip_of()
    x0 = solve(loop, chip, starts()).x0
    exact = solve(loop_of(), chip, starts()).x0
    assert on_codes(x0, 6)
    half = FULL_SCALE / 2**6 / 0.05
    assert np.abs(np.asarray(x0 - exact)).max() <= half * (1 + 1e-5)


def test_starts_are_codes_of_their_dac():
    chip, x1 = chip_of(), starts()
    loop = loop_of(converters_of(start=5))
    played = loop.start_volts(chip, x1) / 0.05
    assert on_codes(played, 5)
    wanted = solve(loop_of(), chip, played).x0
    np.testing.assert_allclose(solve(loop, chip, x1).x0, wanted, atol=1e-6)


@pytest.mark.long
def test_what_is_clipped_is_counted():
    converters = Converters(ADC(10, 0.02), DAC(10), 0.05)
    x1 = jnp.array([[0.5, 3.0, 0.1, 0.0], [0.2, 0.2, 0.1, -4.0]])
    seen = solve(loop_of(converters), chip_of(), x1, num_observed=2).observation
    assert seen.names == ("state", "start DAC", "ADC")
    np.testing.assert_array_equal(seen.hits[1], [False, True, False, True])
    np.testing.assert_array_equal(seen.share[1], [0, 0.5, 0, 0.5])
    exact = solve(loop_of(converters_of(start=None)), chip_of(), x1).x0
    clipped = solve(loop_of(Converters(ADC(10, 0.02))), chip_of(), x1)
    beyond = np.abs(np.asarray(exact)) > 0.02 / 0.05
    assert beyond.any()
    assert np.abs(np.asarray(clipped.x0)).max() <= 0.02 / 0.05
    assert not np.any(np.abs(np.asarray(clipped.x0))[beyond] < 0.02 / 0.05 * 0.99)


def test_a_diverged_sample_is_clipped_and_not_hidden():
    adc = ADC(8, 1.0)
    got = adc(jnp.array([1e20, -1e20, jnp.nan]))
    np.testing.assert_array_equal(got, [127 / 128, -1.0, np.nan])


# The ADC's noise.


def test_noise_has_the_spread_that_is_stated():
    """Rounding and noise of n steps together: n^2 + 1/12, to 4 standard errors."""
    noise, num = 0.8, 20_000
    converters = converters_of(8, noise=noise)
    step = FULL_SCALE / 2**7
    v = step * jr.uniform(jr.key(3), (2, num), minval=-20.0, maxval=20.0)
    read = converters.hand_over(v, jnp.array(1.0), key=jr.key(4), first=0)
    error = np.asarray(read - v).ravel() / step
    wanted = noise**2 + 1 / 12
    assert abs((error**2).mean() - wanted) < 4 * (error**2).std() / error.size**0.5
    assert abs(error.mean()) < 4 * error.std() / error.size**0.5


def test_noise_belongs_to_the_chip_and_the_samples_number():
    converters, v = converters_of(10, noise=3.0), jnp.full((2, 40), 0.03)
    read = lambda chip, first, v: np.asarray(
        converters.hand_over(v, jnp.array(1.0), key=jr.key(chip), first=first)
    )
    whole = read(0, 0, v)
    np.testing.assert_array_equal(read(0, 25, v[:, :15]), whole[:, 25:])
    assert (read(1, 0, v) != whole).mean() > 0.8


@pytest.mark.slow
def test_chunks_and_populations_meet_the_same_converters(monkeypatch):
    loop, key = loop_of(converters_of(6, noise=1.0)), jr.key(7)
    chips = jax.tree.map(lambda *xs: jnp.stack(xs), chip_of(0), chip_of(1))
    many = np.asarray(draw_population(loop, chips, 48, key=key))
    whole = np.asarray(next(draw(loop, chip_of(1), 48, key=key)).x0)
    monkeypatch.setattr("rram_ode.loop._draw.LARGEST_CHUNK", 16)
    parts = [np.asarray(part.x0) for part in draw(loop, chip_of(1), 48, key=key)]
    assert len(parts) == 3
    # An input on a threshold may fall to its other side in another program.
    for other in (np.concatenate(parts, axis=1), many[1]):
        assert (np.abs(other - whole) > 1e-4).mean() < 0.02
    assert (np.abs(many[0] - whole) > 1e-4).mean() > 0.5


# Injected noise that a DAC plays.


def test_held_noise_is_played_in_codes():
    process = ReverseSDE(SDE)
    hold = {"process": process, "noise_hold": 1e-6}
    coarse, fine = loop_of(dac=DAC(3), **hold), loop_of(**hold)
    paths = []
    for loop in (coarse, fine):
        injected = loop.term(chip_of(), starts(500), key=jr.key(2)).paths.injected
        assert injected is not None
        paths.append(injected.values)
    codes = np.asarray(paths[0]) * 1e-6**0.5
    assert set(np.unique(np.round(codes, 5))) <= set(np.arange(-4.0, 4.0))
    np.testing.assert_allclose(
        codes, np.clip(np.round(np.asarray(paths[1]) * 1e-6**0.5), -4, 3), atol=1e-5
    )
    assert loop_of(dac=DAC(3), process=process).noise_dac is None  # a Wiener process


# Gradients.


@pytest.mark.long
def test_gradients_pass_straight_through():
    """Between the last codes the slope of a solve is that without converters."""
    chip, x1 = chip_of(), 0.5 * starts(8)

    def total(scale, loop):
        moved = eqx.tree_at(lambda c: c.integrator.offset, chip, scale * 1e-3)
        return jnp.sum(loop.solve(moved, x1).x0)

    slopes = [
        float(jax.jit(jax.grad(lambda s, loop=loop: total(s, loop)))(jnp.array(1.0)))
        for loop in (loop_of(), loop_of(converters_of(6, noise=0.3)))
    ]
    assert slopes[0] != 0
    assert slopes[1] == pytest.approx(slopes[0], rel=1e-5)


def test_in_the_gradient_errors_do_not_follow_the_volts():
    """Volts per unit cancel: the slope in them is 0, and that in x is 1."""
    converters = converters_of(5, 5)
    x = jnp.array([[0.31, -1.24]])

    def there_and_back(unit, x):
        v1 = converters.play(x, unit)
        return jnp.sum(converters.hand_over(v1, unit, key=jr.key(0), first=0))

    unit = jnp.array(0.05)
    slopes = jax.grad(there_and_back, argnums=(0, 1))(unit, x)
    np.testing.assert_allclose(slopes[0], 0.0, atol=1e-12)
    np.testing.assert_allclose(slopes[1], jnp.ones((1, 2)), rtol=1e-12)
    beyond = jax.grad(there_and_back, argnums=1)(unit, 9 * x)
    np.testing.assert_array_equal(beyond, [[1.0, 0.0]])  # 2.8 units are within


# The deck.


@pytest.mark.ngspice
@pytest.mark.slow
def test_the_deck_starts_and_ends_with_converters():
    system = System.from_preset("ring-fresh", {"start.bits": 5, "adc.bits": 6})
    loop, chip, x1 = next(netlist_cases(system))
    found = {each.name: each for each in check_netlist(loop, chip, x1)}
    assert all(each.passed for each in found.values())
    assert found["hand-over"].limit == pytest.approx(0.001 + 1 / 32)
    exact = eqx.tree_at(lambda l: l.loop.converters.start, loop, DAC())
    deck = write_netlist(exact, chip, x1)  # the mutant: starts that no DAC gave
    assert not check_netlist(loop, chip, x1, netlist=deck)[0].passed


# What is refused.


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"adc.bits": 3}, "`adc.bits` must be between 4 and 14"),
        ({"adc.bits": 15}, "`adc.bits` must be between 4 and 14.*priced as 14"),
        ({"start.bits": 0}, "`start.bits` must be between 1 and 16"),
        ({"dac.bits": 17}, "`dac.bits` must be between 1 and 16"),
        ({"dac.update_rate": 2e9}, r"`dac.update_rate` must be at most 1e\+09 Hz"),
        ({"adc.full_scale": 0.0}, "`adc.full_scale` must be positive"),
        ({"start.full_scale": -1.0}, "`start.full_scale` must be positive"),
        ({"adc.noise": -0.1}, "`adc.noise` must be 0 or more"),
        ({"start.resistance": 0.0}, "`start.resistance` must be positive"),
        ({"power.adc_bits": 8}, "`power.adc_bits` is now `adc.bits`"),
    ],
)
def test_bad_converters_are_one_clear_line(settings, text):
    with pytest.raises(ValueError, match=text) as error:
        System.from_preset("ring-fresh", settings)
    assert "\n" not in str(error.value)
