"""The loss of an autoencoder whose prior has one mean for each class."""

import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int

from .._core._types import Key, Scalar
from ._autoencoder import Autoencoder


def divergence(
    mean: Float[Array, " dim"],
    log_variance: Float[Array, " dim"],
    anchor: Float[Array, " dim"],
) -> Scalar:
    r"""In nats, $KL(N(m, e^v) || N(a, I)) = \sum (e^v + (m - a)^2 - 1 - v) / 2$."""
    apart = (mean - anchor) ** 2
    return 0.5 * jnp.sum(jnp.exp(log_variance) + apart - 1 - log_variance)


def batch_loss(
    model: Autoencoder,
    images: Float[Array, "batch height width"],
    labels: Int[Array, " batch"],
    centres: Float[Array, "classes dim"],
    weights: Float[Array, " classes"],
    kl_weight: float,
    *,
    key: Key,
) -> Scalar:
    r"""Mean over a batch of $w_k (\mathrm{BCE} + \lambda\,\mathrm{KL})$, in nats.

    BCE is the binary cross-entropy of all pixels of one draw of the latent, summed.

    Args:
        model: The autoencoder.
        images: Brightness within [0, 1].
        labels: Class k of each image.
        centres: The anchor of each class.
        weights: $w_k$ of each class.
        kl_weight: $\lambda$.
        key: Key of the draws of latents.
    """

    def one(image: Array, label: Array, key: Key) -> Scalar:
        mean, log_variance = model.encode(image)
        noise = jr.normal(key, mean.shape, mean.dtype)
        logits = model.decoder(mean + jnp.exp(0.5 * log_variance) * noise)
        entropy = jnp.sum(jax.nn.softplus(logits) - image * logits)
        distance = divergence(mean, log_variance, centres[label])
        return weights[label] * (entropy + kl_weight * distance)

    keys = jr.split(key, images.shape[0])
    return jnp.mean(jax.vmap(one)(images, labels, keys))
