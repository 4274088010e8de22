"""The table of the ADC's bits: its rows, on few chips and samples."""

import pathlib
import sys
import types

import pytest
from rram_ode.config import replace


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import adc_bits


@pytest.mark.slow
def test_few_bits_are_worse_and_ten_are_equal(monkeypatch):
    """The gates pass; with an ADC that quantises nothing, that of 4 bits fails."""
    options = types.SimpleNamespace(num_samples=1500, num_chips=2, presets=("ring",))
    found, extra = adc_bits.rows(options)
    assert extra["num_chips"] == 2
    rows = {row.details["bits"]: row for row in found}
    assert tuple(rows) == adc_bits.BITS
    assert all(row.gate is not None and row.gate.passed for row in found)
    assert rows[4].details["beside_none"]["verdict"] == "worse"
    assert rows[10].details["beside_none"]["verdict"] == "equal"
    energies = [row.details["adc_j"] for row in found]
    assert energies == sorted(energies)
    monkeypatch.setattr(adc_bits, "BITS", (4,))
    exact = lambda config, name, value: replace(config, name, None)
    monkeypatch.setattr(adc_bits, "replace", exact)
    (mutant,), _ = adc_bits.rows(options)
    assert mutant.gate is not None
    assert not mutant.gate.passed
