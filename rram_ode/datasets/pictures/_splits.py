"""Parts of a data set: to train on, held out, and to test with; no copies between."""

import dataclasses
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from ..._core._checks import place_of
from ._labelled import LabelledImages


TRAIN, HELD_OUT, TEST = SPLITS = ("train", "held-out", "test")


TESTED = 0.2  # fraction of images for tests (assumed)


EVERY = 5  # one in so many of the other images is held out (assumed)


class Splits(NamedTuple):
    """Three parts of a data set; no image of one has an exact copy in another.

    The held-out images are of the hands that wrote the training images, so that an
    image which lies nearer to the training images is a copy, not merely of a hand that
    was trained on. The test images are of other hands, where the source tells them
    apart.

    Args:
        train: Images to train on.
        held_out: Images like those of `train` that nothing is trained on.
        test: Images that every result is compared with, and nothing is chosen by.
    """

    train: LabelledImages
    held_out: LabelledImages
    test: LabelledImages

    def part(self, split: str) -> LabelledImages:
        """The part of the name `split`: train, held-out or test.

        Raises:
            ValueError: If there is no such part; the message lists those that exist.
        """
        return self[place_of("split", split, SPLITS)]


def drop_copies(
    data: LabelledImages, seen: Iterable[LabelledImages] = ()
) -> LabelledImages:
    """The images of `data` without exact copies of earlier ones or of those in `seen`.

    Two images are copies if all pixels are equal, whatever their labels; the first in
    the order of the file stays.

    Args:
        data: Images.
        seen: Other images, of which `data` shall have no copy.

    Raises:
        ValueError: If every image is a copy.
    """
    return data.take(distinct_rows(data, seen))


def distinct_rows(
    data: LabelledImages, seen: Iterable[LabelledImages] = ()
) -> Int[np.ndarray, " rows"]:
    """Rows of the images that `drop_copies` keeps.

    Raises:
        ValueError: If every image is a copy.
    """
    known = {mark for other in seen for mark in _marks(other)}
    rows = []
    for row, mark in enumerate(_marks(data)):
        if mark not in known:
            known.add(mark)
            rows.append(row)
    if not rows:
        raise ValueError(
            f"every image of the part `{data.split}` of {data.source} has a copy in "
            "the images before it. Give other images."
        )
    return np.array(rows)


def hold_out(
    data: LabelledImages, every: int = EVERY
) -> tuple[LabelledImages, LabelledImages]:
    """The images to train on, and one in `every` of each class, in order, held out.

    Raises:
        ValueError: If no class has `every` images.
    """
    ranks = np.empty(len(data), int)
    for label in range(len(data.classes)):
        rows = np.flatnonzero(data.labels == label)
        ranks[rows] = np.arange(len(rows))
    is_held = ranks % every == every - 1
    if not is_held.any():
        raise ValueError(
            f"a class must have {every} images or more, of which one is held out; the "
            f"numbers of images are {data.counts()}. Give more images."
        )
    return (
        data.take(np.flatnonzero(~is_held), TRAIN),
        data.take(np.flatnonzero(is_held), HELD_OUT),
    )


def split_official(train: LabelledImages, test: LabelledImages) -> Splits:
    """Splits of a source that has training and test images of its own.

    Copies are dropped: within each, and from the test those that are in `train`.

    Args:
        train: The source's training images, of which one in five is held out.
        test: The source's test images.

    Raises:
        ValueError: If the two have other sizes or classes, or too few images are left.
    """
    test.check_shape(*train.shape)
    if train.classes != test.classes:
        raise ValueError(
            "`test` must have the classes of `train`; got "
            f"{', '.join(test.classes)} and {', '.join(train.classes)}. Choose the "
            "same."
        )
    train = drop_copies(train)
    test = dataclasses.replace(drop_copies(test, [train]), split=TEST)
    return Splits(*hold_out(train), test)


def split_in_order(data: LabelledImages) -> Splits:
    """Splits of a source that has none: the last fifth of each class is for tests.

    Files often go from writer to writer, so that their end is of other hands. Copies
    are dropped before.

    Raises:
        ValueError: If too few images are left.
    """
    data = drop_copies(data)
    is_test = np.zeros(len(data), bool)
    for label in range(len(data.classes)):
        rows = np.flatnonzero(data.labels == label)
        is_test[rows[len(rows) - round(TESTED * len(rows)) :]] = True
    return split_by(data, is_test)


def split_by(
    data: LabelledImages, is_test: Bool[np.ndarray, " num"], every: int = EVERY
) -> Splits:
    """Splits with the test images that `is_test` marks, `(num,)`; copies stay.

    One in `every` of each class of the others is held out.

    Raises:
        ValueError: If too few images are left for a part.
    """
    if not is_test.any() or is_test.all():
        raise ValueError(
            "there must be images to train on and to test with; the numbers of images "
            f"are {data.counts()}. Give more images."
        )
    rest = data.take(np.flatnonzero(~is_test))
    return Splits(*hold_out(rest, every), data.take(np.flatnonzero(is_test), TEST))


def _marks(data: LabelledImages) -> Iterable[bytes]:
    """A digest of each image's pixels; -0 is 0."""
    for image in data.images:
        yield hashlib.blake2b((image + 0.0).tobytes(), digest_size=16).digest()
