r"""Stationary Ornstein-Uhlenbeck states in lab time, with random access by sample.

$E[x(s) x(t)] = e^{-\theta |s - t|}$. Between two known values the process is a bridge:
given $x_-$ and $x_+$, a time $\delta$ after the first and $\epsilon$ before the second,
with $r = e^{-\theta\delta}$, $q = e^{-\theta\epsilon}$,

$$x = \frac{r (1 - q^2) x_- + q (1 - r^2) x_+}{1 - r^2 q^2}
  + \sqrt{\frac{(1 - r^2)(1 - q^2)}{1 - r^2 q^2}}\, z .$$
"""

import functools
import operator
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._arrays import broadcast_columns
from .._core._random import standard_normal
from .._core._types import Key, ProcessValues, Seconds
from ._lab_time import at_samples, BRANCH


Draw = Callable[[Array], Float[Array, "..."]]


def bridge(
    start: Float[Array, "states *shape nodes"],
    end: Float[Array, "states *shape nodes"],
    theta: Float[Array, " states"],
    spacing: Float[Array, ""],
    span: Float[Array, ""],
    num: int,
    draw: Draw,
) -> Float[Array, "num states *shape nodes"]:
    r"""Values at 0, `spacing`, ..., (num - 1) `spacing` between known ends.

    Args:
        start: The states at time 0; they are the first value.
        end: The states at time `span`, later than the last value.
        theta: $\theta$ of each state, in 1/s.
        spacing: Time between two values, in seconds.
        span: Time between the two ends, in seconds.
        num: Number of values.
        draw: Maps a step's number to standard normals of the shape of `start`.
    """
    advance = _bridge_step(end, theta, spacing, span, draw)

    def step(x, n):
        x = advance(x, n)
        return x, x

    _, rest = jax.lax.scan(step, start, jnp.arange(1, num))
    return jnp.concatenate([start[None], rest])


def add_bridge(
    total: Float[Array, "coarse *shape nodes"],
    start: Float[Array, "states *shape nodes"],
    end: Float[Array, "states *shape nodes"],
    theta: Float[Array, " states"],
    spacing: Float[Array, ""],
    span: Float[Array, ""],
    num: int,
    draw: Draw,
) -> Float[Array, "num *shape nodes"]:
    r"""`total`, its values repeated to make `num`, plus the sum of bridges.

    Each value is written once: a path is the largest array of a solve.

    Args:
        total: Values, as many as a divisor of `num`.
        start: The states at time 0.
        end: The states at time `span`.
        theta: $\theta$ of each state, in 1/s.
        spacing: Time between two values, in seconds.
        span: Time between the two ends, in seconds.
        num: Number of values.
        draw: Maps a step's number to standard normals of the shape of `start`.
    """
    advance = _bridge_step(end, theta, spacing, span, draw)
    repeats = num // total.shape[0]

    def put(values, n, x):
        # State by state: XLA's reductions are slow.
        value = functools.reduce(operator.add, x, total[n // repeats])
        return jax.lax.dynamic_update_index_in_dim(values, value, n, 0)

    def step(n, carry):
        # What the last step drew is added here, so that nothing is drawn twice.
        x, values = carry
        return advance(x, n + 1), put(values, n, x)

    values = jnp.zeros((num, *total.shape[1:]), total.dtype)
    x, values = jax.lax.fori_loop(0, num - 1, step, (start, values))
    return put(values, num - 1, x)


def _bridge_step(
    end: Float[Array, "states *shape nodes"],
    theta: Float[Array, " states"],
    spacing: Float[Array, ""],
    span: Float[Array, ""],
    draw: Draw,
) -> Callable[[Array, Array], Array]:
    """The map from value n - 1 of a bridge, and from n, to value n."""
    theta = theta.reshape(theta.shape + (1,) * (end.ndim - 1))
    gain = -jnp.expm1(-2 * theta * spacing)

    def advance(x, n):
        left = theta * (span - spacing * n.astype(span.dtype))
        miss = -jnp.expm1(-2 * left)
        total = -jnp.expm1(-2 * (left + theta * spacing))
        keep = jnp.exp(-theta * spacing) * miss / total
        pull = jnp.exp(-left) * gain / total
        return keep * x + pull * end + jnp.sqrt(gain * miss / total) * draw(n)

    return advance


def anchors(
    key: Key,
    theta: Float[Array, " states"],
    period: Float[Array, ""],
    levels: int,
    shape: tuple[int, ...],
    *,
    first: Integer[Array, ""],
    num: int,
    scale: Float[Array, " states"],
) -> Float[Array, "states *shape num"]:
    """The states, times `scale`, at the starts of samples `first`, `first + 1`, ..."""
    shape = theta.shape + shape

    def draw(key, nodes, n=0):
        # A bridge between scaled ends is a scaled bridge.
        normals = standard_normal(key, nodes, shape, block=n)
        return broadcast_columns(scale, normals) * normals

    def between(left, right, spacing, key, nodes):
        own = lambda n: draw(key, nodes, n)
        span = spacing * BRANCH
        return bridge(left, right, theta, spacing, span, BRANCH, own)

    return at_samples(draw, between, key, period, levels, first=first, num=num)


def walk(
    key: Key,
    theta: Float[Array, " states"],
    scale: Float[Array, " states"],
    taus: Seconds,
    shape: tuple[int, ...],
) -> ProcessValues:
    """The scaled sum of stationary states at `taus`, by exact steps between times."""
    shape = theta.shape + shape
    first = jnp.zeros(1, jnp.uint32)
    draw = lambda n: standard_normal(key, first + n, shape)[..., 0]

    def step(x, inputs):
        spacing, n = inputs
        keep = jnp.exp(-theta * spacing)
        spread = jnp.sqrt(-jnp.expm1(-2 * theta * spacing))
        x = broadcast_columns(keep, x) * x + broadcast_columns(spread, x) * draw(n)
        return x, jnp.tensordot(scale, x, axes=1)

    # A first step of no length gives the value at the first time.
    spacings = jnp.diff(taus, prepend=taus[:1])
    numbers = jnp.arange(1, taus.size + 1, dtype=jnp.uint32)
    return jax.lax.scan(step, draw(jnp.uint32(0)), (spacings, numbers))[1]


def averaged_decay(x: Float[Array, "..."]) -> Float[Array, "..."]:
    r"""Variance of the mean of a unit state over a time t, with $x = \theta t$.

    $2 (x - 1 + e^{-x}) / x^2$, by its series where that would lose digits.
    """
    small = x < 0.1
    safe = jnp.where(small, 1.0, x)
    exact = 2 * (safe + jnp.expm1(-safe)) / safe**2
    return jnp.where(small, 1 - x / 3 + x**2 / 12 - x**3 / 60, exact)
