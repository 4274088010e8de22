"""A user's own images and labels, in an npz file; nothing is unpickled."""

import os
import pathlib

import numpy as np

from ..._core._archives import Archive, open_archive
from ..._core._npy import plain_array
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
    with open_archive(path) as archive:
        arrays = _arrays(path, archive)
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


def _arrays(path: pathlib.Path, archive: Archive) -> dict[str, np.ndarray]:
    """The arrays of an open npz file that `KINDS` names; the others are not read."""
    named = {each.filename: each for each in archive.members}
    return {
        name: _array(path, name, archive.read(named[f"{name}.npy"]))
        for name in KINDS
        if f"{name}.npy" in named
    }


def _array(path: pathlib.Path, name: str, content: bytes) -> np.ndarray:
    """One array of the kind that `KINDS` has."""
    try:
        values = plain_array(content, name)
    except ValueError as error:
        raise ValueError(
            f"`{path}`: `{name}` must be an array as `np.savez` writes it: {error}."
        ) from error
    if values.dtype.kind not in KINDS[name]:
        raise ValueError(
            f"`{path}`: `{name}` must hold {_words(name)}; got {values.dtype}. Save "
            "them so."
        )
    return values


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
