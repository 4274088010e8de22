"""The terms of the training objective."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._types import Scalar, State
from ..scores import FourierMLP
from ._batch import Batch


def denoising_loss(score: Callable[[Scalar, State], State], batch: Batch) -> Scalar:
    r"""Mean of $(\mathrm{std}(t)\,\mathrm{score}(t, x_t) + z)^2$, dimensionless.

    With a `NoiseReadout` the score is $-\epsilon / \mathrm{std}$ and this is
    $(z - \epsilon)^2$. The minimum is not 0: it is the variance of $z$ given $x_t$.

    Source: Vincent 2011; Song et al. 2021, arXiv 2011.13456, eq. 7 with weight std^2.

    Args:
        score: `(t, x)` to score, for one sample.
        batch: Noised data.
    """
    # The weights carry no batch axis, so that vmap makes one product of the batch.
    scores = jax.vmap(score, in_axes=(0, 1), out_axes=1)(batch.t, batch.x)
    return jnp.mean((batch.std[None] * scores + batch.noise) ** 2)


def saturation(
    network: FourierMLP, batch: Batch, limit: Float[Array, ""] | float
) -> Scalar:
    """Sum of all hidden activations above `limit`, over units, layers and samples.

    Source: the released code of the paper's authors, `sum(h[h > 1.5])`.
    """
    run = jax.vmap(network.activations, in_axes=(0, 1), out_axes=1)
    hidden: tuple[Array, ...] = run(batch.t, batch.x)[:-1]
    return sum((jnp.sum(jnp.where(h > limit, h, 0.0)) for h in hidden), jnp.zeros(()))
