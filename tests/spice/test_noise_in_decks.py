"""Noise of the blocks around the arrays in decks: ngspice plays the same paths."""

import dataclasses
import functools

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import (
    CircuitNoise,
    CommonNoise,
    DAC,
    FeedbackIntegrator,
    InputFlicker,
    MultiplierFlicker,
    MultiplierNoise,
    MultiplierPole,
    OpAmp,
    OpAmpNoise,
    Schedule,
)
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import (
    AmplifierPoles,
    close_loop,
    make_dynamic,
    NetworkDrift,
    UpdateErrors,
)
from rram_ode.noise import LabClock, ReadNoise, WhiteReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE
from rram_ode.spice import check_netlist, read_back, run_netlist, write_netlist
from rram_ode.spice._check import trace_nodes


pytestmark = pytest.mark.ngspice
RANGE, START = ConductanceRange(8e-6, 90e-6), jnp.array([0.7, -1.1])
LOUD = {
    "flicker": InputFlicker(1e-3, 1e2, 1e6),
    "common": CommonNoise(0.0, 5e-4, 1e3, 1e6),
    "multiplier": MultiplierNoise(5e-6, 1e7),
    "products": MultiplierFlicker(1e-3, 1e2, 1e6),
}


@functools.cache
def chip_of(std=0.0):
    read = ReadNoise(WhiteReadNoise(std, 1e6, own_pole=True)) if std else ReadNoise()
    design = Design(
        Cell(RANGE, (), read),
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=1.2),
        v_rail=1.2,
        v_clamp=0.2,
        offset_std=1e-4,
    )
    score = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
    return Blueprint(score, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(3))


def loop_of(laws, white=None, pole=None, num_steps=800, read=None, amplifiers=None):
    loop = close_loop(
        NetworkDrift(ProbabilityFlow(VPSDE(0.1, 8.0))),
        Schedule(1e-3, 1.0),
        LabClock(20e-6, 12e-6),
        read=read or ReadNoise(),
        dac=DAC(12, 1e6),
        num_steps=num_steps,
        circuit_noise=CircuitNoise(**laws),
        amplifiers=amplifiers,
    )
    return make_dynamic(loop, OpAmp(1e5, 50e6), noise=white, pole=pole)


def agrees(loop, deck=None):
    found = check_netlist(loop, chip_of(), START, netlist=deck)
    return all(each.passed for each in found), found


@pytest.mark.long
def test_ngspice_plays_the_same_noise():
    """And the check finds the deck of another chip's noise."""
    loop = loop_of(LOUD)
    passed, found = agrees(loop)
    assert passed, found
    other = eqx.tree_at(lambda chip: chip.key, chip_of(), jr.key(9))
    assert not agrees(loop, write_netlist(loop, other, START))[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", LOUD)
def test_each_law_that_a_deck_leaves_out_is_found(name):
    rest = {other: law for other, law in LOUD.items() if other != name}
    deck = write_netlist(loop_of(rest), chip_of(), START)
    assert not agrees(loop_of(LOUD), deck)[0]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["quasi", "products"])
def test_noise_of_the_other_sign_is_found(kind):
    """Of the grounds and of the multipliers: sources with their pins exchanged."""
    loop, names = loop_of(LOUD), {"quasi": ("vcommon", "vg"), "products": ("vq",)}
    deck = write_netlist(loop, chip_of(), START)

    def turned(line):
        words = line.split()
        if line.startswith(names[kind]):
            words[1:3] = words[2:0:-1]
        return " ".join(words)

    mutant = dataclasses.replace(deck, cards=tuple(map(turned, deck.cards)))
    assert mutant.cards != deck.cards
    assert not agrees(loop, mutant)[0]


@pytest.mark.slow
def test_it_stands_below_white_noise_of_op_amps_and_past_slow_multipliers():
    white = OpAmpNoise(2e-7, 5e-12, 1e6, 1e7)
    loop = loop_of(LOUD, white, MultiplierPole(5e6))
    passed, found = agrees(loop)
    assert passed, found


@pytest.mark.slow
def test_wide_white_noise_of_cells_is_played():
    """What op-amps limit by their own poles: a source that is a step wide."""
    chip, wide = chip_of(1e-6), AmplifierPoles(jnp.inf)
    loop = loop_of({}, num_steps=4000, read=chip.read, amplifiers=wide)
    found = check_netlist(loop, chip, START)
    assert all(each.passed for each in found), found
    still = write_netlist(loop_of({}), chip_of(), START)
    mutant = check_netlist(loop, chip, START, netlist=still)
    assert not all(each.passed for each in mutant)


def test_without_it_a_deck_is_what_it_was():
    text = write_netlist(loop_of({}), chip_of(), START).text
    assert "common" not in text
    assert "vq" not in text
    assert " yx0 " not in text
    assert "xi0 d0 mx0 x0 integrator" in text


@pytest.mark.long
def test_decks_with_it_are_not_read_back():
    loop = loop_of({"products": LOUD["products"]})
    deck = write_netlist(loop, chip_of(), START)
    with pytest.raises(ValueError, match="read back without noise"):
        read_back(deck.text, loop, chip_of(), START)


def jittery(jitter=None):
    loop = loop_of({})
    updates = None if jitter is None else UpdateErrors(jitter=jitter)
    closed = close_loop(
        loop.loop.drift,
        loop.schedule,
        loop.clock,
        read=ReadNoise(),
        dac=DAC(12, 1e6),
        num_steps=800,
        updates=updates,
    )
    return make_dynamic(closed, loop.op_amp)


@pytest.mark.slow
def test_edges_of_the_dac_that_jitter_are_where_they_are_in_ngspice():
    """Moved edges leave the charge that the model adds to the first order.

    Within a tenth of it: a deck on time, or with the other sign, is off by all of it.
    """
    loop, still = jittery(5e-9), jittery()
    ends = lambda loop: np.asarray(trace_nodes(loop, chip_of(), START).integrator)
    effect = (ends(loop) - ends(still))[-1, 0, :, 0]
    spice = lambda loop: run_netlist(write_netlist(loop, chip_of(), START))[1]["state"]
    moved = spice(loop)[-1] - spice(still)[-1]
    assert np.abs(effect).max() > 1e-5
    assert np.allclose(moved, effect, atol=0.1 * np.abs(effect).max())
