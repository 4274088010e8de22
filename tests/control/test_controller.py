"""The sequence around the core: its time, and its four properties in every state."""

import math
import re

import pytest
from rram_ode import controller as line
from rram_ode.config import replace, replace_all, RunConfig
from rram_ode.control import (
    check_controller,
    Controller,
    FAULTS,
    Inputs,
    Phase,
    sequence,
)
from rram_ode.noise import ReadNoise
from rram_ode.presets import PRESETS
from rram_ode.sdes import VPSDE
from rram_ode.system import build_controller, build_loop, require_settled, reset_time


SMALL = Controller(1, 1, 2, 1, 1)


def broken(controller):
    return {each.name for each in check_controller(controller) if not each.holds}


# The properties, on the object that the simulator steps.


@pytest.mark.long
def test_the_simulators_controller_keeps_all_four():
    """In every state that its registers can have together."""
    controller = build_controller(RunConfig())
    assert controller is not None
    verdicts = check_controller(controller)
    assert [each.name for each in verdicts] == ["A", "B", "C", "D"]
    assert all(each.holds for each in verdicts)
    # A busy core holds 0 or 1, the register 0, 1 or nothing; FULL has no free register.
    busy = controller.busy - 1 + controller.run
    expected = 3 + 2 * 3 * busy + 2 * 2
    assert {each.num_states for each in verdicts} >= {expected}


@pytest.mark.parametrize(
    ("mutant", "expected"),
    [
        # Nothing that was not offered comes out of a sound one: D breaks with A.
        ("ignores-valid", {"A", "D"}),
        ("peeks", {"A", "B"}),
        ("no-time-out", {"B"}),
        ("ready-first", {"B", "C"}),
        ("overwrites", {"C", "D"}),
        ("always-ready", {"D"}),
        ("twice", {"D"}),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_mutant_breaks_the_property_expected(mutant, expected):
    assert broken(SMALL) == set()
    mutant = FAULTS[mutant](SMALL)
    assert broken(mutant) == expected
    for verdict in check_controller(mutant):
        if not verdict.holds:
            assert verdict.text.startswith(f"{verdict.name} BROKEN")
            assert verdict.trace[0].startswith("cycle 0: in_valid=")
            assert all(line in verdict.text for line in verdict.trace)


def test_the_trace_is_the_shortest():
    """No fewer cycles lead from a start to a lost result than the phases take."""
    verdict = check_controller(FAULTS["overwrites"](SMALL))[2]
    # Twice round (6 cycles of phases and 1 to take a start), with RUN cut to 1 by
    # `settled`; then the one that shows it.
    rounds = 2 * (SMALL.busy + 1)
    cycles = [line for line in verdict.trace if line.startswith("cycle")]
    assert len(cycles) == rounds
    assert verdict.trace[-1].startswith("broken: ")


@pytest.mark.long
def test_the_command_prints_verdicts_and_traces(run):
    status, out, err = run(line.main, "ring-fresh")
    assert (status, err) == (0, "")
    assert [text[:8] for text in out.splitlines()[1:]] == [
        f"{x} holds " for x in "ABCD"
    ]
    status, out, _ = run(line.main, "ring-fresh", "--fault", "no-time-out")
    assert status == 1
    assert "B BROKEN" in out
    assert "for ever: no result is handed over" in out
    for words, text in (
        (("--set", "controller.clock=None"), "`controller.clock`"),
        (("--set", "solve.duration=10s"), "cycles"),
    ):
        status, _, err = run(line.main, "ring-fresh", *words)
        assert status == 2
        assert text in err
        assert err.count("\n") == 1


# Its time.


def stepped(controller, wait, num):
    """Cycles at which `num` solves begin, one step at a time."""
    state, runs, waited, cycle = controller.start, [], 0, 0
    while len(runs) < num:
        now = controller.outputs(state)
        take = now.out_valid and waited >= wait
        before, state = (
            state.phase,
            controller.step(state, Inputs(True, 0, False, take)),
        )
        waited = waited + 1 if now.out_valid and not take else 0
        cycle += 1
        if state.phase == Phase.RUN != before:
            runs.append(cycle)
    return runs


@pytest.mark.parametrize("wait", [0, 1, 3, 7, 20, 50])
@pytest.mark.parametrize("controller", [SMALL, Controller(3, 5, 7, 2, 4)])
def test_the_sequence_is_the_machine_stepped(controller, wait):
    found = sequence(controller, wait=wait)
    runs = stepped(controller, wait, 8)
    assert found.first_run == runs[0] == 1 + controller.load + controller.precharge
    assert found.period == runs[-1] - runs[-2]
    assert found.period == max(controller.busy + controller.run, wait + 1)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_keep_their_period(preset):
    """The controller's cycles are what `solve.reset` is made of, to the last bit."""
    config = PRESETS[preset][0]
    assert reset_time(config) == config.solve.reset
    loop = build_loop(config, VPSDE(0.1, 8.0), ReadNoise())
    assert float(loop.clock.period) == config.solve.duration + config.solve.reset


def test_a_consumer_that_is_late_delays_the_next_sample():
    config = replace(RunConfig(), "controller.wait", 400)
    assert reset_time(config) == pytest.approx(401e-7 - 20e-6)
    assert reset_time(replace(config, "controller.clock", None)) == 12e-6


def test_a_solve_is_held_to_the_end_of_its_cycle():
    config = replace(RunConfig(), "solve.duration", 1.25e-6)
    assert reset_time(config) == pytest.approx(12e-6 + 0.05e-6)


def test_a_long_solve_is_not_stepped_cycle_by_cycle():
    config = replace(RunConfig(), "solve.duration", 10.0)
    assert reset_time(config) == pytest.approx(12e-6, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("solve.reset", 1e-6, r"no time to pre-charge.*Take 1.7e-06 s or more"),
        ("controller.clock", 0.0, "`controller.clock` must be positive"),
        ("controller.load", 0, "`controller.load` must be 1 cycle or more; got 0"),
        ("controller.wait", -1, "`controller.wait` must be 0 or more"),
    ],
)
def test_what_is_refused(name, value, text):
    with pytest.raises(ValueError, match=text):
        reset_time(replace(RunConfig(), name, value))
    with pytest.raises(ValueError, match="1 cycle or more; got 0"):
        Controller(1, 1, 0, 1, 1)


# The reset is long enough for the integrators.


def test_a_reset_leaves_less_than_half_a_step_of_the_last_sample():
    """exp(-t / R C) of two full scales, at the shortest reset that is taken."""
    config = replace_all(RunConfig(), {"controller.clock": None, "start.bits": 10})
    time_constant = config.start.resistance * config.integrator.capacitance
    shortest = 11 * math.log(2) * time_constant
    require_settled(replace(config, "solve.reset", shortest * 1.001))
    left = 2 * math.exp(-shortest / time_constant)
    assert left == pytest.approx(0.5 * 2 / 2**10, rel=1e-6)
    with pytest.raises(ValueError, match="`solve.reset` = ") as error:
        require_settled(replace(config, "solve.reset", shortest * 0.999))
    text = str(error.value)
    remedy = re.search(r"Take a reset of (\S+) s or more, or a smaller res", text)
    assert remedy is not None
    assert float(remedy[1]) == pytest.approx(shortest, rel=1e-3)
    assert "\n" not in text


def test_the_remedy_counts_whole_cycles_and_the_other_phases():
    short = replace(RunConfig(), "solve.reset", 4e-6)
    with pytest.raises(ValueError, match=r"leaves 2.4e-06 s.*Take a reset of 4.4e-06"):
        require_settled(short)
    require_settled(replace(short, "solve.reset", 4.4e-6))
    with pytest.raises(ValueError, match="Take a reset of 4.4e-06"):
        require_settled(replace(short, "solve.reset", 4.3e-6))


@pytest.mark.parametrize(
    "settings",
    [
        {"controller.clock": 1e9, "solve.reset": 20e-9},  # the hole: 30 % less energy
        {"controller.clock": None, "solve.reset": 20e-9},
        {"solve.reset": 0.0},
        {"integrator.capacitance": 1e-9},
        {"start.resistance": 1e6},
    ],
)
def test_no_reset_is_too_short_but_that_of_an_ideal_machine(settings):
    config = replace_all(RunConfig(), settings)
    build = lambda config: build_loop(config, VPSDE(0.1, 8.0), ReadNoise())
    with pytest.raises(ValueError, match="time constants of `start.resistance`"):
        build(config)
    build(replace(config, "fidelity", "ideal"))
