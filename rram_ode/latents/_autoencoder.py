"""The paper's convolutional variational autoencoder of small grey images."""

import functools

import equinox as eqx
import jax
import jax.random as jr
from jaxtyping import Array, Float

from .._core._types import Key


CHANNELS = (8, 16)  # of the two convolutions


UNITS = 16  # between the convolutions and the latent


class Encoder(eqx.Module):
    """Two convolutions of 3 x 3 with stride 2, 16 units, then mean and log-variance."""

    first: eqx.nn.Conv2d
    second: eqx.nn.Conv2d
    units: eqx.nn.Linear
    mean: eqx.nn.Linear
    log_variance: eqx.nn.Linear

    def __call__(
        self, image: Float[Array, "height width"]
    ) -> tuple[Float[Array, " dim"], Float[Array, " dim"]]:
        """Mean and log-variance of the latent of `image`."""
        h = jax.nn.relu(self.first(image[None]))
        h = jax.nn.relu(self.second(h))
        h = jax.nn.relu(self.units(h.ravel()))
        return self.mean(h), self.log_variance(h)


class Decoder(eqx.Module):
    """The mirror of `Encoder`, whose last values are logits of pixels.

    Args:
        units: From the latent to 16 units.
        spread: From them to 16 channels of a quarter of the image's sides.
        first: To 8 channels of half the image's sides.
        second: To the image.
        quarter: A quarter of height and width, in pixels.
    """

    units: eqx.nn.Linear
    spread: eqx.nn.Linear
    first: eqx.nn.ConvTranspose2d
    second: eqx.nn.ConvTranspose2d
    quarter: tuple[int, int] = eqx.field(static=True)

    def __call__(self, latent: Float[Array, " dim"]) -> Float[Array, "height width"]:
        """The logit of each pixel of the image of `latent`."""
        h = jax.nn.relu(self.units(latent))
        h = jax.nn.relu(self.spread(h))
        h = jax.nn.relu(self.first(h.reshape(CHANNELS[1], *self.quarter)))
        return self.second(h)[0]


class Autoencoder(eqx.Module):
    """Images as a few numbers and back; a Gaussian latent for each image.

    Its methods take one image or one latent; use `jax.vmap` for several.

    Args:
        encoder: From an image to mean and log-variance of its latent.
        decoder: From a latent to the logits of pixels.

    Source: the released code of the paper's authors (arXiv 2404.05648): channels 8 and
    16, 16 units, ReLU between layers, a sigmoid at the end.
    """

    encoder: Encoder
    decoder: Decoder

    @property
    def dim(self) -> int:
        """Number of coordinates of a latent."""
        return self.encoder.mean.bias.shape[0]  # pyright: ignore[reportOptionalMemberAccess]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of an image, in pixels."""
        height, width = self.decoder.quarter
        return 4 * height, 4 * width

    def encode(
        self, image: Float[Array, "height width"]
    ) -> tuple[Float[Array, " dim"], Float[Array, " dim"]]:
        """Mean and log-variance of the latent of an image within [0, 1]."""
        return self.encoder(image)

    def decode(self, latent: Float[Array, " dim"]) -> Float[Array, "height width"]:
        """The image of a latent, brightness within [0, 1]."""
        return jax.nn.sigmoid(self.decoder(latent))


def untrained_autoencoder(dim: int, shape: tuple[int, int], *, key: Key) -> Autoencoder:
    r"""A random autoencoder: weights uniform in $\pm 1 / \sqrt{\text{inputs}}$.

    Args:
        dim: Number of coordinates of a latent.
        shape: Height and width of an image, in pixels: multiples of 4.
        key: Key of all weights.

    Raises:
        ValueError: If `dim` is below 1, or a side is no multiple of 4.
    """
    if dim < 1:
        raise ValueError(f"`latents.dim` must be 1 or more; got {dim}.")
    if any(side < 4 or side % 4 for side in shape):
        raise ValueError(
            "`shape` must be multiples of 4 pixels, for two convolutions of stride 2; "
            f"got {shape[0]} x {shape[1]}. Crop, pad or resize the images."
        )
    quarter = shape[0] // 4, shape[1] // 4
    flat = CHANNELS[1] * quarter[0] * quarter[1]
    few, many = CHANNELS
    keys = iter(jr.split(key, 9))
    down = functools.partial(eqx.nn.Conv2d, kernel_size=3, stride=2, padding=1)
    up = functools.partial(
        eqx.nn.ConvTranspose2d, kernel_size=3, stride=2, padding=1, output_padding=1
    )
    encoder = Encoder(
        down(1, few, key=next(keys)),
        down(few, many, key=next(keys)),
        eqx.nn.Linear(flat, UNITS, key=next(keys)),
        eqx.nn.Linear(UNITS, dim, key=next(keys)),
        eqx.nn.Linear(UNITS, dim, key=next(keys)),
    )
    decoder = Decoder(
        eqx.nn.Linear(dim, UNITS, key=next(keys)),
        eqx.nn.Linear(UNITS, flat, key=next(keys)),
        up(many, few, key=next(keys)),
        up(few, 1, key=next(keys)),
        quarter,
    )
    return Autoencoder(encoder, decoder)
