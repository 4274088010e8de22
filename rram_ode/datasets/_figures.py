"""Discs and crosses in the quarters of a picture: data that two words describe."""

import dataclasses
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Float

from .._core._arrays import scalar
from .._core._checks import non_negative
from .._core._types import Key, Points, Scalar
from ._labelled import AbstractLabelledDataset, Labels


SHAPES = ("disc", "cross")


QUARTERS = ("upper left", "upper right", "lower left", "lower right")


# Assumed, all relative: to the side, and the bar to the radius.
RADIUS = 0.14, 0.2


SHIFT = 1 / 16


BAR = 0.4


class Figures(AbstractLabelledDataset):
    r"""$2p - 1$ of pictures p with one disc or one cross in one quarter.

    A figure lies within a quarter, off its centre by up to a sixteenth of a side either
    way; its radius is 0.14 to 0.2 of a side, and a bar of a cross is two fifths of the
    radius wide on either side of the middle. With d the distance in pixels to the edge,
    positive inside, $p = \Phi(d / s)$. Class 4 a + b is shape a in quarter b, all
    equally likely.

    Args:
        side: Pixels a side, an even number of at least 8.
        edge: $s$, the softness of edges, in pixels.
        only: The class of all pictures; `None` for all classes.

    Raises:
        ValueError: If `side` is odd or below 8, `edge` is negative or not finite, or
            there is no class `only`.
    """

    side: int = eqx.field(default=16, static=True)
    edge: Scalar = eqx.field(default=0.5, converter=scalar)
    only: int | None = eqx.field(default=None, static=True)

    just_noticeable: ClassVar[str] = "half a pixel of blur"

    def __check_init__(self):
        non_negative("edge", self.edge, "pixels")
        if self.side % 2 or self.side < 8:
            raise ValueError(
                f"`side` must be an even number of 8 pixels or more; got {self.side}."
            )
        number = len(self.class_names)
        if self.only is not None and not 0 <= self.only < number:
            raise ValueError(
                f"`only` must be a class from 0 to {number - 1}; got {self.only}."
            )

    @property
    def dim(self) -> int:
        """Number of pixels."""
        return self.side**2

    @property
    def class_names(self) -> tuple[str, ...]:
        """Shape and quarter."""
        return tuple(f"{shape} {quarter}" for shape in SHAPES for quarter in QUARTERS)

    @property
    def words(self) -> tuple[tuple[int, int], ...]:
        """Numbers of shape and quarter of each class."""
        return tuple((a, b) for a in range(len(SHAPES)) for b in range(len(QUARTERS)))

    @property
    def shares(self) -> Float[np.ndarray, " classes"]:
        """Equal parts, or all of one class."""
        number = len(self.class_names)
        if self.only is None:
            return np.full(number, 1 / number)
        return np.eye(number)[self.only]

    def sample_labelled(self, num_samples: int, *, key: Key) -> tuple[Points, Labels]:
        """Fresh pictures and their classes."""
        return _sample(self, num_samples, key)

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        r"""Pictures of `edge` $\sqrt{s^2 + 1/4}$, as a blur makes straight edges."""
        softer = dataclasses.replace(self, edge=jnp.sqrt(self.edge**2 + 0.25))
        return softer.sample(num_samples, key=key)

    def of_class(self, label: int) -> "Figures":
        """The pictures of one class, which keeps its number."""
        return dataclasses.replace(self, only=label)


def figures(side: int = 16) -> Figures:
    """Figures of all classes, `side` pixels a side."""
    return Figures(side)


@eqx.filter_jit
def _sample(figures: Figures, num: int, key: Key) -> tuple[Points, Labels]:
    label_key, size_key, place_key = jr.split(key, 3)
    number = len(SHAPES) * len(QUARTERS)
    if figures.only is None:
        label = jr.randint(label_key, (num,), 0, number)
    else:
        label = jnp.full((num,), figures.only)
    side, dtype = figures.side, figures.edge.dtype
    radius = side * jr.uniform(size_key, (num,), dtype, *RADIUS)
    shift = side * jr.uniform(place_key, (2, num), dtype, -SHIFT, SHIFT)
    quarter = label % len(QUARTERS)
    places = jnp.stack([quarter // 2, quarter % 2]).astype(dtype)
    centre = side * (places + 0.5) / 2 + shift
    pixels = jnp.arange(side, dtype=dtype) + 0.5
    grid = jnp.stack(jnp.meshgrid(pixels, pixels, indexing="ij"))
    away = grid[:, None] - centre[:, :, None, None]
    wide = radius[:, None, None]
    disc = wide - jnp.sqrt(jnp.sum(away**2, axis=0))
    down, right = jnp.abs(away)
    bar = lambda along, across: jnp.minimum(wide - along, BAR * wide - across)
    cross = jnp.maximum(bar(down, right), bar(right, down))
    is_disc = (label < len(QUARTERS))[:, None, None]
    inside = jnp.where(is_disc, disc, cross)
    ink = jax.scipy.stats.norm.cdf(inside / jnp.maximum(figures.edge, 1e-3))
    return 2 * ink.reshape(num, -1) - 1, label
