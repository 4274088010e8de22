"""Handwritten digits of 8 x 8 pixels, shipped with the package."""

import functools

import numpy as np

from ._labelled import LabelledImages
from ._shipped import read_shipped
from ._splits import distinct_rows, split_by, Splits


SIZE = 8  # pixels a side


BRIGHTEST = 16  # a pixel counts the inked ones among 4 x 4 of the scan


EVERY = 3  # one in so many is held out: enough to train a reader on (assumed)


FIRST_TEST_ROW = 1_415  # of the source's table, where its last three forms begin


SOURCE = "UCI optical digits, test set (Alpaydin and Kaynak)"


@functools.cache
def load_digits() -> Splits:
    """The 1,797 digits of 8 x 8 pixels, in three parts.

    | digits | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | train | 94 | 96 | 94 | 96 | 95 | 96 | 95 | 94 | 93 | 94 |
    | held-out | 46 | 47 | 46 | 48 | 47 | 47 | 47 | 47 | 46 | 47 |
    | test | 38 | 39 | 37 | 39 | 39 | 39 | 39 | 38 | 35 | 39 |

    The source's table is 14 forms of about 130 digits, one after the other: all ask for
    the same digits in the same order. It names 13 writers, who are not marked, but a
    digit's nearest neighbour of its class is on the same form in 54 % of cases (7 % if
    forms had no hand), and no two forms are near as close to each other as each is to
    itself. So the test digits are those of the last three forms. One in three of the
    other digits is held out: a network that reads digits has to be trained on digits
    that no result is compared with. No two digits are equal.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI
    Machine Learning Repository 1998, doi 10.24432/C50P49, CC BY 4.0; its test set, as
    the table in scikit-learn 1.9.1 (BSD-3-Clause) has it. See `NOTICE.md` beside this
    file.

    Example:
        >>> import rram_ode as rr
        >>> digits = rr.load_digits()
        >>> digits.train.images.shape, digits.train.of_class("3").counts()["3"]
        ((947, 8, 8), 96)
    """
    arrays = read_shipped("digits.npz")
    counts = arrays["counts"].reshape(-1, SIZE, SIZE)
    data = LabelledImages(
        counts.astype(np.float32) / BRIGHTEST,
        arrays["digit"],
        tuple(map(str, range(10))),
        SOURCE,
        "all",
    )
    rows = distinct_rows(data)
    return split_by(data.take(rows), rows >= FIRST_TEST_ROW, EVERY)
