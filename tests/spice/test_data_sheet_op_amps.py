"""Op-amps from a data sheet: uneven rails, a fixed offset, a supply current."""

import functools
import math
import re

import jax.numpy as jnp
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.blocks import hits, OpAmp, Stage
from rram_ode.chip import AbstractChain, OpAmps
from rram_ode.config import OpAmpConfig, override_all, RunConfig
from rram_ode.energy import ArrayPower, CONSTANTS, nominals
from rram_ode.spice import check_netlist, read_back, write_netlist
from rram_ode.system import netlist_cases
from rram_ode.system.build import build_auto_zero, build_op_amp


SHEET = {"op_amp.v_low": "0V", "op_amp.v_rail": "1.8V", "op_amp.offset": "5mV"}


def config(**values):
    return override_all(RunConfig(), {f"op_amp.{k}": v for k, v in values.items()})


@functools.cache
def exported():
    case = next(netlist_cases(rr.System.from_preset("ring-fresh").replace(SHEET)))
    return case, write_netlist(*case)


def one_column(op_amp, **more):
    """One amplifier of unit noise gain on 1 mS, with its rails."""
    ones = jnp.ones(1)
    rails = {"v_rail": op_amp.v_rail, "v_low": op_amp.v_low} | more
    return Stage(
        op_amp, 0 * ones, 1e-3 * ones, 0 * ones, 0 * ones, 0 * ones,
        has_capacitors=False, **rails,
    )  # fmt: skip


# Rails.


@pytest.mark.parametrize(
    ("given", "low", "high"),
    [
        ({}, None, math.inf),
        ({"v_rail": "0.9V"}, None, 0.9),
        ({"v_low": "0V", "v_rail": "1.8V"}, -0.9, 0.9),
        ({"v_low": "0V", "v_rail": "1.8V", "v_ground": "0.6V"}, -0.6, 1.2),
        ({"v_low": "-0.2V"}, -0.2, math.inf),
        ({"v_low": "-0.2V", "v_rail": "1V"}, -0.2, 1.0),
    ],
)
def test_rails_of_a_data_sheet(given, low, high):
    found = build_op_amp(config(**given).op_amp)
    assert float(found.v_rail) == pytest.approx(high)
    assert (found.v_low is None) == (low is None)
    if found.v_low is not None:
        assert float(found.v_low) == pytest.approx(low)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"v_low": "0V"}, "give `op_amp.v_rail`, too"),
        ({"v_ground": "1V"}, "is between two rails"),
        ({"v_rail": "1V", "v_ground": "0.5V"}, "takes both rails"),
        ({"v_low": "0V", "v_rail": "1V", "v_ground": "2V"}, "lies between"),
        ({"v_rail": "-1V"}, "lies between"),
        ({"supply_current": "0A"}, "`op_amp.supply_current`"),
    ],
)
def test_rails_that_cannot_be(given, text):
    with pytest.raises(ValueError, match=text):
        build_op_amp(config(**given).op_amp)


def test_an_output_stops_at_uneven_rails():
    stage = one_column(OpAmp(1e9, 1e6, v_rail=1.0, v_low=-0.25))
    i = jnp.array([[-5e-3, -0.5e-3, 0.1e-3, 5e-3]])
    assert np.allclose(stage.settled(i)[0], [[1.0, 0.5, -0.1, -0.25]], rtol=1e-6)
    even = one_column(OpAmp(1e9, 1e6, v_rail=1.0))
    assert np.allclose(even.settled(i)[0], [[1.0, 0.5, -0.1, -1.0]], rtol=1e-6)
    seen = hits(stage.settled(i)[0], stage.rails(i), 1 - 1e-6)
    assert np.array_equal(seen, [[True, False, False, True]])


@pytest.mark.long
def test_rails_of_op_amps_that_settle_at_once():
    """Quasi-static with `op_amp.static_errors`: the chip's own blocks have them."""
    still = {**SHEET, "op_amp.static_errors": "True", "fidelity": "quasi-static"}
    system = rr.System.from_preset("ring-fresh").replace(still)
    chip = system.program(0)
    assert isinstance(chip.score, AbstractChain)
    for layer in chip.score.layers:
        assert layer.amplifier.v_low is not None
        assert np.allclose(layer.amplifier.v_low, -0.9)
        assert np.allclose(layer.amplifier.v_rail, 0.9)
    assert chip.integrator.v_low is not None
    assert np.allclose(chip.integrator.v_low, -0.9)
    plain = rr.System.from_preset("ring-fresh").replace({"fidelity": "quasi-static"})
    assert plain.program(0).integrator.v_low is None


# The offset.


def test_a_fixed_offset_takes_the_place_of_spread_and_auto_zero():
    found = config(offset="5mV").op_amp
    assert build_auto_zero(found) is None
    op_amp = build_op_amp(found)
    assert (float(op_amp.offset), float(op_amp.offset_std)) == pytest.approx((5e-3, 0))
    both = build_op_amp(config(offset="5mV", offset_std="1mV").op_amp)
    assert float(both.offset_std) == pytest.approx(1e-3)
    assert float(OpAmps(both).scaled(0.5).op_amp.offset) == pytest.approx(2.5e-3)
    assert build_auto_zero(config(offset="5mV", auto_zero="10pF").op_amp) is not None
    assert float(build_op_amp(OpAmpConfig()).offset) == 0


@pytest.mark.long
def test_the_offset_is_in_the_deck_and_off_is_exact():
    deck = exported()[1]
    tias = [c for c in deck.cards if c.startswith("xa") and " rf=" in c]
    assert len(tias) == 30
    offsets = [float(card.split("offset=")[1]) for card in tias]
    assert np.allclose(offsets, 5e-3, rtol=1e-6)
    plain = rr.System.from_preset("ring-fresh")
    off = plain.replace({"op_amp.offset": None, "op_amp.v_low": None})
    text = [write_netlist(*next(netlist_cases(s))).text for s in (plain, off)]
    assert text[0] == text[1]


# s25: the check.


@pytest.mark.slow
@pytest.mark.ngspice
def test_rails_and_offset_agree_with_ngspice():
    case, deck = exported()
    found = check_netlist(*case, netlist=deck)
    assert all(each.passed for each in found)
    output = next(each for each in found if each.name == "output")
    assert output.full_scale == pytest.approx(0.9, rel=1e-6)
    system = rr.System.from_preset("ring-fresh").replace({"op_amp.offset": 5e-3})
    even = next(netlist_cases(system))
    assert not all(each.passed for each in check_netlist(*even, netlist=deck))


def test_rails_are_read_back():
    case, deck = exported()
    assert read_back(deck.text, *case).differences == ()
    text = re.sub(r",-0\.(9|8999\d*)\)", ",-0.8)", deck.text)
    assert text != deck.text
    assert "v_low" in "".join(read_back(text, *case).differences)


# What it costs.


def test_a_supply_current_pays_for_a_better_part():
    better = {"kind": "board", "gain": "1e6", "slew": "160MV/s"}
    with pytest.raises(ValueError, match="is better than the"):
        build_op_amp(config(**better).op_amp)
    assert (
        float(build_op_amp(config(**better, supply_current="1mA").op_amp).gain) == 1e6
    )


@pytest.mark.parametrize("row", ["board", "integrated"])
def test_the_supply_current_is_paid(row):
    """The watts of the integrators at rest grow with it by volts times their number."""
    seen, values = ArrayPower(0.0, 0.0, 0.0), nominals(CONSTANTS)

    def joules(amperes):
        settings = {"op_amp.kind": "board", "op_amp.supply_current": amperes}
        settings |= {"fidelity": "dynamic", "power.row": row}
        system = rr.System.from_preset("ring-fresh").replace(settings)
        found = system.energy_model(system.program(0), seen)(values)
        return found.breakdown["integrators"]

    one, two, three = (joules(x) for x in (1e-3, 2e-3, 3e-3))
    assert two - one == pytest.approx(three - two, rel=1e-6)
    assert two > 1.9 * one
