"""A short run of `denoising_similarity` passes its gates, and its mutants do not."""

import pathlib
import sys

import equinox as eqx
import jax
import numpy as np
import pytest
import rram_ode as rr


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import denoising_similarity
from benchmarks._f1 import Fixture


@pytest.fixture(scope="module")
def problem():
    """The shipped 2-64-64-2 network in place of F1, which takes half a minute."""
    system = rr.System.from_preset("ring-64-fresh")
    own = Fixture(system.checkpoint.score, system.checkpoint.sde, system.dataset)
    wide = lambda x: x.astype(float) if eqx.is_inexact_array(x) else x
    return denoising_similarity.Problem(jax.tree.map(wide, own), 256)


def passed(rows):
    return [row.gate is not None and row.gate.passed for row in rows]


@pytest.mark.slow
def test_errors_pass_and_the_open_loop_does_not(problem, monkeypatch):
    monkeypatch.setattr(denoising_similarity, "LIMITS", {4: 0.02})
    rows = denoising_similarity.error_rows(problem)
    assert all(passed(rows))
    by_case = {row.case: row for row in rows}
    assert by_case["INT4"].details["floating"] == pytest.approx(0.05, abs=0.005)
    closed = problem.differences
    opened = lambda bits, share, references=None: closed(
        bits, share, denoising_similarity.OPEN
    )
    monkeypatch.setattr(problem, "differences", opened)
    found = denoising_similarity.error_rows(problem)
    mutants = {r.case: ok for r, ok in zip(found, passed(found), strict=True)}
    assert not mutants["INT4"]
    assert not mutants["INT4, open loop"]
    assert not mutants["INT4, direct"]


@pytest.mark.long
def test_drift_passes_where_it_is_bounded(problem, monkeypatch):
    monkeypatch.setattr(denoising_similarity, "LONG", 200)
    rows = denoising_similarity.drift_rows(problem)
    assert all(passed(rows))
    details, gate = rows[-1].details, rows[-1].gate
    assert gate is not None
    assert gate.value is not None
    assert details["without_refresh"] > 3 * gate.value
    assert details["references_alone"] > 3 * gate.value


@pytest.mark.slow
def test_similarity_passes(problem, monkeypatch):
    monkeypatch.setattr(denoising_similarity, "GRID", (25, 50))
    assert all(passed(denoising_similarity.similarity_rows(problem)))


@pytest.mark.slow
def test_cost_falls_with_the_share_and_the_error_rises(problem, monkeypatch):
    monkeypatch.setattr(denoising_similarity, "SHARES", (0.01, 0.1, 1.0))
    engine, plain, *rows = denoising_similarity.cost_rows(problem)
    assert all(passed([engine, plain, *rows]))
    own = [row.details for row in rows[:3]]
    errors = [each["end_rms"] for each in own]
    assert errors[0] > errors[1] > errors[2]
    for name in ("guo", "ditto"):
        joules = [each[f"{name}_joules"][0] for each in own]
        assert np.all(np.diff(joules) > 0)
        # The state's traffic is counted: with all in floating point it costs more.
        assert joules[-1] > engine.details["joules"][0]
        assert own[-1][f"{name}_parts"]["products"] == pytest.approx(
            engine.details["parts"]["products"]
        )
