"""Wide tables: a row for each cell, a column of reads for each time."""

import numpy as np
import pytest
from rram_ode.devices import fit, read_table


NUM = 120
TARGETS = np.repeat([20.0, 40.0, 60.0, 80.0], NUM // 4)  # uS
SECONDS = (0.0, 10.0, 3600.0)
_errors = np.random.default_rng(0).normal(0, 0.5, (3, NUM))
READS = TARGETS + np.cumsum(_errors, axis=0) - 0.4 * np.arange(3)[:, None]


def write(path, names, columns, sep=","):
    rows = zip(*columns, strict=True)
    lines = [sep.join(names), *(sep.join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "names",
    [
        ("target_uS", "0 s", "10 s", "1 h"),
        ("target_uS", "t=0s", "t=10s", "t=60min"),
        ("target (µS)", "read_0s_uS", "read_10s_uS", "read_1h_uS"),
        ("target_uS", "G@0s (uS)", "G@0.01ks (µS)", "G@3600s (uS)"),
        ("target (uS)", "after 0 s", "after 10 sec", "after 1 hour"),
    ],
)
def test_a_wide_table_is_its_long_one(tmp_path, names):
    wide = read_table(write(tmp_path / "wide.csv", names, (TARGETS, *READS)))
    np.testing.assert_allclose(wide.target, np.tile(TARGETS, 3) * 1e-6)
    np.testing.assert_allclose(wide.read, READS.ravel() * 1e-6)
    assert wide.time is not None
    assert wide.device is not None
    np.testing.assert_allclose(wide.time, np.repeat(SECONDS, NUM))
    cells = wide.device.reshape(3, NUM)  # a row is a cell
    assert (cells == cells[0]).all()
    assert np.unique(cells[0]).size == NUM
    assert any("3 columns were read as times" in note for note in wide.notes)


def test_the_laws_are_those_of_the_long_table(tmp_path):
    names = ("target_uS", "0 s", "10 s", "1 h")
    wide = write(tmp_path / "wide.csv", names, (TARGETS, *READS))
    time, cell = np.repeat(SECONDS, NUM), np.tile(np.arange(NUM), 3)
    columns = (np.tile(TARGETS, 3), time, cell, READS.ravel())
    names = ("target_uS", "time_s", "cell", "read_uS")
    long = write(tmp_path / "long.csv", names, columns)
    a, b = fit(wide), fit(long)
    assert a.rate is not None
    assert b.rate is not None
    np.testing.assert_allclose(a.rate, b.rate, rtol=1e-9)
    np.testing.assert_allclose(a.groups.spread, b.groups.spread, rtol=1e-9)


def test_own_units_count_and_missing_reads_are_told(tmp_path):
    reads = [[*map(str, row)] for row in READS * 1e3]
    reads[2][5] = ""
    names = ("target_uS", "read_0s_nS", "read_10s_nS", "read_1h_nS")
    found = read_table(write(tmp_path / "wide.csv", names, (TARGETS, *reads)))
    assert found.read.size == 3 * NUM - 1
    assert 20e-6 < np.median(found.read) < 80e-6
    assert any("line 7, `read_1h_nS`" in note for note in found.notes), found.notes


def test_a_column_of_devices_stays_theirs(tmp_path):
    names = ("device", "target_uS", "0 s", "1 h")
    dies = ["a", "b"] * (NUM // 2)
    found = read_table(write(tmp_path / "w.csv", names, (dies, TARGETS, *READS[:2])))
    assert found.device is not None
    assert np.unique(found.device).size == 2


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("target_uS", "read_0s_uS", "10 s", "read_1h_nS"), "several units"),
        (("target_uS", "0 V", "10 s", "1 V"), "has no column `read_uS`"),  # one time
        (("g", "0 s", "10 s", "1 h"), "has no column `target_uS`"),
    ],
)
def test_what_is_no_wide_table_is_refused(tmp_path, names, text):
    path = write(tmp_path / "wide.csv", names, (TARGETS, *READS))
    with pytest.raises(ValueError, match=text):
        read_table(path)


def test_a_word_among_the_reads_is_named(tmp_path):
    reads = [[*map(str, row)] for row in READS]
    reads[1][3] = "open"
    names = ("target_uS", "0 s", "10 s", "1 h")
    path = write(tmp_path / "wide.csv", names, (TARGETS, *reads))
    with pytest.raises(ValueError, match="line 5, `10 s`: `open` is not a number"):
        read_table(path)


def test_a_long_table_stays_as_it_is(tmp_path):
    """Two columns that are named by times are left out beside a column of times."""
    names = ("target_uS", "read_uS", "time_s", "10 s", "20 s")
    columns = (TARGETS, READS[0], np.full(NUM, 5.0), *READS[1:])
    found = read_table(write(tmp_path / "long.csv", names, columns))
    assert found.read.size == NUM
    assert any("`10 s`" in text for text in (*found.notes, *found.warnings))
