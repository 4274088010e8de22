"""Heun's method."""

from typing import ClassVar

from .._core._types import Keys, State, Times
from ..sdes import AbstractProcess, ProbabilityFlow, VelocityFlow
from ._base import AbstractDigitalSampler, march, Score, Store


class Heun(AbstractDigitalSampler):
    r"""$x_{n+1} = x_n + \tfrac h2(k_1 + k_2)$, the explicit trapezoid, of second order.

    $k_1 = v(t_n, x_n)$, $k_2 = v(t_{n+1}, x_n + h k_1)$: `diffrax.Heun` on a fixed
    grid. Not the sampler of Karras et al. (arXiv 2206.00364), which ends with an Euler
    step. Takes any `beta_factor`.
    """

    processes: ClassVar[tuple[type, ...]] = (ProbabilityFlow, VelocityFlow)
    needs_true_schedule: ClassVar[bool] = False

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

        def step(n, t, t_next, x):
            del n
            h = t_next - t
            k1 = process.velocity(score, t, x)
            k2 = process.velocity(score, t_next, x + h * k1)
            return x + h / 2 * (k1 + k2)

        return march(step, self.admit(process, x1), ts, store)

    def num_evaluations(self, num_steps: int) -> int:
        """Two a step."""
        return 2 * num_steps
