"""The table of write errors: its rows, on few chips and samples."""

import pathlib
import sys
import types

import numpy as np
import pytest


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import write_error


@pytest.mark.slow
def test_rows_of_few_chips(monkeypatch):
    """Names, intervals, gate; two chips differ; more error is worse."""
    cases = [c for c in write_error.CASES if c.preset == "ring"][1:2]
    monkeypatch.setattr(write_error, "CASES", tuple(cases))
    monkeypatch.setattr(write_error, "STDS", (0.1e-6, 2e-6))
    options = types.SimpleNamespace(num_samples=1000, num_chips=2)
    rows, extra = write_error.rows(options)
    assert extra["first_seed"] == 10_000
    small, large = (row.as_dict() for row in rows)
    assert (small["network"], small["sigma_us"]) == ("2-14-14-2", 0.1)
    assert small["gate"]["passed"]
    for name in write_error.JUDGED:
        mean, low, high = (small[f"{name}_{part}"] for part in ("mean", "low", "high"))
        assert low < mean < high
        assert np.mean(small[f"{name}_chips"]) == pytest.approx(mean)
        assert large[f"{name}_mean"] > mean
    assert len(set(small["kl_1d_chips"])) == 2


def test_every_target_names_a_case():
    presets = {case.preset for case in write_error.CASES}
    assert set(write_error.TARGETS) <= presets
    case = next(c for c in write_error.CASES if c.preset == "ring-robust")
    good, bad = {"kl_1d": 0.03, "kl_2d": 0.4}, {"kl_1d": 0.03, "kl_2d": 0.7}
    met = lambda std, each: write_error._met(case, std, each)
    assert met(1e-6, [good, bad])["kl_1d"] == {"limit": 0.04, "met": True}
    assert met(1e-6, [good, bad])["kl_2d"] == {"limit": 0.5, "met": False}
    assert met(2e-6, [good]) == {}
