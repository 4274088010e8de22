"""The Euler-Maruyama method."""

from typing import ClassVar

import jax.numpy as jnp

from .._core._types import Keys, State, Times
from ..sdes import AbstractProcess, ReverseSDE
from ._base import AbstractDigitalSampler, march, require_keys, Score, step_noise, Store


class EulerMaruyama(AbstractDigitalSampler):
    r"""$x_{n+1} = x_n + h\,v(t_n, x_n) + c(t_n)\sqrt{|h|}\,\epsilon_n$, weak order one.

    $v$ and $c$ are the stated drift and diffusion of the process, $\epsilon_n \sim
    N(0, I)$. Takes any `beta_factor`.
    """

    processes: ClassVar[tuple[type, ...]] = (ReverseSDE,)
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
        """Carry `x1` to `ts[-1]` with the noise of `keys`, one a sample."""
        noise_keys = require_keys(keys)

        def step(n, t, t_next, x):
            h = t_next - t
            noise = jnp.sqrt(jnp.abs(h)) * step_noise(noise_keys, n, x)
            velocity = process.velocity(score, t, x)
            return x + h * velocity + process.diffusion(t) * noise

        return march(step, self.admit(process, x1), ts, store)

    def num_evaluations(self, num_steps: int) -> int:
        """One a step."""
        return num_steps
