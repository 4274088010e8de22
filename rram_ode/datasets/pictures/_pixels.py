"""Pictures as states of their pixels."""

import dataclasses
import functools
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..._core._checks import place_of
from ..._core._types import Points
from .._labelled import Labels
from ._digits import load_digits
from ._labelled import LabelledImages
from ._pictures import AbstractPictures
from ._prepare import blur
from ._splits import SPLITS, Splits
from ._states import to_images, to_states


BLUR = 0.5  # pixels, of the distortion that one would just accept (assumed)


class PicturePart(eqx.Module):
    """The states of one part of a data set, in its order.

    Args:
        states: States, `(num, dim)`, dimensionless.
        blurred: States of the same pictures, distorted.
        labels: Number of each picture's class.
    """

    states: Points
    blurred: Points
    labels: Labels


class PixelPictures(AbstractPictures):
    """Pictures whose states are their pixels, within [-1, 1]; `of` makes them.

    Args:
        parts: The parts `train`, `held-out` and `test`.
        shape: Height and width of a picture, in pixels.
        names: What a user calls the classes, in the order of their numbers.
    """

    just_noticeable: ClassVar[str] = "half a pixel of blur"

    parts: tuple[PicturePart, PicturePart, PicturePart]
    shape: tuple[int, int] = eqx.field(static=True)
    names: tuple[str, ...] = eqx.field(static=True)

    @staticmethod
    def of(splits: Splits) -> "PixelPictures":
        """The pictures of a data set, its arrays moved to JAX once."""
        train, held_out, test = map(_part, splits)
        parts, first = (train, held_out, test), splits.train
        return PixelPictures(parts, first.shape, first.classes)  # pyright: ignore[reportCallIssue]  # `dim` is a property

    @property
    def dim(self) -> int:
        """Number of pixels of a picture."""
        return self.shape[0] * self.shape[1]

    @property
    def class_names(self) -> tuple[str, ...]:
        """What a user calls the classes, in the order of their numbers."""
        return self.names

    def part(self, split: str) -> tuple[Points, Labels]:
        """States `(num, dim)` and labels of all pictures of a part, in its order.

        Raises:
            ValueError: If there is no such part; the message lists those that exist.
        """
        found = self.parts[place_of("split", split, SPLITS)]
        return found.states, found.labels

    def blurred(self, split: str) -> Points:
        """States `(num, dim)` of the same pictures with half a pixel of blur."""
        return self.parts[place_of("split", split, SPLITS)].blurred

    def to_images(
        self, x: Float[Array | np.ndarray, "num dim"]
    ) -> Float[np.ndarray, "num height width"]:
        """Brightness $p = (x + 1) / 2$; generated pictures may leave [0, 1]."""
        return to_images(np.asarray(x).T, self.shape)

    def of_class(self, label: int) -> "PixelPictures":
        """The pictures of one class, which keeps its number.

        Raises:
            ValueError: If a part has no picture of this class.
        """
        kept = [np.flatnonzero(np.asarray(p.labels) == label) for p in self.parts]
        if not all(map(len, kept)):
            raise ValueError(
                "`label` must be a class of which each part has pictures; got "
                f"{label} of {len(self.names)} classes, with {[*map(len, kept)]} "
                "pictures."
            )
        train, held_out, test = (
            PicturePart(p.states[rows], p.blurred[rows], p.labels[rows])
            for p, rows in zip(self.parts, kept, strict=True)
        )
        return dataclasses.replace(self, parts=(train, held_out, test))


@functools.cache
def digits() -> PixelPictures:
    """The digits of `load_digits` as states of 64 pixels."""
    return PixelPictures.of(load_digits())


def _part(data: LabelledImages) -> PicturePart:
    distorted = to_states(blur(data.images, BLUR)).T
    return PicturePart(data.states().T, distorted, jnp.asarray(data.labels))
