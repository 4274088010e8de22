"""Tsitouras' fifth-order method on fixed steps."""

from typing import ClassVar

import diffrax as dfx

from .._core._types import Keys, State, Times
from ..sdes import AbstractProcess, ProbabilityFlow, VelocityFlow
from ._base import AbstractDigitalSampler, march, Score, Store


_TABLEAU = dfx.Tsit5.tableau


_NODES = (0.0, *map(float, _TABLEAU.c[:5]))


_ROWS = tuple(tuple(map(float, row)) for row in _TABLEAU.a_lower[:5])


_WEIGHTS = tuple(map(float, _TABLEAU.b_sol[:6]))


class Tsit5(AbstractDigitalSampler):
    r"""$x_{n+1} = x_n + h \sum_i b_i k_i$ with six stages, of fifth order.

    The seventh stage of Tsitouras' pair serves its error estimate alone, so it is left
    out here. Takes any `beta_factor`. Source: Ch. Tsitouras 2011; diffrax's tableau.
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
            slopes = [process.velocity(score, t, x)]
            for node, row in zip(_NODES[1:], _ROWS, strict=True):
                change = sum(a * k for a, k in zip(row, slopes, strict=True))
                slopes.append(process.velocity(score, t + node * h, x + h * change))
            return x + h * sum(b * k for b, k in zip(_WEIGHTS, slopes, strict=True))

        return march(step, self.admit(process, x1), ts, store)

    def num_evaluations(self, num_steps: int) -> int:
        """Six a step."""
        return 6 * num_steps
