"""The metrics of one set of samples, as one record."""

import dataclasses

import numpy as np

from ._histogram import hist_l2, kl_1d, kl_2d
from ._mmd import mmd
from ._points import Data, PLANE, Samples
from ._range import non_finite_fraction, outside_fraction
from ._wasserstein import sliced_wasserstein


@dataclasses.dataclass(frozen=True)
class Quality:
    """All metrics of samples against data; each metric has a function of its name.

    Read the fractions first: a sampler that fails on some samples can look good on the
    others. `num_samples` counts all samples. `kl_2d` and `hist_l2` are defined in the
    plane, and `None` in every other dimension.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring")
        >>> found = system.judge(system.data(200)).quality
        >>> isinstance(found, rr.Quality), found.num_samples
        (True, 200)
    """

    kl_1d: float
    kl_2d: float | None
    hist_l2: float | None
    sliced_wasserstein: float
    mmd: float
    outside_fraction: float
    non_finite_fraction: float
    num_samples: int

    def as_dict(self) -> dict[str, float | int | None]:
        """The metrics by name as plain numbers or `None`, for a report in JSON."""
        return dataclasses.asdict(self)


def quality(samples: Samples, data: Data) -> Quality:
    """All metrics of `samples` against `data`, `(num_samples, dim)`, `(num_data, dim)`.

    Samples with a NaN or infinite coordinate are left out of the distances and reported
    as `non_finite_fraction`.

    Raises:
        ValueError: If no finite sample is left, or `data` is empty, not finite, or of
            another dimension than `samples`.
    """
    points = np.asarray(samples, np.float64)
    finite = points[np.isfinite(points).all(axis=1)]
    if len(finite) == 0:
        raise ValueError(
            f"`samples` must hold a finite sample; none of {len(points)} is. "
            "The solve diverged: shorten its steps, or check the score."
        )
    in_plane = points.shape[1] == PLANE
    return Quality(
        kl_1d=kl_1d(finite, data),
        kl_2d=kl_2d(finite, data) if in_plane else None,
        hist_l2=hist_l2(finite, data) if in_plane else None,
        sliced_wasserstein=sliced_wasserstein(finite, data),
        mmd=mmd(finite, data),
        outside_fraction=outside_fraction(points, data),
        non_finite_fraction=non_finite_fraction(points),
        num_samples=len(points),
    )
