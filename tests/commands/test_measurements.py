"""A run says what it read of your own measurements, and warns where laws do not fit."""

import json

import numpy as np
import pytest
from rram_ode import sample


@pytest.mark.long
def test_a_run_says_what_was_read_and_warns(tmp_path, run):
    """Lognormal reads with a failed one: counted, fitted, warned of, in the report."""
    rng = np.random.default_rng(0)
    target = np.repeat(np.linspace(5, 75, 8), 100)
    read = target + 0.5 * (np.exp(0.6 * rng.standard_normal(target.size)) - 1)
    read[7] = np.nan
    path = tmp_path / "cells.csv"
    header = "target_uS;read_uS"
    rows = np.stack([target, read], axis=1)
    np.savetxt(path, rows, delimiter=";", header=header, comments="")
    status, out, err = run(
        *(sample.main, "ring-fresh", "--num-samples", 100, "--out", tmp_path / "out"),
        *("--set", "cell.device=custom", "--set", f"cell.measurements={path}"),
    )
    assert status == 0, err
    said = " ".join(out.split())
    assert "1 of 800 rows without a value in `read_uS` were left out" in said
    assert "reads in 8 groups: 8 targets" in said
    assert "the cell has 1024 levels" in said
    # Before the run and after it, for tables push the first out of sight.
    assert err.count("are not Gaussian around the law") == 2
    report = json.loads((tmp_path / "out" / "report.json").read_text())["measurements"]
    assert report["file"] == str(path)
    assert report["warnings"]
    assert report["spread"]["degrees_of_freedom"] == 5
    assert len(report["levels_s"]) == 8
