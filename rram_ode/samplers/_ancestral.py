"""Ancestral sampling, as in denoising diffusion probabilistic models."""

from typing import ClassVar

import jax.numpy as jnp

from .._core._types import Keys, State, Times
from ..sdes import AbstractProcess, ReverseSDE
from ._base import AbstractDigitalSampler, march, require_keys, Score, step_noise, Store


class Ancestral(AbstractDigitalSampler):
    r"""$x_s \sim q(x_s \mid x_t, x_0 = D(x_t, t))$ for each step from $t$ to $s < t$.

    $D = (x + \mathrm{std}^2\,\mathrm{score}) / m$ is the expected data point. With
    $a = m_t / m_s$ and $v = \mathrm{std}_t^2 - a^2\,\mathrm{std}_s^2$ (the noise gained
    from $s$ to $t$), the draw has mean
    $(a\,\mathrm{std}_s^2\,x_t + m_s v\,D) / \mathrm{std}_t^2$ and variance
    $v\,\mathrm{std}_s^2 / \mathrm{std}_t^2$: exact for data that is one point, and
    without noise in a last step to $s = 0$.

    Source: Ho et al. 2020, arXiv 2006.11239, eqs. 6 and 7 with the posterior variance
    (their $\tilde\beta$), written with the marginals, so that it holds for `VESDE` too.
    """

    processes: ClassVar[tuple[type, ...]] = (ReverseSDE,)
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
        """Carry `x1` to `ts[-1]` with the noise of `keys`, one a sample."""
        noise_keys = require_keys(keys)
        x1 = self.admit(process, x1)
        assert isinstance(process, ReverseSDE)  # by `admit`
        sde = process.sde

        def step(n, t, t_next, x):
            mean_factor, std = sde.marginal(t)
            mean_factor_next, std_next = sde.marginal(t_next)
            ratio = mean_factor / mean_factor_next
            gained = std**2 - ratio**2 * std_next**2
            data = (x + std**2 * score(t, x)) / mean_factor
            mean = ratio * std_next**2 * x + mean_factor_next * gained * data
            noise = jnp.sqrt(gained) * std_next * step_noise(noise_keys, n, x)
            return mean / std**2 + noise / std

        return march(step, x1, ts, store)

    def num_evaluations(self, num_steps: int) -> int:
        """One a step."""
        return num_steps
