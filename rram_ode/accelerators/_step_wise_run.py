"""Ranges of each step from trajectories that do not judge, and counts of clipping."""

from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from .._core._types import Keys, Times
from ..samplers import AbstractDigitalSampler, Euler
from ..scores import AbstractLayeredScore
from ..sdes import AbstractProcess
from ._starts import (
    follow,
    require_one_evaluation,
    require_other_starts,
    require_starts,
)
from ._step_wise import StepWiseScore


CLIPPED = 0.01  # largest fraction of samples of a run that may meet a range's end


def calibrate_step_wise(
    score: AbstractLayeredScore,
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
    *,
    sampler: AbstractDigitalSampler = Euler(),
    keys: Keys | None = None,
    **settings: Any,
) -> StepWiseScore:
    """A step-wise score with the ranges of the trajectories from `x1`.

    Args:
        score: The network, with the labels of `x1` if it has classes.
        process: What the sampler integrates.
        x1: Starts, other ones than those that judge. 256 of them with a margin of 1.25
            are enough for a 2-64-64-2 network; fewer need a larger margin.
        ts: Diffusion times, falling.
        sampler: A sampler with one evaluation a step: `Euler`, `Ancestral`.
        keys: One key a sample; for stochastic samplers.
        settings: Bits, group, margin and state's range, as `StepWiseScore` has them.

    Raises:
        ValueError: If there are no starts or no step, or a step has several
            evaluations.

    Example:
        >>> import jax.numpy as jnp
        >>> import jax.random as jr
        >>> import rram_ode as rr
        >>> from rram_ode import accelerators
        >>> from rram_ode.samplers import Euler
        >>> from rram_ode.sdes import ProbabilityFlow
        >>> checkpoint = rr.System.from_preset("ring-64-fresh").checkpoint
        >>> flow, ts = ProbabilityFlow(checkpoint.sde), jnp.linspace(1.0, 1e-3, 51)
        >>> x1 = jr.normal(jr.key(0), (2, 256))
        >>> calibrate = accelerators.calibrate_step_wise
        >>> score = calibrate(checkpoint.score, flow, x1, ts, bits=6, margin=1.25)
        >>> score.table_bits  # 16 bits for each of 2 layers and 50 steps
        1600
        >>> x1 = jr.normal(jr.key(1), (2, 256))
        >>> run = accelerators.run_step_wise(score, flow, x1, ts)
        >>> run.warning is None
        True
    """
    require_starts(x1, "ranges")
    require_one_evaluation(sampler)
    score.require(process)
    largest, lowest = _observe(score, process, x1, ts, sampler, keys)
    is_signed = jnp.any(lowest < 0, axis=0).at[0].set(True)
    return StepWiseScore(score, ts[:-1], largest, is_signed, starts=x1, **settings)


class StepWiseRun(NamedTuple):
    """Samples of a step-wise score, and where its ranges ended.

    Args:
        x: The samples.
        clipped: Fraction of the inputs beyond their range, the state's first.
        met: Whether a sample met the end of the range of each layer in some step.
    """

    x: Float[Array, "dim samples"]
    clipped: Float[Array, "steps layers"]
    met: Bool[Array, "layers samples"]

    @property
    def clip_rate(self) -> float:
        """Fraction of the samples that met the end of a range of a table."""
        return float(np.mean(np.any(np.asarray(self.met)[1:], axis=0)))

    @property
    def warning(self) -> str | None:
        """What to do where too many samples met the end of a range; `None` if few."""
        if not (rate := self.clip_rate) > CLIPPED:
            return None
        layers = [str(n) for n, m in enumerate(np.asarray(self.met)) if n and m.any()]
        return (
            f"{100 * rate:.2g} % of the samples met the end of a range (layers "
            f"{', '.join(layers)}), at most {100 * CLIPPED:g} % may: calibrate with "
            "more starts, or with a larger margin."
        )


def run_step_wise(
    score: StepWiseScore,
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
    *,
    sampler: AbstractDigitalSampler = Euler(),
    keys: Keys | None = None,
) -> StepWiseRun:
    """Samples from the starts `x1`, with counts of what was clipped.

    Args:
        score: The score.
        process: What the sampler integrates.
        x1: Starts.
        ts: Diffusion times, falling.
        sampler: A sampler with one evaluation a step.
        keys: One key a sample; for stochastic samplers.

    Raises:
        ValueError: If starts of the calibration are among `x1`, or a step has several
            evaluations.
    """
    score.score.require(process)
    require_one_evaluation(sampler)
    require_other_starts(score.starts, x1, "ranges")
    return _run(score, process, x1, ts, sampler, keys)


@eqx.filter_jit
def _observe(score, process, x1, ts, sampler, keys) -> tuple[Array, Array]:
    """Largest magnitude and lowest input of each step and layer."""

    def observe(n, t, x):
        del n
        inputs = score.layer_inputs(t, x)
        largest = jnp.stack([jnp.max(jnp.abs(h)) for h in inputs])
        lowest = jnp.stack([jnp.min(h) for h in inputs])
        return score(t, x), (largest, lowest)

    return follow(observe, sampler, process, x1, ts, keys)[1]


@eqx.filter_jit
def _run(score, process, x1, ts, sampler, keys) -> StepWiseRun:
    """Samples, and what was clipped in each step."""

    def observe(n, t, x):
        del n
        found, clipped = score.evaluate(t, x)
        inner = lambda over: tuple(range(over.ndim - 1))
        rates = jnp.stack([jnp.mean(over, dtype=x.dtype) for over in clipped])
        met = jnp.stack([jnp.any(over, axis=inner(over)) for over in clipped])
        return found, (rates, met)

    x, (rates, met) = follow(observe, sampler, process, x1, ts, keys)
    return StepWiseRun(x, rates, jnp.any(met, axis=0))
