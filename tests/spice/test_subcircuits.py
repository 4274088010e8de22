"""An op-amp of a user's own: test benches, fit, and the loop with the part itself.

Three parts of different make: their design values are those of the head of each file,
or follow from its transistors by hand.
"""

import dataclasses
import math
import pathlib

import numpy as np
import pytest
import rram_ode as rr
from rram_ode import netlist as line
from rram_ode.blocks import OpAmp
from rram_ode.config import override_all
from rram_ode.spice import check_netlist, write_netlist
from rram_ode.spice._blocks import op_amp as op_amp_cards
from rram_ode.spice.subcircuit import measure, Part, read_part, with_part
from rram_ode.system import (
    check_subcircuit,
    fit_op_amp,
    netlist_cases,
    reason_of,
    reasons,
)
from rram_ode.system.build import build_op_amp


FOLDER = pathlib.Path(__file__).parents[2] / "circuits" / "op_amps"
USUAL = "plus minus high low out"
PINS = {"one_pole": USUAL, "two_pole": "out minus plus low high", "two_stage": USUAL}


pytestmark = pytest.mark.ngspice


def part(name):
    return read_part(f"{FOLDER / name}.lib:{name}", PINS[name], 5.0)


def designed(name):
    """Design values of a part, by the names of `Measurement`."""
    if name == "one_pole":
        return {
            "gain": 2e5, "gbw": 20e6, "slew_up": math.inf, "slew_down": math.inf,
            "v_low": -2.35, "v_rail": 2.4, "offset": 0.4e-3, "bias_current": 20e-9,
            "e_n": 10e-9, "i_n": 0.2e-12, "supply_current": 0.2e-3,
            "i_source": math.inf, "i_sink": math.inf, "r_out": 0.0, "c_in": 0.0,
        }  # fmt: skip
    if name == "two_pole":
        return {
            "gain": 1e5, "gbw": 10e6, "slew_up": 15e6, "slew_down": 12e6,
            "v_low": -2.0, "v_rail": 2.0, "offset": -1e-3, "bias_current": 0.0,
            "e_n": 12e-9, "flicker": 12e-9 * math.sqrt(1e3), "i_n": 0.0,
            "supply_current": 0.5e-3, "r_out": 50.0, "r_fast": 50.0,
            "i_source": 2 / 51, "i_sink": 2 / 51,
        }  # fmt: skip
    return two_stage()


def two_stage():
    r"""By hand: square-law transistors, $g_{ds} = \lambda I / (1 + \lambda V_{ds})$."""
    slope, kn, kp, vt, half = 0.01, 100e-6, 40e-6, 0.7, 2.5
    over = lambda i, k, size: math.sqrt(2 * i / (k * size))
    out = lambda i, v: slope * i / (1 + slope * v)
    mirror = 1 + slope * (vt + over(100e-6, kn, 20))
    v_tail = half - vt - over(50e-6, kn, 40)
    tail = 100e-6 * (1 + slope * v_tail) / mirror
    v_3 = vt + over(tail / 2, kp, 20)
    v_2 = 2 * half - v_tail - v_3
    gm1 = math.sqrt(2 * kn * 40 * tail / 2 * (1 + slope * v_2))
    gm3 = math.sqrt(2 * kp * 20 * tail / 2 * (1 + slope * v_3))
    second = 500e-6 * (1 + slope * half) / mirror
    gm6 = math.sqrt(2 * kp * 200 * second * (1 + slope * half))
    g_out = 2 * out(second, half)
    first = gm1 / (out(tail / 2, v_2) + out(tail / 2, v_3))
    thermal = 2 * (8 / 3) * 1.380649e-23 * 300.15 / gm1 * (1 + gm3 / gm1)
    return {
        "gain": first * gm6 / g_out,
        "gbw": gm1 / (2 * math.pi * 2e-12),
        "slew_up": tail / 2e-12,
        "slew_down": tail / 2e-12,
        "v_low": -half,
        "v_rail": half,
        "offset": -over(50e-6, kn, 40) * (1 - 1 / math.sqrt(1.05)),
        "bias_current": 0.0,
        "e_n": math.sqrt(thermal),
        "supply_current": 100e-6 + tail + second,
        "i_sink": second,
        "r_out": 1 / g_out,
        "r_fast": 1 / gm6,
    }


# The benches.


@pytest.mark.parametrize("name", PINS)
def test_each_parameter_is_that_of_the_design(name):
    found = dataclasses.asdict(measure(part(name)))
    for key, value in designed(name).items():
        assert found[key] == pytest.approx(value, rel=0.05, abs=1e-18), key
    if name == "two_pole":
        assert found["poles"] == pytest.approx((100.0, 40e6), rel=0.01)
    wrong = {**designed(name), "gbw": 1.1 * found["gbw"]}
    assert found["gbw"] != pytest.approx(wrong["gbw"], rel=0.05)


def test_our_own_op_amp_is_measured_as_it_is():
    """The deck's op-amp of one pole on the benches: a round trip."""
    own = OpAmp(3e4, 5e6, 4e6, 1.1, v_low=-0.7)
    lines = op_amp_cards("inner", own, (-0.7, 1.1), True)
    cards = (*lines, ".subckt mine p m out", "xa m out p inner offset=2m", ".ends")
    mine = Part("mine", cards, ("plus", "minus", "out"), ("p", "m", "out"), 5.0)
    found = measure(mine)
    assert found.gain == pytest.approx(3e4, rel=1e-3)
    assert found.gbw == pytest.approx(5e6, rel=1e-3)
    assert (found.v_low, found.v_rail) == pytest.approx((-0.7, 1.1), rel=1e-3)
    assert (found.slew_up, found.slew_down) == pytest.approx((4e6, 4e6), rel=0.02)
    assert found.offset == pytest.approx(2e-3, rel=1e-3)
    assert math.isinf(found.poles[1])


# The order of the pins, and what a library may not do.


def test_pins_in_another_order_are_found_out():
    swapped = "minus plus high low out"
    other = read_part(f"{FOLDER}/one_pole.lib:one_pole", swapped, 5.0)
    with pytest.raises(
        ValueError, match='follows its input with `op_amp.pins` = "plus'
    ):
        measure(other)


@pytest.mark.parametrize(
    ("where", "pins", "text"),
    [
        ("one_pole", USUAL, "is a file and a name"),
        ("one_pole.lib:other", USUAL, "has no subcircuit `other`; it has one_pole"),
        ("one_pole.lib:one_pole", "plus minus out", "has the 5 pins inp inn vp vn out"),
        ("one_pole.lib:one_pole", "plus plus high low out", "each once"),
        ("nothing.lib:one_pole", USUAL, "there is no file"),
    ],
)
def test_what_is_no_part(where, pins, text):
    with pytest.raises(ValueError, match=text):
        read_part(f"{FOLDER}/{where}", pins, 5.0)


def test_a_library_is_never_run(tmp_path):
    mark = tmp_path / "executed"
    text = (FOLDER / "one_pole.lib").read_text()
    inner = f".control\nshell touch {mark}\n.endc\n"
    (tmp_path / "more.lib").write_text(inner + text)
    (tmp_path / "my.lib").write_text(f".include more.lib\n*#shell touch {mark}\n")
    found = read_part(f"{tmp_path}/my.lib:one_pole", USUAL, 5.0)
    assert "lines 1 to 3 of more.lib is not run" in found.left_out[0]
    assert measure(found).gain == pytest.approx(2e5, rel=1e-3)
    assert not mark.exists()


# The fit, and the loop.


def system_with(name, keep=(), **more):
    config = override_all(
        rr.System.from_preset("ring-fresh").config,
        {
            "op_amp.subcircuit": f"{FOLDER / name}.lib:{name}",
            "op_amp.pins": PINS[name],
            "fidelity": "dynamic",
            **more,
        },
    )
    config, found = fit_op_amp(config, keep)
    return rr.System.from_config(config), found


def test_a_part_is_measured_before_it_is_simulated():
    settings = {"op_amp.subcircuit": f"{FOLDER}/one_pole.lib:one_pole"}
    config = override_all(rr.System.from_preset("ring-fresh").config, settings)
    with pytest.raises(ValueError, match="is measured ahead of a run"):
        build_op_amp(config.op_amp)
    kept, _ = fit_op_amp(config, keep=("op_amp.gain",))
    assert kept.op_amp.gain is None
    assert kept.op_amp.gbw == pytest.approx(20e6, rel=1e-3)
    assert kept.op_amp.e_n is None


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["one_pole", "two_stage", pytest.param("two_pole", marks=pytest.mark.slow)]
)
def test_the_loop_is_that_of_the_part_itself(name):
    """Within 1 % of full scale at every node; a wrong offset is not."""
    system, found = system_with(name)
    case = next(netlist_cases(system))
    deviations, _ = check_subcircuit(system.config, *case)
    assert max(each.largest for each in deviations) < 0.01
    assert reasons(system.config, found) or name == "one_pole"
    if name == "one_pole":
        wrong = dataclasses.replace(found, offset=found.offset + 1e-3)
        deck = with_part(write_netlist(*case), part(name), wrong, [1e-3, 1e-3])
        mutant = check_netlist(*case, netlist=deck)
        assert max(each.largest for each in mutant) > 0.01


@pytest.mark.long
def test_a_stage_that_is_held_where_the_part_is_not_is_named():
    """1.2 V of the user's own: 1.3 % at the second layer, whose node says why."""
    system, found = system_with("two_stage", keep=("amplifier.v_rail",))
    assert system.config.amplifier.v_rail == 1.2
    case = next(netlist_cases(system))
    deviations, _ = check_subcircuit(system.config, *case)
    why = {each.name: reason_of(each, system.config, found) for each in deviations}
    assert why.pop("hidden 2") == "reaches 1.216 V, `amplifier.v_rail` is 1.2 V"
    assert set(why.values()) == {""}
    other = next(each for each in deviations if each.name == "state")
    bad = dataclasses.replace(other, largest=0.02)
    assert reason_of(bad, system.config, found) == "second pole, output currents"
    ideal = dataclasses.replace(
        found, poles=(1.0, math.inf), i_source=math.inf, i_sink=math.inf
    )
    assert reason_of(bad, system.config, ideal) == "not known"


@pytest.mark.long
def test_the_command_shows_fit_and_measurement(tmp_path, run):
    where = f"op_amp.subcircuit={FOLDER}/one_pole.lib:one_pole"
    path = tmp_path / "r.cir"
    status, out, err = run(
        line.main, "ring-fresh", "--out", path, "--check", "--set", where
    )
    assert (status, err) == (0, "")
    assert "gain-bandwidth" in out
    assert "beside the loop with" in out
    assert "op_amp.resistor_noise=True" in out
    assert np.char.count(out, "hidden 2") == 2
