"""The largest values in a network while it generates."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._types import Key, Scalar, State
from ..chip import Ranges
from ..samplers import Heun
from ..scores import LabelledScore, NetworkScore, NULL
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

    An analog chip derives its volts per unit from these ranges. They grow slowly with
    the number of samples: leave headroom. The samples of a conditional network take its
    classes and the null label in turn.

    Args:
        score: The trained network.
        process: The flow that is solved.
        t0: Last diffusion time.
        t1: First diffusion time.
        prior: The law of the starts at `t1`.
        num_samples: Number of solves.
        num_steps: Number of even steps of a solve; values count before each step and at
            the end.
        key: Key of the starts.
    """
    network = score.network
    times = jnp.linspace(t1, t0, num_steps + 1)

    labels, drift = None, score
    if network.classes is not None:
        labels = jnp.arange(num_samples) % (network.classes.num_classes + 1) + NULL
        drift = LabelledScore(score, labels)

    def peaks(t: Scalar, x: State) -> Float[Array, " nodes"]:
        *hidden, out = network.activations(t, x, labels)
        nodes = (x, *hidden, network.output_factor * out)
        return jnp.stack([jnp.max(jnp.abs(node)) for node in nodes])

    def body(carry, ts):
        x, largest = carry
        largest = jnp.maximum(largest, peaks(ts[0], x))
        return (Heun()(process, drift, x, ts), largest), None

    x = prior.std * jr.normal(key, (network.dim, num_samples))
    start = (x, jnp.zeros(len(network.weights) + 1))
    pairs = jnp.stack([times[:-1], times[1:]], axis=1)
    (x, largest), _ = jax.lax.scan(body, start, pairs)
    state, *hidden, output = jnp.maximum(largest, peaks(times[-1], x))
    return Ranges(state, tuple(hidden), output)
