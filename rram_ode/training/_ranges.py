"""The largest values that a network meets while it generates."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._types import Key, Scalar, State
from ..chip import Ranges
from ..samplers import Heun
from ..scores import NetworkScore
from ..sdes import Flow, Prior


@eqx.filter_jit
def measure_ranges(
    score: NetworkScore,
    process: Flow,
    t0: float | Scalar,
    t1: float | Scalar,
    *,
    prior: Prior = Prior(),
    num_samples: int = 20_000,
    num_steps: int = 200,
    key: Key,
) -> Ranges:
    """Largest magnitudes over all samples, units and times of digital Heun solves.

    An analog chip derives its volts per unit from them. They grow slowly with the
    number of samples: leave headroom.

    Args:
        score: The trained network.
        process: What is solved.
        t0: Last diffusion time.
        t1: First diffusion time.
        prior: The law of the starts at `t1`.
        num_samples: Solves.
        num_steps: Even steps of a solve; values are looked at before each step, and at
            the end.
        key: Of the starts.
    """
    network = score.network
    times = jnp.linspace(t1, t0, num_steps + 1)

    def peaks(t: Scalar, x: State) -> Float[Array, " nodes"]:
        *hidden, out = network.activations(t, x)
        nodes = (x, *hidden, network.output_factor * out)
        return jnp.stack([jnp.max(jnp.abs(node)) for node in nodes])

    def body(carry, ts):
        x, largest = carry
        largest = jnp.maximum(largest, peaks(ts[0], x))
        return (Heun()(process, score, x, ts), largest), None

    x = prior.std * jr.normal(key, (network.dim, num_samples))
    start = (x, jnp.zeros(len(network.weights) + 1))
    pairs = jnp.stack([times[:-1], times[1:]], axis=1)
    (x, largest), _ = jax.lax.scan(body, start, pairs)
    state, *hidden, output = jnp.maximum(largest, peaks(times[-1], x))
    return Ranges(state, tuple(hidden), output)
