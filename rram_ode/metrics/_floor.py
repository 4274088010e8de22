"""The metrics of a perfect sampler."""

from typing import Protocol, runtime_checkable

import jax.random as jr

from .._types import Key, Points
from ._quality import Quality, quality


@runtime_checkable
class _Drawable(Protocol):
    """Anything with fresh points: a data set, or an exact score."""

    def sample(self, num_samples: int, *, key: Key) -> Points: ...


def floor(
    dataset: _Drawable, num_samples: int, *, key: Key, repeats: int
) -> list[Quality]:
    """Data against fresh data, `num_samples` of each, `repeats` times with fresh seeds.

    What a perfect sampler would score: no metric of finitely many points is zero.

    Raises:
        ValueError: if `repeats < 1`.
    """
    if repeats < 1:
        raise ValueError(f"`repeats` must be 1 or more; got {repeats}.")
    return [
        quality(
            dataset.sample(num_samples, key=samples_key),
            dataset.sample(num_samples, key=data_key),
        )
        for samples_key, data_key in jr.split(key, (repeats, 2))
    ]
