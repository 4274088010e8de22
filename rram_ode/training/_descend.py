"""Adam on a few numbers, such as the trims of a chip or values of a loop."""

from collections.abc import Callable
from typing import Any

import jax
import optax
from jaxtyping import Array, Float, PyTree

from .._core._types import Scalar


def descend(
    loss: Callable[[PyTree[Array], Any], Scalar],
    start: PyTree[Array],
    inputs: PyTree[Array],
    rate: float | Scalar,
    schedule: optax.ScalarOrSchedule = 1.0,
) -> tuple[PyTree[Array], Float[Array, " steps"]]:
    """Numbers that Adam reaches from `start`, and the loss before each step.

    Args:
        loss: Maps the numbers and one of `inputs` to the loss.
        start: The numbers at the start.
        inputs: One input per step, on the first axis.
        rate: The learning rate, an array so that one program serves all rates.
        schedule: Factor on the learning rate by step.
    """
    adam = optax.adam(schedule)

    def step(carry, one):
        numbers, state = carry
        value, grads = jax.value_and_grad(loss)(numbers, one)
        # optax mixes float arrays with its integer counter.
        with jax.numpy_dtype_promotion("standard"):
            updates, state = adam.update(grads, state, numbers)
        numbers = jax.tree.map(lambda p, u: p + rate * u, numbers, updates)
        return (numbers, state), value

    (end, _), losses = jax.lax.scan(step, (start, adam.init(start)), inputs)
    return end, losses
