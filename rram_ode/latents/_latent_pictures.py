"""Pictures as the latents that an autoencoder gives them."""

import dataclasses
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from .._core._checks import place_of
from .._core._types import Points
from ..datasets import Labels
from ..datasets.pictures import AbstractPictures, blur, SPLITS, Splits
from ._anchors import anchors, nearest_anchor
from ._autoencoder import Autoencoder
from ._checkpoint import TrainedAutoencoder


SCALE = 8.0  # latents over states, from the released code of the paper's authors


BLUR = 0.5  # pixels, the standard deviation of what a person would just accept: assumed


class LatentPictures(AbstractPictures):
    r"""Pictures as states $x = m / 8$ of the mean m of each picture's latent.

    The paper's states are latents over 8, too. A draw of the latent in place of its
    mean would decode less sharply (its mean square error is 9 % larger for the shipped
    letters) and add a spread to the data that no picture has.

    Args:
        model: The autoencoder.
        states: States of each of the parts `SPLITS`.
        labels: Classes of the same pictures.
        distorted: States of the same pictures after a blur of half a pixel.
        anchors: The prior mean of each class, as a state.
        names: What the classes are called.
    """

    model: Autoencoder
    states: tuple[Float[Array, "_ dim"], ...]
    labels: tuple[Int[Array, " _"], ...]
    distorted: tuple[Float[Array, "_ dim"], ...]
    anchors: Float[Array, "classes dim"]
    names: tuple[str, ...] = eqx.field(static=True)

    just_noticeable: ClassVar[str] = "half a pixel of blur"

    @property
    def dim(self) -> int:
        """Number of coordinates of a state."""
        return self.model.dim

    @property
    def class_names(self) -> tuple[str, ...]:
        """What a user calls the classes, in the order of their numbers."""
        return self.names

    def part(self, split: str) -> tuple[Points, Labels]:
        """States `(num, dim)` and labels of all pictures of a part, in its order."""
        place = place_of("split", split, SPLITS)
        return self.states[place], self.labels[place]

    def blurred(self, split: str) -> Points:
        """States `(num, dim)` of the same pictures, blurred by half a pixel."""
        return self.distorted[place_of("split", split, SPLITS)]

    def to_images(
        self, x: Float[Array | np.ndarray, "num dim"]
    ) -> Float[np.ndarray, "num height width"]:
        """The decoded images of states `(num, dim)`, brightness within [0, 1]."""
        return np.asarray(_decode(self.model, jnp.asarray(x, float)))

    def of_class(self, label: int) -> "LatentPictures":
        """The pictures of one class alone; the classes keep their numbers.

        Raises:
            ValueError: If there is no such class.
        """
        if not 0 <= label < len(self.names):
            raise ValueError(
                f"`label` must be from 0 to {len(self.names) - 1}; got {label}."
            )
        rows = [np.flatnonzero(np.asarray(part) == label) for part in self.labels]
        pick = lambda parts: tuple(
            part[own] for part, own in zip(parts, rows, strict=True)
        )
        return dataclasses.replace(
            self,
            states=pick(self.states),
            labels=pick(self.labels),
            distorted=pick(self.distorted),
        )

    def nearest(self, x: Float[Array | np.ndarray, "num dim"]) -> np.ndarray:
        """The class whose anchor is nearest to each state, `(num,)`."""
        return nearest_anchor(x, self.anchors)


def latent_pictures(trained: TrainedAutoencoder, splits: Splits) -> LatentPictures:
    """The pictures of `splits` in the latent space of an autoencoder.

    Raises:
        ValueError: If the autoencoder is of other classes or of another size.
    """
    model, shape = trained.model, splits.train.shape
    if trained.classes != splits.train.classes:
        raise ValueError(
            f"the autoencoder knows the classes {', '.join(trained.classes)}; the "
            f"images have {', '.join(splits.train.classes)}. Train one for them."
        )
    if model.shape != shape:
        raise ValueError(
            f"the autoencoder takes images of {model.shape[0]} x {model.shape[1]} "
            f"pixels; got {shape[0]} x {shape[1]}. Train one for them."
        )
    sharp = np.concatenate([part.images for part in splits])
    both = np.concatenate([sharp, blur(sharp, BLUR)])
    states = _encode(model, jnp.asarray(both, float))
    ends = np.cumsum([len(part) for part in splits])[:2]
    divide = lambda states: tuple(jnp.split(states, ends))
    return LatentPictures(  # pyright: ignore[reportCallIssue]  # `dim` is a property
        model=model,
        states=divide(states[: len(sharp)]),
        labels=tuple(jnp.asarray(part.labels) for part in splits),
        distorted=divide(states[len(sharp) :]),
        anchors=anchors(len(trained.classes), model.dim) / SCALE,
        names=trained.classes,
    )


@eqx.filter_jit
def _encode(model: Autoencoder, images: Float[Array, "num height width"]) -> Points:
    return jax.vmap(model.encode)(images)[0] / SCALE


@eqx.filter_jit
def _decode(model: Autoencoder, x: Points) -> Float[Array, "num height width"]:
    return jax.vmap(model.decode)(SCALE * x)
