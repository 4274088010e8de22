"""What the reads of a file cannot tell is said, and no law is made of it.

Each file has a twin that does tell, whose fit is silent on the matter.
"""

import warnings

import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode.devices import DeviceToDevice, fit, LogarithmicDrift, MeasuredTable
from rram_ode.devices.fitting import _outliers


US = 1e-6
TARGETS = np.repeat([5.0, 15, 30, 45, 60, 75], 40)


def table(g, read, time=None, device=None):
    return MeasuredTable(g * US, np.maximum(read, 0) * US, time, device)


def aged(times, seed=0, targets=TARGETS):
    """Reads that drift by -0.2 uS per e-fold from 1 s on, with 0.3 uS of spread."""
    rng = np.random.default_rng(seed)
    time = np.repeat(times, targets.size)
    g = np.tile(targets, len(times))
    drift = -0.2 * np.log(np.maximum(time, 1.0))
    return g, g + drift + rng.normal(0, 0.3, g.size), time


def said(found, words):
    return [text for text in found.warnings if words in text]


def drifts(found):
    return [e for e in found.cell.errors if isinstance(e, LogarithmicDrift)]


def test_one_change_from_zero_is_no_law():
    """It has no place for the unit of ln t; with a third time there is one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # numpy's too
        found = fit(table(*aged([0.0, 100.0])))
    (text,) = said(found, "0 s and of 100 s alone")
    assert not drifts(found)
    moved = float(text.partition("moved by ")[2].partition(" ")[0])
    exact = -0.2 * np.log(100)
    # Six differences of two medians of 40: 1.25 x 0.3 sqrt(2 / 40 / 6) = 0.034 uS.
    assert abs(moved - exact) < 4 * 0.034
    three = fit(table(*aged([0.0, 100.0, 1e4])))
    assert drifts(three)
    assert not said(three, "alone")


def test_an_age_without_a_drift_is_refused():
    with pytest.raises(ValueError, match="`age` must be 0 without a law of the drift"):
        fit(table(*aged([0.0, 100.0])), age=100.0)
    (drift,) = drifts(fit(table(*aged([1.0, 100.0])), age=100.0))
    assert float(drift.age) == 100


def failing(share_late, seed, num=60):
    """Cells followed over four times; a share of them opens at 1e4 s."""
    rng = np.random.default_rng(seed)
    g, read, time = aged([1.0, 100.0, 1e4, 1e6], seed, np.repeat([20.0, 40, 60], num))
    size = 3 * num
    fails = np.tile(rng.random(size) < share_late, 4) & (time >= 1e4)
    cell = np.tile(np.arange(size), 4)
    return table(g, np.where(fails, 0.01, read), time, cell)


def test_cells_that_fail_later_are_no_stuck_cells_of_a_fresh_chip(monkeypatch):
    """8 % open from 1e4 s on: the fresh share is 0, and the growth is said."""
    found = fit(failing(0.08, 1))
    (text,) = said(found, "Cells fail over time")
    assert found.settings["cell.stuck.hrs"] == 0
    assert "0 of 120 at 1 s" in text
    assert not said(fit(failing(0.0, 1)), "Cells fail")
    # The mutant: a share over all times.
    monkeypatch.setattr(_outliers, "UNLIKE", 0.0)
    assert fit(failing(0.08, 1)).stuck.hrs > 0.02


def test_a_constant_share_of_stuck_cells_is_that_of_all_times():
    """The test of shares is at 0.1 %: it cries in 1 of 40 draws at most."""
    cries = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        g, read, time = aged([1.0, 100.0, 1e4], seed)
        is_open = rng.random(g.size) < 0.03
        found = fit(table(g, np.where(is_open, 0.01, read), time))
        cries += bool(said(found, "Cells fail over time"))
        if not said(found, "Cells fail over time"):
            assert abs(found.stuck.hrs - np.mean(is_open[g > 5])) < 0.002
    assert cries <= 1


@pytest.mark.parametrize(("share", "is_said"), [(0.25, True), (0.35, True), (0.1, 0)])
def test_too_many_open_cells_are_named_first(share, is_said):
    rng = np.random.default_rng(3)
    g = TARGETS
    read = g * (1 + 0.05 * rng.standard_normal(g.size))
    is_open = np.arange(g.size) % 20 < 20 * share
    found = fit(table(g, np.where(is_open, 0.01, read)))
    if not is_said:
        assert not said(found, "too many to leave out")
        return
    assert "too many to leave out" in found.warnings[0]
    named = float(found.warnings[0].partition("%")[0]) / 100
    assert abs(named - share) < 0.03


@pytest.mark.parametrize("start", [86_400.0, 1e6])
def test_a_clock_that_started_before_is_questioned(start):
    since = [1.0, 10.0, 100.0, 1e3]
    g, read, time = aged(since)
    late = fit(table(g, read, time + start))
    assert said(late, "write the time since programming")
    assert not drifts(late)
    right = fit(table(g, read, time))
    assert not said(right, "write the time since programming")
    assert drifts(right)


def test_dates_are_refused():
    g, read, time = aged([1.0, 10.0, 100.0, 1e3])
    with pytest.raises(ValueError, match="calendar: write the time since the progr"):
        fit(table(g, read, time + 1.7e9))
    fit(table(g, read, np.full(g.size, 2e8)))  # six years, all alike: an age


def test_reads_of_a_cell_are_told_from_writes_by_several_targets():
    """With one target for each device the file cannot tell: the fit says so."""
    rng = np.random.default_rng(4)
    g = np.repeat(np.repeat([5.0, 30, 60], 40), 4)
    own = np.repeat(rng.normal(0, 1, 120), 4)
    read = 10 + g + own + rng.normal(0, 0.1, g.size)
    cell = np.repeat(np.arange(120), 4)
    found = fit(table(g, read, None, cell))
    assert any(isinstance(e, DeviceToDevice) for e in found.cell.errors)
    assert said(found, "does not tell whether it was written anew")
    shared = np.tile(np.repeat(np.arange(40), 4), 3)  # each device has three targets
    assert not said(fit(table(g, read, None, shared)), "written anew")


@pytest.mark.parametrize(
    ("factor", "is_said"), [(1e-6, True), (1e-3, False), (1.0, False), (1e3, True)]
)
def test_targets_that_no_cell_has_are_questioned(factor, is_said):
    """75 pS and 75 mS are; 75 nS and 75 uS are not."""
    rng = np.random.default_rng(6)
    read = TARGETS * (1 + 0.05 * rng.standard_normal(TARGETS.size))
    found = fit(MeasuredTable(TARGETS * factor * US, read * factor * US))
    assert bool(said(found, "The largest target is")) == is_said
    assert float(jnp.max(found.cell.range.g_max)) == pytest.approx(75 * factor * US)
