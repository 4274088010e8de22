"""What both sides of `train_step` are, and how a perturbation's spread is taken."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array
from rram_ode.training import Batch


DRAWS = 200


class Rival(NamedTuple):
    """The other side of a row.

    Args:
        steps: Runs that many steps.
        gradients: Of the loss on a batch without noise: weights, then biases. Ends the
            noise of the rival for good.
        noise_std: Spread of the perturbation over what was asked for.
    """

    steps: Callable[[int], Any]
    gradients: Callable[[Batch], list[np.ndarray]]
    noise_std: float


def spread(
    weights: Sequence[Array],
    biases: Sequence[Array | np.ndarray],
    drawn: Sequence[np.ndarray],
    noise: float,
) -> float:
    """Root mean square of (drawn - weight) / (`noise` x the column's largest).

    Args:
        weights: Of each layer, `(rows, cols)`.
        biases: They count for the column's largest.
        drawn: Perturbed weights of each layer, `(draws, rows, cols)`.
        noise: That was asked for.
    """
    units = []
    for w, b, many in zip(weights, biases, drawn, strict=True):
        w = np.asarray(w)
        largest = np.maximum(np.abs(w).max(axis=0), np.abs(np.asarray(b)))
        units.append(((many - w) / (noise * largest)).ravel())
    return float(np.sqrt(np.mean(np.concatenate(units) ** 2)))
