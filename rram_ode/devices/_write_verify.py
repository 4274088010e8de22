"""Write-verify: program, read, and program again until the cell is close enough."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int

from .._core._arrays import scalar
from .._core._checks import non_negative
from .._core._random import normal
from .._core._types import Conductances, Key
from ._base import AbstractConductanceError, AbstractWriteNoise


class WriteVerify(AbstractConductanceError):
    r"""Write-verify: a cell keeps the first of its pulses that lands within $\pm a$.

    Each pulse is an independent try at $g + \sigma(g)\epsilon$, so that the number of
    pulses is geometric with $p = P(|\epsilon| \leq a / \sigma)$, cut at `max_pulses`;
    the result of the last pulse stays. The verifying read is taken as exact. The
    gradient is that of the identity in $g$, and 0 in the law and in $a$: which pulse
    is taken jumps.

    Args:
        law: Spread of a single pulse.
        acceptance: $a$, in siemens; a cell at exactly this distance is accepted.
        max_pulses: Largest number of pulses for one cell, 1 or more.
    """

    is_redrawn: ClassVar[bool] = True

    law: AbstractWriteNoise
    acceptance: Float[Array, ""] = eqx.field(converter=scalar)
    max_pulses: int = eqx.field(static=True)

    def __check_init__(self):
        non_negative("write.verify", self.acceptance, "S")
        if self.max_pulses < 1:
            raise ValueError(
                f"`write.max_pulses` must be 1 or more; got {self.max_pulses}."
            )

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """The conductances after write-verify, shape `(rows, cols)`, in siemens."""
        return self.write(g, key=key)[0]

    def write(
        self, g: Conductances, *, key: Key
    ) -> tuple[Conductances, Int[Array, "rows cols"]]:
        """Conductances, in siemens, and the number of pulses that each cell took."""
        target = jax.lax.stop_gradient(g)
        std = jax.lax.stop_gradient(self.law.spread(target))

        def pulse(state):
            number, found, pulses = state
            tried = target + std * normal(jr.fold_in(key, number), g.shape)
            is_open = self._is_open(found, target)
            found = jnp.where(is_open, jnp.maximum(tried, 0.0), found)
            return number + 1, found, pulses + is_open.astype(int)

        def goes_on(state):
            number, found, _ = state
            return (number < self.max_pulses) & jnp.any(self._is_open(found, target))

        # Every cell starts open.
        start = jnp.array(0), jnp.full_like(target, jnp.inf), jnp.zeros(g.shape, int)
        _, found, pulses = jax.lax.while_loop(goes_on, pulse, start)
        return g + (found - target), pulses

    def _is_open(self, found: Conductances, target: Conductances) -> Array:
        return ~(jnp.abs(found - target) <= jax.lax.stop_gradient(self.acceptance))
