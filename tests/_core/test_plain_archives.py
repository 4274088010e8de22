"""Archives of a user's own: what they say of themselves is not believed."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from rram_ode._core._archives import load_npy, load_npz, read_npz
from rram_ode._core._own_files import read_file


def npy(shape, values):
    """The bytes of an npy file whose header tells another shape."""
    file = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + np.asarray(values, "<f8").tobytes()


def archive(path, data):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.npy", data)
    return path


def test_a_header_that_tells_more_than_there_is_takes_no_memory(tmp_path):
    found = read_npz(archive(tmp_path / "a.npz", npy((3,), [1, 2, 3])))
    np.testing.assert_array_equal(found["x"], [1, 2, 3])
    large = archive(tmp_path / "b.npz", npy((10**13,), [1, 2, 3]))
    with pytest.raises(ValueError, match="`x` ends before its"):
        read_npz(large)


def test_an_unknown_compression_is_refused(tmp_path):
    path = archive(tmp_path / "a.npz", npy((1,), [1]))
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(signature) + place] = 99
    path.write_bytes(data)
    with pytest.raises(ValueError, match="packs `x.npy` by method 99"):
        read_npz(path)


def header(text, version=1):
    length = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode() + bytes(80)


SHAPE = "{'descr': '<f8', 'fortran_order': False, 'shape': %s}"
HEADERS = {
    "long": (header(SHAPE % "(4,)" + " " * 60_000), "a header of 60055 bytes"),
    "longer": (header(SHAPE % "(4,)" + " " * 70_000, 2), "a header of 70055 bytes"),
    "deep": (header("-" * 9_000 + "1"), "a broken header"),
    "open": (header("(" * 900), "a broken header"),
    "lines": (header("{'descr': " + "'" * 3 + "\n\n"), "a broken header"),
    "negative": (header(SHAPE % "(-1,)"), "ends before its"),
    "nothing": (header((SHAPE % "(10000000000,)").replace("f8", "U0")), "ends before"),
    "version": (header(SHAPE % "(4,)", 9), "the npy version .9, 0."),
    "foreign": (bytes(1_000), "does not begin as one"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_what_is_wrong_with_a_header_is_said_in_one_line(name, tmp_path):
    """Without the advice to trust the file and to unpickle it."""
    data, text = HEADERS[name]
    (tmp_path / "x.npy").write_bytes(data)
    path = archive(tmp_path / "x.npz", data)
    for read, file in (
        (load_npy, tmp_path / "x.npy"),
        (load_npz, path),
        (read_npz, path),
    ):
        with pytest.raises(ValueError, match=text) as refusal:
            read(file)
        said = str(refusal.value)
        assert "\n" not in said
        assert "pickle" not in said
        assert len(said) < 500


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(3, 2), (), (0, 4), (5,)])
@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<i2", "<U3", "?"])
def test_an_array_is_that_of_numpy(order, shape, dtype, tmp_path):
    values = np.random.default_rng(0).integers(0, 2, shape).astype(dtype, order=order)
    np.savez(tmp_path / "a.npz", x=values)
    found = load_npz(tmp_path / "a.npz")["x"]
    np.testing.assert_array_equal(found, values)
    assert found.dtype == values.dtype


def test_a_file_is_in_memory_once(tmp_path):
    """Joined pieces of it would be there beside the pieces."""
    path = tmp_path / "a"
    path.write_bytes(bytes(2**25))
    tracemalloc.start()
    data = read_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(data) == 2**25
    assert peak < 1.5 * 2**25
