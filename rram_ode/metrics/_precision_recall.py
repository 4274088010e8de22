"""Precision and recall of samples by manifolds of nearest neighbours."""

from typing import NamedTuple

import numpy as np
from scipy.spatial import KDTree

from ._points import as_points, Data, Samples


NEIGHBOURS = 3  # Kynkaanniemi et al. 2019, section 3


class PrecisionRecall(NamedTuple):
    """How many samples look like data, and how much of the data samples reach.

    Args:
        precision: Fraction of samples that lie on the manifold of the data.
        recall: Fraction of data that lie on the manifold of the samples; a sampler of
            few different samples has a low one.
    """

    precision: float
    recall: float


def precision_recall(samples: Samples, data: Data) -> PrecisionRecall:
    r"""Improved precision and recall, at equal numbers of samples and data.

    The manifold of points is the union of balls around each, out to its third nearest
    other point. Both depend on the numbers: print those of fresh data against the same
    data beside them. Neither is 1 for samples that follow the data.

    Source: Kynkaanniemi et al. 2019, arXiv 1904.06991, eq. 1 and 2.

    Args:
        samples: Samples, or features of them, `(num, dim)`.
        data: As many data.

    Raises:
        ValueError: If the numbers differ, or there are fewer than five points.
    """
    x, y = as_points(samples, data)
    if len(x) != len(y) or len(x) < NEIGHBOURS + 2:
        raise ValueError(
            f"`samples` and `data` must be equally many, {NEIGHBOURS + 2} or more; got "
            f"{len(x)} and {len(y)}. Cut the larger one."
        )
    return PrecisionRecall(_on_manifold(x, y), _on_manifold(y, x))


def _on_manifold(points: np.ndarray, centres: np.ndarray) -> float:
    """Fraction of `points` within the ball of one of `centres`."""
    radii = KDTree(centres).query(centres, k=NEIGHBOURS + 1)[0][:, -1]
    inside = [
        np.any(np.sum((centres - point) ** 2, axis=1) <= radii**2) for point in points
    ]
    return float(np.mean(inside))
