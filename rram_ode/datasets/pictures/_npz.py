"""A user's own images and labels, in an npz file; nothing is unpickled."""

import os
import pathlib
import zipfile
import zlib

import numpy as np

from ..._core._own_files import check_file, check_size
from ._labelled import LabelledImages


DARK = 32  # of 255: bytes that stay below it are hardly pixels (assumed)


MOST = 1_000  # classes that get a number for a name (assumed)


KINDS = {"images": "biuf", "labels": "iu", "classes": "U"}  # of each array's numbers


def load_npz(path: str | os.PathLike) -> LabelledImages:
    """The images and labels of an npz file that `np.savez` wrote.

    It holds `images`, `(number, height, width)`: bytes from 0 to 255, true and false,
    or floats within [0, 1]; `labels`, `(number,)`, whole numbers from 0; and, if the
    classes have names, `classes`, text in the order of the labels. Without it the
    classes have the names "0", "1", ... up to the largest label. The part is "all";
    `split_in_order` makes parts of it.

    Raises:
        ValueError: If the file is no plain npz file of 1 GiB or less, packed or
            unpacked, an array is missing or of another kind, or the arrays do not make
            `LabelledImages`.
        OSError: If the file cannot be read.
    """
    path = pathlib.Path(path)
    check_file(path)
    try:
        with zipfile.ZipFile(path) as file:
            arrays = _arrays(path, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(
            f"`{path}` must be an npz file, as `np.savez` writes it: {error}."
        ) from error
    for name, other in (("images", "labels"), ("labels", "images")):
        if name not in arrays:
            beside = f" beside its `{other}`" if other in arrays else ""
            raise ValueError(
                f"`{path}` must hold `{name}`{beside}; it holds "
                f"{', '.join(arrays) or 'none of images, labels, classes'}. Save both "
                "arrays in one file."
            )
    images, labels = _unit(path, arrays["images"]), arrays["labels"]
    if "classes" in arrays:
        classes = tuple(map(str, arrays["classes"].ravel()))
    else:
        largest = int(labels.max(initial=0))
        if largest >= MOST:
            raise ValueError(
                f"`{path}`: `labels` must be below {MOST} where no `classes` name "
                f"them; got {largest}. Number the classes from 0."
            )
        classes = tuple(map(str, range(1 + largest)))
    try:
        return LabelledImages(images, labels, classes, str(path), "all")
    except ValueError as error:
        raise ValueError(f"`{path}`: {error}") from None


def _arrays(path: pathlib.Path, file: zipfile.ZipFile) -> dict[str, np.ndarray]:
    """The arrays of an open npz file that `KINDS` names; the others are not read."""
    sizes = {name: file.NameToInfo.get(f"{name}.npy") for name in KINDS}
    check_size(path, sum(info.file_size for info in sizes.values() if info is not None))
    arrays = {}
    for name, info in sizes.items():
        if info is not None:
            arrays[name] = _array(path, name, file, info)
    return arrays


def _array(
    path: pathlib.Path, name: str, file: zipfile.ZipFile, info: zipfile.ZipInfo
) -> np.ndarray:
    """One array, whose head is looked at before there is memory for the rest."""
    heads = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    with file.open(info) as member:
        try:
            version = np.lib.format.read_magic(member)
            shape, is_fortran, dtype = heads[version](member)
        except (ValueError, KeyError) as error:
            raise ValueError(
                f"`{path}`: `{name}` must be an array as `np.savez` writes it: {error}."
            ) from error
        if dtype.kind not in KINDS[name]:
            raise ValueError(
                f"`{path}`: `{name}` must hold {_words(name)}; got {dtype}. Save them "
                "so."
            )
        said = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if member.tell() + said != info.file_size:
            raise ValueError(
                f"`{path}`: `{name}` must have the size that its head says, {shape}; "
                f"it has {info.file_size} bytes. Save the file again."
            )
        values = np.frombuffer(member.read(), dtype)
    return values.reshape(shape, order="F" if is_fortran else "C")


def _words(name: str) -> str:
    return {
        "images": "bytes from 0 to 255, true and false, or floats",
        "labels": "whole numbers",
        "classes": "text",
    }[name]


def _unit(path: pathlib.Path, images: np.ndarray) -> np.ndarray:
    """Pixels within [0, 1]; floats are left as they are."""
    if images.dtype.kind == "f":
        return images
    if images.dtype.kind == "b":
        return images.astype(np.float32)
    if images.dtype != np.uint8:
        raise ValueError(
            f"`{path}`: `images` must hold {_words('images')}; got {images.dtype}, "
            "whose white is not known. Divide them by it."
        )
    if images.max(initial=0) < DARK:
        raise ValueError(
            f"`{path}`: the brightest byte of `images` must be {DARK} or more of 255, "
            f"which is white; got {images.max(initial=0)}. Divide them by their white."
        )
    return images.astype(np.float32) / 255
