"""A user's points in a file: what is read, what is left out, what is refused."""

import io
import pathlib
import zipfile

import jax.random as jr
import numpy as np
import pytest
from rram_ode._core import _own_files
from rram_ode.datasets.tables import (
    LabelledTable,
    PointsFile,
    read_points,
    Table,
    table_dataset,
)


NUM = 120
X = np.round(np.random.default_rng(0).normal([10.0, -3.0], [4.0, 0.5], (NUM, 2)), 4)
KIND = np.array(["low", "high"])[(X[:, 0] > 10).astype(int)]


def text(separator=",", header="x,y", comma=False, labels=False):
    rows = [[f"{value:.4f}" for value in row] for row in X]
    if comma:
        rows = [[cell.replace(".", ",") for cell in row] for row in rows]
    if labels:
        rows = [[*row, kind] for row, kind in zip(rows, KIND, strict=True)]
    lines = [separator.join(row) for row in rows]
    return "\n".join([header.replace(",", separator), *lines] if header else lines)


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("a.csv", text(), ("x", "y")),
        ("a.CSV", text().replace("\n", "\r\n"), ("x", "y")),
        ("a.csv", "\ufeff" + text(), ("x", "y")),
        ("a.tsv", text("\t"), ("x", "y")),
        ("a.csv", text(";", comma=True), ("x", "y")),
        ("a.txt", text(" ", header=""), ("x0", "x1")),
        ("a.txt", text(" ", comma=True), ("x", "y")),
        ("a.txt", text("\t", comma=True).replace("\t", "\t "), ("x", "y")),
        ("a.csv", text(header="0,1"), ("x0", "x1")),
        ("a.csv", text(header="1,2"), ("x1", "x2")),
        ("a.csv", text(header="2023,2024"), ("x2023", "x2024")),
        ("a.csv", text(header="x,y,").replace("\n", ",\n") + ",", ("x", "y")),
        ("a.txt", "% COMSOL\n% x y\n" + text(" ", header=""), ("x", "y")),
        ("a.csv", text(header='"x","y"'), ("x", "y")),
        ("a.csv", "# made by numpy\n# x,y\n" + text(header=""), ("x", "y")),
    ],
)
def test_text_in_its_dialects(tmp_path, name, content, columns):
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    found = read_points(tmp_path / name)
    assert (found.columns, found.dropped) == (columns, 0)
    assert np.array_equal(found.values, X)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_text_in_utf_16(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes(text("\t").encode(encoding))
    assert np.array_equal(read_points(tmp_path / "a.txt").values, X)


def with_index(first, header):
    lines = text(header="").splitlines()
    rows = [f"{n},{line}" for n, line in enumerate(lines, first)]
    return "\n".join([header, *rows] if header else rows)


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (with_index(0, ",0,1"), ("x0", "x1")),
        (with_index(0, ",x,y"), ("x", "y")),
        (with_index(1, "x,y"), ("x", "y")),  # of R, which does not name its rows
        (with_index(0, "Unnamed: 0,x,y"), ("x", "y")),
        (with_index(1, "index,x,y"), ("x", "y")),
        (with_index(0, ""), ("x1", "x2")),
    ],
)
def test_what_counts_the_rows_is_no_coordinate(tmp_path, content, columns):
    (tmp_path / "a.csv").write_text(content)
    found = read_points(tmp_path / "a.csv")
    assert found.columns == columns
    assert np.array_equal(found.values, X)
    assert "which counts the rows" in found.ignored[0]
    # The mutant: a named column is data, and is said to count the rows.
    (tmp_path / "a.csv").write_text(with_index(0, "n,x,y"))
    found = read_points(tmp_path / "a.csv")
    assert found.columns == ("n", "x", "y")
    assert "`n` counts the rows" in found.notes[0]


def test_labels_beside_numbers_as_names(tmp_path):
    for labels, classes in ((KIND, ("high", "low")), (KIND == "low", ("0", "1"))):
        rows = [
            f"{line},{kind if labels is KIND else int(kind)}"
            for line, kind in zip(text(header="").splitlines(), labels, strict=True)
        ]
        (tmp_path / "a.csv").write_text("\n".join(["0,1,label", *rows]))
        found = read_points(tmp_path / "a.csv")
        assert (found.columns, found.classes) == (("x0", "x1"), classes)
        assert np.array_equal(found.values, X)


def test_whole_points_below_a_header_of_numbers(tmp_path):
    """Four names in turn are a header; two may be a point, and are refused."""
    pixels = np.random.default_rng(1).integers(0, 256, (NUM, 4))
    rows = "\n".join(",".join(map(str, row)) for row in pixels)
    (tmp_path / "a.csv").write_text("0,1,2,3\n" + rows)
    found = read_points(tmp_path / "a.csv")
    assert np.array_equal(found.values, pixels)
    assert "line 1 was read as the header" in found.notes
    (tmp_path / "a.csv").write_text(rows)
    assert np.array_equal(read_points(tmp_path / "a.csv").values, pixels)
    two = "\n".join(",".join(map(str, row)) for row in pixels[:, :2])
    (tmp_path / "a.csv").write_text("0,1\n" + two)
    with pytest.raises(ValueError, match="line 1, `0, 1`, may be names"):
        read_points(tmp_path / "a.csv")


def test_one_column_of_decimal_commas(tmp_path):
    rows = "\n".join(f"{x:.2f}".replace(".", ",") for x in X[:, 0])
    for header in ("x\n", ""):
        (tmp_path / "a.csv").write_text(header + rows)
        found = read_points(tmp_path / "a.csv")
        np.testing.assert_allclose(found.values, X[:, :1], atol=0.0051)
    # The mutant: whole numbers in two columns.
    pairs = "\n".join(f"{n % 7 + 1},{n % 9 + 1}" for n in range(NUM))
    (tmp_path / "a.csv").write_text("x,y\n" + pairs)
    assert read_points(tmp_path / "a.csv").columns == ("x", "y")


def test_a_first_point_without_values_is_left_out(tmp_path):
    (tmp_path / "a.csv").write_text("nan,nan\n" + text(header=""))
    found = read_points(tmp_path / "a.csv")
    assert (found.columns, found.dropped) == (("x0", "x1"), 1)


def test_the_overflow_of_an_instrument_and_an_empty_column(tmp_path):
    lines = [line + "," for line in text().splitlines()]
    lines[0] = "x,y,empty"
    lines[7] = "9.9e37,1,"
    lines[9] = "1,-9.91E+37,"
    (tmp_path / "a.csv").write_text("\n".join(lines))
    found = read_points(tmp_path / "a.csv")
    assert (found.columns, found.dropped) == (("x", "y"), 2)
    assert np.array_equal(found.values, np.delete(X, [6, 8], axis=0))
    assert "without any value: `empty`" in found.notes


def test_a_stray_quote_moves_no_line(tmp_path):
    lines = text().splitlines()
    for wrong in ('"1.5,2', '1.5"x,2'):
        lines[4], lines[8] = wrong, '1,2"'
        (tmp_path / "a.csv").write_text("\n".join(lines))
        with pytest.raises(ValueError, match=r"line 5\b"):
            read_points(tmp_path / "a.csv")


def test_classes_of_near_numbers_stay_apart(tmp_path):
    for labels in ((1000000, 1000001), (0.1, 0.1000000001)):
        both = np.array(labels)[(X[:, 0] > 10).astype(int)]
        np.savez(tmp_path / "a.npz", x=X, label=both)
        assert read_points(tmp_path / "a.npz").classes == tuple(map(str, labels))
        rows = "\n".join(
            f"{x},{y},{kind!r}"
            for (x, y), kind in zip(X.tolist(), both.tolist(), strict=True)
        )
        (tmp_path / "a.csv").write_text("x,y,class\n" + rows)
        assert read_points(tmp_path / "a.csv").classes == tuple(map(str, labels))


def test_a_workbook_of_points(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in [("x", "y"), *X.tolist()]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert np.array_equal(read_points(tmp_path / "a.xlsx").values, X)


def test_text_that_excel_saved(tmp_path):
    (tmp_path / "a.csv").write_bytes(text(header="x/µm,y/µm").encode("cp1252"))
    assert read_points(tmp_path / "a.csv").columns == ("x/µm", "y/µm")


def test_labels_missing_values_and_texts_of_a_table(tmp_path):
    lines = text(header="x,y,label", labels=True).splitlines()
    lines = [
        line + (",when" if n == 0 else ",2024-01-02") for n, line in enumerate(lines)
    ]
    lines[3] = "nan," + lines[3].partition(",")[2]
    lines[5] = lines[5].replace("low", "").replace("high", "")
    (tmp_path / "a.csv").write_text("\n".join(lines))
    found = read_points(tmp_path / "a.csv")
    assert (found.columns, found.ignored) == (("x", "y"), ("when",))
    assert (found.dropped, len(found.values)) == (2, NUM - 2)
    assert found.classes == ("high", "low")
    kept = np.delete(KIND, [2, 4])
    assert found.labels is not None
    assert [found.classes[n] for n in found.labels] == list(kept)


def test_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", x=X, label=KIND, other=np.zeros(3))
    found = read_points(tmp_path / "a.npz")
    assert np.array_equal(found.values, X)
    assert found.classes == ("high", "low")
    assert found.ignored == ("other",)
    np.savez(tmp_path / "b.npz", X=X, y=(X[:, 0] > 10).astype(int))
    assert read_points(tmp_path / "b.npz").classes == ("0", "1")
    np.savez(tmp_path / "c.npz", x=X[:, 0], y=X[:, 1])
    assert np.array_equal(read_points(tmp_path / "c.npz").values, X)
    np.save(tmp_path / "d.npy", X[:, 0])
    assert read_points(tmp_path / "d.npy").values.shape == (NUM, 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "x,y\n1,2\n3\n", "line 3 has 1 values, the header has 2"),
        ("a.csv", "x,y\n1,2\n3,4\n", "must have 100 rows or more.*got 2 of 2"),
        ("a.csv", "1,2,3\n" + "1,2\n" * 9, "line 1 has 3 values, line 2 has 2"),
        ("a.csv", "x,x\n1,2\n", "its own name; `x` occurs"),
        ("a.csv", "x,y\n" + "1,2\n" * 200, "all rows are equal"),
        ("a.csv", "a,b\nc,d\n", "it has no numbers"),
        ("a.csv", "\0\0", "is not text"),
        (
            "a.csv",
            "x,y\n1,2\n3,4\n5,6a\n",
            "line 4, `y`: `6a` is not a number, and 2 others are",
        ),
        ("a.npz", "no archive", "must be an npz file"),
        ("a.npy", "no array", "must be an array of numbers"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_points(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_nothing_is_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return pathlib.Path.touch, (tmp_path / "sprung",)

    np.savez(tmp_path / "a.npz", x=np.array([Trap()], dtype=object))
    np.save(tmp_path / "a.npy", np.array([Trap()], dtype=object))
    for name in ("a.npz", "a.npy"):
        with pytest.raises(ValueError, match="array of numbers"):
            read_points(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_an_archive_is_limited_before_it_is_unpacked(tmp_path, monkeypatch):
    stream = io.BytesIO()
    np.save(stream, np.zeros((100_000, 2)))
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x.npy", stream.getvalue())
    assert (tmp_path / "a.npz").stat().st_size < 10_000
    monkeypatch.setattr(_own_files, "LARGEST", 100_000)
    with pytest.raises(ValueError, match="at most 100000 bytes; it has 16"):
        read_points(tmp_path / "a.npz")


def test_too_few_rows_of_a_class_and_reserved_names(tmp_path):
    for kinds, message in (
        (np.array(["a"] * 115 + ["b"] * 5), "`b` has 5"),
        (np.array(["all", "b"])[np.arange(NUM) % 2], "must not be called `all`"),
        (np.array(["a"] * NUM), "must hold 2 to 100 classes; got 1"),
    ):
        np.savez(tmp_path / "a.npz", x=X, label=kinds)
        with pytest.raises(ValueError, match=message):
            read_points(tmp_path / "a.npz")


def test_states_are_scaled_and_back_and_parts_share_no_row(tmp_path):
    np.savez(tmp_path / "a.npz", x=X)
    table = table_dataset(read_points(tmp_path / "a.npz"))
    assert isinstance(table, Table)
    parts = [np.asarray(table.rows(s)) for s in ("train", "held-out", "test")]
    assert [len(p) for p in parts] == [72, 18, 30]
    states = np.concatenate(parts)
    assert np.allclose(states.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(states.std(axis=0), 0.5, atol=1e-5)
    back = table.scaling.to_units(states)
    order = lambda x: x[np.lexsort(x.T)]
    assert np.allclose(order(back), order(X), atol=1e-5)
    drawn = np.asarray(table.sample(500, key=jr.key(0)))
    assert {*map(tuple, drawn)} <= {*map(tuple, parts[0])}


def test_every_part_has_the_classes_in_their_shares(tmp_path):
    np.savez(tmp_path / "a.npz", x=X, label=KIND)
    table = table_dataset(read_points(tmp_path / "a.npz"))
    assert isinstance(table, LabelledTable)
    share = np.mean(KIND == "high")
    assert np.allclose(table.shares, [share, 1 - share], atol=0.02)
    own = table.of_class(0)
    highest = table.scaling.to_units(np.asarray(own.rows("test")))
    assert highest[:, 0].min() > 9.9
    states, labels = table.sample_labelled(300, key=jr.key(1))
    x = table.scaling.to_units(np.asarray(states))
    assert np.array_equal(np.asarray(labels) == 0, x[:, 0] > 10)


def test_a_constant_coordinate_keeps_its_value():
    values = np.column_stack([X[:, 0], np.full(NUM, 0.1)])
    table = table_dataset(PointsFile(values, ("x", "c"), None, (), 0, ()))
    assert table.scaling.scale[1] == 1.0
    rows = np.asarray(table.rows("train"))
    assert np.allclose(table.scaling.to_units(rows)[:, 1], 0.1)


def test_copies_and_slips_are_named(tmp_path):
    rng = np.random.default_rng(0)
    plain = rng.normal(size=(500, 2))
    np.save(tmp_path / "plain.npy", plain)
    assert read_points(tmp_path / "plain.npy").notes == ()
    np.save(tmp_path / "copies.npy", np.tile(plain[:50], (30, 1)))
    (said,) = read_points(tmp_path / "copies.npy").notes
    assert said.startswith("1450 of 1500 rows repeat others")
    plain[:5, 1] = 1e6
    np.save(tmp_path / "slips.npy", plain)
    (said,) = read_points(tmp_path / "slips.npy").notes
    assert said.startswith("5 values of `")
