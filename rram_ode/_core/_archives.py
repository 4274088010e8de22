"""Arrays by name from npz, npy and mat files, which are limited before they are opened.

Nothing is unpickled or executed. An archive says how large its members are once they
are unpacked: one beyond `LARGEST_FILE` is refused before anything is.
"""

import io
import pathlib
import struct
import zipfile
import zlib

import numpy as np

from ._own_files import plain_array


LARGEST_FILE = 256 * 2**20  # bytes, also of what an archive unpacks to
MOST_MEMBERS = 10_000  # of an archive
_COMPRESSED = 15  # the type of a compressed element of a mat file, version 5
_MATLAB_HEADER = 128  # bytes


def members(path: pathlib.Path) -> list[zipfile.ZipInfo]:
    """The files in a zip archive, if it is small enough to be unpacked.

    Raises:
        ValueError: If it is not an archive, or would be too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ValueError(f"`{path}` is a broken archive: {error}.") from error
    size = sum(each.file_size for each in found)
    if size > LARGEST_FILE or len(found) > MOST_MEMBERS:
        raise ValueError(
            f"`{path}` would unpack to {size / 2**20:.0f} MiB in {len(found)} files; "
            f"at most {LARGEST_FILE / 2**20:.0f} MiB and {MOST_MEMBERS} are read: save "
            "less in it."
        )
    return found


def load_npz(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The arrays of an npz file by name, of any type but Python objects."""
    infos = members(path)
    arrays = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in infos:
                name = info.filename.removesuffix(".npy")
                arrays[name] = plain_array(archive.read(info), name)
    except (
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise ValueError(
            f"`{path}` is not an npz file of plain arrays: {str(error).rstrip('.')}."
        ) from error
    return arrays


def load_npy(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The array of an npy file, whose name is that of the file; or its named fields."""
    try:
        values = plain_array(path.read_bytes(), path.stem)
    except (ValueError, EOFError) as error:
        raise ValueError(
            f"`{path}` is not an npy file of a plain array: {str(error).rstrip('.')}."
        ) from error
    if values.dtype.names:
        return {name: values[name] for name in values.dtype.names}
    return {path.stem: values}


def load_mat(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The numeric arrays of a MATLAB file up to version 7, by name.

    Raises:
        ValueError: If it is of version 7.3 (HDF5), broken, or too large.
    """
    import scipy.io

    data = path.read_bytes()
    if data.startswith(b"\x89HDF") or data.startswith(b"MATLAB 7.3"):
        raise ValueError(
            f"`{path}` is a MATLAB file of version 7.3: save it by "
            "`save('FILE.mat', '-v7')`, or as CSV."
        )
    if data.startswith(b"MATLAB 5.0"):
        _require_small(path, data)
    try:
        found = scipy.io.loadmat(io.BytesIO(data), struct_as_record=True)
    except Exception as error:  # of many kinds, by what is broken
        text = " ".join(str(error).split())
        raise ValueError(f"`{path}` is not a MATLAB file: {text}.") from error
    return {
        name: values
        for name, values in found.items()
        if not name.startswith("__") and getattr(values, "dtype", None) is not None
    }


def _require_small(path: pathlib.Path, data: bytes) -> None:
    """Unpack the compressed elements piece by piece, and stop beyond the limit."""
    order = "<" if data[126:128] == b"IM" else ">"
    place, total = _MATLAB_HEADER, 0
    while place + 8 <= len(data):
        kind, size = struct.unpack(f"{order}II", data[place : place + 8])
        body = data[place + 8 : place + 8 + size]
        place += 8 + size
        if kind != _COMPRESSED:
            total += size
            continue
        unpack = zlib.decompressobj()
        while body:
            try:
                total += len(unpack.decompress(body, 2**20))
            except zlib.error as error:
                raise ValueError(f"`{path}` is a broken MATLAB file.") from error
            body = unpack.unconsumed_tail
            if total > LARGEST_FILE:
                raise ValueError(
                    f"`{path}` would unpack to more than "
                    f"{LARGEST_FILE / 2**20:.0f} MiB: save less in it."
                )
