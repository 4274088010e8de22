"""A short run of `image_formats` passes its gates, and its mutants do not."""

import dataclasses
import pathlib
import sys

import equinox as eqx
import jax
import pytest
import rram_ode as rr


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import _f3, _step_wise_rows, image_formats
from benchmarks._f1 import Fixture


NUM, STEPS = 16, 10


@pytest.fixture(scope="module")
def relu():
    """The ReLU network with few samples and steps."""
    patch = pytest.MonkeyPatch()
    patch.setattr(_f3, "STEPS", STEPS)
    patch.setattr(_step_wise_rows, "STEPS", STEPS)
    patch.setattr(image_formats, "BATCH", 8)
    patch.setattr(image_formats, "NUM_STARTS", NUM)
    patch.setattr(image_formats, "VECTORS", (16,))
    yield _f3.Twin("ReLU", NUM)
    patch.undo()


def passed(rows):
    return {row.case: row.gate is not None and row.gate.passed for row in rows}


@pytest.mark.slow
def test_step_wise_rows_of_pictures(relu, monkeypatch):
    monkeypatch.setattr(_step_wise_rows, "LIMIT_F3", {4: 0.95})
    rows = _step_wise_rows.f3_rows(relu)
    assert all(passed(rows).values())
    assert rows[-1].details["table_bits"] == 16 * 12 * STEPS
    # The mutant: all steps share a row of the table.
    go = _step_wise_rows.run_step_wise
    static = lambda score, *own: go(dataclasses.replace(score, group=STEPS), *own)
    monkeypatch.setattr(_step_wise_rows, "run_step_wise", static)
    assert not all(passed(_step_wise_rows.f3_rows(relu)).values())


@pytest.mark.slow
def test_step_wise_rows_of_points(monkeypatch):
    """The shipped 2-64-64-2 network in place of F1, which takes half a minute."""
    system = rr.System.from_preset("ring-64-fresh")
    own = Fixture(system.checkpoint.score, system.checkpoint.sde, system.dataset)
    wide = lambda x: x.astype(float) if eqx.is_inexact_array(x) else x
    fixture = jax.tree.map(wide, own)
    rows = _step_wise_rows.f1_rows(fixture)
    assert all(passed(rows).values())
    # The mutant: a margin of 1 and few starts in place of enough.
    monkeypatch.setattr(_step_wise_rows, "ENOUGH", 16)
    monkeypatch.setattr(_step_wise_rows, "MARGIN", 0.9)
    plane = _step_wise_rows.Plane(fixture)
    found = passed(_step_wise_rows.calibration_rows(plane))
    assert not found["step-wise, F1, enough starts"]


@pytest.mark.slow
def test_rows_of_four_bits(relu):
    found = passed(image_formats.ladder_rows(relu))
    assert all(found.values())
    rows = image_formats.channel_rows(relu)
    assert all(passed(rows).values())
    by_case = {row.case: row for row in rows}
    labels = by_case["SQ-DM, labels"].details
    assert labels["batch_1"]["foreseen"] >= labels["batch_1"]["lagged"]
    split = by_case["SQ-DM, both engines"].details
    assert (split["bursts"], split["bursts_otherwise"]) == (1, 64)


@pytest.mark.slow
def test_rows_of_vectors_and_of_differences(relu):
    assert all(passed(image_formats.vector_rows(relu)).values())
    # Ten steps change more from one to the next than fifty do: the order alone.
    rows = image_formats.difference_rows(relu)
    closed, opened, direct = (row.gate.value for row in rows if row.gate)
    assert closed is not None
    assert opened is not None
    assert direct is not None
    assert 0 < closed < 0.05
    assert opened > 2
    assert direct > 2
