"""What the reads of wide tables are in, and columns and rows that are no reads."""

import numpy as np
import pytest
from rram_ode.devices import fit, read_table
from rram_ode.devices.fitting._follow import slope_of


SECONDS = (1.0, 10.0, 3600.0)
TIMES = ("1 s", "10 s", "1 h")
NUM = 120
TARGETS = np.repeat(np.linspace(20.0, 80.0, 5), NUM // 5)  # uS
_error = np.random.default_rng(0).normal(0, 1, NUM)
READS = np.stack([TARGETS + _error - 0.5 * np.log(s) for s in SECONDS])


def write(path, names, columns, sep=",", above=()):
    rows = [*above, names, *zip(*columns, strict=True)]
    text = "\n".join(sep.join(map(str, row)) for row in rows)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def require_reads(table, reads=READS, seconds=SECONDS):
    """The table's reads, in any order, are those at these times."""
    assert table.time is not None
    num = len(seconds)
    found = np.stack([table.target, table.time, table.read], axis=1)
    wanted = np.stack(
        [np.tile(TARGETS, num) * 1e-6, np.repeat(seconds, NUM), reads.ravel() * 1e-6],
        axis=1,
    )
    order = lambda rows: rows[np.lexsort(np.round(rows.T, 11))]
    np.testing.assert_allclose(order(found), order(wanted), rtol=1e-9)


def named(pattern):
    return [pattern.format(time.replace(" ", "")) for time in TIMES]


@pytest.mark.parametrize(
    ("target", "names", "of_target", "of_read"),
    [
        ("target_uS", named("read_{}_uA@0.2V"), lambda g: g, lambda g: 0.2 * g),
        ("target_uS", named("I@0.2V_{}_uA"), lambda g: g, lambda g: 0.2 * g),
        ("target_uS", named("I(0.2V) at {} (uA)"), lambda g: g, lambda g: 0.2 * g),
        ("target_uA@0.2V", TIMES, lambda g: 0.2 * g, lambda g: 0.2 * g),
        ("log10_target_uS", TIMES, np.log10, np.log10),
        ("ln(target/uS)", TIMES, np.log, np.log),
        ("log10_target_uS", named("read_{}_uS"), np.log10, lambda g: g),
        ("target_uS", named("log10_read_{}_uS"), lambda g: g, np.log10),
        ("target_uS", named("log10(G) {} (uS)"), lambda g: g, np.log10),
        ("target_kohm", TIMES, lambda g: 1e3 / g, lambda g: 1e3 / g),
        ("target_uS", named("G (uS) after {}"), lambda g: g, lambda g: g),
        ("target_uS", named("R@{} [kΩ]"), lambda g: g, lambda g: 1e3 / g),
    ],
)
def test_units_voltages_and_logarithms(tmp_path, target, names, of_target, of_read):
    columns = of_target(TARGETS), *of_read(READS)
    found = read_table(write(tmp_path / "w.csv", (target, *names), columns))
    require_reads(found)
    assert found.warnings == ()


def test_the_note_names_all_times_with_their_seconds(tmp_path):
    path = write(tmp_path / "w.csv", ("target_uS", *TIMES), (TARGETS, *READS))
    note = read_table(path).notes[0]
    assert "`1 s` = 1 s, `10 s` = 10 s, `1 h` = 3600 s" in note
    many = [f"{n} min" for n in range(1, 31)]
    columns = TARGETS, *[READS[0]] * 30
    note = read_table(write(tmp_path / "m.csv", ("target_uS", *many), columns)).notes[0]
    assert "30 columns" in note
    assert "`1 min` = 60 s" in note
    assert "..., " in note
    assert "`30 min` = 1800 s" in note


@pytest.mark.parametrize(
    "reads",
    [
        READS / TARGETS,
        100 * READS / TARGETS,
        READS - TARGETS,
        0.2 * READS,  # uA at 0.2 V
        1e3 * READS,  # nS
        1e3 / READS,  # kohm
        np.log10(READS),
    ],
)
def test_reads_that_do_not_follow_the_targets_have_another_unit(tmp_path, reads):
    path = write(tmp_path / "w.csv", ("target_uS", *TIMES), (TARGETS, *reads))
    with pytest.raises(
        ValueError, match="no programmed cell does in uS; name the unit"
    ):
        read_table(path)


@pytest.mark.parametrize("slope", [0.5, 2.0])
def test_reads_that_may_have_another_unit_are_warned_of(tmp_path, slope):
    path = write(tmp_path / "w.csv", ("target_uS", *TIMES), (TARGETS, *(slope * READS)))
    assert any("change by" in text for text in read_table(path).warnings)
    names = ("target_uS", *named("read_{}_uS"))
    path = write(tmp_path / "n.csv", names, (TARGETS, *(slope * READS)))
    require_reads(read_table(path), slope * READS)
    assert read_table(path).warnings == ()


@pytest.mark.parametrize("share", [0.0, 0.3])
@pytest.mark.parametrize("rows", [10, 20, NUM])
def test_bad_devices_pass(tmp_path, rows, share):
    """Wide errors, few cells, a third of them open, a drift to nothing: still reads."""
    rng = np.random.default_rng(1)
    pick = rng.permutation(NUM)[:rows]
    target = TARGETS[pick]
    read = np.maximum(target + rng.normal(0, 8, (3, rows)), 0.0) * [[1], [0.5], [0.1]]
    read[:, rng.uniform(size=rows) < share] = 0.0
    path = write(tmp_path / "w.csv", ("target_uS", *TIMES), (target, *read))
    assert read_table(path).read.size == 3 * rows


@pytest.mark.parametrize("counts", [(9, 9), (3, 40), (40, 3), (5, 5, 5), (2, 60, 2)])
def test_the_slope_is_that_of_the_reads_however_the_targets_lie(counts):
    target = np.repeat(np.linspace(10.0, 50.0, len(counts)), counts)
    found = slope_of(target, 3 + 0.5 * target)
    assert found is not None
    np.testing.assert_allclose(found.values, 0.5)
    assert slope_of(np.full(9, 10.0), np.arange(9.0)) is None


def test_relative_reads_are_refused_in_one_line(tmp_path):
    reads = READS / TARGETS
    path = write(tmp_path / "w.csv", ("target_uS", *TIMES), (TARGETS, *reads))
    with pytest.raises(ValueError, match="name the unit of the reads") as error:
        fit(path)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300 + len(str(path))


@pytest.mark.parametrize("sign", ["±", "σ", "Δ", "%", "sigma", "std"])
def test_numbers_about_reads_are_no_reads(tmp_path, sign):
    names = ("target_uS", "1 s", f"{sign} 1 s", "10 s", f"{sign} 10 s")
    about = np.full(NUM, 0.1)
    columns = TARGETS, READS[0], about, READS[1], 0.01 * TARGETS
    found = read_table(write(tmp_path / "w.csv", names, columns))
    require_reads(found, READS[:2], SECONDS[:2])
    assert found.warnings == ()
    assert any(f"`{sign} 1 s`" in note for note in found.notes)


@pytest.mark.parametrize("name", ["initial", "1 H", "1h30", "mean 1 s", "10 s.1"])
def test_a_column_that_looks_like_reads_is_warned_of(tmp_path, name):
    names = ("target_uS", name, "20 s", "1 h")
    found = read_table(write(tmp_path / "w.csv", names, (TARGETS, *READS)))
    assert found.read.size == 2 * NUM
    assert any(f"`{name}` follows the targets" in text for text in found.warnings)


def test_other_columns_are_not_warned_of(tmp_path):
    rng = np.random.default_rng(2)
    names = ("target_uS", "x", "index", "temperature_K", "v_prog_V", "1 s", "10 s")
    others = rng.normal(0, 1, NUM), np.arange(NUM), np.full(NUM, 300.0), TARGETS / 50
    found = read_table(write(tmp_path / "w.csv", names, (TARGETS, *others, *READS[:2])))
    assert found.warnings == ()


def test_a_name_that_pandas_numbered_is_another_read(tmp_path):
    names = ("target_uS", "1 s", "10 s", "10 s.1")
    found = read_table(write(tmp_path / "w.csv", names, (TARGETS, *READS)))
    require_reads(found, READS, (1.0, 10.0, 10.0))
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("1 s", '"3,600 s"', "1 day"), "`3,600 s` may be 3600 or 3.600"),
        (("-10 s", "10 s", "1 h"), "`-10 s` is a time before programming"),
        (("1 s", "10 s", "1 month"), "`1 month` has no even length"),
        (named("read_{}_uA"), "`read_1s_uA` is a current: name its voltage .*_uA@0.2V"),
        (("1 s@0.2V", "10 s@0.1V", "1 h@0.2V"), "several units"),
        (
            ("read_uS", "10 s", "1 h"),
            "`read_uS` has reads, and so have `10 s` to `1 h`",
        ),
    ],
)
def test_headers_in_doubt_are_named(tmp_path, names, text):
    path = write(tmp_path / "w.csv", ("target_uS", *names), (TARGETS, *READS))
    with pytest.raises(ValueError, match=text) as error:
        read_table(path)
    assert "\n" not in str(error.value)


def test_decimal_commas_in_names_and_values(tmp_path):
    names = ("target_uS", "0,5 h", "1,0 h", "24,0 h")
    words = [[f"{x:.4f}".replace(".", ",") for x in row] for row in (TARGETS, *READS)]
    found = read_table(write(tmp_path / "w.csv", names, words, sep=";"))
    require_reads(found, np.round(READS, 4), (1800.0, 3600.0, 86400.0))
    names = ("target_uS", "1.000 s", "10,0 s", "1 h")
    path = write(tmp_path / "p.csv", names, words, sep=";")
    with pytest.raises(ValueError, match="`1.000 s` may be 1000 or 1.000"):
        read_table(path)


@pytest.mark.parametrize(
    ("word", "of_read"),
    [
        ("Resistance (kΩ)", lambda g: 1e3 / g),
        ("Current (µA) at 0.2 V", lambda g: 0.2 * g),
        ("G (nS)", lambda g: 1e3 * g),
        ("log10 of G (uS)", np.log10),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_unit_in_a_row_above_is_that_of_the_reads(tmp_path, kind, word, of_read):
    above, names = ["", word, "", ""], ["target_uS", *TIMES]
    columns = TARGETS, *of_read(READS)
    path = tmp_path / f"w.{kind}"
    if kind == "csv":
        write(path, names, columns, above=[above])
    else:
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for row in (above, names, *zip(*columns, strict=True)):
            book.active.append([w if isinstance(w, str) else float(w) for w in row])
        book.active.merge_cells("B1:D1")
        book.save(path)
    found = read_table(path)
    require_reads(found)
    assert any(f"as `{word}` above them says" in note for note in found.notes)


def test_rows_above_tell_reads_from_others(tmp_path):
    names = ("target_uS", "1 s", "10 s", "1 s", "10 s")
    columns = TARGETS, *READS[:2], *(0.01 * READS[:2])
    above = [["", "G (uS)", "", "Std (uS)", ""]]
    found = read_table(write(tmp_path / "w.csv", names, columns, above=above))
    require_reads(found, READS[:2], SECONDS[:2])
    above = [["", "Retention (%)", "", "", ""]]
    path = write(tmp_path / "p.csv", names, columns, above=above)
    with pytest.raises(ValueError, match=r"`1 s` is below `Retention \(%\)`"):
        read_table(path)
    above = [["", "25 C", "", "85 C", ""]]
    columns = TARGETS, *READS[:2], *READS[:2]
    found = read_table(write(tmp_path / "t.csv", names, columns, above=above))
    assert any("`25 C`, `85 C`" in text for text in found.warnings)
    above = [["Change at 25 C, relative to day 1", "", "", "", ""]]  # a title over all
    found = read_table(write(tmp_path / "c.csv", names, columns, above=above, sep=";"))
    assert found.read.size == 4 * NUM


@pytest.mark.parametrize("word", ["mean", "Average", "std", "Standard deviation"])
def test_rows_that_sum_up_others_are_left_out_aloud(tmp_path, word):
    cells = [*map(str, range(NUM)), word, "max"]
    sums = [[*row, row.mean(), row.max()] for row in (TARGETS, *READS)]
    names = ("cell", "target_uS", *TIMES)
    found = read_table(write(tmp_path / "w.csv", names, (cells, *sums)))
    require_reads(found)
    assert any("2 rows of a mean or a spread" in note for note in found.notes)
    assert any(f"line {NUM + 2}" in note for note in found.notes)


def test_a_table_of_means_keeps_them(tmp_path):
    names, words = ("kind", "target_uS", *TIMES), ["mean", "std"] * (NUM // 2)
    found = read_table(write(tmp_path / "w.csv", names, (words, TARGETS, *READS)))
    assert found.read.size == 3 * NUM // 2
    states = ["low", "max"] * (NUM // 2)  # without a mean, `max` is a word as others
    found = read_table(write(tmp_path / "s.csv", names, (states, TARGETS, *READS)))
    assert found.read.size == 3 * NUM


def test_targets_of_merged_cells_are_warned_of(tmp_path):
    targets = [g if n % 24 == 0 else "" for n, g in enumerate(TARGETS)]
    path = write(tmp_path / "w.csv", ("target_uS", *TIMES), (targets, *READS))
    assert any("345 of 360 reads" in text for text in read_table(path).warnings)


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (("10 s", "10 s", "1 h"), (0, 1, 2)),  # no cell is read twice at 1 h
        (("2 h", "1 h", "2 h"), (2, 1, 0)),  # nor at the first time
    ],
)
def test_cells_that_are_read_again_fit_without_a_word_of_numpy(tmp_path, names, order):
    columns = TARGETS, *READS[list(order)]
    found = fit(write(tmp_path / "w.csv", ("target_uS", *names), columns))
    assert found.rate is not None
    assert np.isfinite(found.mean.values).all()
    assert found.spread is None or np.isfinite(found.spread.values).all()
    is_unknown = any("not known, as no device" in note for note in found.notes)
    assert is_unknown == (order[0] == 0)


def test_a_drift_without_any_other_error_fits_without_a_word_of_numpy(tmp_path):
    """Its covariance is rounding alone, which may be negative."""
    times = ["1 s", "10 s", "1 h", "1 day"]
    reads = [
        np.round(TARGETS + _error - 0.5 * np.log(s), 4) for s in (1, 10, 3600, 86400)
    ]
    names = ("target_uS", *times)
    found = fit(write(tmp_path / "w.csv", names, (TARGETS, *reads)))
    assert found.rate is not None
