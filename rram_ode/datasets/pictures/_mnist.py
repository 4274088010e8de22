"""A user's own MNIST and EMNIST, in idx files, plain or with gzip."""

import os
import pathlib
import string
from collections.abc import Sequence

import numpy as np

from ._idx import idx_length, read_idx
from ._labelled import find_label, LabelledImages
from ._prepare import crop_centre, resize
from ._splits import TEST, TRAIN


# Of EMNIST byclass, in the order of its labels: the digits, A to Z, a to z.
BYCLASS = tuple(string.digits + string.ascii_uppercase + string.ascii_lowercase)


PAPER = ("H", "K", "U")  # the letters of the paper


RESIZED, CROPPED = 14, 12  # pixels a side in the paper's preparation


def load_emnist(
    folder: str | os.PathLike,
    split: str = TRAIN,
    *,
    letters: Sequence[str] = PAPER,
    upright: bool = True,
) -> LabelledImages:
    """Letters of EMNIST byclass as the paper's authors prepared them, 12 x 12 pixels.

    Pixels over 255, resized to 14 x 14 as `resize` does, and the middle 12 x 12 of
    them. H, K and U are 18,222 training and 2,905 test images. Nothing is held out and
    no copy dropped: `split_official` does both.

    Source: G. Cohen, S. Afshar, J. Tapson and A. van Schaik, EMNIST, 2017, arXiv
    1702.05373, which the user has to fetch; the released code of the paper's authors.

    Args:
        folder: Folder with `emnist-byclass-train-images-idx3-ubyte` and the other three
            files, plain or with `.gz`.
        split: The file's own part: train or test.
        letters: Classes to take, out of the 62 digits and letters.
        upright: False leaves the images on their side, with rows and columns swapped,
            as the files and the paper's authors have them.

    Raises:
        ValueError: If a file or a class is missing, or a file is no such file.
        OSError: If a file cannot be read.
    """
    _check_split(split)
    numbers = [find_label(name, BYCLASS) for name in letters]
    stem = f"emnist-byclass-{split}"
    images, labels = _read(folder, stem, len(BYCLASS), numbers)
    found = np.bincount(labels, minlength=len(BYCLASS))
    if missing := [name for name in letters if not found[find_label(name, BYCLASS)]]:
        raise ValueError(
            f"`letters` must have images; `{folder}` has none of {', '.join(missing)} "
            f"in its part `{split}`. Choose other letters."
        )
    places = np.full(len(BYCLASS), -1)
    places[numbers] = np.arange(len(numbers))
    pixels = images.astype(np.float32) / 255
    small = crop_centre(resize(pixels, RESIZED), CROPPED)
    if upright:
        small = small.transpose(0, 2, 1)
    source = f"EMNIST byclass in {pathlib.Path(folder)}"
    return LabelledImages(small, places[labels], tuple(letters), source, split)


def load_mnist(
    folder: str | os.PathLike, split: str = TRAIN, *, size: int | None = None
) -> LabelledImages:
    """The digits of MNIST, or of a set in its form such as Fashion-MNIST.

    Source: Y. LeCun, C. Cortes and C. Burges, The MNIST database, which the user has to
    fetch.

    Args:
        folder: Folder with `train-images-idx3-ubyte`, `t10k-images-idx3-ubyte` and
            their labels, plain or with `.gz`.
        split: The file's own part: train or test.
        size: Height and width to `resize` to, in pixels; `None` keeps the file's.

    Raises:
        ValueError: If a file is missing or no such file.
        OSError: If a file cannot be read.
    """
    _check_split(split)
    stem = "train" if split == TRAIN else "t10k"
    images, labels = _read(folder, stem, 10)
    pixels = images.astype(np.float32) / 255
    if size is not None:
        pixels = resize(pixels, size)
    source = f"MNIST in {pathlib.Path(folder)}"
    return LabelledImages(pixels, labels, tuple(map(str, range(10))), source, split)


def _check_split(split: str) -> None:
    if split not in (TRAIN, TEST):
        raise ValueError(
            f"`split` must be one of {TRAIN}, {TEST}, the files' own parts; got "
            f"`{split}`. Take one of them, and hold images out by `split_official`."
        )


def _read(
    folder: str | os.PathLike,
    stem: str,
    num_classes: int,
    chosen: list[int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of the `chosen` or all classes, as bytes, in the file's order.

    Raises:
        ValueError: If a file is missing or no idx file, the two do not fit each other,
            or a label is no class.
    """
    pixels, names = (
        _find(pathlib.Path(folder), f"{stem}-{kind}")
        for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
    )
    labels = read_idx(names, 1)
    num = idx_length(pixels, 3)
    if num != len(labels):
        raise ValueError(
            f"there must be one label for each image; `{pixels}` has {num} images, "
            f"`{names}` {len(labels)} labels. Fetch both of one data set."
        )
    if labels.max() >= num_classes:
        raise ValueError(
            f"`{names}`: a label must be from 0 to {num_classes - 1}; got "
            f"{labels.max()}. Fetch the file again."
        )
    if chosen is None:
        return read_idx(pixels, 3), labels
    rows = np.flatnonzero(np.isin(labels, chosen))
    return read_idx(pixels, 3, rows), labels[rows]


def _find(folder: pathlib.Path, name: str) -> pathlib.Path:
    """The file `name` in `folder`, with `.gz` or without, or with `.idx` for `-idx`.

    Raises:
        ValueError: If there is none; the message says which of the two is there.
    """
    dotted = name.replace("-idx", ".idx")
    for each in (name, dotted):
        for suffix in ("", ".gz"):
            path = folder / f"{each}{suffix}"
            if path.exists():
                return path
    kinds = ("images", "labels") if "-images-" in name else ("labels", "images")
    other = name.replace(kinds[0], kinds[1]).partition("-idx")[0]
    is_alone = any(folder.glob(f"{other}*"))
    beside = f", only the {kinds[1]}" if is_alone else ""
    raise ValueError(
        f"there are no {kinds[0]} `{name}` in `{folder}`, nor with `.gz`{beside}. Put "
        "the data set's images and labels there."
    )
