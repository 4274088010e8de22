"""Archives, and arrays by name from npz, npy and mat files.

Nothing is unpickled or executed. An archive says how large its members are once they
are unpacked: one beyond the limit is refused before anything is, and one that says less
than it holds as soon as it has unpacked that much.
"""

import contextlib
import errno
import io
import pathlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from ._npy import plain_array, read_npy, read_npy_bytes
from ._own_files import check_size, open_file, read_file, read_pieces


LARGEST_FILE = 256 * 2**20  # bytes of a table, also of what an archive unpacks to
MOST_MEMBERS = 10_000  # of an archive
MOST_DIRECTORY = 4 * 2**20  # bytes of the list of them; a name has some 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # those that unpack in pieces
NPZ = "an npz file, as `np.savez` writes it"
_COMPRESSED = 15  # the type of a compressed element of a mat file, version 5
_MATLAB_HEADER = 128  # bytes
# The ends of an archive's list: that of all archives, and of large ones and those of
# PyTorch a record of 64 bits, with a mark between the two; see `zipfile`.
_END, _MARK_64, _RECORD_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_END_SIZE, _MARK_64_SIZE, _RECORD_64_SIZE = 22, 20, 56  # bytes


# What `zipfile` raises at an archive that is none, by what is broken.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    UnicodeDecodeError,
    OverflowError,
)


class Archive:
    """An open zip archive whose members are read within its limit.

    Args:
        path: The file, for errors.
        file: The archive.
        most: Bytes that a member may unpack to; `None` for 1 GiB.
    """

    def __init__(self, path: pathlib.Path, file: zipfile.ZipFile, most: int | None):
        self._path, self._file, self._most = path, file, most

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        """What the archive says of its members."""
        return self._file.infolist()

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """The bytes of a member, unpacked in pieces: never more than the limit."""
        with self._opened(member) as file:
            return read_pieces(self._path, file, self._most)

    def check(self) -> int:
        """Unpack all of it once and keep nothing: it holds what it says.

        The number of `<` in it: that of the tags, if its members are XML.
        """
        num = 0
        for member in self.members:
            with self._opened(member) as file:
                while piece := file.read(2**20):
                    num += piece.count(b"<")
        return num

    def _opened(self, member: zipfile.ZipInfo) -> Any:
        """The member, whose place in the file must be one."""
        try:
            return self._file.open(member)
        except OSError as error:
            if error.errno != errno.EINVAL:  # that of a seek to nowhere
                raise
            raise zipfile.BadZipFile("a member lies outside of the file") from error


@contextlib.contextmanager
def open_archive(
    path: pathlib.Path, most: int | None = None, kind: str = NPZ
) -> Iterator[Archive]:
    """A zip archive of a bounded size, packed and unpacked.

    Args:
        path: The file.
        most: Bytes that it may have, packed and unpacked; `None` for 1 GiB.
        kind: What it should be, for an error.

    Raises:
        ValueError: If it is no plain file, no archive, is broken, packed by another
            method than deflation, or larger.
        OSError: If it cannot be read.
    """
    with open_file(path, most) as raw:
        _require_short_directory(path, raw, kind)
        try:
            with zipfile.ZipFile(raw) as file:
                found = file.infolist()
                size = sum(each.file_size for each in found)
                check_size(path, size, most)
                if len(found) > MOST_MEMBERS:
                    raise ValueError(
                        f"`{path}` holds {len(found)} files; at most {MOST_MEMBERS} "
                        "are read: save less in it."
                    )
                for each in found:
                    if each.compress_type not in METHODS:
                        raise ValueError(
                            f"`{path}` packs `{each.filename}` by method "
                            f"{each.compress_type}; stored and deflated members are "
                            "read: save it by `numpy.savez` or as an ordinary zip."
                        )
                yield Archive(path, file, most)
        except BROKEN as error:
            said = str(error).rstrip(".") or type(error).__name__
            raise ValueError(_broken(path, kind, said)) from error


def _require_short_directory(path: pathlib.Path, raw: BinaryIO, kind: str) -> None:
    """Refuse a list of members that would fill the memory when it is read."""
    size = raw.seek(0, io.SEEK_END)
    raw.seek(max(0, size - 2**16 - _END_SIZE - _MARK_64_SIZE - _RECORD_64_SIZE))
    tail = raw.read()
    raw.seek(0)
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + _END_SIZE:
        raise ValueError(_broken(path, kind, "File is not a zip file"))
    (listed,) = struct.unpack("<I", tail[place + 12 : place + 16])
    mark = place - _MARK_64_SIZE
    if mark >= 0 and tail[mark:place].startswith(_MARK_64):
        record = tail[max(0, mark - _RECORD_64_SIZE) : mark]
        if len(record) < _RECORD_64_SIZE or not record.startswith(_RECORD_64):
            raise ValueError(_broken(path, kind, "its list has no end"))
        (listed,) = struct.unpack("<Q", record[40:48])
    if listed > MOST_DIRECTORY:
        raise ValueError(
            f"`{path}` lists more than the {MOST_MEMBERS} files that are read, or "
            f"more than {MOST_DIRECTORY / 2**20:.0f} MiB of names: save less in it."
        )


def _broken(path: pathlib.Path, kind: str, said: str) -> str:
    return f"`{path}` must be {kind}: it is a broken archive: {said}."


def members(path: pathlib.Path) -> list[zipfile.ZipInfo]:
    """The files in a zip archive, if it is small enough to be unpacked.

    Raises:
        ValueError: If it is not an archive, or would be too large.
    """
    with open_archive(path, LARGEST_FILE, "a whole archive") as archive:
        return archive.members


def check_archive(path: pathlib.Path, most: int | None, kind: str) -> int:
    """Refuse an archive that is broken, or holds more than it says.

    For archives that another library opens; see `open_archive`. The result is the
    number of tags in it, see `Archive.check`.

    Raises:
        ValueError: As `open_archive`, or at a member that is not what the list says.
    """
    with open_archive(path, most, kind) as archive:
        return archive.check()


def load_npz(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The arrays of an npz file by name, of any type but Python objects."""
    arrays = {}
    with open_archive(path, LARGEST_FILE) as archive:
        for member in archive.members:
            name = member.filename.removesuffix(".npy")
            data = archive.read(member)
            try:
                arrays[name] = plain_array(data, name)
            except ValueError as error:
                raise ValueError(
                    f"`{path}` is not an npz file of plain arrays: "
                    f"{str(error).rstrip('.')}."
                ) from error
    return arrays


def read_npz(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The numbers and texts of an npz file in its order, of 1 GiB or less.

    Raises:
        ValueError: If the file is no plain npz file, is larger, or holds an object.
    """
    with open_archive(path) as archive:
        return {
            (name := m.filename.removesuffix(".npy")): read_npy(
                path, name, archive.read(m)
            )
            for m in archive.members
            if m.filename.endswith(".npy")
        }


def load_npy(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The array of an npy file, whose name is that of the file; or its named fields."""
    try:
        data = read_npy_bytes(path, path.stem, LARGEST_FILE)
        values = plain_array(data, path.stem)
    except ValueError as error:
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

    data = read_file(path, LARGEST_FILE)
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
