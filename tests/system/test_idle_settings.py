"""Settings that do nothing in a run are named, and no other ones."""

from typing import Any

import pytest
from rram_ode.commands import print_idle
from rram_ode.presets import find_preset, PRESETS
from rram_ode.system import idle_settings, System


def idle(settings: dict[str, Any], preset: str = "ring-fresh"):
    system = System.from_preset(preset, settings)
    found = idle_settings(system, find_preset(preset), system.program(0))
    return {each.name: each for each in found}


DYNAMIC = {
    "op_amp.gbw": (300e6, ()),
    "op_amp.slew": (5e6, ()),
    "op_amp.c_f": (0.1e-12, ()),
    "op_amp.e_n": (1e-9, ()),
    "op_amp.resistor_noise": (True, ()),
    "op_amp.i_out": (1e-3, ("joules", "area")),
    "op_amp.output": ("class-a", ("joules", "area")),
    "op_amp.c_c": (2e-12, ("joules", "area")),
    "multiplier.bandwidth": (5e6, ()),
}


@pytest.fixture(scope="module")
def slow():
    return idle({name: value for name, (value, _) in DYNAMIC.items()})


@pytest.mark.parametrize("name", DYNAMIC)
def test_what_only_the_dynamics_have_is_named_with_the_costs_that_it_moves(slow, name):
    found = slow[name]
    assert found.moves == DYNAMIC[name][1]
    assert found.simulated
    said = "moves joules and area, not the samples" if found.moves else "has no effect"
    assert f"{said}, in fidelity quasi-static; `fidelity` dynamic" in found.text
    assert len(slow) == len(DYNAMIC)


@pytest.mark.long
def test_nothing_else_is_named():
    """Settings that act, of every part; values of the preset; the fidelity itself."""
    acts = {
        "cell.write.std": 1e-7,
        "crossbar.headroom": 0.8,
        "integrator.capacitance": 25e-12,
        "dac.bits": 9,
        "adc.bits": 9,
        "start.bits": 9,
        "solve.num_steps": 50,
        "trim.columns": "gains",
        "trim.reads": 64,
        "power.row": "board",
        "op_amp.kind": "on-chip",
    }
    assert idle(acts) == {}


@pytest.mark.long
def test_what_another_setting_turns_off_is_named():
    found = idle(
        {
            "trim.columns": "offsets",
            "trim.gain_bits": 12,
            "trim.averaging": 10e-6,
            "rectifier.resistance": 1e3,
            "solve.tolerance": 1e-4,
            "controller.clock": 2e6,
        }
    )
    assert found.pop("controller.clock").moves == ("area",)  # of a slower sequencer
    assert set(found) == {"trim.gain_bits", "rectifier.resistance", "solve.tolerance"}
    assert not any(each.simulated or each.moves for each in found.values())


@pytest.mark.long
def test_a_trim_of_exact_multipliers_is_named():
    found = idle({"trim.multipliers": True})
    assert set(found) == {"trim.multipliers"}
    assert idle({"trim.multipliers": True, "multiplier.offset_std": 1e-3}) == {}


@pytest.mark.long
def test_op_amps_act_in_the_dynamics_and_by_their_gain_where_it_is_simulated():
    fast = {"fidelity": "dynamic", "solve.num_steps": 400, "op_amp.gbw": 200e6}
    assert idle({**fast, "op_amp.slew": 300e6}) == {}
    static = {"op_amp.static_errors": True, "op_amp.gbw": 200e6, "op_amp.slew": 5e6}
    assert set(idle(static)) == {"op_amp.slew"}


def test_errors_of_an_ideal_machine_are_named():
    found = idle({"cell.write.std": 1e-7, "op_amp.gbw": 5e6}, "ring-ideal")
    assert set(found) == {"cell.write.std", "op_amp.gbw"}


@pytest.mark.long
@pytest.mark.parametrize("preset", ["ring-fresh", "ring-flow"])
def test_a_preset_as_it_is_has_nothing_to_name(preset, capsys):
    assert preset in PRESETS
    system = System.from_preset(preset)
    assert print_idle(system, preset, system.program(0)) == ()
    same = System.from_preset(preset, {"op_amp.slew": 5e6})
    (text,) = print_idle(same, preset, same.program(0))
    assert "`op_amp.slew` = 5 MV/s has no effect" in text
    assert "`op_amp.slew` = 5 MV/s has" in capsys.readouterr().out


@pytest.mark.slow
def test_what_goes_back_to_its_default_is_not_named():
    """A whole chip without repair must have its other mends off, too."""
    settings = {"trim.repair": False, "trim.refit": False, "trim.spare_columns": 0}
    assert idle(settings, "ring") == {}
