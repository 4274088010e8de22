"""Archives of a user's own: what they say of themselves is not believed."""

import io
import zipfile

import numpy as np
import pytest
from rram_ode._core._archives import read_npz


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
