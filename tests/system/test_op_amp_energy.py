"""Energy follows the op-amps that are simulated; what cannot be built is refused."""

import dataclasses
import functools
import math

import numpy as np
import pytest
import rram_ode as rr
from rram_ode.energy import ArrayPower, CONSTANTS, nominals, OpAmpTerms
from rram_ode.loop import DynamicLoop
from rram_ode.system import area_model, build_op_amp_noise, design_op_amp


VALUES = nominals(CONSTANTS)
GBW = (30e6, 100e6, 300e6)
STILL = {f"cell.read.{law}.std": 0.0 for law in ("white", "flicker", "fixed")}
STILL |= {"adc.bits": None, "adc.noise": 0.0}


def system_of(settings, fidelity="dynamic"):
    return rr.System.from_preset("ring-fresh", {"fidelity": fidelity, **settings})


def dynamic_loop(settings):
    loop = system_of(settings).chip_loop
    assert isinstance(loop, DynamicLoop)
    return loop


def estimate(system):
    """Energy of a sample for currents of the arrays that are given."""
    seen = ArrayPower(3e-5, 3e-4, 1e-4)
    return system.energy_model(system.program(0), seen)(VALUES)


@functools.cache
def run(gbw):
    system = system_of({"op_amp.gbw": gbw, **STILL})
    return system.sample(system.program(0), 64)


@pytest.mark.slow
def test_joules_and_quality_follow_the_gain_bandwidth():
    """30 to 300 MHz: 1.5 times the joules or more, an end nearer to that of 1 GHz."""
    joules = [run(gbw).energy.energy for gbw in GBW]
    assert joules == sorted(joules)
    assert joules[2] > 1.5 * joules[0]
    ends = [np.sqrt(np.mean((run(gbw).x - run(1e9).x) ** 2)) for gbw in GBW]
    assert ends[0] > 2 * ends[1] > 4 * ends[2] > 0
    for gbw in GBW:
        energy = run(gbw).energy
        total = math.fsum(energy.breakdown.values())
        assert total == pytest.approx(energy.energy, rel=1e-12)
        (note,) = energy.notes
        assert f"simulates, of {gbw / 1e6:g} MHz, not those" in note
        assert energy.period_s == pytest.approx(energy.solve_time_s + 12e-6, rel=1e-6)


@pytest.mark.long
def test_an_energy_that_ignores_the_gain_bandwidth_fails(monkeypatch):
    """The mutant: op-amps of the needed speed, whatever was simulated."""
    blind = lambda config, loop: OpAmpTerms()
    monkeypatch.setattr("rram_ode.system._energy.op_amp_terms", blind)
    joules = []
    for gbw in GBW:
        joules.append(estimate(system_of({"op_amp.gbw": gbw})).energy)
    assert not joules[2] > 1.5 * joules[0]


@pytest.mark.parametrize(
    ("knob", "worse", "better"),
    [
        ("op_amp.gbw", 30e6, 300e6),
        ("op_amp.slew", 100e6, 1e9),
        ("op_amp.c_c", 0.5e-12, 4e-12),
        ("op_amp.c_load", 0.5e-12, 4e-12),
        ("op_amp.i_out", 1e-3, 2e-2),
        ("op_amp.gm_id_2", 25.0, 8.0),
        ("op_amp.output", "class-ab", "class-a"),
        ("multiplier.full_scale", 1.0, 1.4),
    ],
)
def test_a_better_op_amp_costs_more(knob, worse, better):
    joules = [estimate(system_of({knob: value})).energy for value in (worse, better)]
    assert joules[1] > 1.002 * joules[0]


def test_what_is_simulated_is_what_the_current_gives():
    """A slew rate below that of the pair's current is not; above, it costs."""
    loop = dynamic_loop({"op_amp.slew": 1e6})
    assert float(loop.op_amp.slew) == pytest.approx(4 * np.pi * 100e6 / 15, rel=1e-5)
    fast = dynamic_loop({"op_amp.slew": 1e9})
    assert float(fast.op_amp.slew) == pytest.approx(1e9)


def test_an_offset_is_an_area_and_a_capacitance():
    """A smaller spread, a larger input; what auto-zero stores needs none."""
    coarse, fine = (dynamic_loop({"op_amp.offset_std": x}) for x in (2e-3, 0.5e-3))
    assert coarse.auto_zero is fine.auto_zero is None
    assert float(fine.parasitics.c_pair) > float(coarse.parasitics.c_pair)
    area = (7e-9 / 0.5e-3) ** 2
    assert float(fine.parasitics.c_pair) == pytest.approx(2 / 3 * 5e-3 * area, rel=1e-5)
    assert float(fine.parasitics.c_in) == float(fine.parasitics.c_pair)
    stored = dynamic_loop({})
    assert stored.auto_zero is not None
    left = float(stored.auto_zero.injection / stored.auto_zero.capacitance)
    assert left == pytest.approx(10e-6)


def test_white_noise_is_the_pairs_unless_set():
    config = system_of({"op_amp.resistor_noise": True, "op_amp.gbw": 10e6}).config
    law, design = build_op_amp_noise(config), design_op_amp(config.op_amp)
    assert law is not None
    assert design is not None
    assert float(law.e_n) == pytest.approx(float(design.noise), rel=1e-6)
    quiet = dataclasses.replace(config.op_amp, e_n=0.0)
    law = build_op_amp_noise(dataclasses.replace(config, op_amp=quiet))
    assert law is not None
    assert float(law.e_n) == 0.0
    off = dataclasses.replace(config.op_amp, resistor_noise=False)
    assert build_op_amp_noise(dataclasses.replace(config, op_amp=off)) is None


BOARD = [
    ({"op_amp.kind": "board", "op_amp.gbw": 5e7}, "better than the 3e\\+07 of the"),
    ({"op_amp.kind": "board", "op_amp.offset_std": 1e-6}, "better than the 0.0001"),
]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"op_amp.offset_std": 0.0}, "infinite area: take a positive one, or"),
        ({"op_amp.gbw": 3e9}, "is above the 1e\\+09 Hz of a two-stage op-amp"),
        ({"op_amp.gbw": 3e8, "op_amp.gm_id_1": 25.0}, "is above the 1.385e\\+08 Hz"),
        ({"op_amp.gm_id_1": 30.0}, "must be positive and below 28 per volt"),
        ({"op_amp.c_c": 1e-13}, "is below 0.22 of `op_amp.c_load`"),
        ({"op_amp.c_load": 1e-14}, "less than a line and the next input have"),
        ({"op_amp.gain": 1e9}, "more than two cascoded stages have"),
        ({"amplifier.v_rail": 100.0, "crossbar.v_max": 10.0}, "beyond the 1.45 V"),
        ({"crossbar.v_max": 10.0}, "`crossbar.v_max` = 10 V is beyond the 1.45 V that"),
        ({"integrator.v_rail": 5.0}, "`integrator.v_rail` = 5 V is beyond the 1.45 V"),
        ({"multiplier.full_scale": 100.0}, "a supply of 3.3 V allows on each side"),
    ],
)
@pytest.mark.parametrize("fidelity", ["dynamic", "quasi-static"])
def test_what_cannot_be_built_is_refused(settings, text, fidelity):
    def check():
        system = system_of(settings, fidelity)
        system.check(system.program(0))

    with pytest.raises(ValueError, match=text) as error:
        check()
    assert "take " in str(error.value)


@pytest.mark.parametrize(("settings", "text"), BOARD)
def test_no_part_is_better_than_its_class(settings, text):
    def check():
        system = system_of(settings, "dynamic")
        system.check(system.program(0))

    with pytest.raises(ValueError, match=text) as error:
        check()
    assert "take " in str(error.value)


def test_a_class_that_is_not_simulated_saves_nothing():
    """In `quasi-static` joules and area are those of op-amps on the chip."""
    found = []
    for kind in ("on-chip", "board"):
        system = system_of({"op_amp.kind": kind}, "quasi-static")
        chip = system.program(0)
        area = area_model(system.config, system.chip_loop, chip)(VALUES)
        found.append((sum(area.values()), estimate(system).energy))
    assert found[0] == found[1]


@pytest.mark.long
def test_a_capacitor_too_small_for_its_noise_is_refused():
    tiny = {"integrator.capacitance": 4e-16, "integrator.resistance": 37.5e9}
    tiny |= {"integrator.leak": None}
    for fidelity in ("dynamic", "quasi-static"):
        system = system_of(tiny, fidelity)
        with pytest.raises(
            ValueError, match="moves the state by 0.09.*, above the 0.01"
        ):
            system.sample(system.program(0), 2)
    heard = system_of({**tiny, "op_amp.resistor_noise": True})
    text = "does not resolve|are too coarse"
    with pytest.raises(ValueError, match=text):  # simulated, by steps that resolve it
        heard.check(heard.program(0))


def test_a_solve_too_short_for_the_process_is_refused():
    """Infinitely fast op-amps stand for op-amps that somebody can build.

    Refused where the least speed of `amplifier.speed` is too much; said where the
    nominal one is.
    """

    def of(duration):
        factor = duration / 20e-6
        settings = {"solve.duration": duration}
        settings |= {"integrator.resistance": 500e3 * factor}
        settings |= {"dac.update_rate": 5e6 / factor}
        settings |= {"cell.read.white.bandwidth": 1e6 / factor}
        return system_of(settings, "quasi-static")

    short = of(2e-7)
    with pytest.raises(ValueError, match="needs op-amps of 2.*e.09 Hz or more, above"):
        short.check(short.program(0))
    (note,) = estimate(of(5e-7)).notes
    assert "MHz, above the 1e+03 MHz of 180 nm" in note
    (note,) = estimate(of(5e-6)).notes
    assert "infinitely fast" in note
    assert "MHz, which the solve needs" in note
    assert "above the" not in note


def test_the_boards_row_is_simulated_with_the_boards_op_amps():
    system = system_of({"op_amp.gbw": 3e8, "op_amp.slew": 1e9}, "quasi-static")
    board = rr.board_system(system)
    assert (board.config.fidelity, board.config.op_amp.kind) == ("dynamic", "board")
    assert board.config.op_amp.gbw is None
    loop = board.chip_loop
    assert isinstance(loop, DynamicLoop)
    assert float(loop.op_amp.gbw) == pytest.approx(30e6)
    energy = estimate(board)
    assert energy.notes == ()
    watts = 28 * 5.0 * 0.25e-3
    assert energy.breakdown["rectifiers"] == pytest.approx(watts * 20e-6, rel=1e-5)
    same = rr.board_system(system, None)
    assert same.config.fidelity == "quasi-static"
    (note,) = estimate(same).notes
    assert note == "in the samples the board's op-amps are infinitely fast"


@pytest.mark.parametrize(("gbw", "slew"), [(8e6, 2.8e6), (1e6, 0.3e6), (1.2e6, 0.5e6)])
def test_bipolar_parts_of_a_board_are_taken_by_their_data_sheets(gbw, slew):
    """OP27, LM358, LM324: their pairs have a gm/I that no MOS transistor has."""
    given = {"op_amp.kind": "board", "op_amp.gbw": gbw, "op_amp.slew": slew}
    part = dynamic_loop(given).op_amp
    assert (float(part.gbw), float(part.slew)) == (gbw, slew)
