"""Where the digital twin's solves pass: points for a chip's calibration."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr

from .._core._types import Key, Scalar, State, Times
from ..samplers import Heun
from ..scores import AbstractScore
from ..sdes import Flow, Prior


@eqx.filter_jit
def twin_points(
    score: AbstractScore,
    process: Flow,
    t0: float | Scalar,
    t1: float | Scalar,
    *,
    prior: Prior = Prior(),
    num_samples: int = 1024,
    num_steps: int = 60,
    key: Key,
) -> tuple[Times, State]:
    """Times and states of digital Heun solves, all steps of all samples, shuffled.

    The marginals of the forward process are not where a solve goes whose `beta_factor`
    is not 1. Needs no data.

    Args:
        score: The trained network; its `dim` is that of the states.
        process: What is solved.
        t0: Last diffusion time.
        t1: First diffusion time.
        prior: The law of the starts at `t1`.
        num_samples: Solves.
        num_steps: Even steps of a solve.
        key: Of the starts and of the order.

    Returns:
        Times `(points,)` and states `(dim, points)`.
    """
    times = jnp.linspace(t1, t0, num_steps + 1)
    start_key, order_key = jr.split(key)

    def body(x, ts):
        return Heun()(process, score, x, ts), x

    x1 = prior.std * jr.normal(start_key, (score.dim, num_samples))
    pairs = jnp.stack([times[:-1], times[1:]], axis=1)
    x0, xs = jax.lax.scan(body, x1, pairs)
    xs = jnp.concatenate([xs, x0[None]])
    t = jnp.repeat(times, num_samples)
    x = jnp.moveaxis(xs, 1, 0).reshape(score.dim, -1)
    order = jr.permutation(order_key, t.size)
    return t[order], x[:, order]
