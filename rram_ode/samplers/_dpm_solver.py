"""DPM-Solver++(2M)."""

from typing import ClassVar

import jax.numpy as jnp

from .._core._types import Keys, State, Times
from ..sdes import AbstractProcess, ProbabilityFlow
from ._base import AbstractDigitalSampler, march, Score, Store


class DPMSolverPlusPlus(AbstractDigitalSampler):
    r"""The multistep solver of second order that integrates the linear part exactly.

    With $\lambda = \ln(m / \mathrm{std})$, $h = \lambda_{n+1} - \lambda_n$ and the data
    prediction $D_n = (x_n + \mathrm{std}_n^2\,\mathrm{score}) / m_n$,

    $$x_{n+1} = \frac{\mathrm{std}_{n+1}}{\mathrm{std}_n} x_n + m_{n+1}(1 - e^{-h})
    \Big(D_n + \frac{h}{2 h_{n-1}}(D_n - D_{n-1})\Big).$$

    The first step, and a last one to `std` 0 where $h$ is infinite, leave out the
    correction. One evaluation a step: the fair digital baseline at few steps.

    Source: Lu et al. 2022, arXiv 2211.01095, algorithm 2.
    """

    processes: ClassVar[tuple[type, ...]] = (ProbabilityFlow,)
    needs_true_schedule: ClassVar[bool] = True

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
        """Carry `x1` to `ts[-1]`; `keys` is unused."""
        del keys
        x1 = self.admit(process, x1)
        assert isinstance(process, ProbabilityFlow)  # by `admit`
        sde = process.sde

        def step(n, t, t_next, carry):
            del n
            x, data_before, h_before = carry
            mean_factor, std = sde.marginal(t)
            mean_factor_next, std_next = sde.marginal(t_next)
            h = jnp.log(mean_factor_next / std_next) - jnp.log(mean_factor / std)
            data = (x + std**2 * score(t, x)) / mean_factor
            correct = (h_before > 0) & jnp.isfinite(h)
            # `where` before the division too: its gradient must not see 0 or infinity.
            slope = jnp.where(correct, h, 0) / jnp.where(correct, 2 * h_before, 1)
            target = data + slope * (data - data_before)
            x = std_next / std * x - mean_factor_next * jnp.expm1(-h) * target
            return x, data, h

        carry = x1, jnp.zeros_like(x1), jnp.zeros_like(ts[0])
        keep = None
        if store is not None:
            keep = lambda carry: (store(carry[0]), store(carry[1]), carry[2])
        return march(step, carry, ts, keep)[0]

    def num_evaluations(self, num_steps: int) -> int:
        """One a step."""
        return num_steps
