"""The benchmark of a network in all formats: gates pass, a mutant does not."""

import numpy as np
import pytest
from _shipped_f1 import shipped_f1
from benchmarks import _format_laws, number_formats
from rram_ode.formats import MaxClip, UniformFormat


@pytest.fixture(scope="module")
def fixture():
    return shipped_f1()


@pytest.mark.slow
def test_rows_of_techniques_pass_their_gates(fixture):
    rows = [*_format_laws.clip_rows(fixture), *_format_laws.logarithm_rows()]
    rows.append(_format_laws.softermax_row())
    failed = [row.case for row in rows if row.gate is None or not row.gate.passed]
    assert failed == []
    steps = [s for row in rows for s in row.details.get("newton_steps", [])]
    assert max(steps) <= 15


@pytest.mark.slow
def test_rows_of_the_network_pass_their_gates(fixture, monkeypatch):
    """Six bits in place of four; the mutant has four under the limit of six."""
    pairs = number_formats.PAIRS
    some = {
        name: pairs[name] for name in ("vectors 6/6/4", "logarithms 8, base factor 8")
    }
    wrong = pairs["vectors 6/6/4"]._replace(inputs=UniformFormat(4), exactness=1.0)
    wrong = wrong._replace(weights=UniformFormat(4, MaxClip(per_column=True)))
    monkeypatch.setattr(number_formats, "PAIRS", {**some, "mutant": wrong})
    *rows, mutant = number_formats.network_rows(fixture, 1024)
    assert all(row.gate is not None and row.gate.passed for row in rows)
    assert rows[0].is_on_target
    assert not mutant.is_on_target
    # The first layer has 8 bits; 16 rows share 4 bits of a scale, a column has 16.
    bits = [row.details["bits_per_weight"] * 4352 for row in rows]
    scales = sum(cols * (4 * 64 // 16 + 16) for cols in (64, 2))
    wanted = [6 * 4224 + scales, 8 * 4224]
    np.testing.assert_allclose(bits, np.add(wanted, 8 * 128))
