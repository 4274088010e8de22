"""Tables as instruments, spreadsheets and programs write them: one table, many files.

Each file holds the reads of one table. The mutants are files that a reader without the
rule would take with another number: they must be refused, or give the numbers they say.
"""

import io
import re
import zipfile

import hypothesis as hp
import hypothesis.strategies as hs
import numpy as np
import pytest
from rram_ode._core._numbers import NUMBER
from rram_ode._core._sheet import read_sheet
from rram_ode.devices import fit, read_map, read_table


RNG = np.random.default_rng(17)
TARGET = np.repeat([5.0, 15.0, 30.0, 45.0, 60.0, 75.0], 8)
READ = np.round(TARGET + RNG.normal(0.2, 0.3 + 0.02 * TARGET), 3)
TIME = np.tile([1.0, 60.0], 24)
US = 1e-6


def rows(*columns, form="{:g}"):
    return [[form.format(x) for x in row] for row in zip(*columns, strict=True)]


def text(names, table, separator=",", end="\n", before="", units=None):
    lines = [separator.join(names)]
    lines += [separator.join(units)] if units else []
    lines += [separator.join(row) for row in table]
    return before + end.join(lines) + end


PLAIN = rows(TARGET, READ)
NAMES = ["target_uS", "read_uS"]
MILLI = rows(TARGET / 1e3, READ / 1e3)
COMMA = [[word.replace(".", ",") for word in row] for row in PLAIN]
LABELS = [f"A{n}" for n in range(48)]
DATES = ["2024-03-05 12:00:00"] * 48
FILES = {
    "plain": text(NAMES, PLAIN),
    "tab, units in a second row": text(
        ["target", "read"], PLAIN, "\t", units=["uS", "uS"]
    ),
    "semicolon, decimal comma": text(NAMES, COMMA, ";"),
    "tab, decimal comma": text(NAMES, COMMA, "\t"),
    "spaces": text(NAMES, PLAIN, "   "),
    "spaces, decimal comma": text(NAMES, COMMA, " "),
    "spaces, brackets": text(["target (uS)", "read (uS)"], PLAIN, "  "),
    "quotes": text(NAMES, [[f'"{w}"' for w in row] for row in COMMA]),
    "header of numpy.savetxt": "# " + text(NAMES, PLAIN),
    "header of numpy.savetxt, spaces": "# " + text(NAMES, PLAIN, " "),
    "comment and blank lines": text(NAMES, PLAIN, before="# of Monday\n\n"),
    "names in lines": text(['"target\n(uS)"', '"read\n(uS)"'], PLAIN),
    "lines of an instrument": text(
        NAMES, PLAIN, before="Model,4200A\nOperator,Ann\nDate,Monday\n\n"
    ),
    "CRLF": text(NAMES, PLAIN, end="\r\n"),
    "old Mac": text(NAMES, PLAIN, end="\r"),
    "mark": "\ufeff" + text(NAMES, PLAIN),
    "separator at the end": text([*NAMES, ""], [[*row, ""] for row in PLAIN]),
    "micro sign": text(["target_µS", "read_µS"], PLAIN),
    "Greek mu": text(["target_μS", "read_μS"], PLAIN),
    "brackets": text(["Target (µS)", "Read [uS]"], PLAIN),
    "slash": text(["target / uS", "read/µS"], PLAIN),
    "words": text(["Target conductance (microsiemens)", "Measured uS"], PLAIN),
    "text column": text(
        ["cell", *NAMES], [[a, *row] for a, row in zip(LABELS, PLAIN, strict=True)]
    ),
    "dates": text(
        ["when", *NAMES], [[d, *row] for d, row in zip(DATES, PLAIN, strict=True)]
    ),
    "nano": text(["target_nS", "read_nS"], rows(TARGET * 1e3, READ * 1e3)),
    "siemens": text(["target_S", "read_S"], rows(TARGET * US, READ * US)),
    "one over kilohms": text(["target (1/kΩ)", "read (1/kΩ)"], MILLI),
    "kilohms": text(
        ["target_kohm", "read_kohm"], rows(1e3 / TARGET, 1e3 / READ, form="{:.9g}")
    ),
    "logarithms": text(
        ["target_uS", "read_log10_kohm"],
        rows(TARGET, np.log10(1e3 / READ), form="{:.12g}"),
    ),
    "logarithms in brackets": text(
        ["log10(target_S)", "ln read (uS)"],
        rows(np.log10(TARGET * US), np.log(READ), form="{:.12g}"),
    ),
    "logarithms of R / ohm": text(
        ["target_uS", "log10(R_read [ohm])"],
        rows(TARGET, np.log10(1e6 / READ), form="{:.12g}"),
    ),
    "numbers about reads": text(
        [*NAMES, "read_std_uS", "read_error_uS"], rows(TARGET, READ, READ, TARGET)
    ),
    "ohms and megohms": text(
        ["target [Ω]", "read (MOhm)"], rows(1e6 / TARGET, 1 / READ, form="{:.9g}")
    ),
    "current in the name": text(
        ["target_uS", "read_uA@0.2V"], rows(TARGET, 0.2 * READ, form="{:.9g}")
    ),
    "current at a voltage in small letters": text(
        ["target_uS", "read_uA@200mv"], rows(TARGET, 0.2 * READ, form="{:.9g}")
    ),
    "current in brackets": text(
        ["target_uS", "read(0.2V) [nA]"], rows(TARGET, 200 * READ, form="{:.9g}")
    ),
    "current and voltage in the names of a tester": text(
        ["target_uS", "Iread (uA)", "Vread (V)"],
        rows(TARGET, 0.1 * READ, 0 * READ + 0.1, form="{:.9g}"),
    ),
    "current and voltage": text(
        ["target_uS", "current_uA", "voltage_mV"],
        rows(TARGET, 0.1 * READ, 0 * READ + 100, form="{:.9g}"),
    ),
}  # fmt: skip


def written(path, content, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    return path


def assert_same(table):
    np.testing.assert_allclose(table.target, TARGET * US, rtol=1e-6)
    np.testing.assert_allclose(table.read, READ * US, rtol=1e-5)


@pytest.mark.parametrize("kind", FILES)
def test_one_table_in_many_texts(kind, tmp_path):
    assert_same(read_table(written(tmp_path / "cells.txt", FILES[kind])))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_one_table_in_other_encodings(encoding, tmp_path):
    assert_same(read_table(written(tmp_path / "a.csv", FILES["micro sign"], encoding)))


def test_one_table_in_files_of_programs(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    scipy_io = pytest.importorskip("scipy.io")
    book = openpyxl.Workbook()
    notes = book.create_sheet("notes", 0)
    notes.append(["Temperature", 25])
    notes.append(["Reads at", 0.2, "V"])
    sheet = book["Sheet"]
    sheet.append(["A table of cells"])
    sheet.append(["target (µS)", "read (µS)", "note"])
    for row in zip(TARGET, READ, strict=True):
        sheet.append([*map(float, row), "ok"])
    book.save(tmp_path / "cells.xlsx")
    named = {"target_uS": TARGET, "read_uS": READ}
    np.savez(tmp_path / "cells.npz", **named, other=np.zeros((2, 2)))
    pairs = np.array(
        list(zip(TARGET, READ, strict=True)), [("target_uS", float), ("read_uS", float)]
    )
    np.save(tmp_path / "cells.npy", pairs)
    scipy_io.savemat(
        tmp_path / "cells.mat", {n: x for n, x in named.items()}, do_compression=True,
        oned_as="row",
    )  # fmt: skip
    for kind in ("xlsx", "npz", "npy"):
        assert_same(read_table(tmp_path / f"cells.{kind}"))
    mat = read_table(tmp_path / "cells.mat")
    assert_same(mat)
    # What a file is does not depend on its name.
    (tmp_path / "cells.csv").write_bytes((tmp_path / "cells.xlsx").read_bytes())
    assert_same(read_table(tmp_path / "cells.csv"))


def test_excel_without_its_reader_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(ValueError, match=r"save it as CSV.*rram_ode\[tables\]"):
        read_table(tmp_path / "a.xlsx")


def test_failed_reads_are_left_out_and_counted(tmp_path):
    for word in ("NaN", "", "n/a", "-", "#N/A", "9.9E37", "OVERFLOW"):
        table = [row.copy() for row in PLAIN]
        table[3][1] = word
        found = read_table(written(tmp_path / "a.csv", text(NAMES, table)))
        assert found.read.size == 47
        assert "1 of 48 rows without a value in `read_uS`" in found.notes[0]
        assert "line 5" in found.notes[0]
    # Beyond the range of an ohmmeter is an open cell, which is a read.
    ohms = rows(1e3 / TARGET, 1e3 / READ, form="{:.9g}")
    ohms[3][1] = "9.91E37"
    found = read_table(
        written(tmp_path / "b.csv", text(["target_kohm", "read_kohm"], ohms))
    )
    assert found.read.size == 48
    assert 0 <= found.read[3] < 1e-30


THOUSANDS = {
    "commas": (["1,234,567", "999", "12,000"], [1234567, 999, 12000]),
    "commas and points": (["1,234.5", "999", "1,250"], [1234.5, 999, 1250]),
    "points and commas": (["1.234,5", "999", "1.250"], [1234.5, 999, 1250]),
    "Swiss": (["1'234.5", "999", "12'000"], [1234.5, 999, 12000]),
    "French": (["1\u202f234,5", "999", "12\u00a0000"], [1234.5, 999, 12000]),
    "decimal comma": (["1,234", "0,5", "999"], [1.234, 0.5, 999]),
    "decimal comma beside thousands": (["1,234", "2000", "3"], [1.234, 2000, 3]),
    "either": (["1,234", "999", "12,000"], "line 2, `x`: `1,234` may be 1234 or 1.234"),
    "both": (["1,234", "999.5", "1"], "decimal point in line 3 and a decimal comma"),
    "both again": (["1.234", "9,5", "1"], "point in line 2 and a decimal comma"),
}  # fmt: skip


@pytest.mark.parametrize("kind", THOUSANDS)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_thousands_are_read_or_refused_whatever_the_separator(
    kind, separator, tmp_path
):
    words, wanted = THOUSANDS[kind]
    lines = [separator.join(("x", "y"))]
    lines += [f'"{word}"{separator}{n}' for n, word in enumerate(words)]
    column, _ = read_sheet(written(tmp_path / "a.txt", "\n".join(lines))).columns
    if isinstance(wanted, str):
        with pytest.raises(ValueError, match=wanted):
            column.numbers()
    else:
        np.testing.assert_array_equal(column.numbers(), wanted)


def test_a_column_decides_for_the_file_and_even_decimals_are_named(tmp_path):
    rows = "x;y\n1,234;0,5\n999;2,25\n"
    sheet = read_sheet(written(tmp_path / "a.csv", rows))
    np.testing.assert_array_equal(sheet.columns[0].numbers(), [1.234, 999])
    points = read_sheet(written(tmp_path / "b.csv", "x;y\n1.234;0,5\n999;2,25\n"))
    with pytest.raises(ValueError, match="`1.234` may be 1234 or 1.234"):
        points.columns[0].numbers()
    even = read_sheet(written(tmp_path / "c.csv", "x;y\n5,138;1\n6,204;2\n"))
    np.testing.assert_array_equal(even.columns[0].numbers(), [5.138, 6.204])
    assert "5,138 (line 2) is 5.138; if it is 5138, write no sign" in even.notes[0]
    # Without the semicolon of a program that writes decimal commas, they are unclear.
    for other in ("x\ty\n5,138\t1\n6,204\t2\n", 'x,y\n"5,138",1\n"6,204",2\n'):
        unclear = read_sheet(written(tmp_path / "d.csv", other))
        with pytest.raises(ValueError, match="`5,138` may be 5138 or 5.138"):
            unclear.columns[0].numbers()


def test_rows_without_a_value_below_the_header_are_no_header(tmp_path):
    content = text(NAMES, [["nan", "nan"], *PLAIN])
    table = read_table(written(tmp_path / "a.csv", content))
    assert table.read.size == 48
    assert "1 of 49 rows" in table.notes[0]


def test_names_of_rows_as_r_writes_them(tmp_path):
    lines = ['"target_uS" "read_uS"']
    lines += [f'"{n}" {a} {b}' for n, (a, b) in enumerate(PLAIN, 1)]
    assert_same(read_table(written(tmp_path / "a.txt", "\n".join(lines))))


def test_a_meter_s_offset_is_kept_and_a_wrong_sign_is_not(tmp_path):
    low = rows(
        np.r_[np.full(8, 0.1), TARGET], np.r_[RNG.normal(0.1, 0.06, 7), -0.02, READ]
    )
    found = read_table(written(tmp_path / "a.csv", text(NAMES, low)))
    assert found.read.min() == pytest.approx(-0.02 * US)
    assert "1 reads below 0, to -20 nS, were kept" in " ".join(found.notes)
    law = fit(tmp_path / "a.csv").groups.spread[0]
    assert 0.02 * US < law < 0.12 * US
    low[0][1] = "-5"
    with pytest.raises(ValueError, match="line 2, `read_uS`.* at most; got -5"):
        read_table(written(tmp_path / "b.csv", text(NAMES, low)))  # fmt: skip


def test_columns_that_look_important_are_used_or_named(tmp_path):
    timed_rows = rows(TARGET, READ, TIME)
    timed = read_table(
        written(tmp_path / "a.csv", text([*NAMES, "Time_s"], timed_rows))
    )
    np.testing.assert_array_equal(timed.time, TIME)
    for unit, factor in (("ms", 1e-3), ("min", 60.0), ("hours", 3600.0)):
        name = f"elapsed time ({unit})"
        found = read_table(
            written(tmp_path / "b.csv", text([*NAMES, name], timed_rows))
        )
        assert found.time is not None
        np.testing.assert_allclose(found.time, TIME * factor)
    for name, values in (("timestamp", DATES), ("cycle", map(str, range(48)))):
        table = [[*row, v] for row, v in zip(PLAIN, values, strict=True)]
        found = read_table(written(tmp_path / "c.csv", text([*NAMES, name], table)))
        assert f"`{name}` looks like a time, a device or a cycle" in found.warnings[0]
    table = [[*row, "1.5"] for row in PLAIN]
    found = read_table(written(tmp_path / "d.csv", text([*NAMES, "colour"], table)))
    assert found.notes == ("left out: `colour`",)
    with pytest.raises(ValueError, match="`Time` must name its unit, such as `time_s`"):
        read_table(
            written(
                tmp_path / "e.csv", text([*NAMES, "Time"], rows(TARGET, READ, TIME))
            )
        )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("read", "`read` must name its unit"),
        ("read_us", "`us` is none of a conductance"),
        ("read_mS", None),
        ("read_MS", "beyond 0.1 S: is the unit right"),
        ("read_a.u.", "must name its unit|no column"),
        ("read [arb]", "must name its unit"),
        ("read_s", "`s` is none of a conductance"),
        ("read_uA", "is a current: name its voltage"),
        ("read_Mohm", "in the middle: is a unit wrong"),
        ("read_nS", "in the middle: is a unit wrong"),
        ("read_mohm", "beyond 0.1 S: is the unit right"),
        ("x_uS", "has no column `read_uS`"),
        ("read_std_uS", "has no column `read_uS`"),
        ("log_read_kohm", r"changed values \(`log`\): write plain ones.*log10"),
        ("read_norm_uS", r"changed values \(`norm`\)"),
        ("read_dB", "has no column `read_uS`.*it has target_uS, read_dB"),
        ("log10_read", "must name its unit"),
    ],
)
def test_a_unit_is_never_guessed(name, message, tmp_path):
    path = written(tmp_path / "a.csv", text(["target_uS", name], PLAIN))
    if message is None:
        path = written(
            tmp_path / "a.csv",
            text(["target_mS", name], MILLI),
        )
        return assert_same(read_table(path))
    with pytest.raises(ValueError, match=message):
        read_table(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 60, "old Excel or Word: save it as CSV"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 60, "version 7.3: save it by"),
        (b"PK\x03\x04" + b"\0" * 60, "broken archive"),
        (b"\x93NUMPY" + b"\0" * 60, "not an npy file of a plain array"),
        (b"MATLAB 5.0 MAT-file" + b"\0" * 300, "is not a MATLAB file|broken|no column"),
        (b"\0\1\2" * 40, "is not text"),
        (b"\x81\x8d" * 40, "is not text"),
        (b"target_uS,read_uS\n5,1.5\n5,1\n5;2\n", "line 4 has 1 values"),
        (
            b'target_uS;read_uS\n5;"1,5"\n5;2.5\n',
            "decimal point in line 3 and a decimal",
        ),
    ],
)
def test_other_files_are_refused_in_one_line(content, message, tmp_path):
    path = tmp_path / "cells.dat"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        fit(path)
    assert "\n" not in str(caught.value)


@pytest.mark.long
def test_archives_are_limited_before_they_are_unpacked(tmp_path):
    """A bomb of 2 GiB says its size; a header that claims more than is there, too."""
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        with file.open("target_uS.npy", "w", force_zip64=True) as member:
            for _ in range(300):
                member.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(ValueError, match="it has 314572800, packed or unpacked"):
        read_table(path)
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(header, shape)
    for name in ("liar.npy", "liar.npz"):
        if name.endswith("npz"):
            with zipfile.ZipFile(tmp_path / name, "w") as file:
                file.writestr("target_uS.npy", header.getvalue())
        else:
            (tmp_path / name).write_bytes(header.getvalue())
        with pytest.raises(ValueError, match="ends before its"):
            read_table(tmp_path / name)


def test_maps_in_many_files(tmp_path):
    g = np.array([[8.5, 20.0, 33.25], [90.0, 41.5, 12.0]])
    lines = [[f"{x:g}" for x in row] for row in g]
    comma = [[w.replace(".", ",") for w in row] for row in lines]
    for content, key in (
        (text(["g_uS"], lines), "g"),
        (text(["layer0_pos_µS"], comma, ";"), "layer0_pos"),
        (text(["# g (uS)"], lines, "\t"), "g"),
        (text(["g_kohm"], rows(*(1e3 / g.T), form="{:.9g}"), " "), "g"),
    ):
        found = read_map(written(tmp_path / "map.csv", content))
        assert list(found) == [key]
        np.testing.assert_allclose(found[key], g * US, rtol=1e-6)
    np.save(tmp_path / "g_uS.npy", g)
    np.testing.assert_allclose(read_map(tmp_path / "g_uS.npy")["g"], g * US)
    np.savetxt(tmp_path / "layer1_pos_uS.csv", g, delimiter=",")  # no line of names
    found = read_map(tmp_path / "layer1_pos_uS.csv")["layer1_pos"]
    np.testing.assert_allclose(found, g * US)


WORDS = hs.sampled_from(
    ["target_uS", "read_uS", "time_s", "device", "read", "uS", "kΩ", "# a", "%", "5"]
    + ["5.1", "5,1", "-1", "1e400", "nan", "", '"', '""', "inf", "9.9e37", "A0", "١"]
    + [
        "1_0",
        "0x1",
        "\x00",
        "\u2028",
        "µ",
        "read_uA@0.2V",
        "voltage_V",
        "pulse",
        "LTP_uS",
    ]
)


@hs.composite
def files(draw):
    """A good table with some words, lines, bytes or separators changed."""
    separator, other = draw(hs.tuples(*[hs.sampled_from([",", ";", "\t", " "])] * 2))
    names = draw(
        hs.lists(WORDS, min_size=1, max_size=4)
        | hs.sampled_from([NAMES, [*NAMES, "time_s"], ["time_s", "read_uS"]])
    )
    num = draw(hs.integers(0, 60))
    seed = draw(hs.integers(0, 9))
    values = np.random.default_rng(seed).uniform(1, 80, (num, len(names)))
    lines = [names, *([f"{x:.4g}" for x in row] for row in values)]
    for _ in range(draw(hs.integers(0, 4))):
        row = lines[draw(hs.integers(0, len(lines) - 1))]
        if row:
            row = lines[lines.index(row)] = list(row)
            row[draw(hs.integers(0, len(row) - 1))] = draw(WORDS)
    joined = [draw(hs.sampled_from([separator] * 20 + [other])).join(r) for r in lines]
    data = draw(hs.sampled_from(["\n", "\r\n"])).join(joined).encode("utf-8")
    place = draw(hs.integers(0, max(len(data) - 1, 0)))
    inserted = draw(hs.sampled_from([b""] * 6 + [b"\x81", b"\xff", b"\n", b'"', b"PK"]))
    return data[:place] + inserted + data[place:]


def _never_breaks(path, data):
    path.write_bytes(data)
    try:
        found = fit(path)
    except ValueError as error:
        if not str(error).startswith(f"`{path}`"):
            raise
        return
    g = found.groups.target
    assert np.all(np.isfinite(g))
    assert np.all((g >= 0) & (g <= 1))
    # All units of these files are of uS, or of kilohms: none of the numbers is 1 S.
    assert np.median(g) < 1.1e-3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("malformed")


QUICK = hp.settings(max_examples=100, deadline=None, derandomize=True)
LONG = hp.settings(max_examples=2000, deadline=None, derandomize=True)


@pytest.mark.long
@QUICK
@hp.given(data=files())
def test_malformed_tables(folder, data):
    _never_breaks(folder / "a.csv", data)


@pytest.mark.slow
@LONG
@hp.given(data=files())
def test_two_thousand_malformed_tables(folder, data):
    _never_breaks(folder / "b.csv", data)


@pytest.mark.parametrize(
    ("limit", "most", "table", "what"),
    [
        ("MOST_ROWS", 5, "a,b\n1,2\n1,2\n\n", "lines"),
        ("MOST_COLUMNS", 3, "aa,bb,cc\n1,2,3\n", "columns"),
        ("MOST_COLUMNS", 3, "aa  bb  cc\n1  2  3\n", "columns"),
        ("MOST_CELLS", 6, "a,b\n1,2\n3,4\n", "cells"),
        ("MOST_CELLS", 6, "a   b\n1   2\n3   4\n", "cells"),
        ("MOST_CELLS", 6, 'a,b\n"1,5",2\n3,4\n', "cells"),
    ],
)
def test_a_table_is_as_long_as_its_limit(
    limit, most, table, what, tmp_path, monkeypatch
):
    """At the limit it is read; below it is refused before its words are made."""
    from rram_ode._core import _text_rows

    path = tmp_path / "a.csv"
    path.write_text(table)
    monkeypatch.setattr(_text_rows, limit, most)
    names = re.findall(r"\w+", table.split("\n")[0])
    assert [each.name for each in read_sheet(path).columns] == names
    monkeypatch.setattr(_text_rows, limit, most - 1)
    monkeypatch.setattr(_text_rows, "Row", None)
    with pytest.raises(ValueError, match=f"more than the {most - 1} {what} that are"):
        read_sheet(path)


def test_a_workbook_has_few_tags(tmp_path, monkeypatch):
    openpyxl = pytest.importorskip("openpyxl")
    from rram_ode._core import _workbook

    book, path = openpyxl.Workbook(), tmp_path / "a.xlsx"
    for row in (["a", "b"], [1, 2]):
        book.active.append(row)
    book.save(path)
    with zipfile.ZipFile(path) as file:
        num = sum(file.read(each).count(b"<") for each in file.namelist())
    monkeypatch.setattr(_workbook, "MOST_TAGS", num)
    assert len(read_sheet(path).columns) == 2
    monkeypatch.setattr(_workbook, "MOST_TAGS", num - 1)
    with pytest.raises(ValueError, match="tags of a workbook that are read"):
        read_sheet(path)


@hp.settings(max_examples=200, deadline=None, derandomize=True)
@hp.given(hs.text("0123456789.,eE+-x", max_size=12))
def test_a_number_is_what_it_was(word):
    """The expression that takes one step a digit finds what the slow one found."""
    slow = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
    assert bool(NUMBER.fullmatch(word)) == bool(slow.fullmatch(word))
