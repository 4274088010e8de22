"""A record of two states in white noise: a hidden Markov chain, by Baum and Welch."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


ROUNDS = 60  # of expectation and maximisation


class TwoStates(NamedTuple):
    """Two states of a record and the white noise around them, in its unit.

    Attributes:
        levels: Mean of the low and of the high state.
        std: Standard deviation of the white noise.
        leave: Probability to leave the low and the high state, from read to read.
        likelihood: Logarithm of the likelihood of the record.
        high: Probability of the high state at each read, given all reads.
        ahead: The same, given the reads before it.
    """

    levels: Float[Array, "2"]
    std: Float[Array, ""]
    leave: Float[Array, "2"]
    likelihood: Float[Array, ""]
    high: Float[Array, " reads"]
    ahead: Float[Array, " reads"]


@functools.partial(jax.jit, static_argnames="rounds")
def find_states(
    x: Float[Array, " reads"],
    levels: Float[Array, "2"],
    std: Float[Array, ""],
    leave: Float[Array, "2"],
    *,
    rounds: int = ROUNDS,
) -> TwoStates:
    """The states of the record `x` of unit variance, from a first guess."""

    def turn(_, state):
        levels, std, leave = state
        _, weights, pairs, _ = _expect(x, levels, std, leave)
        total = jnp.maximum(weights.sum(axis=0), 1e-6)
        levels = weights.T @ x / total
        off = (x[:, None] - levels[None]) ** 2
        std = jnp.sqrt(jnp.maximum(jnp.mean(jnp.sum(weights * off, axis=1)), 1e-8))
        away = jnp.stack([pairs[0, 1], pairs[1, 0]])
        leave = jnp.clip(away / jnp.maximum(pairs.sum(axis=1), 1e-6), 1e-7, 0.999)
        return levels, std, leave

    levels, std, leave = jax.lax.fori_loop(0, rounds, turn, (levels, std, leave))
    likelihood, weights, _, ahead = _expect(x, levels, std, leave)
    return TwoStates(levels, std, leave, likelihood, weights[:, 1], ahead)


def _expect(
    x: Float[Array, " reads"],
    levels: Float[Array, "2"],
    std: Float[Array, ""],
    leave: Float[Array, "2"],
) -> tuple[Array, Array, Array, Array]:
    """Likelihood, probabilities of the states, sums of those of their pairs.

    The last is the probability of the high state given the reads before.
    """
    move = jnp.stack(
        [jnp.stack([1 - leave[0], leave[0]]), jnp.stack([leave[1], 1 - leave[1]])]
    )
    log = -0.5 * ((x[:, None] - levels[None]) / std) ** 2
    shift = log.max(axis=1)
    emit = jnp.exp(log - shift[:, None])

    def forward(before, emitted):
        joint = (before @ move) * emitted
        size = joint.sum()
        return joint / size, (joint / size, size)

    start = leave[::-1] / leave.sum()
    joint = start * emit[0]
    first, size = joint / joint.sum(), joint.sum()
    _, (alphas, sizes) = jax.lax.scan(forward, first, emit[1:])
    alphas = jnp.concatenate([first[None], alphas])
    sizes = jnp.concatenate([size[None], sizes])

    def backward(after, read):
        emitted, size = read
        before = move @ (emitted * after) / size
        return before, before

    last = jnp.ones(2)
    _, betas = jax.lax.scan(backward, last, (emit[1:], sizes[1:]), reverse=True)
    betas = jnp.concatenate([betas, last[None]])
    weights = alphas * betas
    onward = emit[1:] * betas[1:] / sizes[1:, None]
    pairs = move * (alphas[:-1].T @ onward)
    ahead = jnp.concatenate([start[None], alphas[:-1] @ move])[:, 1]
    normal = jnp.log(std) + 0.5 * jnp.log(2 * jnp.pi)
    return jnp.sum(jnp.log(sizes) + shift - normal), weights, pairs, ahead
