"""Exact steps of small linear systems with inputs that are lines."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._types import Currents, Scalar


DOUBLINGS = 40  # poles up to 1e12 steps' inverse


class Propagator(eqx.Module):
    r"""$u$ after a step of $\dot u = A u + b\,i(\tau) + c$, and its mean over the step.

    One system of k states for each column. `i` is the line with a given mean and end.

    Args:
        change: From `u` to the change of `u`, then to its mean less `u`,
            `(2, k, k, cols)`.
        mean: From the mean of `i` to both, `(2, k, cols)`.
        end: From the end of `i`.
        constant: Without any of them.
    """

    change: Float[Array, "2 states states cols"]
    mean: Float[Array, "2 states cols"]
    end: Float[Array, "2 states cols"]
    constant: Float[Array, "2 states cols"]

    def __call__(
        self, u: Float[Array, "states cols *samples"], mean: Currents, end: Currents
    ) -> tuple[
        Float[Array, "states cols *samples"], Float[Array, "states cols *samples"]
    ]:
        """The state at the end of the step, and its mean."""
        wide = lambda x: broadcast_columns(x, u, axes=2)
        after, average = (
            u
            + sum(wide(change[:, n]) * u[None, n] for n in range(u.shape[0]))
            + wide(of_mean) * mean[None]
            + wide(of_end) * end[None]
            + wide(constant)
            for change, of_mean, of_end, constant in zip(
                self.change, self.mean, self.end, self.constant, strict=True
            )
        )
        return after, average


class CoupledPropagator(eqx.Module):
    """A `Propagator` of columns that drive each other: one system of all of them.

    Args:
        change: `(2, n, n)` for n = states x cols, the first state of all columns first.
        mean: `(2, n, cols)`.
        end: `(2, n, cols)`.
        constant: `(2, n)`.
    """

    change: Float[Array, "2 n n"]
    mean: Float[Array, "2 n cols"]
    end: Float[Array, "2 n cols"]
    constant: Float[Array, "2 n"]

    def __call__(
        self, u: Float[Array, "states cols *samples"], mean: Currents, end: Currents
    ) -> tuple[
        Float[Array, "states cols *samples"], Float[Array, "states cols *samples"]
    ]:
        """The state at the end of the step, and its mean."""
        flat = u.reshape(-1, *u.shape[2:])
        after, average = (
            (
                flat
                + change @ flat
                + of_mean @ mean
                + of_end @ end
                + broadcast_columns(constant, flat)
            ).reshape(u.shape)
            for change, of_mean, of_end, constant in zip(
                self.change, self.mean, self.end, self.constant, strict=True
            )
        )
        return after, average


def propagate(
    a: Float[Array, "cols states states"],
    b: Float[Array, "cols states"],
    c: Float[Array, "cols states"],
    dt: Scalar,
) -> Propagator:
    """The propagator of one system a column, each with an input of its own."""
    parts = jax.vmap(_respond, in_axes=(0, 0, 0, None))(a, b[..., None], c, dt)
    change, mean, end, constant = (jnp.moveaxis(x, 0, -1) for x in parts)
    return Propagator(change, mean[:, :, 0], end[:, :, 0], constant)


def propagate_coupled(
    a: Float[Array, "n n"], b: Float[Array, "n cols"], c: Float[Array, " n"], dt: Scalar
) -> CoupledPropagator:
    """The propagator of one system with an input for each column."""
    return CoupledPropagator(*_respond(a, b, c, dt))


def _respond(
    a: Float[Array, "n n"],
    b: Float[Array, "n inputs"],
    c: Float[Array, " n"],
    dt: Scalar,
) -> tuple[Array, Array, Array, Array]:
    r"""Change of $\dot u = A u + B i + c$ over `dt` seconds, and its mean's.

    $F = e^M - 1$ of the system with its inputs and its integral as further states, by
    $F(2M) = 2 F + F^2$ from a Taylor series: small changes of slow states keep their
    relative accuracy in float32 next to poles a million times faster, where
    $e^M$ would round them off against 1.
    """
    k, num = b.shape
    # u, its integral, inputs, their slopes, 1.
    size, slopes = 2 * k + 2 * num + 1, 2 * k + num
    m = jnp.zeros((size, size), a.dtype)
    m = m.at[:k, :k].set(a * dt)
    m = m.at[k : 2 * k, :k].set(jnp.eye(k, dtype=a.dtype))
    m = m.at[:k, 2 * k : slopes].set(b * dt)
    m = m.at[2 * k : slopes, slopes:-1].set(jnp.eye(num, dtype=a.dtype))
    m = m.at[:k, -1].set(c * dt)
    m = m / 2.0**DOUBLINGS
    f = m + m @ m / 2
    f = jax.lax.fori_loop(0, DOUBLINGS, lambda _, f: 2 * f + f @ f, f)
    # The integral of a constant u is u: the mean less u is left.
    f = f.at[k : 2 * k, :k].add(-jnp.eye(k, dtype=a.dtype))
    f = f[: 2 * k].reshape(2, k, size)
    start, slope = f[:, :, 2 * k : slopes], f[:, :, slopes:-1]
    # i = (2 mean - end) + 2 (end - mean) s for s from 0 to 1.
    return f[:, :, :k], 2 * (start - slope), 2 * slope - start, f[:, :, -1]
