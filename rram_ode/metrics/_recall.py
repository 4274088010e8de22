"""How many samples of each class a reader reads as the class that was asked for."""

import dataclasses

import numpy as np
from jaxtyping import Int
from scipy.special import betaincinv

from ._interval import Interval


LEVEL = 0.95


@dataclasses.dataclass(frozen=True)
class Recall:
    r"""Recall of each class, and their mean, with 95 % intervals.

    A class has Jeffreys' interval: the quantiles of a beta law of
    $k + 1/2$, $n - k + 1/2$ for k of n read right, from 0 if k is 0 and to 1 if k is n
    (L. D. Brown, T. T. Cai, A. DasGupta, Statist. Sci. 16, 101, 2001, section 4.1.2).
    That of the mean adds the classes' half widths below and above the estimate in
    squares, as the samples of classes are independent (G. Zou and A. Donner, Statist.
    Med. 27, 1693, 2008).

    A reader errs, too: print the recall of real data beside that of samples. A sampler
    that draws one picture of each class has a recall of 1: recall says nothing of how
    varied samples are (see `precision_recall` and the distance).

    Args:
        classes: One for each class; `None` for a class that was not asked for.
        balanced: Their mean, the balanced accuracy.
        counts: Number of samples of each class.
    """

    classes: tuple[Interval | None, ...]
    balanced: Interval
    counts: tuple[int, ...]


def class_recall(
    asked: Int[np.ndarray, " num"], read: Int[np.ndarray, " num"], num_classes: int
) -> Recall:
    """The recall of each class from the classes asked for and those read.

    Args:
        asked: The class of each sample that was asked for, from 0.
        read: The class that a reader gives it, or -1 for none.
        num_classes: Number of classes.

    Raises:
        ValueError: If there is no sample, the shapes differ, or a number is no class.
    """
    asked, read = np.asarray(asked), np.asarray(read)
    if asked.shape != read.shape or asked.ndim != 1 or not asked.size:
        raise ValueError(
            "`asked` and `read` must hold one class for each of one sample or more; "
            f"got {asked.shape} and {read.shape}."
        )
    both = np.concatenate([asked, np.maximum(read, 0)])
    if np.any((both < 0) | (both >= num_classes)):
        raise ValueError(
            f"classes must be whole numbers from 0 to {num_classes - 1}; leave out "
            "samples of the null label, which have none."
        )
    counts = np.bincount(asked, minlength=num_classes)
    right = np.bincount(asked[asked == read], minlength=num_classes)
    classes = tuple(
        _jeffreys(k, n) if n else None
        for k, n in zip(right.tolist(), counts.tolist(), strict=True)
    )
    known = [each for each in classes if each is not None]
    mean = float(np.mean([each.mean for each in known]))
    below, above = (
        float(np.sqrt(sum((each[end] - each.mean) ** 2 for each in known)) / len(known))
        for end in (1, 2)
    )
    balanced = Interval(mean, max(mean - below, 0.0), min(mean + above, 1.0))
    return Recall(classes, balanced, tuple(counts.tolist()))


def _jeffreys(right: int, num: int) -> Interval:
    ends = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    low, high = (float(betaincinv(right + 0.5, num - right + 0.5, e)) for e in ends)
    return Interval(
        right / num, 0.0 if right == 0 else low, 1.0 if right == num else high
    )
