"""Two-state processes, and the traps of a chip's cells that are such processes."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Integer

from .._core._random import uniform
from .._core._types import Key, ProcessValues, Scalar, Seconds, TrapValues
from ._lab_time import at_samples, BRANCH, LabClock, within_samples
from ._path import HeldPath


States = Bool[Array, "*cells nodes"]


class TwoState(eqx.Module):
    r"""Two-state processes, one for each cell, at any number of nodes (the last axis).

    Args:
        rate: $\lambda$, the sum of the rates of both transitions, in 1/s.
        fraction: $\pi_h$, the fraction of time in the high state.
    """

    rate: Float[Array, "*cells"]
    fraction: Float[Array, "*cells"]

    def start(self, u: Float[Array, "*cells nodes"]) -> States:
        """Stationary states from uniform draws."""
        return u <= self.fraction[..., None]

    def step(self, x: States, spacing: Scalar, u: Float[Array, "*cells nodes"]):
        """The states `spacing` seconds later."""
        lost = -jnp.expm1(-self.rate * spacing)
        down, up = (1 - self.fraction) * lost, self.fraction * lost
        flip = jnp.where(x, down[..., None], up[..., None])
        return x ^ (u <= flip)

    def between(
        self,
        x: States,
        end: States,
        spacing: Scalar,
        left: Scalar,
        u: Float[Array, "*cells nodes"],
    ) -> States:
        """The states `spacing` seconds later, given `end`, `left` seconds later."""
        lost = -jnp.expm1(-self.rate * spacing)
        rest = self.rate * jnp.maximum(left, 0.0)
        kept_rest, lost_rest = jnp.exp(-rest), -jnp.expm1(-rest)
        whole = rest + self.rate * spacing
        kept_all, lost_all = jnp.exp(-whole), -jnp.expm1(-whole)

        def away(end, other):
            """Probability to leave the end's state and to be back at the end."""
            back = other * lost * end * lost_rest
            return (back / (kept_all + end * lost_all))[..., None]

        def home(end):
            """Probability to enter the end's state and to be there at the end."""
            return (lost * (kept_rest + end * lost_rest) / lost_all)[..., None]

        high, low = self.fraction, 1 - self.fraction
        flip = jnp.where(
            x == end,
            jnp.where(end, away(high, low), away(low, high)),
            jnp.where(end, home(high), home(low)),
        )
        return x ^ (u <= flip)


class Traps(eqx.Module):
    r"""Traps that switch the conductance of cells, as a change from its mean.

    $$\delta g = \sum_k \Delta_k (s_k - \pi_k), \qquad s_k \in \{0, 1\},$$

    where $\pi_k = \tau_h / (\tau_h + \tau_l)$ is the fraction of time in the high
    state. Each trap alone has the one-sided Lorentzian density of S. Machlup (J. Appl.
    Phys. 25, 341, 1954),

    $$S(f) = \frac{4 \Delta^2 \pi (1 - \pi)\, \tau}{1 + (2 \pi f \tau)^2}, \qquad
      \frac1\tau = \frac1{\tau_h} + \frac1{\tau_l} .$$

    Args:
        jump: $\Delta$ of each trap of each cell, in siemens; negative where the cell
            subtracts.
        high: Mean dwell time $\tau_h$ in the high state, in seconds.
        low: Mean dwell time $\tau_l$ in the low state, in seconds.
    """

    jump: TrapValues
    high: TrapValues
    low: TrapValues

    def psd(self, f: Float[Array, " freq"]) -> Float[Array, " freq *cells"]:
        """One-sided density of each cell at `f` hertz, in S^2/Hz."""
        f = f.reshape(f.shape + (1,) * self.jump.ndim)
        chain = self._chain()
        variance = self.jump**2 * chain.fraction * (1 - chain.fraction)
        time = (1 / chain.rate)[None]
        return jnp.sum(
            4 * variance[None] * time / (1 + (2 * jnp.pi * f * time) ** 2), axis=1
        )

    def sample_path(
        self,
        clock: LabClock,
        plan: tuple[int, int],
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Fluctuation of each cell, `(holds, *cells, num_samples)`, in siemens.

        The states are a function of (key, lab time) and run on from sample to sample.
        Values are those at the starts of the holds.
        """
        holds, levels = plan
        chain, shape = self._chain(), self.jump.shape

        def start(key, nodes):
            return chain.start(uniform(key, nodes, shape))

        def between(left, right, spacing, key, nodes):
            def step(x, n):
                u = uniform(key, nodes, shape, block=n)
                rest = spacing * (BRANCH - n).astype(spacing.dtype)
                return chain.between(x, right, spacing, rest, u), x

            return jax.lax.scan(step, left, jnp.arange(1, BRANCH + 1))[1]

        states = at_samples(
            start, between, key, clock.period, levels, first=first, num=num_samples + 1
        )
        inner, spacing = within_samples(key, levels), clock.duration / holds
        samples = first + jnp.arange(num_samples, dtype=first.dtype)

        def step(x, n):
            u = uniform(inner, samples, shape, block=n)
            left = clock.period - spacing * n.astype(spacing.dtype)
            return chain.between(x, states[..., 1:], spacing, left, u), self._change(x)

        _, values = jax.lax.scan(step, states[..., :-1], jnp.arange(1, holds + 1))
        return HeldPath(values, spacing)

    def path(self, key: Key, taus: Seconds) -> ProcessValues:
        """Fluctuation of each cell at `taus`, in siemens, by exact steps."""
        chain, shape = self._chain(), self.jump.shape
        first = jnp.zeros(1, jnp.uint32)
        draw = lambda n: uniform(key, first + n, shape)

        def step(x, inputs):
            spacing, n = inputs
            x = chain.step(x, spacing, draw(n))
            return x, self._change(x)[..., 0]

        # A first step of no length gives the state at the first time.
        spacings = jnp.diff(taus, prepend=taus[:1])
        numbers = jnp.arange(1, taus.size + 1, dtype=jnp.uint32)
        x = chain.start(draw(jnp.uint32(0)))
        return jax.lax.scan(step, x, (spacings, numbers))[1]

    def _chain(self) -> TwoState:
        return TwoState(
            1 / self.high + 1 / self.low, self.high / (self.high + self.low)
        )

    def _change(self, x: Array) -> Float[Array, "*cells nodes"]:
        """Change of each cell, in siemens, for states `(traps, *cells, nodes)`."""
        rest = self.jump * (self.high / (self.high + self.low))
        change = jnp.where(x, (self.jump - rest)[..., None], -rest[..., None])
        return jnp.sum(change, axis=0)
