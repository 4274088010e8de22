"""Cells: programming laws, faults, levels, and the published numbers of CMO/HfOx."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.devices import (
    Cell,
    cmo_hfox,
    ConductanceRange,
    FixedReadNoise,
    Levels,
    PolynomialNoise,
    ProgrammingNoise,
    ProportionalNoise,
    StuckFaults,
)
from rram_ode.noise import FlickerReadNoise, LabClock, WhiteReadNoise


US = 1e-6
RANGE = ConductanceRange(8 * US, 90 * US)
TARGETS = np.linspace(8 * US, 90 * US, 24).reshape(4, 6)


@eqx.filter_jit
def write(error, g, key):
    return error(g, key=key)


@pytest.mark.parametrize(
    "error",
    [
        ProgrammingNoise(0.0),
        ProportionalNoise(0.0),
        PolynomialNoise(jnp.zeros(3)),
        FixedReadNoise(0.0),
        StuckFaults(0.0, 0.0, RANGE),
        Cell(RANGE),
        Cell(RANGE, (ProgrammingNoise(0.0), StuckFaults(0.0, 0.0, RANGE))),
    ],
    ids=lambda error: type(error).__name__,
)
def test_zero_returns_its_input(error, getkey):
    """Bit for bit, at both ends of the range."""
    g = jnp.asarray(TARGETS)
    if isinstance(error, Cell):
        assert jnp.array_equal(error.program(g, key=getkey()), g)
    else:
        assert jnp.array_equal(write(error, g, getkey()), g)


LAWS = {
    "additive": (ProgrammingNoise(0.5 * US), lambda g: 0.5 * US + 0 * g),
    "proportional": (ProportionalNoise(0.02), lambda g: 0.02 * g),
    "polynomial": (
        PolynomialNoise(jnp.array([0.3e-6, -0.004, 120.0])),
        lambda g: 0.3e-6 - 0.004 * g + 120 * g**2,
    ),
    "fixed": (
        FixedReadNoise(0.3 * US, 0.01),
        lambda g: np.hypot(0.3 * US, 0.01 * g),
    ),
}


def law_deviations(error, std, key, gain=1.0):
    """Largest deviation of mean and spread at 5 conductances, in standard errors."""
    levels = np.array([8, 20, 40, 70, 90]) * US
    num = 100_000
    g = jnp.broadcast_to(jnp.asarray(levels)[:, None], (5, num))
    z = (
        gain
        * (np.asarray(write(error, g, key)) - levels[:, None])
        / std(levels)[:, None]
    )
    mean = np.mean(z, axis=1) * np.sqrt(num)
    spread = (np.std(z, axis=1) - 1) * np.sqrt(2 * num)
    assert st.kstest(z.ravel() / gain, "norm").pvalue > 1e-3
    return np.abs(np.stack([mean, spread])).max()


@pytest.mark.parametrize("name", LAWS)
def test_programming_law(name, getkey):
    """10 numbers within 4 standard errors; a spread off by 2 % is 9 away."""
    error, std = LAWS[name]
    key = getkey()
    assert law_deviations(error, std, key) < 4
    assert law_deviations(error, std, key, gain=1.02) > 5


def test_conductance_is_never_negative(getkey):
    g = jnp.full((100, 100), 1 * US)
    for error in (ProgrammingNoise(1 * US), ProportionalNoise(1.0), FixedReadNoise(US)):
        written = write(error, g, getkey())
        share = np.mean(np.asarray(written) == 0)
        expected = st.norm.cdf(-1)
        assert jnp.min(written) == 0
        assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / g.size)


def test_errors_of_a_chain_are_independent(getkey):
    """Two equal errors in one cell add their variances, not their values."""
    cell = Cell(RANGE, (ProgrammingNoise(0.3 * US), ProgrammingNoise(0.4 * US)))
    g = jnp.full((200, 200), 50 * US)
    z = (eqx.filter_jit(cell.program)(g, key=getkey()) - g) / (0.5 * US)
    assert abs(jnp.std(z) - 1) < 4 / np.sqrt(2 * g.size)  # one key for both: 1.4


def test_stuck_shares(getkey):
    g = jnp.full((400, 400), 50 * US)
    written = write(StuckFaults(0.03, 0.1, RANGE), g, getkey())
    for value, share in ((90 * US, 0.03), (8 * US, 0.1), (50 * US, 0.87)):
        found = np.mean(np.isclose(written, value, rtol=1e-12))
        assert abs(found - share) < 4 * np.sqrt(share * (1 - share) / g.size)
    stuck = np.asarray(written != 50 * US).astype(float) - 0.13
    neighbours = np.sum(stuck[1:] * stuck[:-1]) / np.sqrt(g.size) / (0.13 * 0.87)
    assert abs(neighbours) < 4
    everything = write(StuckFaults(1.0, 0.0, RANGE), g, getkey())
    assert jnp.all(everything == RANGE.g_max)


@pytest.mark.parametrize("num", [2, 3, 16, 64])
def test_levels(num, getkey):
    """`num` even values, each target within half a step, a level returns itself."""
    levels = Levels(num, RANGE)
    g = jnp.linspace(8 * US, 90 * US, 4 * 997).reshape(4, -1)
    written = np.asarray(write(levels, g, getkey()))
    step = 82 * US / (num - 1)
    index = (written - 8 * US) / step
    assert np.allclose(index, np.round(index), rtol=0, atol=1e-9)
    assert np.unique(np.round(index)).tolist() == list(range(num))
    assert np.abs(written - g).max() <= step / 2 * (1 + 1e-9)
    again = write(levels, jnp.asarray(written), getkey())
    assert np.allclose(again, written, rtol=1e-15, atol=0)


def test_levels_clip_and_pass_the_gradient(getkey):
    levels, key = Levels(4, RANGE), getkey()
    g = jnp.array([[1.0, 30.0, 200.0]]) * US
    assert jnp.allclose(levels(g, key=key), jnp.array([[8.0, 8 + 82 / 3, 90.0]]) * US)
    gradient = jax.grad(lambda g: jnp.sum(levels(g, key=key) ** 2))(g)
    # A target beyond the range moves nothing.
    inside = jnp.array([[0.0, 1.0, 0.0]])
    assert jnp.allclose(gradient, 2 * inside * levels(g, key=key), rtol=1e-12)
    rounded = jax.grad(lambda g: jnp.sum(jnp.round(g)))(g)
    assert jnp.all(rounded == 0)  # what rounding alone would give


@pytest.mark.parametrize("end", ["g_min", "g_max"])
def test_levels_move_with_their_range(end, getkey):
    """Targets at fixed places in the range keep their levels: no staircase at all."""
    key = getkey()
    places = jnp.array([[0.0, 0.013, 0.21, 0.46, 0.777, 1.0]])

    def moved(shift):
        ends = {"g_min": RANGE.g_min, "g_max": RANGE.g_max}
        ends[end] = ends[end] * (1 + shift)
        range = ConductanceRange(**ends)
        g = range.g_min + places * range.span
        return Levels(16, range)(g, key=key) / US

    _, slope = jax.jvp(moved, (jnp.array(0.0),), (jnp.array(1.0),))
    h = 1e-4
    differences = (moved(jnp.array(h)) - moved(jnp.array(-h))) / (2 * h)
    np.testing.assert_allclose(slope, differences, rtol=1e-8, atol=1e-8)
    # The mutant: the slope of the targets, as if levels had no place in the range.
    share = places if end == "g_max" else 1 - places
    straight = share * getattr(RANGE, end) / US
    assert jnp.max(jnp.abs(straight - differences)) > 0.1


def test_cmo_hfox_numbers(getkey):
    """`facts/devices.md`: sigma(g) in uS, and A = (0.0277 log10 g)^2 per e-fold."""
    g = np.array([8.0, 30.0, 90.0])
    for acceptance, law in (
        (0.002, 0.00106879 * g + 0.00081107),
        (0.02, 0.01129027 * g + 0.01121854),
    ):
        error, _ = cmo_hfox(acceptance=acceptance).errors
        assert isinstance(error, PolynomialNoise)
        assert np.allclose(error.spread(jnp.asarray(g * US)), law * US, rtol=1e-12)
    noise = cmo_hfox(f_min=2.0, f_max=5e4).read.flicker
    assert noise is not None
    efolds = np.log(5e4 / 2.0)
    wanted = 0.0277316483 * np.log10(g) * np.sqrt(efolds) * US
    assert np.allclose(noise.spread(jnp.asarray(g * US)), wanted, rtol=1e-9)
    assert np.isclose(cmo_hfox().range.g_min, 8 * US, rtol=1e-12)
    assert np.isclose(cmo_hfox().range.g_max, 90 * US, rtol=1e-12)


def test_spread_of_read_noise():
    g = jnp.array([1.0, 10.0, 100.0]) * US
    white = WhiteReadNoise(0.3 * US, 1e6, 0.01)
    assert np.allclose(white.spread(g), np.hypot(0.3 * US, 0.01 * g), rtol=1e-12)
    flicker = FlickerReadNoise(0.1 * US, 1.0, np.exp(4.0), slope=0.05 * US)
    assert np.allclose(flicker.spread(g), 2 * np.array([0.1, 0.15, 0.2]) * US)
    falling = FlickerReadNoise(0.1 * US, 1.0, np.exp(4.0), slope=-0.2 * US)
    assert np.allclose(falling.spread(g), np.array([0.2, 0.0, 0.0]) * US)


def test_densities_integrate_to_one():
    """The unit process has variance 1; flicker is A / f between its corners."""
    f = np.geomspace(1e-4, 1e10, 400_001)
    flicker = np.asarray(FlickerReadNoise(1.0, 1.0, 1e5).psd(jnp.asarray(f)))
    assert abs(np.trapezoid(flicker, f) - 1) < 1e-4
    middle = (f > 1e2) & (f < 1e3)
    one_over_f = 1 / (np.log(1e5) * f[middle])
    assert np.allclose(flicker[middle], one_over_f, rtol=0.02)
    f = np.linspace(0, 1e4, 2_000_001)
    white = np.asarray(WhiteReadNoise(1.0, 10.0).psd(jnp.asarray(f)))
    assert abs(np.trapezoid(white, f) - 1) < 2e-3  # sinc^2 has a tail of 1 / f^2
    assert abs(white[0] - 1 / 10.0) < 1e-12


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ConductanceRange(9e-5, 8e-6), "`g_min` must be .* below `g_max`"),
        (lambda: ConductanceRange(-1e-6, 8e-6), "`g_min` must be at least 0"),
        (lambda: ConductanceRange(8e-6, 8e-6), "g_min = 8e-06, g_max = 8e-06"),
        (lambda: ProgrammingNoise(-1e-6), "`write.std` must be 0 or more, in S"),
        (lambda: ProgrammingNoise(np.nan), "`write.std` must be 0 or more"),
        (lambda: ProportionalNoise(-0.1), "`write.std_rel` must be 0 or more"),
        (lambda: FixedReadNoise(-1.0), "`read.fixed.std` must be 0 or more"),
        (lambda: FixedReadNoise(0.0, -1.0), "`read.fixed.std_rel` must be 0 or more"),
        (lambda: StuckFaults(0.6, 0.5, RANGE), "shares with a sum of 1 at most"),
        (lambda: StuckFaults(-0.1, 0.5, RANGE), "`stuck.lrs` and `stuck.hrs`"),
        (lambda: Levels(1, RANGE), "`levels` must be at least 2, .* got 1"),
        (lambda: WhiteReadNoise(-1.0, 1e6), "`read.white.std` must be 0 or more"),
        (lambda: WhiteReadNoise(0.0, 0.0), "`read.white.bandwidth` must be positive"),
        (lambda: FlickerReadNoise(-1.0, 1.0, 2.0), "`read.flicker.std` must be 0"),
        (lambda: FlickerReadNoise(0.0, 3.0, 2.0), "`read.flicker.f_min` must be"),
        (lambda: LabClock(0.0), "`solve.duration` must be positive, in s; got 0"),
        (lambda: LabClock(1.0, -1.0), "`solve.reset` must be 0 or more, in s; got -1"),
        (lambda: cmo_hfox(acceptance=0.01), "`acceptance` must be one of"),
        (lambda: cmo_hfox(g_max=1e-4), "valid from 8 to 90 uS; got 8 to 100 uS"),
        (lambda: cmo_hfox(g_min=1e-6), "valid from 8 to 90 uS"),
    ],
)
def test_bad_values_name_the_rule(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_values_may_be_traced():
    """A Monte-Carlo over a noise strength is a `vmap`; validation must not stop it."""
    g = jnp.asarray(TARGETS)

    def spread(std):
        return ProgrammingNoise(std)(g, key=jax.random.key(0)) - g

    stds = jnp.array([0.1, 0.2]) * US
    small, large = jax.vmap(spread)(stds)
    assert jnp.allclose(2 * small, large, rtol=1e-6)
    ranges = jax.vmap(lambda top: ConductanceRange(8 * US, top).span)(
        50 * stds + US * 8
    )
    assert jnp.allclose(ranges, 50 * stds)
