"""The rows of a chip by steps: one machine's quality, bits, seconds and joules."""

import numpy as np
import pytest
import rram_ode as rr
from rram_ode.accelerators import all_constants
from rram_ode.energy import ArrayPower
from rram_ode.studies import (
    ComparisonPlan,
    find_steps,
    Referee,
    run_steps,
    Standing,
    step_machine,
    step_row,
    STEP_SYSTEMS,
)
from rram_ode.studies.comparison import _step_rows
from rram_ode.studies.comparison._runs import run_chips
from rram_ode.system import Repeat


SYSTEM = rr.System.from_preset("ring-fresh")


@pytest.fixture(scope="module")
def standing():
    """The loop on two chips, which is all that a row needs of a standing."""
    plan = ComparisonPlan(200, 2, 1, 0, 0, most_chips=2)
    referee = Referee(SYSTEM, plan)
    analog = run_chips(SYSTEM, plan, referee, lambda num: None)
    made = object.__new__(Standing)
    for name, value in (("plan", plan), ("analog", analog)):
        object.__setattr__(made, name, value)
    return made, referee


@pytest.mark.slow
def test_a_row_is_of_the_machine_that_ran(standing, monkeypatch):
    name = "rram-steps-delta"
    monkeypatch.setattr(_step_rows, "COUNTS", (10,))
    own, referee = standing
    result = find_steps(SYSTEM, own, referee, name, lambda num: None)
    row = step_row(SYSTEM, own, result, all_constants())
    assert row.system == name
    assert "8 bits" in row.machine
    assert row.evaluations == 10
    assert row.seconds is not None
    assert row.seconds.spread.nominal == pytest.approx(result.engine.solve_time)
    assert row.operations_energy is not None
    assert row.operations_energy.spread.nominal > 0
    assert row.operations_energy.sources
    conversion, _ = STEP_SYSTEMS[name]
    assert result.engine.conversion == conversion
    x, on = run_steps(
        SYSTEM,
        step_machine(SYSTEM, SYSTEM.program(1), conversion),
        SYSTEM.program(1),
        own.plan.runs(1),
        10,
    )
    assert result.steps.distances[1] == pytest.approx(referee(1, x), rel=1e-3)


@pytest.mark.long
def test_runs_follow_one_another_in_lab_time(monkeypatch):
    """Two repeats of a chip are as one run of both."""
    monkeypatch.setattr("rram_ode.accelerators._step_noise.LARGEST_CHUNK", 60)
    chip = SYSTEM.program(0)
    machine = step_machine(SYSTEM, chip, _step_rows.WHOLE)
    parts = [Repeat(60, 5, 0), Repeat(60, 5, 60)]
    whole, _ = run_steps(SYSTEM, machine, chip, [Repeat(120, 5, 0)], 5)
    both, on = run_steps(SYSTEM, machine, chip, parts, 5)
    np.testing.assert_allclose(both, whole, atol=1e-5)
    assert isinstance(ArrayPower(*map(float, on)), ArrayPower)
    assert np.all(on > 0)
