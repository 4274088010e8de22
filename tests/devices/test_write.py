"""Programming beyond one draw: tables, write-verify, cycles, device-to-device."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.devices import (
    Cell,
    ConductanceRange,
    DeviceToDevice,
    ProgrammingNoise,
    ProportionalNoise,
    StuckFaults,
    SumNoise,
    TabulatedNoise,
    WriteVerify,
)


US = 1e-6
RANGE = ConductanceRange(8 * US, 90 * US)
TABLE = TabulatedNoise(np.array([10, 30, 80]) * US, np.array([0.2, 1.0, 0.4]) * US)


@eqx.filter_jit
def write(error, g, key):
    return error(g, key=key)


@pytest.mark.parametrize(
    "error",
    [
        TABLE.scaled(0.0),
        SumNoise(()),
        SumNoise((ProgrammingNoise(0.0), ProportionalNoise(0.0))),
        DeviceToDevice(0.0),
        WriteVerify(ProgrammingNoise(0.0), 0.0, 5),
    ],
    ids=lambda error: type(error).__name__,
)
def test_zero_returns_its_input(error, getkey):
    g = jnp.linspace(8 * US, 90 * US, 24).reshape(4, 6)
    np.testing.assert_array_equal(write(error, g, getkey()), g)


def test_a_table_is_linear_between_its_points(getkey):
    """Spreads against `numpy.interp`-free hand values; a sample of each."""
    g = np.array([10, 15, 30, 55, 80]) * US
    wanted = np.array([0.2, 0.4, 1.0, 0.7, 0.4]) * US
    np.testing.assert_allclose(TABLE.spread(jnp.asarray(g)), wanted, rtol=1e-12)
    num = 40_000
    targets = jnp.broadcast_to(jnp.asarray(g)[:, None], (5, num))
    z = (np.asarray(write(TABLE, targets, getkey())) - g[:, None]) / wanted[:, None]
    assert np.abs(z.mean(axis=1) * np.sqrt(num)).max() < 4
    assert np.abs((z.std(axis=1) - 1) * np.sqrt(2 * num)).max() < 4


def test_independent_pulses_add_their_variances():
    law = SumNoise((ProgrammingNoise(0.3 * US), ProportionalNoise(0.01), TABLE))
    g = np.array([10, 30, 80]) * US
    wanted = np.sqrt(0.3**2 + np.array([0.1, 0.3, 0.8]) ** 2 + [0.04, 1.0, 0.16]) * US
    np.testing.assert_allclose(law.spread(jnp.asarray(g)), wanted, rtol=1e-12)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.0])
def test_pulses_are_geometric(ratio, getkey):
    """Counts against the geometric law; values against the truncated normal."""
    std, num = 0.5 * US, 40_000
    g = jnp.full((4, num // 4), 40 * US)
    loop = WriteVerify(ProgrammingNoise(std), ratio * std, 400)
    key = getkey()
    found, pulses = (
        np.asarray(x).ravel() for x in eqx.filter_jit(loop.write)(g, key=key)
    )
    p = st.norm.cdf(ratio) - st.norm.cdf(-ratio)
    assert count_pvalue(pulses, p) > 1e-3
    assert count_pvalue(pulses, 0.95 * p) < 1e-3
    z = (found - 40 * US) / std
    assert np.abs(z).max() <= ratio * (1 + 1e-9)
    assert st.kstest(z, st.truncnorm(-ratio, ratio).cdf).pvalue > 1e-3
    np.testing.assert_array_equal(write(loop, g, key).ravel(), found)


def count_pvalue(pulses, p):
    """Chi-square of pulse counts against a geometric law of probability `p`."""
    top = int(np.ceil(np.log(50 / pulses.size) / np.log(1 - p)))
    observed = np.bincount(np.minimum(pulses, top), minlength=top + 1)[1:]
    law = np.append(st.geom.pmf(np.arange(1, top), p), st.geom.sf(top - 1, p))
    expected = law * pulses.size
    return st.chisquare(observed, expected).pvalue


def test_max_pulses_ends_the_loop(getkey):
    """The share of cells still outside is (1 - p)^max; one pulse is the plain law."""
    std, num = 0.5 * US, 40_000
    g = jnp.full((1, num), 40 * US)
    for most in (1, 4):
        loop = WriteVerify(ProgrammingNoise(std), 0.5 * std, most)
        found, pulses = eqx.filter_jit(loop.write)(g, key=getkey())
        outside = np.mean(np.abs(found - g) > 0.5 * std)
        p = (st.norm.sf(0.5) * 2) ** most
        assert abs(outside - p) < 4 * np.sqrt(p * (1 - p) / num)
        assert int(pulses.max()) == most
    loose = WriteVerify(ProgrammingNoise(std), 1e9 * US, 4)
    found, pulses = eqx.filter_jit(loose.write)(g, key=getkey())
    assert jnp.all(pulses == 1)
    assert st.kstest((found - g).ravel() / std, "norm").pvalue > 1e-3


def test_write_verify_passes_the_gradient(getkey):
    loop, key = WriteVerify(ProportionalNoise(0.02), 0.3 * US, 50), getkey()
    g = jnp.array([[20.0, 50.0]]) * US
    gradient = jax.grad(lambda g: jnp.sum(loop(g, key=key) ** 2))(g)
    np.testing.assert_allclose(gradient, 2 * loop(g, key=key), rtol=1e-12)


def test_device_to_device_law(getkey):
    """Gain and offset are independent: variances add; a cell has one of each."""
    error, num = DeviceToDevice(0.3 * US, 0.02), 40_000
    g = jnp.broadcast_to(jnp.array([[10.0], [60.0]]) * US, (2, num))
    z = np.asarray(write(error, g, getkey()) - g) / US
    z /= np.hypot(0.3, np.array([[0.2], [1.2]]))
    assert np.abs((z.std(axis=1) - 1) * np.sqrt(2 * num)).max() < 4
    assert st.kstest(z.ravel(), "norm").pvalue > 1e-3


@pytest.mark.long
def test_cycles_redraw_what_is_cycle_to_cycle_alone(getkey):
    """Over 64 programmings: device-to-device is their mean, the rest their spread."""
    stuck = StuckFaults(0.1, 0.0, RANGE)
    errors = (ProgrammingNoise(0.4 * US), DeviceToDevice(0.7 * US), stuck)
    cell = Cell(RANGE, errors)
    g, key, num = jnp.full((40, 50), 50 * US), getkey(), 64

    @eqx.filter_jit
    def again(cycle):
        return dataclasses.replace(cell, cycle=cycle).program(g, key=key)

    found = np.asarray(jax.vmap(again)(jnp.arange(num))) / US
    np.testing.assert_allclose(again(0), cell.program(g, key=key), rtol=1e-6)
    stuck = ~np.isnan(np.asarray(cell.stuck(g.shape, key=key)))
    assert np.all(found[:, stuck] == found[0, stuck])
    moving = found[:, ~stuck]
    cells = moving.shape[1]
    within = np.mean(np.var(moving, axis=0, ddof=1))
    error = 0.16 * np.sqrt(2 / (num - 1) / cells)
    assert abs(within - 0.16) < 4 * error
    between = np.var(moving.mean(axis=0), ddof=1) - 0.16 / num
    assert abs(between - 0.49) < 4 * 0.49 * np.sqrt(2 / cells)
    # Mutant: if cycles redrew everything, or nothing.
    assert within + 0.49 > 0.16 + 4 * error
    assert between > 4 * 0.16 / num


def test_the_fault_map_is_what_programming_leaves(getkey):
    cell = Cell(RANGE, (ProgrammingNoise(US), StuckFaults(0.05, 0.1, RANGE)))
    g, key = jnp.full((60, 70), 50 * US), getkey()
    stuck = np.asarray(cell.stuck(g.shape, key=key))
    found = np.asarray(cell.program(g, key=key))
    there = ~np.isnan(stuck)
    assert 0.1 < there.mean() < 0.2
    np.testing.assert_array_equal(found[there], stuck[there])
    assert np.all(np.isnan(Cell(RANGE).stuck(g.shape, key=key)))


def test_an_error_keeps_its_draws(getkey):
    """With a number of its own, an error does not notice the others."""
    stuck, g, key = StuckFaults(0.1, 0.1, RANGE), jnp.full((9, 9), 50 * US), getkey()
    both = Cell(RANGE, (ProgrammingNoise(US), stuck), numbers=(1, 4))
    alone = Cell(RANGE, (stuck,), numbers=(4,))
    np.testing.assert_array_equal(
        both.stuck(g.shape, key=key), alone.stuck(g.shape, key=key)
    )


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: TabulatedNoise(np.array([1e-6]), np.array([0.0])), "2 points or more"),
        (lambda: TabulatedNoise(np.array([2e-6, 1e-6]), np.zeros(2)), "must rise"),
        (lambda: TabulatedNoise(np.array([1e-6, 2e-6]), -np.ones(2)), "be 0 or more"),
        (lambda: WriteVerify(ProgrammingNoise(0.0), -1.0, 5), "`write.verify` must be"),
        (lambda: WriteVerify(ProgrammingNoise(0.0), 1.0, 0), "`write.max_pulses` must"),
        (lambda: DeviceToDevice(-1.0), "`write.device_std` must be 0 or more"),
        (lambda: DeviceToDevice(0.0, -1.0), "`write.device_std_rel` must be"),
        (lambda: Cell(RANGE, parallel=0), "`cell.devices_per_weight` must be 1"),
    ],
)
def test_bad_values_name_the_rule(act, message):
    with pytest.raises(ValueError, match=message):
        act()
