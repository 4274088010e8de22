"""Layers scaled neuron by neuron, which a ReLU network does not notice."""

import jax.numpy as jnp
from jaxtyping import Array, Float


Layers = tuple[Float[Array, "_ _"], ...]


Factors = tuple[Float[Array, " _"], ...]


def row_factors(weights: Layers) -> Factors:
    r"""For each hidden layer, how much smaller each neuron's voltage may be.

    $a_i = \max_j |W_{ij}| / \max_i |W_{ij}|$ over the columns j that the neuron feeds:
    1 for a neuron that holds some column's largest weight, less for one whose cells
    would use a part of the range only. Divided by $a_i$ these cells use all of it, and
    their write and read errors meet a voltage that is $a_i$ times smaller.

    Args:
        weights: Weights of each layer, inputs on rows.
    """
    factors = []
    for w in weights[1:]:
        size = jnp.abs(w)
        top = jnp.max(size, axis=0, keepdims=True)
        fraction = jnp.max(size / jnp.where(top > 0, top, 1.0), axis=1)
        factors.append(jnp.where(fraction > 0, fraction, 1.0))
    return tuple(factors)


def rescale(
    weights: Layers,
    biases: tuple[Float[Array, " _"], ...],
    factors: Factors,
) -> tuple[Layers, tuple[Float[Array, " _"], ...]]:
    r"""Weights and biases of the network whose hidden activations are $a_j h_j$.

    Columns and biases of a layer times $a_j$, rows of the next over $a_j$: the output
    is the same because $\mathrm{relu}(a x) = a\,\mathrm{relu}(x)$ for a > 0. What is
    added before the ReLU, the time embedding, must be scaled by $a_j$ too. A clamp at a
    fixed voltage then acts at the activation clamp / a_j: later, never earlier.

    Args:
        weights: Weights of each layer, inputs on rows.
        biases: Biases of each layer.
        factors: $a$, positive, of each hidden layer.
    """
    before = (jnp.ones(weights[0].shape[0]), *factors)
    after = (*factors, jnp.ones(weights[-1].shape[1]))
    scaled = (
        w * a[None] / b[:, None] for w, b, a in zip(weights, before, after, strict=True)
    )
    shifted = (b * a for b, a in zip(biases, after, strict=True))
    return tuple(scaled), tuple(shifted)
