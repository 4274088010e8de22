"""Arrays of npy files, whose header is looked at before their values are read.

Nothing is unpickled. What `numpy` says of a header is said in one line here, and
without its advice to trust the file.
"""

import io
import math
import pathlib
from typing import Literal, NamedTuple

import numpy as np

from ._own_files import open_file, read_pieces


LONGEST_HEADER = 10_000  # bytes, of which `numpy` reads no more; most have 118


_MAGIC = b"\x93NUMPY"


# Bytes of the header's length, and what reads a header, by the version of its file.
_VERSIONS = {
    (1, 0): (2, np.lib.format.read_array_header_1_0),
    (2, 0): (4, np.lib.format.read_array_header_2_0),
}


class _Header(NamedTuple):
    """What the first bytes of an npy file say of its array.

    Attributes:
        shape: Its shape.
        order: Whether its first index is the fastest one, "F", or its last, "C".
        dtype: The type of its values.
        start: Place of the first of them, in bytes.
    """

    shape: tuple[int, ...]
    order: Literal["C", "F"]
    dtype: np.dtype
    start: int


def read_npy_bytes(path: pathlib.Path, name: str, most: int | None = None) -> bytes:
    """The bytes of an npy file, which are read if its header is one.

    Args:
        path: The file.
        name: What the array is called, in an error.
        most: Bytes that it may have; `None` for 1 GiB.

    Raises:
        ValueError: If it is no npy file of numbers or text, ends before its values, or
            is larger.
        OSError: If it cannot be read.
    """
    with open_file(path, most) as file:
        try:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            _require_values(_read_header(file, name), size, name)
            file.seek(0)
            return read_pieces(path, file, most)
        except OSError as error:
            raise OSError(f"cannot read `{path}`: {error.strerror}.") from error


def plain_array(data: bytes, name: str) -> np.ndarray:
    """The array of an npy file's bytes, whose header says no more than is there.

    Args:
        data: The bytes, which the array shares: it cannot be written to.
        name: What the array is called, in an error.

    Raises:
        ValueError: If it holds objects, or ends before its values.
    """
    found = _read_header(io.BytesIO(data), name)
    _require_values(found, len(data), name)
    num = math.prod(found.shape)
    if not num or not found.dtype.itemsize:
        return np.empty(found.shape, found.dtype)
    values = np.frombuffer(data, found.dtype, num, found.start)
    return values.reshape(found.shape, order=found.order)


def read_npy(path: pathlib.Path, name: str, content: bytes | None = None) -> np.ndarray:
    """An array of numbers or text, and never an object; nothing is unpickled.

    Args:
        path: The file, for an error; of 1 GiB at most, if it is read here.
        name: Name of the array, for an error.
        content: The bytes that `np.save` wrote; `None` for those of the file.

    Raises:
        ValueError: If they are no such array.
        OSError: If the file cannot be read.
    """
    try:
        data = read_npy_bytes(path, name) if content is None else content
        array = plain_array(data, name)
    except ValueError as error:
        raise ValueError(
            f"`{path}`: `{name}` must be an array of numbers as `np.save` writes it: "
            f"{error}."
        ) from error
    if array.dtype.kind not in "biufU":
        raise ValueError(
            f"`{path}`: `{name}` must hold real numbers; got {array.dtype}. Save it as "
            "floats."
        )
    return array


def _read_header(file: io.BufferedIOBase, name: str) -> _Header:
    """The header at the start of an open npy file, of which no more is read."""
    first = file.read(len(_MAGIC) + 2)
    if not first.startswith(_MAGIC) or len(first) < len(_MAGIC) + 2:
        raise ValueError(f"`{name}` is no npy file: it does not begin as one")
    version = first[-2], first[-1]
    if version not in _VERSIONS:
        raise ValueError(f"`{name}` has the npy version {version}; 1 and 2 are read")
    num, read = _VERSIONS[version]
    said = file.read(num)
    length = int.from_bytes(said, "little")
    if length > LONGEST_HEADER:
        raise ValueError(
            f"`{name}` has a header of {length} bytes, of which {LONGEST_HEADER} at "
            "most are read: save it again by `numpy.save`, with fewer or shorter names"
        )
    text = said + file.read(length)
    try:
        shape, is_fortran, dtype = read(io.BytesIO(text))
    except Exception as error:  # of many kinds, by what is broken
        words = " ".join(str(error).split())[:200].rstrip(".")
        words = words or type(error).__name__
        raise ValueError(f"`{name}` has a broken header: {words}") from error
    order, start = "F" if is_fortran else "C", len(first) + len(text)
    return _Header(tuple(map(int, shape)), order, dtype, start)


def _require_values(found: _Header, size: int, name: str) -> None:
    """Refuse a header of objects, or of more values than `size` bytes can hold."""
    if found.dtype.hasobject:
        raise ValueError(f"`{name}` holds Python objects, which are not unpickled")
    num = math.prod(found.shape) * max(found.dtype.itemsize, 1)
    if min(found.shape, default=0) < 0 or num > size - found.start:
        raise ValueError(f"`{name}` ends before its {found.shape} values")
