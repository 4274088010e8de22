"""The benchmarks of pictures: their targets, bad samplers, gates, small runs."""

import math
import pathlib
import sys
import types

import numpy as np
import pytest
from rram_ode.config import replace
from rram_ode.presets import find_preset
from rram_ode.studies import present_errors
from rram_ode.system import System


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import digits, growth, guidance, letters, letters_noise
from benchmarks._picture_rows import bad_rows, chips_row, digital_row
from benchmarks._pictures import Bench, num_missed, target
from benchmarks._result import Gate, Row


FEW = types.SimpleNamespace(num_samples=240, num_chips=2)


@pytest.mark.parametrize(
    ("value", "bound", "met"),
    [
        (0.5, "<=", True),
        (1.0, "<=", True),
        (1.5, "<=", False),
        (1.5, ">=", True),
        (0.5, ">=", False),
        (math.nan, "<=", False),
        (math.nan, ">=", False),
    ],
)
def test_a_target(value, bound, met):
    one = target(value, bound, 1.0)
    assert one["target"] == ["value", bound, 1.0, met]
    assert num_missed({"a": one, "b": target(0.0, "<=", 0.0)}) == (not met)


def test_the_targets_are_those_of_the_issue():
    one, other = letters.TASK, digits.TASK
    assert (one.gap, one.share_near, one.num_chips, one.kinds) == (
        *(0.05, 0.9, 10),
        ("states",),
    )
    assert (other.balanced, other.gap, other.chip_limit, other.num_chips) == (
        *(0.96, 0.05, 2.0),
        5,
    )
    assert other.kinds == ("pixels", "features")


@pytest.fixture(scope="module")
def bench():
    return Bench.of(find_preset("letters-fresh"))


@pytest.mark.slow
def test_bad_samplers_miss_a_target(bench):
    """The digital sampler meets all of them on the same labels."""
    task = letters.TASK._replace(num_samples=1200)
    good = digital_row("digital", task, bench)
    assert good.details["missed"] == 0
    assert good.is_on_target
    rows = {row.case: row for row in bad_rows(task, bench)}
    missed = {
        case: {n for n, t in row.details["targets"].items() if not t["target"][3]}
        for case, row in rows.items()
    }
    assert "states" in missed["mutant: one picture a class"]
    assert missed["mutant: training pictures"] == {"memorised"}
    assert {"recall", "states"} <= missed["mutant: the wrong class"]
    assert all(row.gate is not None and row.gate.passed for row in rows.values())
    # The gate of a bad sampler fails for a good one.
    assert not Gate(good.details["missed"], 1, "missed", at_least=True).passed


def test_a_bench_needs_pictures():
    with pytest.raises(ValueError, match="`data` must be pictures; got `ring`"):
        Bench.of(find_preset("ring-fresh"))


def test_the_best_weight_is_read_right_and_near_to_the_data():
    def row(weight, accuracy, beyond):
        each = {"accuracy": accuracy, "beyond": beyond}
        details = {"weight": weight, "digital": each, "each": [each, each]}
        return Row(f"weight {weight:g}", details=details)

    found = [row(0.0, 0.96, 0.4), row(0.5, 0.97, 0.9), row(1.0, 0.99, 1.1)]
    assert guidance.best(found) == {"digital": 0.5, "chips": 0.5}
    none = guidance.best(found[2:])
    assert all(math.isnan(weight) for weight in none.values())


def test_spread_and_what_is_reached():
    x = np.random.default_rng(0).normal(size=(4000, 2))
    assert guidance.spread(3 * x) == pytest.approx(3 * guidance.spread(x))
    assert guidance.spread(x) == pytest.approx(math.sqrt(2), rel=0.03)
    half = guidance.reached(0.5 * x[:500], x[1000:1500])
    assert half < 0.9 < guidance.reached(x[:500], x[1000:1500])


@pytest.mark.slow
def test_chips_beside_their_twins(bench):
    task = letters.TASK._replace(num_each=FEW.num_samples)
    row = chips_row("chips", task, bench, FEW.num_chips)
    assert row.gate is not None
    assert row.gate.passed
    assert len(row.details["chips"]) == FEW.num_chips
    one, other = row.details["chips"]
    assert one["apart"]["states"] != other["apart"]["states"]
    assert set(row.details["targets"]) == {"recall", "states"}
    low, high = row.details["recall"]["u"]["recall"][1:]
    assert low <= row.details["recall"]["u"]["recall"][0] <= high


@pytest.mark.slow
def test_a_short_run_of_guidance(monkeypatch):
    """More is read right, less is varied, more joules; 0 is the conditional flow."""
    monkeypatch.setattr(guidance, "PRESET", "letters-fresh")
    monkeypatch.setattr(guidance, "WEIGHTS", (0.0, 2.0))
    (none, much), extra = guidance.rows(FEW)
    assert none.gate is not None
    assert (none.gate.value, none.gate.what) == (0.0, guidance.BIT)
    for side in ("digital", "each"):
        plain, guided = (
            row.details[side][0] if side == "each" else row.details[side]
            for row in (none, much)
        )
        assert guided["accuracy"] >= plain["accuracy"]
        assert guided["spread"] < 0.8 * plain["spread"]
        assert guided["distance"] > plain["distance"] + 1
    assert much.details["chips"]["joules"][0] > none.details["chips"]["joules"][0]
    assert 0.9 < extra["real_accuracy"] < 1


@pytest.mark.slow
def test_a_weight_that_is_not_zero_fails_the_gate(monkeypatch):
    """The mutant: a guided score with a small weight in place of 0."""
    config = find_preset("letters-fresh")
    exact = guidance.GuidedScore
    monkeypatch.setattr(guidance, "GuidedScore", lambda score, w: exact(score, 1e-3))
    found = guidance.difference_at_zero(config, 60)
    assert not Gate(found, 0.0, guidance.BIT).passed


@pytest.mark.slow
def test_a_short_run_of_noise(monkeypatch):
    monkeypatch.setattr(letters_noise, "TRAINED", {"letters-fresh": "without"})
    monkeypatch.setattr(letters_noise, "EQUATIONS", {"probability-flow": "ODE"})
    noises = {"cell.write.std": (0.0, 8e-6)}
    monkeypatch.setattr(letters_noise, "NOISES", noises)
    (still, noisy), _ = letters_noise.rows(FEW)
    assert still.gate is not None
    assert noisy.gate is not None
    assert still.gate.value == 0.0
    assert noisy.gate.passed
    assert min(noisy.details["chips"]) > max(still.details["chips"])


def test_blocks_of_training_pictures_are_mixed(bench):
    """In file order a block is of one writer, and the comparison was off by 1.4."""
    yardstick, x = bench.system.yardstick, bench.digital(1200, 0)[0]
    train, test = bench.part("train"), bench.part("test")
    plain, blocks = (
        yardstick.compare(x, train, test, num).as_dict()["difference"]
        for num in (None, 20)
    )
    assert blocks == pytest.approx(plain, abs=0.1)


def test_growth_sets_one_error_alone_and_all_others_to_nothing():
    """Settings of a case; the mutant leaves another error on."""
    config = growth.whole(growth.SIZES["2-64-64-2"])
    assert config.checkpoint == "ring-64-fresh"
    still = growth.quiet(config)
    for error in growth.ERRORS:
        assert growth.alone(config, error) != still, error
    for error in ("wires", "read noise"):
        wanted = set(growth.ERRORS[error]) & present_of(config)
        assert present_of(growth.alone(config, error)) == wanted
    both = replace(growth.alone(config, "wires"), "cell.write.factor", 1.0)
    assert present_of(both) != {"wires"}


def present_of(config):
    """The errors that a configuration has."""
    system = System.from_config(config)
    return set(present_errors(system.blueprint.design, system.chip_loop))


def test_a_displacement_by_hand():
    twin = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert growth._moved(twin, twin) == 0
    assert growth._moved(1.5 * twin, twin) == pytest.approx(0.5)
