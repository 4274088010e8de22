"""Realised paths: held values, kept in memory or made where a step reads them."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._random import standard_normal
from .._core._types import ColumnValues, Key, Scalar


class HeldPath(eqx.Module):
    r"""A piecewise constant function of circuit time.

    Value n holds on $[n\Delta, (n + 1)\Delta)$; the last one holds for ever. A solver
    reads it over a step, never at a time, so that neither a step boundary that float
    arithmetic puts beside an edge, nor the stages of a method, change the law: by
    `mean` over any step, by `within` (the same, cheaper) over one that crosses no edge.

    Args:
        values: Shape `(holds, ...)`.
        interval: $\Delta$, in seconds.
    """

    values: Float[Array, "holds ..."]
    interval: Scalar

    def within(self, tau0: Scalar, tau1: Scalar) -> Float[Array, "..."]:
        """The value during a step that crosses no edge: the one at its middle."""
        n = jnp.floor((tau0 + tau1) / (2 * self.interval)).astype(jnp.int32)
        n = jnp.clip(n, 0, self.values.shape[0] - 1)
        return jax.lax.dynamic_index_in_dim(self.values, n, keepdims=False)

    def mean(self, tau0: Scalar, tau1: Scalar) -> Float[Array, "..."]:
        r"""$\frac{1}{\tau_1 - \tau_0} \int_{\tau_0}^{\tau_1}$ of the path, exact."""
        # An edge within rounding of a step's end belongs to the step's outside.
        slack = 4 * jnp.finfo(self.values.dtype).eps * self.values.shape[0]
        start, stop = tau0 / self.interval, tau1 / self.interval
        top = self.values.shape[0] - 1
        first = jnp.clip(jnp.floor(start + slack), 0, top)
        last = jnp.clip(jnp.ceil(stop - slack) - 1, first, top)
        one = self.values[first.astype(int)]
        return jax.lax.cond(
            first == last,
            lambda: one,
            lambda: self._across(one, start, stop, first, last),
        )

    def _across(self, one, start, stop, first, last):
        width = stop - start
        n = jnp.arange(self.values.shape[0], dtype=width.dtype)
        inside = jnp.where((n > first) & (n < last), 1.0 / width, 0.0)
        middle = jnp.tensordot(inside.astype(one.dtype), self.values, axes=1)
        head = ((first + 1 - start) / width).astype(one.dtype)
        tail = ((stop - last) / width).astype(one.dtype)
        return head * one + middle + tail * self.values[last.astype(int)]


class DrawnPath(eqx.Module):
    r"""Standard normals held $\Delta$, each a function of (key, sample, hold) alone.

    As fixed before a solve as a `HeldPath`: any step that asks for hold n, of any
    solver, gets the same number, whatever else is asked for. Only the storage is saved:
    20 us of 1 ns holds are 20,000 values a channel and sample.

    Args:
        key: Of the chip.
        indices: Number of each sample, `(samples,)`; one number for one sample.
        interval: $\Delta$, in seconds.
        channels: Values of a hold.
    """

    key: Key
    indices: Integer[Array, "*samples"]
    interval: Scalar
    channels: int = eqx.field(static=True)

    def within(self, tau0: Scalar, tau1: Scalar) -> ColumnValues:
        """Values during a step that crosses no edge: those at its middle."""
        hold = jnp.floor((tau0 + tau1) / (2 * self.interval)).astype(jnp.uint32)
        indices = self.indices.reshape(-1)
        values = standard_normal(self.key, indices, (self.channels,), block=hold)
        return values.reshape(self.channels, *self.indices.shape)
