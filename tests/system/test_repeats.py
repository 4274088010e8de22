"""Repeats of a run share no lab time; the twin of each has the chip's starts."""

import ast
import collections
import importlib
import pathlib

import jax.random as jr
import numpy as np
import pytest
from rram_ode import sample
from rram_ode.studies import ComparisonPlan
from rram_ode.system import _ageing as _run, _twin


ROOT = pathlib.Path(__file__).parents[2]
NUM, EXTRA, CHIPS = 60, 40, 2


def numbers(key, first, num_samples):
    """What the starts are drawn from: the key and the sample numbers."""
    return *map(int, jr.key_data(key)), first, first + num_samples


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A run of two chips without errors: what was drawn, and what was judged."""
    seen = collections.defaultdict(list)
    real, real_digital = _run.draw, _twin.draw_digital

    def draw(loop, chip, num_samples, *, key, first=0, **rest):
        chip_number = tuple(map(int, jr.key_data(chip.key)))
        seen[chip_number].append(numbers(key, first, num_samples))
        return real(loop, chip, num_samples, key=key, first=first, **rest)

    def draw_digital(*machine, key, first=0, **rest):
        seen["digital"].append(numbers(key, first, machine[-1]))
        return real_digital(*machine, key=key, first=first, **rest)

    def make_report(*arguments):
        seen["clouds"].append(arguments[-1])
        return real_report(*arguments)

    steps = importlib.import_module("rram_ode.commands._sample")
    real_report = steps.make_report
    out = tmp_path_factory.mktemp("repeats")
    line = ("ring-ideal", "--num-samples", str(NUM), "--num-chips", str(CHIPS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_run, "draw", draw)
        patch.setattr(_twin, "draw_digital", draw_digital)
        patch.setattr(steps, "make_report", make_report)
        patch.setattr(steps, "JUDGED", EXTRA)
        patch.setattr("sys.argv", ["sample", *line, "--out", str(out)])
        sample.main()
    return seen


def test_no_lab_time_of_a_chip_is_used_twice(drawn):
    chips = [blocks for key, blocks in drawn.items() if isinstance(key, tuple)]
    assert len(chips) == CHIPS
    for blocks in chips:
        assert len(blocks) == 3
        assert len({key[:2] for key in blocks}) == 3
        ranges = sorted(block[2:] for block in blocks)
        for (_, end), (first, _) in zip(ranges[:-1], ranges[1:], strict=True):
            assert end <= first


def test_each_repeat_begins_where_the_one_before_ended(drawn):
    first = next(blocks for key, blocks in drawn.items() if isinstance(key, tuple))
    ends = [0, NUM, NUM + EXTRA, NUM + 2 * EXTRA]
    assert [block[2:] for block in first] == list(zip(ends[:-1], ends[1:], strict=True))


def test_the_twin_of_each_repeat_has_the_starts_of_the_chip(drawn):
    first = next(blocks for key, blocks in drawn.items() if isinstance(key, tuple))
    assert drawn["digital"] == first
    (clouds,) = drawn["clouds"]
    for analog, digital in zip(clouds["analog"], clouds["digital"], strict=True):
        assert np.abs(analog - digital).max() < 1e-8  # a chip without errors


def test_no_two_repeats_are_judged_against_the_same_data(drawn):
    (clouds,) = drawn["clouds"]
    data = [x.tobytes() for x in (*clouds["data"], *clouds["fresh"])]
    assert len(set(data)) == 6


def test_every_run_of_a_comparison_has_a_seed_of_its_own():
    plan = ComparisonPlan(100, 3, 4, 7, 0, 0.2)
    runs = [plan.runs(chip) for chip in range(plan.num_chips)]
    assert (
        len({run.seed for each in runs for run in each})
        == plan.num_chips * plan.num_seeds
    )
    for each in runs:
        assert [(run.first, run.num) for run in each] == [
            (start, 100) for start in (0, 100, 200, 300)
        ]


@pytest.mark.long
def test_whatever_repeats_a_run_goes_through_repeats():
    """`first` chooses a block of lab time: one file of the package chooses it."""
    users = [
        path.name
        for folder in ("rram_ode", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") in ("sample", "sample_digital")
        and "first" in {keyword.arg for keyword in node.keywords}
    ]
    assert set(users) == {"_repeats.py"}
