r"""A two-state Markov process: how likely it is found in the other state later.

It leaves the high state at the rate $1 / \tau_h$, the low one at $1 / \tau_l$. With
$\lambda = 1 / \tau_h + 1 / \tau_l$ and the stationary shares $\pi_h = \tau_h /
(\tau_h + \tau_l)$, $\pi_l = 1 - \pi_h$,

$$P_t(x \to y) = \pi_y + (\delta_{xy} - \pi_y)\, e^{-\lambda t} .$$

Between two known states the process is a bridge: given x now and e a time $\delta +
\epsilon$ later, the state y after $\delta$ has the probability

$$P(y)
  = \frac{P_\delta(x \to y)\, P_\epsilon(y \to e)}{P_{\delta + \epsilon}(x \to e)} .$$

Everything is written as the probability of a flip, in sums of positive terms, so that
single precision resolves rare ones.
"""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .._types import Scalar


States = Bool[Array, "*cells nodes"]


class TwoState(eqx.Module):
    r"""Rate and share of each cell's process; a last axis of nodes shares them.

    Args:
        rate: $\lambda$, in 1/s.
        share: $\pi_h$.
    """

    rate: Float[Array, "*cells"]
    share: Float[Array, "*cells"]

    def start(self, u: Float[Array, "*cells nodes"]) -> States:
        """Stationary states from uniform draws."""
        return u <= self.share[..., None]

    def step(self, x: States, spacing: Scalar, u: Float[Array, "*cells nodes"]):
        """The states `spacing` seconds later."""
        lost = -jnp.expm1(-self.rate * spacing)
        flip = jnp.where(
            x, ((1 - self.share) * lost)[..., None], (self.share * lost)[..., None]
        )
        return x ^ (u <= flip)

    def between(
        self,
        x: States,
        end: States,
        spacing: Scalar,
        left: Scalar,
        u: Float[Array, "*cells nodes"],
    ) -> States:
        """The states `spacing` later, given that `end` holds another `left` later."""
        lost = -jnp.expm1(-self.rate * spacing)
        rest = self.rate * jnp.maximum(left, 0.0)
        kept_rest, lost_rest = jnp.exp(-rest), -jnp.expm1(-rest)
        whole = rest + self.rate * spacing
        kept_all, lost_all = jnp.exp(-whole), -jnp.expm1(-whole)

        def away(end, other):
            """From a state that is the end's, and back."""
            back = other * lost * end * lost_rest
            return (back / (kept_all + end * lost_all))[..., None]

        def home(end):
            """To the end's state, and still or again there at the end."""
            return (lost * (kept_rest + end * lost_rest) / lost_all)[..., None]

        high, low = self.share, 1 - self.share
        flip = jnp.where(
            x == end,
            jnp.where(end, away(high, low), away(low, high)),
            jnp.where(end, home(high), home(low)),
        )
        return x ^ (u <= flip)
