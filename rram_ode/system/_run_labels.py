"""The classes that the samples of a run were asked for."""

import jax.numpy as jnp
import numpy as np

from .._core._types import Key
from ..sdes import Prior


def run_labels(
    prior: Prior, num_samples: int, *, key: Key, first: int = 0
) -> np.ndarray | None:
    """The number of each sample's class, `(num_samples,)`; -1 is the null label.

    `None` stands for a network without labels.
    """
    found = prior.labels(key, jnp.asarray(first, jnp.uint32), num_samples)
    return None if found is None else np.array(np.broadcast_to(found, (num_samples,)))
