"""Static errors of all blocks in decks: ngspice has them, and they are read back."""

import dataclasses
import functools

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import pytest
from benchmarks._static_errors import left_out, names, TIMES
from rram_ode.blocks import (
    BendSpread,
    BlockSpread,
    ClampRectifier,
    DAC,
    Diode,
    FeedbackIntegrator,
    IdealRectifier,
    MultiplierPole,
    MultiplierSpread,
    OpAmp,
    Schedule,
    SupplySpread,
)
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, make_dynamic, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE
from rram_ode.spice import check_netlist, read_back, write_netlist
from rram_ode.system import NetlistCase


RANGE = ConductanceRange(8e-6, 90e-6)
AMP = OpAmp(1e5, 50e6, offset_std=1e-4, bias_current=1e-8)
ERRORS = {
    "drivers": BlockSpread(2e-3, 1e-3, "driver"),
    "inverters": BlockSpread(2e-3, 1e-3, "inverter"),
    "rectifiers": BlockSpread(2e-3, 1e-3, "rectifier"),
    "supplies": SupplySpread(2e-3, 0.02),
    "multiplier": MultiplierSpread(
        5e-3, 2e-3, 2e-3, 1e-3, BendSpread(4e-3, 8e-3, 1.2, 1.0)
    ),
}


@functools.cache
def case_of(names=tuple(ERRORS), is_ideal=True, has_pole=False):
    rectifier = IdealRectifier() if is_ideal else ClampRectifier(Diode(1e-14), 1e4)
    design = Design(
        Cell(RANGE),
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=1.2),
        v_rail=1.2,
        v_clamp=0.2,
        offset_std=1e-4,
        mismatch_std=1e-2,
        rectifier=rectifier,
        **{name: ERRORS[name] for name in names},
    )
    score = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
    chip = Blueprint(score, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(3))
    loop = close_loop(
        NetworkDrift(ProbabilityFlow(VPSDE(0.1, 8.0))),
        Schedule(1e-3, 1.0),
        LabClock(20e-6, 12e-6),
        read=ReadNoise(),
        dac=DAC(12, 1e6),
        num_steps=400,
    )
    pole = MultiplierPole(5e6) if has_pole else None
    return NetlistCase(make_dynamic(loop, AMP, pole=pole), chip, jnp.array([0.7, -1.1]))


@pytest.mark.long
def test_ngspice_has_every_static_error():
    """And sees each of them that a deck leaves out, at three times the limit."""
    case = case_of()
    found = check_netlist(*case)
    assert all(each.passed for each in found), found
    for name in names(case):
        share, _ = left_out(case, name)
        assert share > 0.7 * TIMES, name


@pytest.mark.slow
def test_diodes_and_slow_multipliers_have_them():
    found = check_netlist(*case_of(is_ideal=False, has_pole=True))
    assert all(each.passed for each in found), found


def test_a_deck_with_every_static_error_is_read_back():
    case = case_of()
    deck = write_netlist(*case).text
    found = read_back(deck, *case)
    assert found.differences == ()
    assert found.deviation < 1e-9


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda s: s.layers[1].drivers.offset, "layer 2, row 2, offset"),
        (lambda s: s.layers[0].rectifiers.gain, "layer 2, row 2, relu_gain"),
        (lambda s: s.layers[2].crossbar.inverters.gain, "layer 3, row 2, inverse_gain"),
    ],
    ids=["driver", "rectifier", "inverter"],
)
def test_an_error_of_another_size_is_found(change, told):
    case = case_of()
    other = lambda chip: change(chip.score)
    moved = eqx.tree_at(other, case.chip, other(case.chip).at[2].add(1e-4))
    deck = write_netlist(case.loop, moved, case.x1).text
    found = read_back(deck, *case)
    assert len(found.differences) == 1
    assert told in found.differences[0]


def test_an_error_that_the_model_has_not_is_found():
    """A bent multiplier in a deck against a model with a straight one."""
    case = case_of()
    errors = case.chip.multipliers
    assert errors is not None
    straight = dataclasses.replace(errors, bend=None)
    chip = dataclasses.replace(case.chip, multipliers=straight)
    found = read_back(write_netlist(*case).text, case.loop, chip, case.x1)
    assert any("state_b3" in line for line in found.differences)


def test_without_errors_a_deck_has_the_ideal_blocks():
    text = write_netlist(*case_of(names=())).text
    assert "eout out 0 a 0 -1" in text
    assert "offset=0 gain" not in text
    assert not any("gain=" in line for line in text.splitlines() if line[:2] in "xrxn")
