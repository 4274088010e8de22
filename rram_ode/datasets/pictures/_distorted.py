"""Pictures that are moved a little at each draw, so that none is learnt by heart."""

from typing import ClassVar

import equinox as eqx
import jax.random as jr
import numpy as np
from jaxtyping import Float

from ..._core._arrays import scalar
from ..._core._checks import positive
from ..._core._types import Key, Points, Scalar
from .._base import AbstractDataset
from .._labelled import AbstractLabelledDataset, Labels
from ._distort import distort
from ._pixels import PixelPictures


class DistortedPictures(AbstractLabelledDataset):
    """The training pictures of a set, each draw under an affine map of its own.

    A network with more parameters than there are pixels lies nearer to the pictures
    that it was trained on than to others of the same law. With maps that a reader does
    not notice there is no picture to copy.

    Args:
        pictures: Pictures as states of their pixels.
        amount: Spread of the maps, as `distort` has it.

    Raises:
        ValueError: If `amount` is not positive.
    """

    just_noticeable: ClassVar[str] = "half a pixel of blur"

    pictures: PixelPictures
    amount: Scalar = eqx.field(converter=scalar)

    def __check_init__(self):
        positive("train.distortion", self.amount, "dimensionless")

    @property
    def dim(self) -> int:
        """Number of pixels of a picture."""
        return self.pictures.dim

    @property
    def class_names(self) -> tuple[str, ...]:
        """Those of the pictures."""
        return self.pictures.class_names

    @property
    def shares(self) -> Float[np.ndarray, " classes"]:
        """Those of the pictures."""
        return self.pictures.shares

    @eqx.filter_jit
    def sample_labelled(self, num_samples: int, *, key: Key) -> tuple[Points, Labels]:
        """States and labels of distorted training pictures."""
        draw_key, map_key = jr.split(key)
        x, labels = self.pictures.sample_labelled(num_samples, key=draw_key)
        images = (x.reshape(num_samples, *self.pictures.shape) + 1) / 2
        moved = distort(images, self.amount.astype(images.dtype), key=map_key)
        return 2 * moved.reshape(num_samples, -1) - 1, labels

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Blurred training pictures."""
        return self.pictures.sample_noticeable(num_samples, key=key)

    def of_class(self, label: int) -> AbstractDataset:
        """Those of one class."""
        own = self.pictures.of_class(label)
        return DistortedPictures(own, self.amount)  # pyright: ignore[reportCallIssue]  # `dim` is a property
