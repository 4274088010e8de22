"""Nothing that a designer sets is free: cost rises, quality falls, or it is refused.

Each hole here was found from outside: a search for the cheapest chip of equal quality
moved the setting and paid nothing.
"""

import dataclasses

import numpy as np
import pytest
from benchmarks._machines import (
    ALONG,
    BASE,
    Bench,
    COSTS,
    DYNAMIC,
    falls,
    Figures,
    rises,
    verdict,
)
from benchmarks.every_knob_pays import (
    base_of,
    cases,
    knobs_of,
    NUM_MACHINES,
    preset_of,
    search,
    STILL,
    walk,
)
from rram_ode.config import design_knobs, override_all
from rram_ode.energy import Programming
from rram_ode.presets import find_preset
from rram_ode.system import build_design, build_loop
from rram_ode.training import shipped_checkpoint


# Ends of numbers, which need no program of their own.
QUICK = (
    ("cell.write.factor", 30.0),
    ("cell.write.factor", 0.0),
    ("cell.write.acceptance", 0.02),
    ("crossbar.v_max", 0.02),
    ("crossbar.headroom", 0.3),
    ("crossbar.headroom", 10.0),
    ("multiplier.full_scale", 1.45),
    ("integrator.resistance", 1e3),
    ("integrator.v_rail", 0.03),
    ("solve.beta_factor", 3.0),
    ("solve.start_std", 3.0),
    ("solve.t0", 0.1),
    ("solve.t1", 0.5),
)


@pytest.fixture(scope="module")
def bench():
    """With room for larger factors of the multipliers: nothing is refused for that."""
    return Bench({**BASE, "multiplier.full_scale": 1.0})


@pytest.fixture(scope="module")
def before(bench):
    found = bench.figures({})
    assert isinstance(found, Figures)
    assert 0.002 < found.error < 0.1  # of a ring with a radius of 0.7
    return found


@pytest.mark.parametrize(("name", "end"), QUICK)
def test_an_end_of_a_number_pays_or_is_refused(bench, before, name, end):
    told = verdict(before, bench.figures({name: end}))
    assert told.startswith(("pays ", "refused"))
    # Less signal, or less resistance, for the same thermal noise of the integrator.
    signal = {"crossbar.v_max", "crossbar.headroom", "integrator.resistance"}
    assert told != "refused" or name in signal


def refusal(settings):
    """Why the design of `ring` with these settings is refused; empty if it is not."""
    config = override_all(find_preset("ring-fresh"), settings)
    try:
        design = build_design(config)
        build_loop(config, shipped_checkpoint("ring").sde, design.cell.read)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"crossbar.v_max": 0.6}, "`crossbar.v_max` must be 0.3 V or less; got 0.6"),
        ({"amplifier.clamp": False}, "`amplifier.clamp` must be True"),
        ({"amplifier.v_rail": 10.0}, "`amplifier.v_rail` = 10 V is beyond the 1.45 V"),
        ({"integrator.v_rail": 2.0}, "`integrator.v_rail` = 2 V is beyond the 1.45 V"),
        (
            {"crossbar.v_max": 10.0, "crossbar.v_disturb": None},
            "`crossbar.v_max` = 10 V is beyond the 1.45 V that a supply",
        ),
        (
            {
                "integrator.capacitance": 1e-16,
                "integrator.resistance": 150e9,
                "integrator.leak": None,
            },
            "`integrator.capacitance` must be 3.5e-16 F or more, where two capacitors",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_nobody_can_build_is_refused(settings, message):
    assert message in refusal(settings)


def test_what_can_be_built_is_not_refused():
    assert not refusal({})
    assert not refusal({"amplifier.v_rail": 1.45, "crossbar.v_max": 0.3})
    assert not refusal({"crossbar.v_max": 0.6, "crossbar.v_disturb": None})
    assert not refusal({"fidelity": "ideal", "crossbar.v_max": 0.6})
    assert not refusal({"integrator.capacitance": 1e-15})


def test_a_small_capacitor_pays_with_its_resistor(bench, before):
    """The time constant of 15 pF and 500 kOhm, and no leak."""
    small = lambda farads: {
        "integrator.capacitance": farads,
        "integrator.resistance": 7.5e-6 / farads,
        "integrator.leak": None,
    }
    found = bench.figures(small(100e-15))
    assert isinstance(found, Figures)
    assert "area" in rises(before, found)
    # Below, the thermal noise of the resistor is no detail any more.
    told = bench.figures(small(10e-15))
    assert "`integrator.capacitance` = 1e-14 F: the thermal noise of" in str(told)
    assert "where two capacitors still match" in str(bench.figures(small(0.1e-15)))


def test_a_quasi_static_op_amp_saves_nothing_that_is_not_simulated(bench):
    """Noise, offset and what is stored of it act in `dynamic` alone."""
    for settings, message in (
        ({"op_amp.c_c": 0.22e-12}, "noise is 224 uV in its own bandwidth, above"),
        ({"op_amp.c_c": 0.95e-12}, "take 9.83e-13 F or more, or `fidelity` dynamic"),
        ({"op_amp.auto_zero": 9e-12}, "leaves 24.2 uV of offset"),
        ({"op_amp.offset_std": 10e-3}, "= 0.01 V without `op_amp.auto_zero` is above"),
    ):
        assert message in str(bench.figures(settings)), settings


@pytest.mark.parametrize(
    "settings",
    [
        {"op_amp.zero_resistance": 1e6},
        {"op_amp.auto_zero": 100e-12},
        {"op_amp.auto_zero": 100e-12, "fidelity": "dynamic"},
        {"op_amp.gbw": 50e3, "fidelity": "dynamic"},
    ],
    ids=str,
)
def test_storing_an_offset_takes_time(settings):
    found = refusal(settings)
    assert "s to store the op-amps' offsets, which takes" in found
    reset = float(found.partition("Take a reset of ")[2].split()[0])
    assert not refusal({**settings, "solve.reset": reset})
    assert refusal({**settings, "solve.reset": 0.9 * reset})


def test_an_offset_that_is_stored_needs_its_pair():
    """Else a smaller pair is free: its 1/f noise is not simulated."""
    stored = {"fidelity": "dynamic", "op_amp.auto_zero": 10e-12}
    found = refusal({**stored, "op_amp.offset_std": 10e-3})
    assert "so small that its 1/f noise" in found
    assert not refusal({**stored, "op_amp.offset_std": 1.2e-3})
    assert not refusal({"fidelity": "dynamic", "op_amp.offset_std": 10e-3})


@pytest.mark.parametrize("name", ["sensing", "driving"])
def test_lines_in_turn_take_a_second_strip(bench, before, name):
    after = bench.figures({f"crossbar.wires.{name}": "interleaved"})
    assert isinstance(after, Figures)
    assert "area" in rises(before, after)


def test_a_continuous_target_is_not_free(bench, before):
    assert verdict(before, bench.figures({"cell.levels": None})).startswith("pays ")


@pytest.mark.slow
def test_what_an_op_amp_samples_moves_the_samples():
    """The noise that auto-zero stores; the mutant, where it is off, finds a hole."""
    for is_noisy, told in ((True, "pays error"), (False, "free joules, area")):
        found = Bench({**BASE, **DYNAMIC, "op_amp.sampled_noise": is_noisy})
        before = found.figures({})
        assert isinstance(before, Figures)
        assert verdict(before, found.figures({"op_amp.c_c": 0.22e-12})) == told
        if is_noisy:
            narrow = {"op_amp.zero_resistance": 100.0}
            assert verdict(before, found.figures(narrow)) == "pays error"


def test_a_knob_whose_cost_is_removed_is_found(bench, before, monkeypatch):
    """The mutant: programming takes as many pulses whatever the error that is left."""
    exact, coarse = {"cell.write.factor": 0.0}, {"cell.write.factor": 10.0}
    priced, better = bench.figures(coarse), bench.figures(exact)
    assert isinstance(priced, Figures)
    assert isinstance(better, Figures)
    assert "seconds" in rises(priced, better)
    monkeypatch.setattr(Programming, "pulses", lambda self, values: 208.0)
    unpriced, better = bench.figures(coarse), bench.figures(exact)
    assert isinstance(unpriced, Figures)
    assert isinstance(better, Figures)
    assert "seconds" not in rises(unpriced, better)
    assert "error" in falls(unpriced, better)


def test_verdicts():
    base = Figures(1.0, 1.0, 1.0, 1.0)
    of = lambda **changes: verdict(base, dataclasses.replace(base, **changes))
    assert verdict(base, "some rule") == "refused"
    assert of() == "no gain"
    assert of(joules=0.9) == "free joules"
    assert of(error=0.9) == "free error"
    assert of(error=0.99) == "no gain"
    assert of(joules=0.5, error=1.03) == "pays error"
    assert of(seconds=0.5, area=1.001) == "pays area"
    assert of(error=np.nan) == of(error=np.inf) == "pays error"


@pytest.mark.long
def test_every_design_knob_has_an_end_to_try():
    assert {name for name, _ in cases()} == design_knobs().keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", design_knobs())
def test_every_knob_pays_at_its_ends(name):
    """Ends that gain nothing are no hole, but each knob must cost something."""
    found = Bench(base_of(name), preset_of(name))
    before = found.figures({})
    assert isinstance(before, Figures), before
    told = {
        end: verdict(before, found.figures({**ALONG.get((name, end), {}), name: end}))
        for other, end in cases()
        if other == name
    }
    free = {end for end, text in told.items() if text.startswith("free")}
    assert not free, told
    assert set(told.values()) != {"no gain"}


@pytest.mark.slow
@pytest.mark.parametrize("fidelity", ["quasi-static", "dynamic"])
def test_all_cheap_ends_together_are_no_cheaper_equal_chip(fidelity):
    found = Bench({**BASE, **(DYNAMIC if fidelity == "dynamic" else {})})
    taken, first, best = search(found, knobs_of(fidelity))
    assert taken == {}
    assert best == first


@pytest.mark.slow
@pytest.mark.parametrize("fidelity", ["quasi-static", "dynamic"])
def test_steps_between_the_ends_find_no_cheaper_equal_chip(fidelity):
    """No machine with 2 % less of anything, more of nothing, and no more error."""
    found = Bench({**BASE, **(DYNAMIC if fidelity == "dynamic" else {})})
    numbers = [name for name in knobs_of(fidelity) if name not in STILL]
    _, first, best = walk(found, numbers, seed=1, num=NUM_MACHINES[fidelity])
    saved = [1 - getattr(best, c) / getattr(first, c) for c in COSTS]
    assert max(saved) < 0.02


@pytest.mark.slow
def test_a_walk_finds_what_a_design_has_to_spare():
    """The mutant: multipliers with a larger full scale than the solve needs."""
    wide = Bench({**BASE, "multiplier.full_scale": 1.0})
    taken, first, best = walk(wide, ["multiplier.full_scale"], seed=0, num=20)
    assert set(taken) == {"multiplier.full_scale"}
    assert best.joules < 0.99 * first.joules
    assert best.error <= 1.001 * first.error


@pytest.mark.slow
def test_a_dynamic_design_is_one_that_can_be_solved():
    found = Bench({**BASE, **DYNAMIC}).figures({})
    assert isinstance(found, Figures), found
