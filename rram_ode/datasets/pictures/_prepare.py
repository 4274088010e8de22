"""Crop, pad, blur and resize images, each by a matrix on rows and one on columns.

An image p becomes $A p B^T$, where A acts on its rows and B on its columns. Outside an
image there is no ink. All results stay within [0, 1].
"""

import numpy as np
from jaxtyping import Float, Shaped


Images = Float[np.ndarray, "num _ _"]


def prepare_glyphs(
    bitmaps: Shaped[np.ndarray, "num _ _"], size: int, *, blur_std: float = 0.5
) -> Images:
    """Square images of drawn characters: crop, pad to a square, blur, box-resize.

    Each bitmap is cropped to its ink and padded with equal empty margins to the
    smallest square, which is then as large as the image. The blur comes before the
    resize, so that ink that touches the edge of the square fades beyond it.

    Args:
        bitmaps: True or 1 where there is ink, `(num, height, width)`.
        size: Height and width of the images, in pixels.
        blur_std: Standard deviation of the blur, in pixels of the bitmaps.

    Raises:
        ValueError: If a bitmap has no ink.
    """
    ink = bitmaps.astype(bool)
    empty = np.flatnonzero(~ink.any(axis=(1, 2)))
    if empty.size:
        raise ValueError(
            f"each bitmap must have ink; number {empty[0]} has none. Drop it."
        )
    far = _reach(blur_std)
    ink = np.pad(ink, ((0, 0), (far, far), (far, far)))  # ink at an edge is spread, too
    smooth = blur(ink.astype(np.float32), blur_std)
    images = np.empty((len(ink), size, size), np.float32)
    for number, bitmap in enumerate(ink):
        edges = [_edges(bitmap.any(axis=axis)) for axis in (1, 0)]
        length = max(stop - start for start, stop in edges)
        by_row, by_col = (
            _box(along, (start + stop - length) / 2, length, size)
            for along, (start, stop) in zip(bitmap.shape, edges, strict=True)
        )
        images[number] = by_row @ smooth[number] @ by_col.T
    return images.clip(0, 1)  # rounding


def blur(images: Images, std: float) -> Images:
    r"""Images whose pixels are spread with weights proportional to $e^{-k^2 / 2 s^2}$.

    What is spread beyond the edge is lost.

    Args:
        images: Images, `(num, height, width)`.
        std: $s$, in pixels; 0 returns the images.

    Raises:
        ValueError: If `std` is negative or not finite.
    """
    if not 0 <= std < np.inf:
        raise ValueError(f"`std` must be 0 or more, in pixels; got {std:g}.")
    if std == 0:
        return images
    by_row, by_col = (_gaussian(num, std, images.dtype) for num in images.shape[1:])
    return by_row @ images @ by_col.T


def resize(images: Images, size: int) -> Images:
    """Images of `size` x `size` pixels, by the mean of neighbours in a triangle.

    The triangle is as wide as two of the larger pixels, old or new, on each axis: the
    antialiased bilinear resize of torchvision, which the paper's authors used.

    Args:
        images: Images, `(num, height, width)`.
        size: Height and width of the result, in pixels.

    Raises:
        ValueError: If `size` is below 1.
    """
    if size < 1:
        raise ValueError(f"`size` must be 1 pixel or more; got {size}.")
    by_row, by_col = (_triangle(num, size, images.dtype) for num in images.shape[1:])
    return (by_row @ images @ by_col.T).clip(0, 1)  # rounding


def crop_centre(images: Images, size: int) -> Images:
    """The middle `size` x `size` pixels of the images.

    Raises:
        ValueError: If the images are smaller.
    """
    height, width = images.shape[1:]
    if not 1 <= size <= min(height, width):
        raise ValueError(
            f"`size` must be from 1 to {min(height, width)}, the images' smaller side; "
            f"got {size}. Resize the images before."
        )
    top, left = round((height - size) / 2), round((width - size) / 2)
    return images[:, top : top + size, left : left + size]


def _edges(has_ink: np.ndarray) -> tuple[int, int]:
    places = np.flatnonzero(has_ink)
    return int(places[0]), int(places[-1]) + 1


def _box(along: int, start: float, length: int, num: int) -> np.ndarray:
    """Mean over each of `num` equal parts of [start, start + length], `(num, along)`.

    Pixel j of the axis covers [j, j + 1].
    """
    bounds = start + length * np.arange(num + 1) / num
    pixels = np.arange(along)
    overlap = np.minimum(bounds[1:, None], pixels + 1)
    overlap -= np.maximum(bounds[:-1, None], pixels)
    return (overlap.clip(min=0) * (num / length)).astype(np.float32)


def _reach(std: float) -> int:
    """Pixels beyond which a blur of this standard deviation adds nothing."""
    return int(np.ceil(6 * std))


def _gaussian(num: int, std: float, dtype: np.dtype) -> np.ndarray:
    far = np.arange(1, _reach(std) + 1)
    total = 1 + 2 * np.exp(-(far**2) / (2 * std**2)).sum()
    apart = np.subtract.outer(np.arange(num), np.arange(num))
    return (np.exp(-(apart**2) / (2 * std**2)) / total).astype(dtype)


def _triangle(along: int, num: int, dtype: np.dtype) -> np.ndarray:
    scale = along / num
    half = max(scale, 1.0)
    centres = (np.arange(num) + 0.5) * scale
    apart = np.abs(np.arange(along) + 0.5 - centres[:, None])
    weights = (1 - apart / half).clip(min=0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(dtype)
