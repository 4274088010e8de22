"""Starts that calibrate a technique, and the steps of a sampler that it watches."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int32

from .._core._arrays import as_integer
from .._core._checks import is_concrete
from .._core._types import Keys, Scalar, State, Times
from ..samplers import AbstractDigitalSampler
from ..sdes import AbstractProcess


Observe = Callable[[Int32[Array, ""], Scalar, State], tuple[State, Any]]


def require_starts(x1: Float[Array, "dim samples"], what: str) -> None:
    """Refuse an empty calibration set.

    Args:
        x1: Starts.
        what: What is chosen by them, in the plural.

    Raises:
        ValueError: If there are none.
    """
    if not x1.shape[1]:
        raise ValueError(
            f"`x1` must hold at least one start to choose {what} from; got "
            f"shape {x1.shape}: give calibration data."
        )


def require_other_starts(
    starts: Float[Array, "dim calibration"] | None,
    x1: Float[Array, "dim samples"],
    what: str,
) -> None:
    """Refuse starts that calibrated.

    Args:
        starts: The starts of the calibration; `None` if there was none.
        x1: The starts that judge.
        what: What the calibration chose, in the plural.

    Raises:
        ValueError: If one of `x1` is among `starts`.
    """
    if starts is None or not is_concrete(x1, starts):
        return
    own, other = (map(tuple, np.asarray(x).T.tolist()) for x in (starts, x1))
    if shared := len(set(own) & set(other)):
        raise ValueError(
            f"{shared} of the starts `x1` chose the {what}, which look better "
            "on them than they are; judge by other starts."
        )


def require_one_evaluation(sampler: AbstractDigitalSampler) -> None:
    """Refuse a sampler that evaluates the score elsewhere than where a step begins.

    Raises:
        ValueError: If a step has several evaluations.
    """
    if (found := sampler.num_evaluations(1)) != 1:
        raise ValueError(
            f"a technique that acts step by step takes a sampler with one evaluation "
            f"a step; {type(sampler).__name__} has {found}: take Euler or Ancestral."
        )


def follow(
    observe: Observe,
    sampler: AbstractDigitalSampler,
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
    keys: Keys | None = None,
) -> tuple[Float[Array, "dim samples"], Any]:
    """Carry `x1` to `ts[-1]`, and what was observed at the beginning of each step.

    A stochastic sampler has noise of the same law as in one call of it, but not the
    same numbers: each step has keys of its own.

    Args:
        observe: Maps number of the step, time and state to the score there and to what
            is kept.
        sampler: A sampler with one evaluation a step.
        process: What it integrates.
        x1: Starts.
        ts: Diffusion times, falling.
        keys: One key a sample; for stochastic samplers.

    Returns:
        The states at the end, and all that was kept, steps first.

    Raises:
        ValueError: If a step has several evaluations, or `ts` has no step.
    """
    require_one_evaluation(sampler)
    if ts.size < 2:
        raise ValueError(
            "`ts` must hold two diffusion times or more, for one step; got "
            f"{ts.size}: take `jnp.linspace(1.0, 1e-3, 51)` for 50 steps."
        )

    def step(x, inputs):
        n, t, t_next = inputs
        score, kept = observe(n, t, x)
        own = None if keys is None else jax.vmap(lambda key: jr.fold_in(key, n))(keys)
        held = lambda t, x: score
        x = sampler(process, held, x, jnp.stack([t, t_next]), keys=own)
        return x, kept

    steps = as_integer(jnp.arange(ts.size - 1))
    return lax.scan(step, x1, (steps, ts[:-1], ts[1:]))
