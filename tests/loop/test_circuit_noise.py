"""Noise of the blocks around the arrays: off is exact, closed forms, one path."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats as st
from _spectra import contiguous, density_ratio
from rram_ode.blocks import (
    CircuitNoise,
    CommonNoise,
    InputFlicker,
    MultiplierFlicker,
    MultiplierNoise,
    OpAmp,
    StaticOpAmps,
)
from rram_ode.config import override_all, RunConfig
from rram_ode.crossbar import CellNoise
from rram_ode.loop import circuit_paths, make_dynamic, plan_circuit
from rram_ode.noise import FlickerReadNoise, LabClock
from rram_ode.system import build_circuit_noise
from test_dynamic import chip_of, CLOCK, distance, quasi_static, solve, starts


NUM = 4000
BANDS = np.array([1e3, 1e4, 3e4, 8e4])
LAWS = {
    "flicker": InputFlicker(2e-5, 10.0, 1e5, True),
    "common": CommonNoise(0.0, 1e-4, 1e3, 1e6, True),
    "multiplier": MultiplierNoise(2e-6, 2.5e6),
    "products": MultiplierFlicker(4e-5, 10.0, 1e5),
}
LOUD = CircuitNoise(**LAWS)


@eqx.filter_jit
def realise(noise, sizes, clock, first=0, num=NUM):
    """Volts of the op-amps and at the integrators' inputs, `(holds, blocks, num)`."""
    first = jnp.asarray(first, jnp.uint32)
    paths = circuit_paths(noise, sizes, chip_of(), clock, first=first, num_samples=num)
    assert paths is not None
    return paths


def paths_of(noise, clock=CLOCK, **kwargs):
    chip_of()  # it is kept, and must not be made within a trace
    return realise(noise, plan_circuit(noise, clock)[0], clock, **kwargs)


def passes(values, std):
    """Two-sided chi-square of independent values with this spread."""
    total = np.sum(np.square(np.asarray(values, float))) / std**2
    lower = st.chi2.cdf(total, values.size)
    return 2 * min(lower, 1 - lower) > 1e-3


# Off.


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=pytest.mark.slow if name in ("flicker", "common") else ()
        )
        for name in LAWS
    ],
)
def test_off_is_exact(name):
    """A law of zeros gives the bits of no law; the law itself moves every sample."""
    law = LAWS[name]
    where = {"common": "ground", "multiplier": "density"}.get(name, "volts")
    zero = dataclasses.replace(law, **{where: jnp.asarray(0.0)})
    chip, x1 = chip_of(), starts()
    plain = solve(quasi_static(), chip, x1)
    ends = [
        solve(quasi_static(circuit_noise=CircuitNoise(**{name: one})), chip, x1)
        for one in (zero, law)
    ]
    assert np.array_equal(ends[0], plain)
    assert np.all(np.abs(ends[1] - plain).max(axis=0) > 1e-5)


def test_the_default_has_none():
    assert jax.tree.leaves(build_circuit_noise(RunConfig())) == []


# The laws.


@pytest.mark.long
def test_density_of_one_over_f():
    """e_1^2 / f within its error and the states' 5 %; a mutant of 1.3 fails."""
    law = InputFlicker(2e-5, 100.0, 1e6)
    paths = paths_of(CircuitNoise(law), LabClock(20e-6), num=300)
    assert paths.flicker is not None
    series = contiguous(paths.flicker.values / law.spread)
    ratio, error = density_ratio(law.process, series, 20e-6 / 320, BANDS)
    assert np.all(np.abs(ratio - 1) < 0.05 + 4 * error)
    assert not np.all(np.abs(1.3 * ratio - 1) < 0.05 + 4 * error)
    middle = float(law.process.psd(jnp.array([1e4]))[0] * law.spread**2)
    assert middle == pytest.approx(4e-10 / 1e4, rel=0.02)


@pytest.mark.slow
def test_auto_zero_stores_what_an_op_amp_has_at_the_start():
    r"""Variance of $e(\tau) - e(0)$, $2 A \int (1 - e^{-2 \pi f \tau}) d\ln f$.

    Without auto-zero it is that of the band, half as large again.
    """
    law = InputFlicker(2e-5, 10.0, 1e5, True)
    path = paths_of(CircuitNoise(law)).flicker
    assert path is not None
    assert np.allclose(path.values[0], 0.0, atol=1e-18)
    last = path.values[-1]
    tau = float(path.interval) * (path.values.shape[0] - 1)
    log_f = np.linspace(np.log(10.0), np.log(1e5), 10_001)
    kept = np.trapezoid(-np.expm1(-2 * np.pi * np.exp(log_f) * tau), log_f)
    wanted = np.sqrt(2 * 4e-10 * kept)
    found = float(np.std(last))
    # Consecutive samples are correlated: blocks of them give the error.
    blocks = np.var(np.asarray(last).reshape(last.shape[0], 20, -1), axis=(0, 2))
    error = np.std(blocks, ddof=1) / np.sqrt(20) / wanted**2
    assert abs(found**2 / wanted**2 - 1) < 4 * error + 0.03
    still = paths_of(CircuitNoise(dataclasses.replace(law, is_zeroed=False))).flicker
    assert still is not None
    ratio = float(np.var(still.values[-1])) / wanted**2
    assert ratio > 1 + 4 * (4 * error + 0.03)


def test_supply_and_ground_are_one_voltage():
    """All op-amps have the same; variances add; auto-zero doubles what is left."""
    law = CommonNoise(3e-3, 4e-6, 1e3, 1e6)
    paths = paths_of(CircuitNoise(common=law))
    grounds, products, _ = paths.within(jnp.asarray(0.0), jnp.asarray(1e-7))
    assert products is None
    rows = np.concatenate([np.asarray(g) for g in grounds])
    assert rows.shape == (4 + 4 + 2 + 2, NUM)
    assert np.all(rows == rows[0])
    assert passes(rows[0], 5e-6)
    assert not passes(rows[0], 1.1 * 5e-6)
    zeroed = paths_of(CircuitNoise(common=dataclasses.replace(law, is_zeroed=True)))
    assert zeroed.common is not None
    first, last = np.asarray(zeroed.common.values)[[0, -1], 0]
    assert passes(first, np.sqrt(2) * 5e-6)
    shared = np.mean(first * last) / 25e-12
    assert abs(shared - 1) < 4 * np.sqrt(5 / NUM)


def test_multipliers_move_an_integrator_by_their_density():
    r"""Variance of the mean over a solve, $2 e^2 / (2 T)$; the mutant is two-sided."""
    law = MultiplierNoise(2e-6, 2.5e6)
    path = paths_of(CircuitNoise(multiplier=law)).multiplier
    assert path is not None
    mean = path.values.mean(axis=0)
    wanted = 2e-6 / np.sqrt(20e-6)
    assert passes(mean, wanted)
    assert not passes(mean, wanted / np.sqrt(2))


@pytest.mark.slow
def test_one_over_f_of_two_multipliers():
    """2 e_1^2 / f within its error and the states' 5 %; a mutant of one fails."""
    law = MultiplierFlicker(4e-5, 100.0, 1e6)
    paths = paths_of(CircuitNoise(products=law), LabClock(20e-6), num=1500)
    assert paths.products is not None
    assert paths.products.values.shape[1] == 2
    series = contiguous(paths.products.values / 4e-5)
    both = FlickerReadNoise(1.0, 100.0, 1e6)
    scale = 2 * float(both.spread(jnp.array([1e-6]))[0]) ** 2
    ratio, error = density_ratio(both, series, 20e-6 / 320, BANDS)
    assert np.all(np.abs(ratio / scale - 1) < 0.05 + 4 * error / scale)
    assert not np.any(np.abs(2 * ratio / scale - 1) < 0.05 + 4 * error / scale)
    products = paths.within(jnp.asarray(0.0), jnp.asarray(1e-8))[1]
    assert products is not None
    assert np.array_equal(products, paths.products.values[0])


# In the circuit.


@pytest.mark.long
@pytest.mark.parametrize("ohms", [None, (300.0, 200.0, 500.0, 100.0)])
@pytest.mark.parametrize("has_op_amps", [False, True])
def test_a_layer_multiplies_by_its_noise_gain(ohms, has_op_amps):
    """As a row of op-amps at rest does with offsets; without wires by 1 + G / g_f."""
    crossbars = chip_of(ohms=ohms).crossbars
    assert crossbars is not None
    layer = crossbars.all_layers[0]
    op_amp = StaticOpAmps(OpAmp(1e3 if has_op_amps else 1e12, 1e16), jnp.zeros(4), 0.0)
    if has_op_amps:
        layer = dataclasses.replace(layer, op_amps=op_amp)
    v, wave = jnp.array([[0.05], [-0.02]]), jnp.linspace(-0.1, 0.1, 4)
    ground = jnp.array([[1e-4], [0.0], [-2e-4], [3e-4]])
    moved = layer(v, CellNoise(ground=ground), wave) - layer(v, CellNoise(), wave)
    offset = dataclasses.replace(op_amp, offset=ground[:, 0])
    stage = layer.stage(offset, has_wave=True)
    wanted = stage.settled_output(jnp.zeros((4, 1)))
    assert np.allclose(moved, wanted, rtol=1e-9, atol=1e-14)
    if ohms is None and not has_op_amps:
        gain = np.asarray(layer.noise_gains(1.0))[:, None]
        assert np.allclose(moved, gain * ground, rtol=1e-9, atol=1e-14)


def noisy(num_steps=200, **kwargs):
    return quasi_static(num_steps, circuit_noise=LOUD, **kwargs)


@pytest.mark.slow
def test_noise_is_a_function_of_chip_and_lab_time():
    """Wherever a sample is in a chunk."""
    chip, x1 = chip_of(), starts()
    whole = solve(noisy(), chip, x1)
    part = solve(noisy(), chip, x1[:, 3:], jnp.uint32(3))
    assert np.allclose(whole[:, 3:], part, rtol=1e-12)
    other = solve(noisy(), chip, x1[:, 3:], jnp.uint32(4))
    assert distance(whole[:, 3:], other) > 1e-4


@pytest.mark.slow
def test_the_path_does_not_know_the_steps():
    """200 and 800 steps of Heun, within 2 % of what the noise does."""
    chip, x1 = chip_of(), starts()
    effects = [
        solve(noisy(num), chip, x1) - solve(quasi_static(num), chip, x1)
        for num in (200, 800)
    ]
    assert distance(*effects) < 0.02


@pytest.mark.slow
def test_dynamic_tends_to_quasi_static():
    """Fast op-amps have the same noise; the mutants lack one of its laws."""
    chip, x1 = chip_of(), starts()
    amp = OpAmp(1e12, 1e16)
    slow = solve(noisy(400), chip, x1)
    fast = solve(make_dynamic(noisy(400), amp), chip, x1)
    still = distance(
        solve(make_dynamic(quasi_static(400), amp), chip, x1),
        solve(quasi_static(400), chip, x1),
    )
    left = distance(fast, slow)
    assert left < 3 * still + 1e-4
    for name in LAWS:
        some = CircuitNoise(**{**LAWS, name: None})
        mutant = make_dynamic(quasi_static(400, circuit_noise=some), amp)
        assert distance(solve(mutant, chip, x1), slow) > 10 * left, name


# Settings.


def built(*pairs):
    return build_circuit_noise(override_all(RunConfig(), dict(pairs)))


def test_settings_reach_the_laws():
    found = built(
        ("op_amp.flicker", 3e-6),
        ("supply.noise", 1e-4),
        ("supply.ground_noise", 1e-6),
        ("multiplier.noise", 5e-8),
        ("multiplier.flicker", 16e-6),
    )
    assert found.products is not None
    assert float(found.products.volts) == pytest.approx(16e-6)
    assert float(found.products.f_max) == 1e5
    assert found.flicker is not None
    assert found.common is not None
    assert found.multiplier is not None
    assert found.flicker.is_zeroed  # the class on-chip stores offsets
    assert found.common.is_zeroed
    assert float(found.common.std) == pytest.approx(np.hypot(1e-7, 1e-6))
    assert float(found.multiplier.bandwidth) == pytest.approx(5e6)
    board = built(("op_amp.flicker", 3e-6), ("op_amp.kind", "board")).flicker
    assert board is not None
    assert not board.is_zeroed


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("op_amp.flicker", -1.0, "`op_amp.flicker` must be"),
        ("op_amp.flicker_min", 2e5, "`op_amp.flicker_min` must be positive and below"),
        ("supply.noise", -1.0, "`supply.noise` must be"),
        ("supply.rejection", 0.0, "`supply.rejection` must be"),
        ("multiplier.noise", -1.0, "`multiplier.noise` must be"),
        ("multiplier.flicker", -1.0, "`multiplier.flicker` must be"),
    ],
)
def test_bad_values_are_refused(name, value, rule):
    on = {"op_amp.flicker": 1e-6, "supply.noise": 1e-4, "multiplier.noise": 1e-8}
    with pytest.raises(ValueError, match=rule):
        built(*(on | {name: value}).items())


def test_a_noise_that_is_not_resolved_names_the_steps():
    with pytest.raises(ValueError, match="`supply.noise`, held 5e-07 s: take 40 steps"):
        noisy(20)
    slow = CircuitNoise(common=CommonNoise(0.0, 1e-6, 1e3, 1e5))
    with pytest.raises(ValueError, match=r"`supply.bandwidth` = 100000 Hz leaves 4"):
        quasi_static(circuit_noise=slow)
