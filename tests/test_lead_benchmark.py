"""The benchmark of the lead: its machines, its gate, its figure, a small run."""

import pathlib
import sys
import types

import numpy as np
import pytest
from rram_ode.plots import plot_lead


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import lead
from benchmarks._problem import fresh


def test_only_op_amps_are_left():
    base = fresh("ring-64")
    made = lead.ideal_cells(base)
    assert made.cell.levels is None
    assert made.cell.read.white.std == 0
    assert made.integrator.offset_std == 0
    assert (made.op_amp, made.fidelity) == (base.op_amp, base.fidelity)


def test_the_gate_finds_a_lead_that_harms():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=6)
    assert lead.least_growth(noise - noise.mean()) <= 0
    assert lead.least_growth(noise - noise.mean() - 5) < 0
    assert lead.least_growth(noise - noise.mean() + 5) > 0  # the mutant
    assert lead.least_growth(np.zeros(6)) == 0  # the loop without a lead is itself


def test_the_figure_has_a_panel_for_each_class():
    rows = [
        {
            "preset": "ring",
            "op_amp": name,
            "duration_s": duration,
            "difference": 1e-5 / duration,
            "low": 0.0,
            "high": 2e-5 / duration,
            **loop._asdict(),
        }
        for name in lead.DURATIONS
        for loop in lead.LOOPS
        for duration in (1e-5, 2e-5)
    ]
    figure = plot_lead({"rows": [*rows, {"case": "refused", "skipped": "why"}]})
    assert len(figure.axes) == len(lead.DURATIONS)
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == len(lead.LOOPS)
    middle = figure.axes[0].get_lines()[0].get_ydata(orig=False)
    np.testing.assert_allclose(np.asarray(middle, float), [1.0, 0.5])


@pytest.mark.slow
def test_a_short_run(monkeypatch):
    monkeypatch.setattr(lead, "DURATIONS", {"on-chip, 100 MHz": (5e-6,)})
    monkeypatch.setattr(lead, "STEPS", 1000)
    options = types.SimpleNamespace(
        num_chips=2, num_samples=500, presets=("ring-64",), readme=False
    )
    rows, extra = lead.rows(options)
    assert all(row.gate is not None and row.gate.passed for row in rows)
    plain, slow, led = (row.details for row in rows)
    assert plain["difference"] > slow["difference"] > led["difference"]
    assert set(extra["presets"]["ring-64"]["shortest_s"]) == {
        f"on-chip, 100 MHz, {loop.label}" for loop in lead.LOOPS
    }
