"""Two arrays and the stage that guides in ngspice: node by node, and mutants."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import pytest
from _guided import blueprint, CLOCK, FLOW, guided, RANGE, SCHEDULE
from rram_ode.blocks import (
    BendSpread,
    BlockSpread,
    CircuitNoise,
    DAC,
    FeedbackIntegrator,
    MultiplierFlicker,
    MultiplierNoise,
    MultiplierPole,
    MultiplierSpread,
    OpAmp,
    SupplySpread,
)
from rram_ode.chip import GuidedNetwork, Ranges
from rram_ode.devices import Cell, ProgrammingNoise
from rram_ode.loop import close_loop, make_dynamic, NetworkDrift, Parasitics
from rram_ode.noise import FlickerReadNoise, ReadNoise, WhiteReadNoise
from rram_ode.spice import check_netlist, require_readable, write_netlist


START = jnp.array([0.7, -1.1])
SPREAD = MultiplierSpread(0.02, 5e-3, 2e-3, 2e-3)
BENT = MultiplierSpread(0.02, 5e-3, 2e-3, 2e-3, BendSpread(0.02, 0.02, 1.2, 2.0))
NODES = (
    *("state", "hidden 1", "hidden 2", "output"),
    *("null hidden 1", "null hidden 2", "null output", "guided"),
)
RANGES = Ranges(3.0, (4.0, 4.0), 6.0)


def chip_of(spread=SPREAD, read=ReadNoise(), **design):
    design = {
        "v_rail": 1.2,
        "v_clamp": 0.2,
        "integrator": FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=1.2),
        "offset_std": 1e-3,
        "multiplier": SPREAD,
        "drivers": BlockSpread(1e-3, 1e-3, "driver"),
        "inverters": BlockSpread(1e-3, 1e-3, "inverter"),
        "rectifiers": BlockSpread(1e-3, 1e-3, "rectifier"),
        "supplies": SupplySpread(0.01, 0.01),
        "width": 4,
        **design,
    }
    cell = Cell(RANGE, (ProgrammingNoise(1e-6),), read)
    made = blueprint(1.5, cell, spread, RANGES, **design)
    return made.program(jr.key(3)).of_class(2)


def loop_of(read=ReadNoise(), pole=None, noise=CircuitNoise(), num_steps=400):
    loop = close_loop(
        NetworkDrift(FLOW),
        SCHEDULE,
        CLOCK,
        read=read,
        dac=DAC(12, 10e6),
        num_steps=num_steps,
        circuit_noise=noise,
    )
    op_amp = OpAmp(1e5, 100e6, 100e6, offset_std=1e-3, bias_current=1e-8)
    return make_dynamic(loop, op_amp, Parasitics(0.2e-12, 0.1e-12, True), pole=pole)


def failed(found):
    return {each.name for each in found if not each.passed}


@pytest.mark.slow
@pytest.mark.ngspice
def test_every_node_of_both_arrays_is_within_the_limits():
    chip, loop = chip_of(), loop_of()
    assert isinstance(chip.score, GuidedNetwork)
    found = check_netlist(loop, chip, START)
    assert tuple(each.name for each in found) == NODES
    assert not failed(found), found
    # The stage guides: what it puts out is not the class array's output.
    sizes = {each.name: each.full_scale for each in found}
    assert abs(sizes["guided"] / sizes["output"] - 1) > 0.1
    for name, mutant in mutants(loop, chip).items():
        assert failed(check_netlist(loop, chip, START, netlist=mutant)), name


def mutants(loop, chip):
    """Decks of other chips: no null array, and another weight."""
    score = chip.score
    where = lambda s: s.stage.weight
    other = eqx.tree_at(where, score, 1.05 * score.stage.weight)
    deck = lambda s: write_netlist(loop, dataclasses.replace(chip, score=s), START)
    plain = write_netlist(loop, chip, START)
    cards = tuple(
        card.replace(" t6_0 ", " 0 ") if card.startswith("xg0 ") else card
        for card in plain.cards
    )
    assert cards != plain.cards
    return {
        "null output grounded": dataclasses.replace(plain, cards=cards),
        "weight": deck(other),
    }


READ = ReadNoise(WhiteReadNoise(1e-6, 1e6), FlickerReadNoise(5e-7, 1e2, 1e5))
NOISE = CircuitNoise(
    guidance=MultiplierNoise(1e-6, 5e6, num=1),
    guided=MultiplierFlicker(1e-3, 1e2, 1e5, num=1),
)


@pytest.mark.slow
@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("spread", "pole", "read", "noise"),
    [
        (None, None, ReadNoise(), CircuitNoise()),
        (BENT, None, ReadNoise(), CircuitNoise()),
        (BENT, MultiplierPole(5e6), ReadNoise(), CircuitNoise()),
        (SPREAD, MultiplierPole(5e6), READ, NOISE),
    ],
    ids=["exact stage", "bent", "pole", "noise"],
)
def test_stages_in_decks(spread, pole, read, noise):
    """A held noise has edges, which the stage makes larger: with 800 steps."""
    loop = loop_of(read, pole, noise, 400 if read == ReadNoise() else 800)
    found = check_netlist(loop, chip_of(spread, read), START)
    assert not failed(found), found


@pytest.mark.slow
@pytest.mark.ngspice
def test_a_stage_that_clips_does_so_in_the_deck():
    chip = chip_of()
    where = lambda c: c.score.stage.v_rail
    low = eqx.tree_at(where, chip, 0.05 * guided(chip).stage.v_rail)
    loop = loop_of()
    assert not failed(check_netlist(loop, low, START))
    unlimited = write_netlist(loop, chip, START)
    assert "guided" in failed(check_netlist(loop, low, START, netlist=unlimited))


@pytest.mark.long
def test_a_deck_of_two_arrays_is_not_read_back():
    with pytest.raises(ValueError, match="without holds: set `guidance.weight` to 0"):
        require_readable(loop_of(), chip_of())
