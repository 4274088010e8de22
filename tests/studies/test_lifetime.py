"""The cheapest rewriting: by curves whose verdicts are known, and by a small run."""

import dataclasses

import numpy as np
import pytest
from benchmarks import lifetime
from rram_ode.chip import CellState, TEN_YEARS
from rram_ode.energy import ArrayPower
from rram_ode.metrics import Difference
from rram_ode.studies import AgedQuality, ComparisonPlan, find_policy, LifetimeStudy
from rram_ode.system import System


SETTINGS = {
    "solve.solver": "euler",
    "solve.num_steps": 20,
    "cell.read.white.std": 0.0,
    "cell.age": 1.0,
    "cell.ageing": 0.01e-6,
}
PLAN = ComparisonPlan(40, 2, num_seeds=1, seed=0, chip_seed=0)
AGES = (1.0, 10.0, 1e3, 1e5, 1e7, TEN_YEARS)
EQUAL, WORSE = (
    Difference(x, x - 0.3, x + 0.3, delta=1.0, factor=1.0) for x in (0.0, 3.0)
)
UNDECIDED = Difference(0.9, -0.1, 1.9, delta=1.0, factor=4.0)


@pytest.fixture(scope="module")
def system():
    return System.from_preset("ring-fresh", SETTINGS)


def life(system, monkeypatch, verdict_of, **more):
    """What a study finds where the verdict at each age is known."""

    def measure(self, age, cycle=0):
        del self, cycle
        power = (ArrayPower(1e-4, 1e-3, 1e-3),)
        state = CellState(age)
        return AgedQuality(state, np.zeros(2), verdict_of(age), age > 3600, power)

    monkeypatch.setattr(LifetimeStudy, "measure", measure)
    return find_policy(system, PLAN, AGES, **more)


@pytest.mark.long
def test_the_longest_period_that_holds_is_the_cheapest(system, monkeypatch):
    found = life(
        system, monkeypatch, lambda age: EQUAL if age < 2e4 else WORSE, steps=3
    )
    best = found.cheapest
    assert best is not None
    # Three bisections of two decades leave a quarter of a decade.
    assert 2e4 / 10**0.25 < best.oldest < 2e4
    assert best.every == pytest.approx(best.oldest - 1)
    assert best.is_extrapolated
    assert [p.holds for p in found.policies] == [p.oldest < 2e4 for p in found.policies]
    joules = [policy.joules for policy in found.policies]
    assert joules == sorted(joules, reverse=True)
    assert best.cycles == pytest.approx(TEN_YEARS / (best.every + 2), rel=1e-3)


@pytest.mark.long
def test_an_undecided_age_never_passes(system, monkeypatch):
    found = life(
        system, monkeypatch, lambda age: EQUAL if age < 2e3 else UNDECIDED, steps=0
    )
    assert found.cheapest is not None
    assert found.cheapest.oldest == pytest.approx(1e3)
    none = life(system, monkeypatch, lambda age: UNDECIDED)
    assert none.cheapest is None
    # Nor does a good age beyond a bad one.
    gap = life(
        system, monkeypatch, lambda age: WORSE if age == 10.0 else EQUAL, steps=0
    )
    assert gap.cheapest is None


def test_a_policy_that_wears_cells_out_is_none(system, monkeypatch):
    found = life(system, monkeypatch, lambda age: EQUAL if age < 50 else WORSE, steps=0)
    (best, *_) = found.policies
    assert best.holds
    assert best.worn == pytest.approx(TEN_YEARS / (9 + 1 + 0.7) / 1e6, rel=0.1)
    assert best.lasts == (best.worn <= 1)
    assert (found.cheapest is None) == (not best.lasts)


def test_no_rewriting_where_all_ages_hold(system, monkeypatch):
    best = life(system, monkeypatch, lambda age: EQUAL).cheapest
    assert best is not None
    assert best.every == TEN_YEARS


def test_a_study_needs_chips_that_age(system):
    still = system.replace({"cell.ageing": None})
    with pytest.raises(ValueError, match="needs chips that age: set `cell.age`"):
        LifetimeStudy(still, PLAN)
    with pytest.raises(ValueError, match="`ages` must rise"):
        find_policy(system, PLAN, (2.0, 1.0))


@pytest.mark.long
def test_the_benchmarks_gate_sees_another_age(system):
    assert lifetime.law_error(system, 3600.0) < 4
    assert lifetime.law_error(system, 3600.0, meant=7200.0) > 4  # mutant


@pytest.mark.slow
def test_old_chips_are_farther_from_the_data(system):
    study = LifetimeStudy(system, dataclasses.replace(PLAN, num_samples=1_000))
    young, old = (study.measure(age) for age in (1.0, TEN_YEARS))
    assert not young.is_extrapolated
    assert old.is_extrapolated
    assert old.distances.mean() > young.distances.mean() + 1
    with pytest.raises(ValueError, match="`age` must be 1 s or more"):
        study.measure(0.5)


@pytest.mark.slow
def test_a_run_finds_the_cheapest_policy():
    """A cell that drifts a little: equal when young, worse after years.

    What the policy keeps is tried on cells that were rewritten since; a worse verdict
    beyond it is the reason for it.
    """
    drifts = {
        "solve.num_steps": 50,
        "cell.read.white.std": 0.0,
        "cell.read.flicker.slope": 0.0,
        "cell.stuck.lrs": 0.0,
        "cell.stuck.hrs": 0.0,
        "cell.drift.law": "power-law",
        "cell.drift.nu_std": 8e-4,
        "cell.drift.reference": 1.0,
        "cell.age": 1.0,
        "cell.ageing": 0.01e-6,
    }
    system = System.from_preset("ring-fresh", drifts)
    plan = ComparisonPlan(2_000, 4, num_seeds=1, seed=0, chip_seed=0)
    found = find_policy(system, plan, (1.0, 1e3, 1e5, 1e7, TEN_YEARS), steps=1)
    best = found.cheapest
    assert best is not None
    assert 1e3 <= best.oldest < TEN_YEARS
    assert best.lasts
    assert not found.policies[-1].holds
    dearer = [p.joules for p in found.policies if p.every < best.every]
    assert all(joules > best.joules for joules in dearer)
    for cycle in (1, 2):
        again = LifetimeStudy(system, plan).measure(best.oldest, cycle)
        assert again.difference.is_as_good
