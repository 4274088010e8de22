"""The gates of the noise benchmarks pass the law and fail a mutant."""

import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import noise_process, noisy_mvm


@pytest.mark.parametrize("exponent", [0.9, 1.0, 1.1])
def test_slope(exponent):
    """Gaussian series with amplitudes as f^(-a/2): found to a fifth of the gate."""
    rng = np.random.default_rng(0)
    f = np.fft.rfftfreq(2**17, noise_process.STEP)
    size = np.zeros_like(f)
    size[1:] = f[1:] ** (-exponent / 2)
    normals = rng.standard_normal((2, 64, f.size))
    series = np.fft.irfft((normals[0] + 1j * normals[1]) * size, axis=1)
    assert abs(noise_process.slope(series.astype(np.float32)) + exponent) < 0.01


def chain(high, low, step, rng):
    """States of 64 two-state chains that are looked at each `step` seconds."""
    rate, share = 1 / high + 1 / low, high / (high + low)
    keep = np.exp(-rate * step)
    state = rng.uniform(size=64) < share
    states = []
    for u in rng.uniform(size=(40_000, 64)):
        state = u < share + (state - share) * keep
        states.append(state)
    return np.array(states).T


def test_dwell_times():
    """Within the gate of 3 %; the mean of the runs, 4 % too long, is not."""
    rng = np.random.default_rng(0)
    high, low = noise_process.HIGH, noise_process.LOW
    states = chain(high, low, noise_process.STEP, rng)
    found = np.array(noise_process.dwell_times(states))
    assert np.all(np.abs(found / [high, low] - 1) < 0.015)
    falls = np.sum(states[:, :-1] & ~states[:, 1:])
    run = np.sum(states) / falls * noise_process.STEP
    assert run / high - 1 > 0.03
    wrong = noise_process.dwell_times(chain(high / 1.05, low, noise_process.STEP, rng))
    assert abs(wrong[0] / high - 1) > 0.03


@pytest.mark.parametrize("gain", [1.0, 1.05])
def test_spread_of_a_product(gain):
    """The NumPy rival passes; read noise 5 % too strong does not."""
    rng = np.random.default_rng(0)
    target = rng.uniform(*noisy_mvm.RANGE, (64, 64)).astype(np.float32)
    v = rng.uniform(-0.2, 0.2, (1000, 64)).astype(np.float32)
    quiet = noisy_mvm._theirs(target, v, rng)
    programmed = np.linalg.lstsq(v, quiet, rcond=None)[0]
    i = v @ programmed + gain * (quiet - v @ programmed)
    read, total = noisy_mvm.spread_ratios(i, target, v)
    assert (abs(read - 1) < 0.03) == (gain == 1)
    assert abs(total - 1) < 0.03


def test_our_product_has_the_rivals_law():
    """Both spreads are within 3 % of the analytic ones."""
    rng = np.random.default_rng(0)
    target = rng.uniform(*noisy_mvm.RANGE, (64, 64))
    v = rng.uniform(-0.2, 0.2, (1000, 64))
    cell = noisy_mvm.make_cell()
    i = noisy_mvm._ours(cell, jnp.asarray(target), jnp.asarray(v.T), jax.random.key(0))
    for ratio in noisy_mvm.spread_ratios(np.asarray(i).T, target, v):
        assert abs(ratio - 1) < 0.03


def test_without_ngspice_the_row_is_skipped(monkeypatch):
    monkeypatch.setattr("benchmarks.noise_process.shutil.which", lambda name: None)
    (row,), _ = noise_process.rows(None)
    assert row.skipped is not None
    assert "ngspice" in row.skipped
