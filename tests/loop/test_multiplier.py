"""Errors of the analog multipliers: closed forms, draws, the loop, configuration."""

import dataclasses
import functools
import re

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _decks import renamed, shuffled
from rram_ode.blocks import DAC, MultiplierErrors, MultiplierSpread
from rram_ode.config import idealise, replace, RunConfig
from rram_ode.spice import read_back, write_netlist
from rram_ode.system import build_design
from test_dynamic import chip_of, loop_of, quasi_static


NAMES = "gain", "signal", "factor", "offset"
V = jnp.array([[0.1, -0.2], [0.05, 0.0]])
SCORE = jnp.array([[1.0, -0.5], [0.0, 0.3]])
FACTORS = jnp.array([-0.4, 0.25])


def errors(**values):
    zero = {name: np.zeros((2, 2)) for name in NAMES}
    gain, signal, factor, offset = map(jnp.asarray, (zero | values).values())
    return MultiplierErrors(gain, signal, factor, offset)


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


@pytest.mark.long
def test_both_fidelities_have_them():
    """At the integrators' inputs, quasi-static and dynamic, the same volts."""
    one = errors(offset=np.full((2, 2), 1e-3))
    chip = dataclasses.replace(chip_of(), multipliers=one)
    term = quasi_static().term(chip, V)
    control = term.contr(jnp.asarray(0.0), jnp.asarray(1e-7))
    bare = quasi_static().term(chip_of(), V)
    at = jnp.asarray(0.0), V
    moved = (term.prod(at, control) - bare.prod(at, control)) / control.dt
    block = chip.integrator
    assert np.allclose(moved, 2e-3 / block.time_constant, rtol=1e-6)
    ours, ideal = (
        loop_of().circuit(each).integrator_currents(each.multiply(FACTORS, V, SCORE))
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


# Read back from a deck.


START = jnp.array([0.7, -1.1])


@functools.cache
def exported():
    spread = MultiplierSpread(0.02, 0.01, 5e-3, 2e-3)
    chip = dataclasses.replace(
        chip_of(), multipliers=spread.fabricate(2, key=jr.key(4))
    )
    loop = loop_of(dac=DAC(12, 10e6))
    return write_netlist(loop, chip, START).text, loop, chip


@pytest.mark.long
def test_a_deck_with_errors_is_read_back():
    """Every element in one block, whatever names and order; no other chip's."""
    text, loop, chip = exported()
    for deck in (text, renamed(shuffled(text, 1), 2)):
        found = read_back(deck, loop, chip, START)
        assert found.differences == ()
        assert found.deviation < 1e-9
        assert found.layout.blocks["multiplier"] == (4, 4)
    told = read_back(text, loop, chip_of(), START).differences
    assert len(told) == 2 * 2 * 4


@pytest.mark.parametrize("name", ["xmx1", "xms0"])
@pytest.mark.parametrize("key", NAMES)
def test_an_error_off_by_a_millionth_is_found(name, key):
    """And told by its name, its value and its element."""
    text, loop, chip = exported()
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{name} "))
    old = re.search(rf" {key}=(\S+)", lines[at])
    assert old is not None
    lines[at] = lines[at].replace(old[0], f" {key}={float(old[1]) * (1 + 1e-6):.12g}")
    told = read_back("\n".join(lines), loop, chip, START).differences
    source = "state" if name.startswith("xmx") else "score"
    assert len(told) == 1
    assert told[0].startswith(f"state {name[-1]}, {source}_{key}: {name}.bout has")


@pytest.mark.parametrize(
    ("old", "new"),
    [("{signal}*v(b)", "{signal}*v(a)"), ("-{offset}", ""), ("v(a)*v(b)", "v(b)*v(b)")],
)
def test_another_rule_is_no_multiplier(old, new):
    text, loop, chip = exported()
    told = read_back(text.replace(old, new), loop, chip, START).differences
    assert any("multiplier" in sentence for sentence in told)
