"""Lab time: the clock of consecutive solves, and states at any sample by number.

A process that outlives a solve is a tree over the samples: independent nodes at its
top, and below each level `BRANCH` nodes for each gap, drawn given the nodes around
them. A sample's state costs one path through the tree, whatever came before.
"""

import itertools
import math
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, Integer, Shaped

from .._core._arrays import scalar, scalar_or_none
from .._core._checks import is_concrete, non_negative, positive
from .._core._random import fold_in_each
from .._core._types import Key, Scalar, Seconds


BRANCH = 8  # nodes of a level for each gap of the level above


INDEPENDENT = 16.0  # nodes at the top of the tree are independent to exp(-16)


Start = Callable[[Key, Array], Array]


Between = Callable[[Array, Array, Scalar, Key, Array], Array]


class LabClock(eqx.Module):
    """Lab time of consecutive solves: k (duration + reset) + tau in sample k.

    The circuit time tau runs from 0 to the duration.

    Args:
        duration: Time of one solve, in seconds.
        reset: Time between two solves (pre-charge, hand-over), in seconds.
        longest: Duration of the longest solve of a sweep, in seconds, that the sizes of
            paths are made for, so that all its durations run one program; `None` sizes
            them for `duration`.
    """

    duration: Float[Array, ""] = eqx.field(converter=scalar)
    reset: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    longest: Float[Array, ""] | None = eqx.field(converter=scalar_or_none, default=None)

    def __check_init__(self):
        positive("solve.duration", self.duration, "s")
        non_negative("solve.reset", self.reset, "s")
        if self.longest is None or not is_concrete(self.duration, self.longest):
            return
        if float(self.longest) < float(self.duration):
            raise ValueError(
                "`solve.longest` must be `solve.duration` or more, in seconds; got "
                f"{float(self.longest):g} and {float(self.duration):g}."
            )

    @property
    def period(self) -> Float[Array, ""]:
        """Lab time from one sample to the next, in seconds."""
        return self.duration + self.reset

    @property
    def sized_for(self) -> float:
        """Duration that paths are sized for, in seconds; not under `jit`."""
        return float(self.duration if self.longest is None else self.longest)

    def num_levels(self, rate: float) -> int:
        """Levels in lab time of a process whose slowest state has the rate `rate`.

        A sweep over durations takes two more than its longest solve needs, which serve
        periods that are 64 times as short, and two more again for each 64 times.

        Args:
            rate: In 1/s.
        """
        reset = float(self.reset)
        if self.longest is None:
            return num_levels(rate * (float(self.duration) + reset))
        longest = self.sized_for + reset
        times = longest / (float(self.duration) + reset)
        more = 2 * max(1, math.ceil(math.log(times, BRANCH**2) - 1e-9))
        return num_levels(rate * longest) + more


def num_levels(slowest: float) -> int:
    r"""Number of levels above the samples until nodes are independent to exp(-16).

    Args:
        slowest: $\theta P$ of the slowest state, where P is the period of the samples.
    """
    return max(0, math.ceil(math.log(INDEPENDENT / slowest, BRANCH) - 1e-9))


def even_holds(least: float) -> int:
    """The first of 1, 5, 10, 20, 40, ... that is at least `least`.

    Each number divides the next, and those up to 40 divide 200 steps, so that the edges
    of holds fall on steps.
    """
    return 1 if least <= 1 else 5 * 2 ** max(0, math.ceil(math.log2(least / 5)))


def at_samples(
    start: Start,
    between: Between,
    key: Key,
    period: Scalar,
    levels: int,
    *,
    first: Integer[Array, ""],
    num: int,
) -> Shaped[Array, "*shape num"]:
    """The states at the starts of samples `first`, ..., `first + num - 1`.

    Args:
        start: Maps `(key, nodes)` to independent stationary states `(*shape, nodes)`.
        between: Maps `(left, right, spacing, key, nodes)` to the `BRANCH` states from
            each of `left` on, `spacing` seconds apart, `(BRANCH, *shape, nodes)`.
        key: Key of the process.
        period: Time from sample to sample, in seconds.
        levels: Number of levels, from `num_levels`.
        first: Number of the first sample.
        num: Number of samples.
    """
    firsts, nums = [first], [num]
    for _ in range(levels):
        firsts.append(firsts[-1] // BRANCH)
        nums.append((nums[-1] - 1) // BRANCH + 3)
    # High levels are narrow: some more nodes cost less than programs for each width.
    nums[3:] = [max(nums[2:3], default=0)] * len(nums[3:])
    keys = fold_in_each(key, np.arange(levels + 1))
    spacings = period * np.power(float(BRANCH), range(levels)).astype(period.dtype)

    def descend(x: Array, above, below, inner, spacing, num_below: int) -> Array:
        """The nodes from number `below` on, from those of the level above."""
        blocks = _indices(above, x.shape[-1] - 1)
        parts = between(x[..., :-1], x[..., 1:], spacing, inner, blocks)
        x = jnp.moveaxis(parts, 0, -1).reshape(*x.shape[:-1], -1)
        return jax.lax.dynamic_slice_in_dim(x, below - above * BRANCH, num_below, -1)

    x = start(keys[levels], _indices(firsts[-1], nums[-1]))
    # High levels are equally wide: one program runs them all.
    wide = sum(above != below for above, below in itertools.pairwise(nums))
    if wide < levels:
        high = jnp.stack(firsts[wide:])
        x, _ = jax.lax.scan(
            lambda x, node: (descend(x, *node, nums[wide]), None),
            x,
            (high[1:], high[:-1], keys[wide:-1], spacings[wide:]),
            reverse=True,
        )
    for level in reversed(range(wide)):
        step = firsts[level + 1], firsts[level], keys[level], spacings[level]
        x = descend(x, *step, nums[level])
    return x


def shared(
    x: Shaped[Array, "*shape nodes"], above: Array, below: Array, num: int
) -> Shaped[Array, "*shape num"]:
    """`x` of nodes `above` and following, for `num` nodes below them from `below` on.

    All `BRANCH` nodes below a node have its value.
    """
    wide = jnp.repeat(x, BRANCH, axis=-1)
    return jax.lax.dynamic_slice_in_dim(wide, below - above * BRANCH, num, -1)


def within_samples(key: Key, levels: int) -> Key:
    """The key of what happens within samples, which follows those of all levels."""
    number = levels + 1
    return jr.fold_in(key, number)


def _indices(first: Integer[Array, ""], num: int) -> Integer[Array, " num"]:
    return first + jnp.arange(num, dtype=first.dtype)


def check_taus(taus: Seconds) -> None:
    """Raise a `ValueError` if `taus` are empty, or concrete and infinite or falling."""
    if taus.size == 0:
        raise ValueError("`taus` must hold at least one time; got none.")
    if not is_concrete(taus):
        return
    steps = np.diff(np.asarray(taus))
    if not (np.all(np.isfinite(taus)) and np.all(steps >= 0)):
        raise ValueError("`taus` must be finite and must not fall: sort them.")
