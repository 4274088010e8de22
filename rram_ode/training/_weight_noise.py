"""Noise on the weights in training, so that the network tolerates noise on a chip.

It is drawn afresh at each step of the optimiser, which would be wrong in a solve.
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
    r"""Multiply all weights and biases by $1 + n$; `std` 0 returns them bit for bit.

    Here $n \sim N(0, s^2)$, drawn again uniformly in $\pm 2s$ where $|n| > 2s$.

    Source: the released code of the paper's authors, s = 0.1.

    Args:
        network: The network whose weights are perturbed.
        std: $s$, relative.
        key: Key of this step.
    """
    weights, biases, classes = parameters(network)
    flat, unravel = ravel_pytree((weights, biases))
    # One draw serves all layers: each call of the generator takes a second to compile.
    normal_key, uniform_key = jr.split(key)
    normal = jr.normal(normal_key, flat.shape, flat.dtype)
    uniform = jr.uniform(uniform_key, flat.shape, flat.dtype, -2.0, 2.0)
    error = jnp.where(jnp.abs(normal) > 2, uniform, normal)
    return with_parameters(network, (*unravel(flat * (1 + std * error)), classes))


def column_noise(
    network: FourierMLP, std: Float[Array, ""] | float, *, key: Key
) -> FourierMLP:
    r"""Add $s \max|w|\,\epsilon$ to each weight and bias, the maximum over its column.

    This is constant write noise in siemens under a scale per column: a small weight
    suffers as much as a large one, unlike with `proportional_noise`. Gradients pass
    through the maximum, which rewards columns of even weights. `std` 0 returns the
    weights bit for bit.

    Args:
        network: The network whose weights are perturbed.
        std: $s$, relative to the largest weight or bias of the column.
        key: Key of this step.
    """
    weights, biases, classes = parameters(network)
    flat, unravel = ravel_pytree((weights, biases))
    noise = unravel(std * jr.normal(key, flat.shape, flat.dtype))

    def perturb(w: Weights, b: Array, dw: Weights, db: Array) -> tuple[Weights, Array]:
        largest = jnp.maximum(jnp.max(jnp.abs(w), axis=0), jnp.abs(b))
        return w + largest[None] * dw, b + largest * db

    pairs = map(perturb, weights, biases, *noise)
    weights, biases = zip(*pairs, strict=True)
    return with_parameters(network, (weights, biases, classes))
