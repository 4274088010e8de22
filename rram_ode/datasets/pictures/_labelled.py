"""Grey images with the class that each belongs to."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Array, Int

from ..._core._checks import place_of
from ..._core._types import State
from ._states import to_states


@dataclasses.dataclass(frozen=True, eq=False)
class LabelledImages:
    """Grey images, 0 where there is no ink and 1 where there is most, with labels.

    The arrays cannot be written to.

    Args:
        images: Brightness, `(num, height, width)`, within [0, 1].
        labels: Number of each image's class, `(num,)`: its place in `classes`.
        classes: Name of each class, such as `("h", "k", "u")`.
        source: Where the images come from.
        split: Which part of the source they are, such as "train".

    Raises:
        ValueError: If there is no image, the arrays do not fit each other, a value is
            not within [0, 1], a label has no class, or two classes have one name.
    """

    images: np.ndarray  # any that is not as said above is refused, not cast
    labels: np.ndarray
    classes: tuple[str, ...]
    source: str
    split: str

    def __post_init__(self):
        images, labels = np.asarray(self.images), np.asarray(self.labels)
        _check_images(images)
        _check_labels(labels, len(images), self.classes)
        for name, values in (
            ("images", images.astype(np.float32, copy=False)),
            ("labels", labels.astype(np.int64, copy=False)),
        ):
            values = values.view()
            values.setflags(write=False)
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        """The number of images."""
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of an image, in pixels."""
        return self.images.shape[1], self.images.shape[2]

    @property
    def dim(self) -> int:
        """The number of pixels of an image, which is the dimension of its state."""
        return self.shape[0] * self.shape[1]

    def counts(self) -> dict[str, int]:
        """The number of images of each class."""
        numbers = np.bincount(self.labels, minlength=len(self.classes))
        return dict(zip(self.classes, numbers.tolist(), strict=True))

    def states(self) -> State:
        """The images as states to train on, `(dim, num)`, as `to_states` makes them."""
        return to_states(self.images)

    def take(
        self, rows: Int[np.ndarray | Array, " rows"], split: str | None = None
    ) -> "LabelledImages":
        """The images in these `rows`, in their order, as the part `split`."""
        rows = np.asarray(rows)
        return dataclasses.replace(
            self,
            images=self.images[rows],
            labels=self.labels[rows],
            split=self.split if split is None else split,
        )

    def of_class(self, name: str) -> "LabelledImages":
        """The images of the class `name`; the classes keep their numbers.

        Raises:
            ValueError: If there is no such class, or no image of it.
        """
        rows = np.flatnonzero(self.labels == find_label(name, self.classes))
        if len(rows) == 0:
            raise ValueError(
                f"there is no image of the class `{name}` in the part `{self.split}` "
                f"of {self.source}; the numbers of images are {self.counts()}."
            )
        return self.take(rows)

    def check_shape(self, height: int, width: int) -> None:
        """Refuse images that do not have this height and width, in pixels.

        Raises:
            ValueError: If they have not.
        """
        if self.shape != (height, width):
            raise ValueError(
                f"`images` must be {height} x {width} pixels; those of {self.source} "
                f"are {self.shape[0]} x {self.shape[1]}. Resize them "
                "(`datasets.pictures.resize`), or train a network for them."
            )


def find_label(name: str, classes: Sequence[str]) -> int:
    """The number of the class `name`: its place in `classes`.

    Raises:
        ValueError: If there is no such class; the message lists those that exist.
    """
    return place_of("label", name, classes)


def _check_images(images: np.ndarray) -> None:
    if images.ndim != 3 or 0 in images.shape:
        raise ValueError(
            "`images` must have the shape (number, height, width), none of them 0; got "
            f"{images.shape}. Reshape them."
        )
    if images.dtype.kind != "f":
        raise ValueError(
            f"`images` must be floats within [0, 1]; got {images.dtype}. Divide them "
            "by the brightest value that the format has."
        )
    low, high = images.min(), images.max()  # NaN if there is one
    if not (low >= 0 and high <= 1):
        bad = images[~((images >= 0) & (images <= 1))]
        raise ValueError(
            f"`images` must lie within [0, 1] and not be NaN; {bad.size} values do "
            f"not, such as {bad[0]:g}. Divide them by the brightest value that the "
            "format has, and drop images with NaN."
        )


def _check_labels(labels: np.ndarray, num: int, classes: tuple[str, ...]) -> None:
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(
            "`labels` must be whole numbers of the shape (number,); got "
            f"{labels.dtype} of the shape {labels.shape}. Give one number an image."
        )
    if len(labels) != num:
        raise ValueError(
            f"`labels` must be one for each image; got {len(labels)} labels and {num} "
            "images. Take both from one data set."
        )
    if not classes or len(set(classes)) != len(classes):
        raise ValueError(
            f"`classes` must be different names, one or more; got {classes}. Rename "
            "them."
        )
    bad = labels[(labels < 0) | (labels >= len(classes))]
    if bad.size:
        names = ", ".join(f"{k} ({name})" for k, name in enumerate(classes))
        raise ValueError(
            f"`labels` must be one of {names}; got {bad[0]}. Name its class, too, or "
            "drop its images."
        )
