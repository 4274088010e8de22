"""Errors of the analog multipliers: closed forms, draws, the loop, configuration."""

import dataclasses

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import MultiplierErrors, MultiplierSpread
from rram_ode.build import build_design, idealise
from rram_ode.config import replace, RunConfig
from rram_ode.spice import require_readable
from test_dynamic import chip_of, loop_of, quasi_static


NAMES = "gain", "signal", "factor", "offset"
V = jnp.array([[0.1, -0.2], [0.05, 0.0]])
SCORE = jnp.array([[1.0, -0.5], [0.0, 0.3]])
FACTORS = jnp.array([-0.4, 0.25])


def errors(**values):
    zero = {name: np.zeros((2, 2)) for name in NAMES}
    return MultiplierErrors(**{k: jnp.asarray(x) for k, x in (zero | values).items()})


def test_each_error_is_its_term():
    """Of one multiplier alone: the others are exactly as without errors."""
    ideal = FACTORS[0] * V + FACTORS[1] * SCORE
    for which, v, k in ((0, V, FACTORS[0]), (1, SCORE, FACTORS[1])):
        one = np.zeros((2, 2))
        one[which, 1] = 0.01
        wanted = {
            "gain": 0.01 * k * v[1],
            "signal": 0.01 * v[1],
            "factor": 0.01 * k * jnp.ones(2),
            "offset": 0.01 * jnp.ones(2),
        }
        for name, extra in wanted.items():
            found = errors(**{name: one})(FACTORS, V, SCORE)
            assert jnp.array_equal(found[0], ideal[0])
            assert np.allclose(found[1] - ideal[1], extra, rtol=1e-12, atol=1e-17)


def test_off_is_exact():
    chip = chip_of()
    assert chip.multipliers is None
    zero = MultiplierSpread().fabricate(2, key=jr.key(0))
    still = dataclasses.replace(chip, multipliers=zero)
    args = FACTORS, V, SCORE
    assert jnp.array_equal(still.multiply(*args), chip.multiply(*args))


def test_draws_have_the_spread():
    """Each multiplier its own: a chi-square of 4 x 2000 draws, 5 standard errors."""
    spread = MultiplierSpread(0.02, 0.01, 5e-3, 2e-3)
    found = spread.fabricate(1000, key=jr.key(1))
    for name in NAMES:
        drawn = np.asarray(getattr(found, name)) / float(getattr(spread, name))
        assert abs(np.mean(drawn**2) - 1) < 5 * np.sqrt(2 / 2000)
    with pytest.raises(ValueError, match="`multiplier.offset_std` must be 0 or more"):
        MultiplierSpread(offset=-1.0)


def test_both_fidelities_have_them():
    """At the integrators' inputs, quasi-static and dynamic, the same volts."""
    one = errors(offset=np.full((2, 2), 1e-3))
    chip = dataclasses.replace(chip_of(), multipliers=one)
    term = quasi_static().term(chip, V)
    control = term.contr(jnp.asarray(0.0), jnp.asarray(1e-7))
    bare = quasi_static().term(chip_of(), V)
    slope = term.rate(jnp.asarray(0.0), V, control)
    moved = slope - bare.rate(jnp.asarray(0.0), V, control)
    block = chip.integrator
    assert np.allclose(moved, 2e-3 / block.time_constant, rtol=1e-6)
    ours, ideal = (
        loop_of().circuit(each).feedback(V, SCORE, FACTORS)
        for each in (chip, chip_of())
    )
    assert np.allclose(ours - ideal, -2e-3 / block.resistance, rtol=1e-9)


def test_configuration():
    assert build_design(RunConfig()).multiplier is None
    config = replace(RunConfig(), "multiplier.gain_std", 0.01)
    built = build_design(config).multiplier
    assert built is not None
    assert np.isclose(built.gain, 0.01)
    assert build_design(idealise(config)).multiplier is None
    chip = dataclasses.replace(chip_of(), multipliers=errors())
    with pytest.raises(ValueError, match="with ideal multipliers"):
        require_readable(loop_of(), chip)
