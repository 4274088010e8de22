"""Benchmarks of training in formats: short runs pass their gates, mutants do not."""

import pathlib
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from _shipped_f1 import shipped_f1


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import _f1, _held_weights, format_training, logarithmic_training
from rram_ode.formats import (
    MaxClip,
    OptimalClip,
    PiecewiseLinear,
    StraightThrough,
)
from rram_ode.training import parameters


@pytest.fixture(scope="module")
def fixture():
    return shipped_f1()


@pytest.fixture
def few(monkeypatch):
    """A small set that judges."""
    monkeypatch.setattr(_f1, "NUM_JUDGE", 4096)
    monkeypatch.setattr(_f1, "NUM_CALIBRATION", 1024)


def test_each_set_of_draws_has_its_own_key():
    keys = {tuple(np.asarray(jax.random.key_data(_f1.key_of(d)))) for d in _f1.Draw}
    assert len(keys) == len(_f1.Draw)


@pytest.fixture
def stacked(fixture):
    """Its weights as those of one seed."""
    return jax.tree.map(lambda x: x[None], parameters(fixture.score.network))


@pytest.mark.slow
def test_optimal_clipping_trains_better_than_the_maximum(fixture, stacked, few):
    """In 3 bits; the mutant clips nothing, and trains no better than the maximum."""
    plain = _f1.judged(fixture, stacked, None)

    def excess(clip, rule):
        forms = format_training.formats(3, clip, (rule, rule))
        found = format_training.losses_in(fixture, stacked, forms, 150, 256)
        return float((found - plain)[0])

    rival = excess(MaxClip, StraightThrough())
    assert 0 < excess(OptimalClip, PiecewiseLinear()) < 0.75 * rival
    assert excess(MaxClip, PiecewiseLinear()) > 0.75 * rival


@pytest.mark.slow
def test_rows_of_training_in_formats_have_their_gates(fixture, stacked, few):
    found, plain = format_training.format_rows(
        fixture, stacked, lambda: None, steps=400, batch=256
    )
    gates = {row.case: row.gate for row in found if row.gate is not None}
    assert len(gates) == len(format_training.LIMITS) + 1
    assert all(gates[f"W3A4, {name}"].passed for name in ("PWL", "MAD", "MAD and PWL"))
    assert 0.1 < plain < 0.4


@pytest.mark.slow
def test_madam_trains_on_logarithms_alone(few):
    """Fine ones as Adam in single precision; with a coarse base it stands still."""
    fixture = _f1.untrained_f1()
    params = jax.tree.map(lambda x: x.astype(float), _f1.starting_weights(1))
    fixture = jax.tree.map(
        lambda x: x.astype(float) if eqx.is_inexact_array(x) else x, fixture
    )
    keys, judge = _f1.key_of(_f1.Draw.TRAINING)[None], _f1.key_of(_f1.Draw.JUDGE)

    def loss(name, *values):
        setting = _held_weights.Setting(*(jnp.asarray([v]) for v in values))
        (found,) = logarithmic_training.held_losses(
            name, fixture, setting, params, keys, judge, 400, 256
        )
        return float(found)

    single = loss("single", 1e-2, 1.0, 16, 0)
    assert single < 0.3
    assert loss("LNS-Madam", 1 / 8, 10.0, 12, 9) < 1.10 * single
    assert loss("LNS-Madam", 1 / 128, 10.0, 8, 3) > 1.5 * single


def test_candidates_are_settings_of_the_format():
    """Four octaves of range or eight; integers have no base."""
    found = _held_weights.candidates("LNS-Madam", 10)
    assert set(np.asarray(found.base_bits).tolist()) == {6, 7}
    assert np.asarray(found.bits).tolist() == [10] * found.rate.size
    assert not np.asarray(_held_weights.candidates("SGD", 8).base_bits).any()
