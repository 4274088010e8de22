"""Round modes in the plane, of which each is a class."""

import dataclasses
import math
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._checks import non_negative
from .._core._types import Key, Points, Scalar
from ._base import AbstractDataset
from ._labelled import AbstractLabelledDataset, Labels
from ._noticeable import WIDER


class Mode(AbstractDataset):
    r"""One round mode: $x = c + s \epsilon$ with $\epsilon \sim N(0, I)$.

    Args:
        centre: c.
        std: s, the spread in each coordinate.
    """

    centre: Float[Array, "2"]
    std: Scalar = eqx.field(converter=scalar)

    dim: ClassVar[int] = 2
    just_noticeable: ClassVar[str] = "each mode 20 % wider"

    def __check_init__(self):
        non_negative("std", self.std, "units of the data")

    @eqx.filter_jit
    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Draw fresh points, shape `(num_samples, 2)`."""
        return self.centre[None] + self.std * jr.normal(key, (num_samples, 2))

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Draw points whose `std` is 20 % larger, shape `(num_samples, 2)`."""
        wider = dataclasses.replace(self, std=WIDER * self.std)
        return wider.sample(num_samples, key=key)


class Modes(AbstractLabelledDataset):
    r"""Classes $k = 0, 1, \dots$, equally likely, each with a mode around its centre.

    Args:
        centres: One for each class.
        names: What the classes are called.
        std: The spread of each mode in each coordinate.

    Raises:
        ValueError: If `std` is negative or not finite, or a class has no name.
    """

    centres: Float[Array, "classes 2"]
    names: tuple[str, ...] = eqx.field(static=True)
    std: Scalar = eqx.field(default=0.08, converter=scalar)

    dim: ClassVar[int] = 2
    just_noticeable: ClassVar[str] = "each mode 20 % wider"

    def __check_init__(self):
        non_negative("std", self.std, "units of the data")
        if len(self.names) != self.centres.shape[0]:
            raise ValueError(
                f"`names` must hold one name for each of {self.centres.shape[0]} "
                f"centres; got {len(self.names)}."
            )

    @property
    def class_names(self) -> tuple[str, ...]:
        """`names`."""
        return self.names

    @property
    def shares(self) -> Float[Array, " classes"]:
        """The same for each class."""
        return jnp.full(len(self.names), 1 / len(self.names))

    @eqx.filter_jit
    def sample_labelled(self, num_samples: int, *, key: Key) -> tuple[Points, Labels]:
        """Fresh points, `(num_samples, 2)`, and the class of each."""
        label_key, noise_key = jr.split(key)
        labels = jr.randint(label_key, (num_samples,), 0, len(self.names))
        noise = jr.normal(noise_key, (num_samples, 2))
        return self.centres[labels] + self.std * noise, labels

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Draw points whose `std` is 20 % larger, shape `(num_samples, 2)`."""
        wider = dataclasses.replace(self, std=WIDER * self.std)
        return wider.sample(num_samples, key=key)

    def nearest(self, x: Float[Array | np.ndarray, "num dim"]) -> np.ndarray:
        """The class whose centre is nearest to each point, `(num,)`."""
        apart = np.asarray(x)[:, None] - np.asarray(self.centres)[None]
        return np.argmin(np.linalg.norm(apart, axis=2), axis=1)

    def of_class(self, label: int) -> Mode:
        """The mode of the class `label`."""
        return Mode(self.centres[label], self.std)


def seven_modes() -> Modes:
    """Classes a to g at the corners of a regular polygon of radius 0.8.

    The paper's board has a mode of seven classes, whose data are not public: this
    geometry is ours.
    """
    angles = 2 * math.pi / 7 * jnp.arange(7.0)
    centres = 0.8 * jnp.stack([jnp.cos(angles), jnp.sin(angles)], axis=1)
    return Modes(centres, tuple("abcdefg"))


def nine_modes() -> Modes:
    """Classes A to I on a square of three by three points, 0.7 apart.

    The paper's board has a mode of nine classes, whose data are not public: this
    geometry is ours.
    """
    points = jnp.asarray([-0.7, 0.0, 0.7])
    x, y = jnp.meshgrid(points, points)
    return Modes(jnp.stack([x.ravel(), y.ravel()], axis=1), tuple("ABCDEFGHI"))
