"""Noise on the weights while training, so that the network tolerates it on a chip.

Drawn afresh at each step of the optimiser: right in training, wrong in a solve.
"""

import jax.numpy as jnp
import jax.random as jr
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from .._core._types import Key, Weights
from ..scores import FourierMLP
from ._tune import parameters, with_parameters


def proportional_noise(
    network: FourierMLP, std: Float[Array, ""] | float, *, key: Key
) -> FourierMLP:
    r"""All weights and biases times $1 + n$; `std` 0 returns them bit for bit.

    $n \sim N(0, s^2)$, and where $|n| > 2s$ it is drawn again, uniform in $\pm 2s$.

    Source: the released code of the paper's authors, s = 0.1.

    Args:
        network: What is perturbed.
        std: $s$, relative.
        key: Of this step.
    """
    flat, unravel = ravel_pytree(parameters(network))
    # One draw for all layers: each call of the generator costs a second to compile.
    normal_key, uniform_key = jr.split(key)
    normal = jr.normal(normal_key, flat.shape, flat.dtype)
    uniform = jr.uniform(uniform_key, flat.shape, flat.dtype, -2.0, 2.0)
    error = jnp.where(jnp.abs(normal) > 2, uniform, normal)
    return with_parameters(network, unravel(flat * (1 + std * error)))


def column_noise(
    network: FourierMLP, std: Float[Array, ""] | float, *, key: Key
) -> FourierMLP:
    r"""Each weight and bias plus $s \max|w|\,\epsilon$, the maximum of its own column.

    The image of a constant write noise in siemens under a scale per column; a small
    weight suffers as much as a large one, unlike under `proportional_noise`. Gradients
    pass through the maximum, which rewards columns of even weights. `std` 0 returns the
    weights bit for bit.

    Args:
        network: What is perturbed.
        std: $s$, relative to the largest weight or bias of the column.
        key: Of this step.
    """
    flat, unravel = ravel_pytree(parameters(network))
    noise = unravel(std * jr.normal(key, flat.shape, flat.dtype))

    def perturb(w: Weights, b: Array, dw: Weights, db: Array) -> tuple[Weights, Array]:
        largest = jnp.maximum(jnp.max(jnp.abs(w), axis=0), jnp.abs(b))
        return w + largest[None] * dw, b + largest * db

    pairs = map(perturb, *parameters(network), *noise)
    weights, biases = zip(*pairs, strict=True)
    return with_parameters(network, (weights, biases))
