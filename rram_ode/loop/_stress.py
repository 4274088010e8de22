"""What rows drive cells with over a solve: the cause of read disturb."""

import equinox as eqx
import jax
import jax.numpy as jnp

from .._core._types import Key
from ..chip import Chip, Stress
from ..sdes import Prior
from ._base import AbstractLoop
from ._draw import solve_chunk, with_labels


NUM_TIMES = 33


@eqx.filter_jit
def row_stress(
    loop: AbstractLoop, chip: Chip, prior: Prior, num_samples: int, *, key: Key
) -> Stress:
    r"""$\langle v |v| \rangle$ of every row over a solve and over samples, in V^2.

    The voltage counts with its sign, so that a row which is driven as much to either
    side has none. Rows are looked at without read noise, at even times; one array
    `(rows,)` a layer, the constant row last.

    Args:
        loop: The circuit around the chip.
        chip: The hardware.
        prior: The law of the starts, and the classes that are asked for.
        num_samples: Samples of the calibration run.
        key: Seeds the starts and the injected noise.
    """
    if chip.crossbars is None:
        raise ValueError("`chip` must have crossbars, whose rows reads can stress.")
    first = jnp.zeros((), jnp.uint32)
    network = with_labels(chip, prior.labels(key, first, num_samples)).crossbars
    assert network is not None  # as `chip` has
    found = solve_chunk(loop, chip, key, prior, first, num_samples, NUM_TIMES)
    seen = found.observation
    assert seen is not None  # asked for

    def rows(inputs):
        tau, v = inputs
        embedding = network.embedding(loop.schedule(tau, loop.clock.duration))
        _, nodes = network.nodes(v, embedding)
        layers, turns = network.all_layers, network.turns
        driven = [
            layer.driven(u)
            for layer, u in zip(layers * turns, network.rows(v, nodes), strict=True)
        ]
        found = [jnp.mean(u * jnp.abs(u), axis=1) for u in driven]
        return [sum(found[n :: len(layers)]) / turns for n in range(len(layers))]

    means = jax.lax.map(rows, (seen.taus, seen.v))
    return tuple(
        jnp.append(jnp.mean(each, axis=0), layer.crossbar.v_bias**2)
        for each, layer in zip(means, network.all_layers, strict=True)
    )
