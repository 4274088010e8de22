"""Points on the digital twin's solves, for the calibration of a chip."""

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
    num_points: int | None = None,
    key: Key,
) -> tuple[Times, State]:
    """Times and states of digital Heun solves, of all steps and samples, shuffled.

    They need no data. A solve whose `beta_factor` is not 1 does not follow the
    marginals of the forward process, so that noised data would not do.

    Args:
        score: The trained network, whose `dim` is that of the states.
        process: The flow that is solved.
        t0: Last diffusion time.
        t1: First diffusion time.
        prior: The law of the starts at `t1`.
        num_samples: Number of solves.
        num_steps: Number of even steps of a solve.
        num_points: Number of points to give, of them; `None` for all.
        key: Key of the starts and of the order.

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
    order = jr.permutation(order_key, t.size)[:num_points]
    return t[order], x[:, order]
