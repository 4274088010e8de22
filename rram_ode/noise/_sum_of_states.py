"""A sum of Ornstein-Uhlenbeck states over consecutive samples, each held for its time.

States that a sample holds throughout are added before the sample's own values are made,
and those that several samples share are drawn once for all of them.
"""

import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Integer

from .._core._arrays import broadcast_columns
from .._core._random import standard_normal
from .._core._types import Key
from ._lab_time import BRANCH, LabClock, shared, within_samples
from ._ornstein_uhlenbeck import add_bridge, anchors


States = Float[Array, " states"]


def sum_of_states(
    theta: States,
    scale: States,
    clock: LabClock,
    plan: tuple,
    shape: tuple[int, ...],
    *,
    first: Integer[Array, ""],
    num_samples: int,
    key: Key,
) -> Float[Array, "holds *shape samples"]:
    r"""The sum of all states, times their scales, in samples `first` and following.

    Args:
        theta: $\theta$ of each state in 1/s, slowest first.
        scale: Standard deviation of each state.
        clock: Lab time of the samples.
        plan: Values per sample of each state, which do not fall, and its levels in lab
            time. Numbers below 1 are powers of 1 / `BRANCH`.
        shape: Of independent sums, such as cells.
        first: Number of the first sample.
        num_samples: Number of samples.
        key: Key of the process.
    """
    holds, levels = plan
    firsts, nums = [first], [num_samples]
    for _ in range(_level(holds[0])):
        firsts.append(firsts[-1] // BRANCH)
        nums.append((nums[-1] - 1) // BRANCH + 2)
    total = jnp.zeros((*shape, nums[-1]), theta.dtype)
    for level in reversed(range(len(nums))):
        if level + 1 < len(nums):
            total = shared(total, firsts[level + 1], firsts[level], nums[level])
        some = _states([_level(count) == level for count in holds])
        if some is None:
            continue
        within = level == 0 and holds[-1] > 1
        own, top = jr.fold_in(key, level), max(levels[some]) - level
        x = anchors(
            own,
            theta[some],
            clock.period * float(BRANCH**level),
            max(top, 0),
            shape,
            first=firsts[level],
            num=nums[level] + within,
            scale=scale[some],
        )
        whole = sum(count <= 1 for count in holds[some])
        for state in range(whole):
            total = total + x[state, ..., : nums[level]]
        if within:
            of_samples = within_samples(own, max(top, 0))
            moving = slice(some.start + whole, some.stop)
            return _within(
                total[None],
                x[whole:],
                theta[moving],
                scale[moving],
                clock,
                [int(count) for count in holds[moving]],
                first=first,
                key=of_samples,
            )
    return total[None]


def _within(
    total: Float[Array, "1 *shape samples"],
    ends: Float[Array, "states *shape ends"],
    theta: States,
    scale: States,
    clock: LabClock,
    holds: list[int],
    *,
    first: Integer[Array, ""],
    key: Key,
) -> Float[Array, "holds *shape samples"]:
    """`total` plus the states that move within samples, given those at their ends."""
    samples = first + jnp.arange(total.shape[-1], dtype=first.dtype)
    shape = total.shape[1:-1]
    for count in sorted(set(holds)):
        some = _states([own == count for own in holds])
        assert some is not None  # there is one for each of the counts
        inner, num = jr.fold_in(key, count), some.stop - some.start

        def draw(n, inner=inner, num=num, some=some):
            normals = standard_normal(inner, samples, (num, *shape), block=n)
            return broadcast_columns(scale[some], normals) * normals

        total = add_bridge(
            total,
            ends[some, ..., :-1],
            ends[some, ..., 1:],
            theta[some],
            clock.duration / count,
            clock.period,
            count,
            draw,
        )
    return total


def _level(count: float | int) -> int:
    """The level in lab time at which a state with `count` values per sample is held."""
    level = 0
    while count < 1:
        count, level = count * BRANCH, level + 1
    return level


def _states(chosen: list[bool]) -> slice | None:
    """The chosen states, which are neighbours; `None` for none of them."""
    found = [number for number, is_chosen in enumerate(chosen) if is_chosen]
    return slice(found[0], found[-1] + 1) if found else None
