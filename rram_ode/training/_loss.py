"""The terms of the training objective."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._types import Scalar, State
from ..scores import NetworkScore
from ._batch import Batch


def denoising_loss(score: Callable[[Scalar, State], State], batch: Batch) -> Scalar:
    r"""Mean of $(\mathrm{std}(t)\,\mathrm{score}(t, x_t) + z)^2$, dimensionless.

    With a `NoiseReadout` the score is $-\epsilon / \mathrm{std}$ and the loss is that
    of $(z - \epsilon)^2$; for a batch of velocities it is the loss of flow matching.
    The minimum is not 0 but the variance of $z$, or of the velocity, given $x_t$.

    Source: Vincent 2011; Song et al. 2021, arXiv 2011.13456, eq. 7 with weight std^2;
    Lipman et al. 2023, arXiv 2210.02747, eq. 9.

    Args:
        score: Maps `(t, x)` to the score, or to the velocity, for one sample.
        batch: Noised data.
    """
    # The weights of `score` have no batch axis, so that vmap makes one product of all.
    scores = jax.vmap(score, in_axes=(0, 1), out_axes=1)(batch.t, batch.x)
    return residual(scores, batch)


def network_losses(
    score: NetworkScore, batch: Batch, limit: float
) -> tuple[Scalar, Scalar]:
    r"""`denoising_loss` and the saturation $\sum h[h > \mathrm{limit}]$ in one pass.

    The sum is over hidden units, layers and samples.

    Source: the released code of the paper's authors, `sum(h[h > 1.5])`.

    Args:
        score: A score by a network.
        batch: Noised data.
        limit: Activation above which a unit counts as saturated.
    """
    run = jax.vmap(score.network.activations, in_axes=(0, 1, 0), out_axes=1)
    *hidden, out = run(batch.t, batch.x, batch.label)
    factor = jax.vmap(score.readout.factor)(batch.t)
    scores = factor[None] * (score.network.output_factor * out)
    return residual(scores, batch), saturation(tuple(hidden), limit)


def saturation(hidden: tuple[Float[Array, "_ _"], ...], limit: float) -> Scalar:
    """Sum of the activations above `limit`, over layers, units and samples."""
    over = [jnp.sum(jnp.where(h > limit, h, 0.0)) for h in hidden]
    return jnp.sum(jnp.stack(over))


def residual(scores: State, batch: Batch) -> Scalar:
    """Mean of the squared residual, (scale x score - target)^2."""
    return jnp.mean((batch.scale[None] * scores - batch.target) ** 2)
