"""Points for a network that is ahead of its teacher by the delay of an analog loop.

What such a network learns of a state x(u) is the teacher's score of the state in which
the flow will be one delay later. It is a form of distillation: no data are needed.
"""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array

from .._core._arrays import as_float
from .._core._types import Key, State
from ..blocks import Schedule
from ..samplers import Heun
from ..scores import NetworkScore
from ..sdes import AbstractSDE, Flow, Prior
from ._batch import Batch


def lead_points(
    teacher: NetworkScore,
    process: Flow,
    sde: AbstractSDE,
    schedule: Schedule,
    lead: float,
    *,
    prior: Prior = Prior(),
    num_samples: int = 2048,
    num_steps: int = 200,
    key: Key,
) -> Batch:
    r"""States of the teacher's solves, each with the score that is due a lead later.

    For a solve over u from 0 to 1 with $t(u)$ of `schedule`, a point has the state
    x(u), the time $t(u + l)$, which the waveforms play ahead, and as its target the
    scaled score $s(t(u + l), x(u + l))$. States of the last lead have no target: what a
    network makes of them comes after the end.

    The delay of amplifiers is a sum of poles, of which the lead makes up for the first
    order alone: $e^{-sl}$ for $\prod_l 1 / (1 + s \tau_l)$ with $l = \sum_l \tau_l$.

    Args:
        teacher: The trained network that is led.
        process: The flow that the loop solves.
        sde: The forward process, which gives the readout's factor on scores.
        schedule: Its t0, t1 and warp are those of the solve.
        lead: $l$, over the duration of a solve.
        prior: The law of the starts.
        num_samples: Number of solves.
        num_steps: Least number of even steps of a solve; the lead is a whole number.
        key: Key of the starts.

    Raises:
        ValueError: Unless the lead is above 0 and below 1.
    """
    if not 0 < lead < 1:
        raise ValueError(
            "`train.lead` must be above 0 and below the duration of a solve; got "
            f"{lead:g} of it."
        )
    ahead = math.ceil(lead * num_steps * (1 - 1e-6))
    count = int(ahead / lead * (1 + 1e-6))
    # Even steps back from the end: the first point lies less than a step in the solve.
    shares = 1 - lead / ahead * np.arange(count, -1, -1)
    times = schedule(as_float(shares), jnp.ones(()))
    return _solve(teacher, process, sde, times, ahead, prior, num_samples, key)


@eqx.filter_jit
def _solve(
    teacher: NetworkScore,
    process: Flow,
    sde: AbstractSDE,
    times: Array,
    ahead: int,
    prior: Prior,
    num_samples: int,
    key: Key,
) -> Batch:
    x1 = prior.std * jr.normal(key, (teacher.dim, num_samples))

    def body(x: State, ts: Array) -> tuple[State, tuple[State, State]]:
        scale = teacher.readout.scale(sde, ts[0])
        score = jax.vmap(teacher, in_axes=(None, 1), out_axes=1)(ts[0], x)
        return Heun()(process, teacher, x, ts), (x, scale * score)

    pairs = jnp.stack([times, jnp.append(times[1:], times[-1])], axis=1)
    _, (xs, targets) = jax.lax.scan(body, x1, pairs)
    t = jnp.repeat(times[ahead:], num_samples)
    scale = jax.vmap(lambda t: teacher.readout.scale(sde, t))(t)
    flat = lambda x: jnp.moveaxis(x, 1, 0).reshape(teacher.dim, -1)
    return Batch(t, flat(xs[: len(times) - ahead]), scale, flat(targets[ahead:]))


def pick(points: Batch, num_samples: int, *, key: Key) -> Batch:
    """`num_samples` of `points`, one at random from each of as many equal parts."""
    size = points.t.shape[0]
    uniform = jr.uniform(key, (num_samples,))
    parts = (jnp.arange(num_samples, dtype=uniform.dtype) + uniform) / num_samples
    which = jnp.minimum((parts * size).astype(int), size - 1)
    return jax.tree.map(lambda leaf: leaf[..., which], points)
