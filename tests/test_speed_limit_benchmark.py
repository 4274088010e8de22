"""The gates of the speed limit: a distance that rises, equal rows without a reason."""

import pathlib
import sys
import types

import numpy as np
import pytest
from rram_ode.studies import Stability


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import _speed, speed_limit


FEW = (2e-6, 2e-5)


def motion(margin, displacement, radial=None):
    """What was seen of a loop."""
    seen = Stability(1e5, (1e6,), margin)
    return _speed.Motion(seen, displacement, displacement if radial is None else radial)


def growths(slope, runs=200, seed=0):
    """The gate's value over repeats whose distance changes by `slope` a duration."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(runs):
        chips = rng.normal(size=6)
        each = [5 + chips + slope * n + 0.3 * rng.normal(size=6) for n in range(7)]
        durations = speed_limit.DURATIONS
        found.append(speed_limit.growth(dict(zip(durations, each, strict=True))))
    return np.array(found)


def test_a_distance_that_does_not_rise_passes_in_ninety_percent():
    assert np.mean(growths(0.0) <= 0) > 0.9 - 3 * np.sqrt(0.1 * 0.9 / 200)
    assert np.mean(growths(-2.0) <= 0) == 1.0
    assert np.mean(growths(3.0) > 0) > 0.99  # the mutant: longer is worse
    assert np.isnan(speed_limit.growth({1e-5: np.ones(6)}))  # no gate passes by that


def test_an_equal_row_without_margin_says_why():
    width = speed_limit.WIDTH
    assert width == pytest.approx(0.04)
    reason = speed_limit.reason
    assert speed_limit.is_sound(motion(80.0, 0.01))
    assert reason(motion(80.0, 0.01)) is None
    # Rings, but its op-amps hardly move a sample.
    assert not speed_limit.is_sound(motion(20.0, 0.01))
    assert "0.010, less than the ring is wide" in (reason(motion(20.0, 0.01)) or "")
    # Has its margin, and turns the ring.
    assert "along the ring" in (reason(motion(80.0, 0.05, 0.01)) or "")
    # Nothing that was measured makes these harmless.
    assert not speed_limit.is_sound(motion(80.0, 0.05))
    assert reason(motion(80.0, 0.05)) is None
    assert reason(motion(20.0, 0.05, 0.01)) is None
    # A sample that diverged has no displacement.
    assert not speed_limit.is_sound(motion(80.0, np.nan))
    assert reason(motion(80.0, np.nan)) is None


@pytest.mark.slow
def test_rows_of_few_chips(monkeypatch):
    """Names, gates, and what the pages and the notebook read."""
    monkeypatch.setattr(speed_limit, "DURATIONS", FEW)
    monkeypatch.setattr(_speed, "NUM_STILL", 50)
    options = types.SimpleNamespace(num_samples=100, num_chips=2, presets=("ring",))
    rows, extra = speed_limit.rows(options)
    names = [row.case for row in rows]
    assert "ring, on-chip, 1 GHz, by capacitor, 20 us" in names
    assert names[-1] == "ring, equal rows are explained"
    gates = {row.case: row.gate for row in rows if row.gate is not None}
    limits = [g for g in gates.values() if g.what == speed_limit.GATE]
    assert limits
    assert all(gate.passed for gate in limits)
    assert gates["ring, on-chip, 100 MHz, by capacitor, monotone"].value is not None
    found = extra["presets"]["ring"]
    assert set(found["bands_s"]) == {case.label for case in speed_limit.CASES["ring"]}
    assert [block["duration_s"] for block in found["blocks"]] == list(FEW)
    row = next(r for r in rows if r.details).as_dict()
    assert row["displacement"] > 0
    assert row["is_suspect"] is False or row["reason"] is not None
