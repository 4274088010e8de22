"""One array in turns and its holds in ngspice: node by node, and mutants."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import pytest
from _guided import blueprint, CLOCK, FLOW, RANGE, SCHEDULE
from _switched import network_of
from rram_ode.blocks import (
    BlockSpread,
    DAC,
    FeedbackIntegrator,
    HoldSpread,
    MultiplierPole,
    MultiplierSpread,
    OpAmp,
    OpAmpNoise,
    SupplySpread,
)
from rram_ode.chip import Ranges
from rram_ode.devices import Cell, ProgrammingNoise
from rram_ode.loop import (
    close_loop,
    LoopHeun,
    make_dynamic,
    NetworkDrift,
    Parasitics,
    resolve_turns,
    switch_loop,
)
from rram_ode.noise import FlickerReadNoise, ReadNoise, WhiteReadNoise
from rram_ode.spice import check_netlist, require_readable, write_netlist


START = jnp.array([0.7, -1.1])
SPREAD = MultiplierSpread(0.02, 5e-3, 2e-3, 2e-3)
HOLDS = HoldSpread(1e-12, 1e5, 1e-15, 1e-15, 1e-10, 300.0)  # of 100 ns
PERIODS = 10


def chip_of(holds=HOLDS, read=ReadNoise()):
    made = blueprint(
        1.5,
        Cell(RANGE, (ProgrammingNoise(1e-6),), read),
        SPREAD,
        Ranges(3.0, (4.0, 4.0), 6.0),
        v_rail=1.2,
        v_clamp=0.2,
        integrator=FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=1.2),
        offset_std=1e-3,
        multiplier=SPREAD,
        drivers=BlockSpread(1e-3, 1e-3, "driver"),
        supplies=SupplySpread(0.01, 0.01),
        width=4,
    )
    assert made.design.guidance is not None  # by its weight
    guidance = dataclasses.replace(made.design.guidance, holds=holds)
    design = dataclasses.replace(made.design, guidance=guidance)
    return dataclasses.replace(made, design=design).program(jr.key(3)).of_class(2)


def loop_of(read=ReadNoise(), pole=None, noise=None, dac=DAC(), acquisition=0.5):
    loop = close_loop(
        NetworkDrift(FLOW),
        SCHEDULE,
        CLOCK,
        read=read,
        dac=dac,
        num_steps=800,
        solver=LoopHeun(),
    )
    loop = switch_loop(loop, PERIODS / float(CLOCK.duration), acquisition)
    op_amp = OpAmp(1e5, 100e6, 100e6, offset_std=1e-3, bias_current=1e-8)
    capacitors = Parasitics(0.2e-12, 0.1e-12, True)
    made = make_dynamic(loop, op_amp, capacitors, noise, pole=pole)
    # Sources of noise have edges of 1 ns, as long as the shortest of these steps.
    return resolve_turns(made) if noise is None else made


def failed(found):
    return {each.name for each in found if not each.passed}


def edited(deck, start, old, new):
    """`deck` with `new` for `old` in the one card that begins with `start`."""
    (card,) = [card for card in deck.cards if card.startswith(start)]
    assert old in card
    other = card.replace(old, new)
    cards = tuple(other if each is card else each for each in deck.cards)
    return dataclasses.replace(deck, cards=cards)


@pytest.mark.ngspice
@pytest.mark.slow
def test_every_node_of_the_switched_array_is_within_the_limits():
    """With slow holds, charges, droop and thermal noise."""
    chip, loop = chip_of(), loop_of()
    found = check_netlist(loop, chip, START)
    names = ("state", "hidden 1", "hidden 2", "output", "held", "guided")
    assert tuple(each.name for each in found) == names
    assert not failed(found), found
    # The stage guides: what it puts out is not the array's output.
    sizes = {each.name: each.full_scale for each in found}
    assert abs(sizes["guided"] / sizes["output"] - 1) > 0.05
    for name, mutant in mutants(loop, chip).items():
        wrong = failed(check_netlist(loop, chip, START, netlist=mutant))
        assert wrong & {"state", "held", "guided"}, name


def mutants(loop, chip):
    """Decks of other circuits."""
    plain = write_netlist(loop, chip, START)
    swapped = edited(plain, "xg0 ", " hc0 hn0 ", " hn0 hc0 ")
    larger = edited(plain, "chc1 ", " 1e-12", " 1.3e-12")
    assert swapped != plain
    charge = lambda c: network_of(c).holds.charge
    stored = charge(chip)
    assert stored is not None
    return {
        "swapped holds": swapped,
        "a larger hold": larger,
        "another duty": write_netlist(loop_of(acquisition=0.4), chip, START),
        "another class": write_netlist(loop, chip.of_class(jnp.asarray(3)), START),
        "charges of ten times": write_netlist(
            loop, eqx.tree_at(charge, chip, 10 * stored), START
        ),
    }


READ = ReadNoise(WhiteReadNoise(1e-6, 1e6), FlickerReadNoise(5e-7, 1e2, 1e5))


@pytest.mark.slow
@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("holds", "read", "how"),
    [
        (HoldSpread(1e-12), ReadNoise(), {}),
        (HOLDS, ReadNoise(), {"pole": MultiplierPole(5e6), "dac": DAC(12, 10e6)}),
        (HOLDS, READ, {"noise": OpAmpNoise(1e-8, 1e-13, 300.0, 20e6)}),
    ],
    ids=["ideal holds", "pole", "noise"],
)
def test_holds_in_decks(holds, read, how):
    found = check_netlist(loop_of(read, **how), chip_of(holds, read), START)
    assert not failed(found), found


@pytest.mark.slow
@pytest.mark.ngspice
def test_the_deck_has_the_noise_that_the_holds_sample():
    chip, loop = chip_of(HoldSpread(1e-14, 1e4, temperature=300.0)), loop_of()
    assert not failed(check_netlist(loop, chip, START))
    silent = write_netlist(loop.silenced(), chip, START)
    found = check_netlist(loop, chip, START, netlist=silent)
    assert {"held", "guided"} <= failed(found)


def test_a_deck_of_turns_is_not_read_back():
    with pytest.raises(ValueError, match="without holds: set `guidance.weight` to 0"):
        require_readable(loop_of(), chip_of())
