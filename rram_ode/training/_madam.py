r"""LNS-Madam: multiplicative updates, which are additions to a logarithmic weight.

$$v \leftarrow \beta v + (1 - \beta) g^2, \quad
  \hat g = \mathrm{clip}\big(g / \sqrt{v / (1 - \beta^n)}, \pm 10\big), \quad
  w \leftarrow w\,2^{-\eta \hat g\,\mathrm{sign}(w)}, \quad
  |w| \le 3\,\mathrm{rms}(w_0)$$

A weight never changes its sign and never leaves zero. Source: Zhao et al., IEEE Trans.
Computers 2022, arXiv 2106.13914; the authors' code lns-madam-optimizer for clip, bound
and the rate of 1 / 128; Bernstein et al. 2020 (Madam), arXiv 2006.14560.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Int, PyTree

from .._core._arrays import root
from .._core._checks import is_concrete
from .._core._types import Scalar
from ..formats import AbstractFormat


BOUND = 3.0  # largest weight, in root mean squares of the weights at the start
MOST = 10.0  # largest normalised gradient
RATE = 1 / 128


class MadamState(NamedTuple):
    """Steps so far, mean squares of gradients, and the largest weight of each array."""

    step: Int[Array, ""]
    squares: PyTree[Array]
    bounds: PyTree[Array]


class HeldState(NamedTuple):
    """The state of an optimiser, and the largest weight of each array."""

    inner: Any
    bounds: PyTree[Array]


def madam(
    learning_rate: optax.ScalarOrSchedule = RATE,
    *,
    decay: float | Scalar = 0.999,
    bound: float | Scalar = BOUND,
) -> optax.GradientTransformation:
    r"""Multiplicative updates by normalised gradients.

    Args:
        learning_rate: $\eta$, in octaves per step, or its schedule.
        decay: $\beta$ of the mean square.
        bound: The largest weight in root mean squares of its array at the start.

    Raises:
        ValueError: At the start, if all weights of an array are zero.
    """

    def init(params: optax.Params) -> MadamState:
        squares = jax.tree.map(jnp.zeros_like, params)
        return MadamState(jnp.zeros((), jnp.int32), squares, _bounds(params, bound))

    def update(
        updates: optax.Updates, state: Any, params: optax.Params | None = None
    ) -> tuple[optax.Updates, Any]:
        if params is None:
            raise ValueError("`madam` multiplies weights: give `params` to `update`.")
        rate = learning_rate(state.step) if callable(learning_rate) else learning_rate
        step = state.step + 1
        squares = jax.tree.map(
            lambda v, g: decay * v + (1 - decay) * g**2, state.squares, updates
        )

        def move(w: Array, g: Array, v: Array, most: Array) -> Array:
            mean = v / (1 - decay ** step.astype(v.dtype))
            size = root(mean)
            normed = g / jnp.where(size > 0, size, 1.0)
            normed = jnp.clip(normed, -MOST, MOST)
            moved = w * jnp.exp2(-jnp.asarray(rate, w.dtype) * normed * jnp.sign(w))
            return jnp.clip(moved, -most, most) - w

        moves = jax.tree.map(move, params, updates, squares, state.bounds)
        return moves, MadamState(step, squares, state.bounds)

    return optax.GradientTransformation(init, update)


def hold_weights(
    optimiser: optax.GradientTransformation,
    form: Callable[[Scalar], AbstractFormat],
    *,
    bound: float | Scalar = BOUND,
) -> optax.GradientTransformation:
    r"""`optimiser` on weights that are stored in a number format alone.

    After each update the weights are rounded to the format: there is no copy of higher
    precision, so that a change below half a step is lost.

    Args:
        optimiser: The optimiser of the weights.
        form: Makes the format from the largest weight of an array.
        bound: That largest weight, in root mean squares of the array at the start.

    Raises:
        ValueError: At the start, if all weights of an array are zero.

    Example:
        >>> import jax.numpy as jnp
        >>> from rram_ode.formats import FixedClip, LogarithmicFormat
        >>> from rram_ode.training import hold_weights, madam
        >>> form = lambda scale: LogarithmicFormat(12, 7, FixedClip(scale))
        >>> optimiser = hold_weights(madam(), form)
        >>> state = optimiser.init(jnp.array([0.5, -1.0]))
    """

    def init(params: optax.Params) -> HeldState:
        return HeldState(optimiser.init(params), _bounds(params, bound))

    def update(
        updates: optax.Updates, state: Any, params: optax.Params | None = None
    ) -> tuple[optax.Updates, Any]:
        if params is None:
            raise ValueError(
                "`hold_weights` rounds weights: give `params` to `update`."
            )
        changes, inner = optimiser.update(updates, state.inner, params)

        def rounded(w: Array, change: Array, most: Array) -> Array:
            moved = (w + change).reshape(-1, 1)
            return form(most).quantise(moved).reshape(w.shape) - w

        moves = jax.tree.map(rounded, params, changes, state.bounds)
        return moves, HeldState(inner, state.bounds)

    return optax.GradientTransformation(init, update)


def _bounds(params: PyTree[Array], bound: float | Scalar) -> PyTree[Array]:
    """The largest weight of each array."""

    def of(w: Array) -> Array:
        rms = root(jnp.mean(w**2))
        if is_concrete(rms) and not float(rms) > 0:
            raise ValueError(
                f"an array of weights of shape {w.shape} is all zeros, and its range "
                "follows from them: start from weights that are not zero."
            )
        return bound * rms

    return jax.tree.map(of, params)
