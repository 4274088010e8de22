"""Images and labels in the idx format of MNIST and EMNIST, plain or with gzip.

A file begins with two zero bytes, the type of its numbers (8: bytes from 0 to 255), the
number of axes, and the length of each axis as 4 bytes, the highest first. Source: Y.
LeCun, C. Cortes and C. Burges, The MNIST database, "file formats".
"""

import contextlib
import gzip
import io
import pathlib
import zlib
from collections.abc import Iterator

import numpy as np

from ..._core._own_files import check_size, open_file


BLOCK = 2**20  # bytes that are read at once


def read_idx(
    path: pathlib.Path, num_axes: int, rows: np.ndarray | None = None
) -> np.ndarray:
    """The bytes of an idx file; of the first axis, only `rows` if they are given.

    Args:
        path: The file; one that ends in `.gz` is unpacked as it is read.
        num_axes: The number of axes that the file must have: 3 for images, 1 for
            labels.
        rows: Which elements of the first axis to keep, in rising order. The others are
            read, but never in memory together.

    Raises:
        ValueError: If the file is no plain idx file of bytes, of this number of axes,
            of 1 GiB or less, complete.
        OSError: If the file cannot be read.
    """
    with _opened(path) as file:
        shape = _shape(path, file, num_axes)
        one = int(np.prod(shape[1:]))  # of the first axis; 1 for labels
        check_size(path, shape[0] * one)
        at_once = max(1, BLOCK // one)
        kept = []
        for start in range(0, shape[0], at_once):
            num = min(at_once, shape[0] - start)
            block = file.read(num * one)
            if len(block) < num * one:
                raise ValueError(
                    f"`{path}` must hold {shape[0]} x {one} bytes, as it says; it ends "
                    f"after {start * one + len(block)}. Fetch the file again."
                )
            values = np.frombuffer(block, np.uint8).reshape(num, *shape[1:])
            if rows is None:
                kept.append(values)
            else:
                inside = rows[(rows >= start) & (rows < start + num)]
                kept.append(values[inside - start])
        if file.read(1):
            raise ValueError(
                f"`{path}` must end after {shape[0]} x {one} bytes, as it says; more "
                "follow. Fetch the file again."
            )
    return np.concatenate(kept)


def idx_length(path: pathlib.Path, num_axes: int) -> int:
    """The number of images or labels that an idx file says that it has.

    Raises:
        ValueError: If the file is no idx file of bytes, of this number of axes.
        OSError: If the file cannot be read.
    """
    with _opened(path) as file:
        return _shape(path, file, num_axes)[0]


@contextlib.contextmanager
def _opened(path: pathlib.Path) -> Iterator[io.BufferedIOBase]:
    """The file, unpacked; what fails in unpacking is one `ValueError`."""
    try:
        with open_file(path) as raw:
            if path.suffix != ".gz":
                yield raw
                return
            with gzip.GzipFile(fileobj=raw) as file:
                yield file
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ValueError(
            f"`{path}` must be a complete gzip file: {error}. Fetch the file again."
        ) from error


def _shape(
    path: pathlib.Path, file: io.BufferedIOBase, num_axes: int
) -> tuple[int, ...]:
    """The length of each axis, from the file's head."""
    head = file.read(4)
    right = bytes([0, 0, 8, num_axes])
    if head != right:
        kind = {1: "labels", 3: "images"}[num_axes]
        raise ValueError(
            f"`{path}` must begin with the bytes {right.hex(' ')}, as idx files of "
            f"{kind} do; got {head.hex(' ') or 'none'}. Give the idx file of {kind}, "
            "its name with `.gz` if it is packed."
        )
    lengths = file.read(4 * num_axes)
    if len(lengths) < 4 * num_axes:
        raise ValueError(
            f"`{path}` ends before the lengths of its axes. Fetch the file again."
        )
    shape = tuple(int(n) for n in np.frombuffer(lengths, ">u4"))
    if 0 in shape:
        raise ValueError(f"`{path}` holds nothing: its axes are {shape}.")
    return shape
