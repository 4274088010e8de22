"""The door for files of a user's own: only plain ones, of a bounded size, are read.

A pipe, a device or a socket may never end, and what a file or an archive says of its
size need not be so: all is looked at before it is opened, and read in pieces.
"""

import contextlib
import io
import json
import os
import pathlib
import stat
from collections.abc import Iterator
from typing import Any


LARGEST = 2**30  # bytes of a file, and of its arrays; EMNIST has 547 MB (assumed)


LARGEST_RECORD = 64 * 2**20  # bytes of a report or record, which has some 100 kB


PIECE = 2**20  # bytes that are read at once


def check_file(path: pathlib.Path, most: int | None = None) -> int:
    """The size of `path` in bytes, if it is a plain file of `most` bytes or less.

    Args:
        path: The file.
        most: Largest size, in bytes; `None` for 1 GiB.

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
    except ValueError as error:  # a null byte in its name
        raise ValueError(f"cannot read {str(path)!r}: {error}.") from error
    _require_plain(path, found)
    check_size(path, found.st_size, most)
    return found.st_size


def check_size(path: pathlib.Path, num_bytes: int, most: int | None = None) -> None:
    """Refuse a file, or arrays in it, of more than `most` bytes, by default 1 GiB.

    Raises:
        ValueError: If it is larger.
    """
    most = LARGEST if most is None else most
    if num_bytes > most:
        raise ValueError(
            f"`{path}` must hold at most {most} bytes; it has {num_bytes}, packed "
            "or unpacked. Give a part of it."
        )


@contextlib.contextmanager
def open_file(
    path: pathlib.Path, most: int | None = None
) -> Iterator[io.BufferedReader]:
    """A plain file, open to be read.

    Raises:
        ValueError: As `check_file`.
        OSError: If it cannot be read.
    """
    check_file(path, most)
    try:  # a pipe that has come in the file's place does not wait either
        file = open(path, "rb", opener=_without_waiting)
    except OSError as error:
        raise OSError(f"cannot read `{path}`: {error.strerror}.") from error
    with file:
        _require_plain(path, os.fstat(file.fileno()))
        yield file


def read_file(path: pathlib.Path, most: int | None = None) -> bytes:
    """The bytes of a plain file, of which there are at most `most`.

    Raises:
        ValueError: As `check_file`.
        OSError: If it cannot be read.
    """
    with open_file(path, most) as file:
        try:
            data = read_pieces(path, file, most)
        except OSError as error:
            raise OSError(f"cannot read `{path}`: {error.strerror}.") from error
    return data


def read_pieces(path: pathlib.Path, file: Any, most: int | None) -> bytes:
    """All of an open file, which may turn out to be longer than it said.

    Raises:
        ValueError: If there are more than `most` bytes.
    """
    found = io.BytesIO()  # which hands out what it holds, and no copy
    while piece := file.read(PIECE):
        found.write(piece)
        check_size(path, found.tell(), most)
    return found.getvalue()


def read_json(path: pathlib.Path, kind: str) -> dict[str, Any]:
    """The object in a file of JSON.

    Args:
        path: The file.
        kind: What it should be, such as "report of a run", for an error.

    Raises:
        ValueError: If it is no object in JSON, or has more than 64 MiB.
        OSError: If it cannot be read.
    """
    data = read_file(path, LARGEST_RECORD)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        said = str(error).rstrip(".") or type(error).__name__
        raise ValueError(f"`{path}` is no {kind}: {said}.") from error
    if not isinstance(found, dict):
        raise ValueError(
            f"`{path}` is no {kind}: it holds {type(found).__name__}, not an object."
        )
    return found


def _require_plain(path: pathlib.Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(
            f"`{path}` must be a plain file; it is a folder, a pipe or a device. Give "
            "the path of a file."
        )


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
