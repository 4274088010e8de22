"""Euler's method."""

from typing import ClassVar

from .._core._types import Keys, State, Times
from ..sdes import AbstractProcess, ProbabilityFlow, VelocityFlow
from ._base import AbstractDigitalSampler, march, Score, Store


class Euler(AbstractDigitalSampler):
    r"""$x_{n+1} = x_n + h\,v(t_n, x_n)$, of first order; the paper's own sampler.

    $v$ is the stated drift of the process and $h = t_{n+1} - t_n < 0$. Takes any
    `beta_factor`.
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
            return x + (t_next - t) * process.velocity(score, t, x)

        return march(step, self.admit(process, x1), ts, store)

    def num_evaluations(self, num_steps: int) -> int:
        """One a step."""
        return num_steps
