"""Files of a user's own, looked at before they are opened."""

import io
import math
import pathlib
import stat
import zipfile
import zlib

import numpy as np


LARGEST = 2**30  # bytes of a file, and of its arrays; EMNIST has 547 MB (assumed)


def check_file(path: pathlib.Path) -> int:
    """The size of `path` in bytes, if it is a plain file of at most 1 GiB.

    Raises:
        ValueError: If it is another thing, such as a folder or a pipe, or is larger.
        OSError: If there is no such file, or it cannot be looked at.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise OSError(
            f"cannot read `{path}`: {error.strerror}. Give the path of a file."
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(
            f"`{path}` must be a plain file; it is a folder, a pipe or a device. Give "
            "the path of a file."
        )
    check_size(path, found.st_size)
    return found.st_size


def check_size(path: pathlib.Path, num_bytes: int) -> None:
    """Refuse a file, or arrays in it, of more than 1 GiB.

    Raises:
        ValueError: If it is larger.
    """
    if num_bytes > LARGEST:
        raise ValueError(
            f"`{path}` must hold at most {LARGEST} bytes; it has {num_bytes}, packed "
            "or unpacked. Give a part of it."
        )


def plain_array(data: bytes, name: str) -> np.ndarray:
    """The array of an npy file's bytes, whose header says no more than is there.

    Args:
        data: The bytes.
        name: What the array is called, in an error.

    Raises:
        ValueError: If it holds objects, or ends before its values.
    """
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read_header is None:
        raise ValueError(f"`{name}` has the npy version {version}")
    shape, _, dtype = read_header(file)
    if dtype.hasobject:
        raise ValueError(f"`{name}` holds Python objects, which are not unpickled")
    if math.prod(shape) * dtype.itemsize > len(data):
        raise ValueError(f"`{name}` ends before its {shape} values")
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def read_npy(path: pathlib.Path, name: str, content: bytes) -> np.ndarray:
    """An array of numbers or text, and never an object; nothing is unpickled.

    Args:
        path: The file, for an error.
        name: Name of the array, for an error.
        content: The bytes that `np.save` wrote.

    Raises:
        ValueError: If they are no such array.
    """
    try:
        array = plain_array(content, name)
    except (ValueError, EOFError) as error:
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


def read_npz(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The arrays of an npz file in its order, of 1 GiB or less, packed and unpacked.

    Raises:
        ValueError: If the file is no plain npz file, is larger, or holds an object.
    """
    check_file(path)
    try:
        with zipfile.ZipFile(path) as file:
            members = [m for m in file.infolist() if m.filename.endswith(".npy")]
            check_size(path, sum(m.file_size for m in members))
            return {
                (name := m.filename.removesuffix(".npy")): read_npy(
                    path, name, file.read(m)
                )
                for m in members
            }
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise ValueError(
            f"`{path}` must be an npz file, as `np.savez` writes it: {error}."
        ) from error
