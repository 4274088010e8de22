"""Labelled images to generate: handwritten letters and digits, and a user's own.

Pixels lie within [0, 1], 0 where there is no ink; images are `(num, height, width)` and
states to train on `(dim, num)` within [-1, 1].
"""

from ._digits import load_digits as load_digits
from ._distort import distort as distort, warp as warp
from ._distorted import DistortedPictures as DistortedPictures
from ._labelled import find_label as find_label, LabelledImages as LabelledImages
from ._letters import load_letters as load_letters
from ._mnist import load_emnist as load_emnist, load_mnist as load_mnist
from ._npz import load_npz as load_npz
from ._pictures import AbstractPictures as AbstractPictures
from ._pixels import digits as digits, PixelPictures as PixelPictures
from ._prepare import (
    blur as blur,
    crop_centre as crop_centre,
    prepare_glyphs as prepare_glyphs,
    resize as resize,
)
from ._splits import (
    drop_copies as drop_copies,
    hold_out as hold_out,
    split_in_order as split_in_order,
    split_official as split_official,
    SPLITS as SPLITS,
    Splits as Splits,
)
from ._states import to_images as to_images, to_states as to_states
