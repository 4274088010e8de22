"""The interface of a digital sampler, and the loop over steps that all share."""

import abc
from collections.abc import Callable
from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jax import lax
from jax.core import Tracer
from jaxtyping import Array, Float, Int

from .._core._types import Keys, Scalar, State, Times
from ..sdes import (
    AbstractProcess,
    AbstractScoreProcess,
    AbstractSDE,
    flow_along,
    reverse_along,
    ReverseSDE,
)


Score = Callable[[Scalar, State], State]


Store = Callable[[State], State]  # what a state becomes when it is stored


_Carry = TypeVar("_Carry")


_NOT_TRUE_SCHEDULE = (
    "A beta factor other than 1 is no probability flow of any process, nor the reverse "
    "of one: only a stated drift. {name} steps along the marginals of the process, so "
    "it needs `beta_factor` 1{found}. Use a generic integrator of the drift: Euler or "
    "Heun for ProbabilityFlow, EulerMaruyama for ReverseSDE."
)


class AbstractDigitalSampler(eqx.Module):
    """A rule for the steps from noise at `ts[0]` down to data at `ts[-1]`.

    `processes` are the classes of the processes that the sampler takes;
    `needs_true_schedule` says whether it refuses a `beta_factor` other than 1.
    """

    processes: eqx.AbstractClassVar[tuple[type, ...]]
    needs_true_schedule: eqx.AbstractClassVar[bool]

    @abc.abstractmethod
    def __call__(
        self,
        process: AbstractProcess,
        score: Score,
        x1: State,
        ts: Times,
        *,
        keys: Keys | None = None,
        store: Store | None = None,
    ) -> State:
        r"""Carry `x1` from `ts[0]` to `ts[-1]`.

        Args:
            process: what to integrate, an instance of one of `self.processes`.
            score: $(t, x) \mapsto$ score, an `AbstractScore` or a function.
            x1: states at `ts[0]`, shape `(dim, samples)`.
            ts: falling diffusion times, shape `(times,)`: an array, so that one program
                serves all grids of a size. May end in repeats of its last time, which
                change no bit and cost no evaluation: one program serves all lengths.
            keys: one typed key a sample, shape `(samples,)`; for stochastic samplers.
            store: what the state becomes between two steps, such as a `FixedPoint`;
                `None` keeps its bits. Within a step numbers are as wide as in `x1`.

        Returns:
            The states at `ts[-1]`, of the shape of `x1`.

        Raises:
            ValueError: as `check`, or if a stochastic sampler gets no `keys`.
        """

    @abc.abstractmethod
    def num_evaluations(self, num_steps: int) -> int:
        """Evaluations of the score for each sample in `num_steps` steps."""

    def process_along(
        self, sde: AbstractSDE, beta_factor: float | Scalar = 1.0
    ) -> AbstractProcess:
        """What it integrates for a network trained on `sde`; `check` may refuse it.

        Raises:
            ValueError: as `flow_along` or, for a stochastic sampler, `reverse_along`.
        """
        along = reverse_along if ReverseSDE in self.processes else flow_along
        return along(sde, beta_factor)

    def check(self, process: AbstractProcess) -> None:
        """Refuse a process that this sampler cannot take.

        Raises:
            ValueError: if `process` is none of `self.processes`, or has a `beta_factor`
                other than 1 where the sampler needs the true schedule. (A traced
                `beta_factor` is checked when the compiled sampler runs.)
        """
        name, wanted = type(self).__name__, self.processes[0].__name__
        if not isinstance(process, self.processes):
            made = AbstractDigitalSampler.__subclasses__()
            others = [c.__name__ for c in made if isinstance(process, c.processes)]
            raise ValueError(
                f"{name} takes a {wanted}; got {type(process).__name__}. "
                f"Use {wanted}(sde), or a sampler made for that process: "
                f"{', '.join(others)}."
            )
        if not (self.needs_true_schedule and isinstance(process, AbstractScoreProcess)):
            return
        if not isinstance(process.beta_factor, Tracer) and not process.is_true_schedule:
            found = f"; got {float(process.beta_factor):g}"
            raise ValueError(_NOT_TRUE_SCHEDULE.format(name=name, found=found))

    def admit(self, process: AbstractProcess, x1: State) -> State:
        """`x1`, after `check`; what `check` cannot see in a trace fails at run time."""
        self.check(process)
        if not (self.needs_true_schedule and isinstance(process, AbstractScoreProcess)):
            return x1
        if isinstance(process.beta_factor, Tracer):
            message = _NOT_TRUE_SCHEDULE.format(name=type(self).__name__, found="")
            return eqx.error_if(x1, process.beta_factor != 1, message)
        return x1


def march(
    step: Callable[[Int[Array, ""], Scalar, Scalar, _Carry], _Carry],
    carry: _Carry,
    ts: Times,
    keep: Callable[[_Carry], _Carry] | None = None,
) -> _Carry:
    """Scan `step(n, t, t_next, carry)` over `ts`; skip steps of zero length.

    `keep` says what the carry becomes at the start and after each step.

    Skipped, not multiplied by zero: no 0 / 0 of a padded step reaches the result or its
    gradient, and padding costs no evaluation of the score.
    """
    kept = (lambda carry: carry) if keep is None else keep

    def body(carry: _Carry, inputs: tuple) -> tuple[_Carry, None]:
        n, t, t_next = inputs
        advance = lambda carry: kept(step(n, t, t_next, carry))
        return lax.cond(t_next == t, lambda carry: carry, advance, carry), None

    steps = jnp.arange(ts.size - 1), ts[:-1], ts[1:]
    return lax.scan(body, kept(carry), steps)[0]


def require_keys(keys: Keys | None) -> Keys:
    """`keys`, or a `ValueError` that says how to make them."""
    if keys is None:
        raise ValueError(
            "A stochastic sampler needs `keys`, one a sample; got None. "
            "Use `keys=jax.random.split(key, num_samples)`."
        )
    return keys


def step_noise(keys: Keys, n: Int[Array, ""], x: State) -> Float[Array, "dim samples"]:
    """Unit normals for step `n`; each sample's depend on its own key and `n` alone."""
    draw = lambda key: jr.normal(jr.fold_in(key, n), x.shape[:1], x.dtype)
    return jax.vmap(draw, out_axes=1)(keys)
