"""All metrics of one set of samples."""

import dataclasses

import numpy as np

from ._histogram import hist_l2, kl_1d, kl_2d
from ._mmd import mmd
from ._points import Data, Samples
from ._range import non_finite_fraction, outside_fraction
from ._wasserstein import sliced_wasserstein


@dataclasses.dataclass(frozen=True)
class Quality:
    """The metrics of `num_samples` samples against data; see each one's function.

    Read the fractions first: a sampler that fails on some samples can look well on the
    others. `num_samples` counts all of them.
    """

    kl_1d: float
    kl_2d: float
    hist_l2: float
    sliced_wasserstein: float
    mmd: float
    outside_fraction: float
    non_finite_fraction: float
    num_samples: int

    def as_dict(self) -> dict[str, float | int]:
        """Plain numbers by name, for a report."""
        return dataclasses.asdict(self)


def quality(samples: Samples, data: Data) -> Quality:
    """All metrics of `samples`, `(num_samples, 2)`, against `data`, `(num_data, 2)`.

    Samples with a NaN or infinite coordinate are left out of the distances and reported
    as `non_finite_fraction`.

    Raises:
        ValueError: if no finite sample is left, or `data` is empty or not finite, or
            the points are not 2-D.
    """
    points = np.asarray(samples, np.float64)
    finite = points[np.isfinite(points).all(axis=1)]
    if len(finite) == 0:
        raise ValueError(
            f"`samples` must hold a finite sample; none of {len(points)} is. "
            "The solve diverged: shorten its steps, or check the score."
        )
    return Quality(
        kl_1d=kl_1d(finite, data),
        kl_2d=kl_2d(finite, data),
        hist_l2=hist_l2(finite, data),
        sliced_wasserstein=sliced_wasserstein(finite, data),
        mmd=mmd(finite, data),
        outside_fraction=outside_fraction(points),
        non_finite_fraction=non_finite_fraction(points),
        num_samples=len(points),
    )
