"""What a person checks beside the distance: radius and width of a ring, modes."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from ._points import AnyPoints, as_point_array, PLANE, Samples


_FAR = 4.0  # half-widths from the median radius


class RingShape(NamedTuple):
    """Radius and width of a ring, by quantiles, so that few outliers do not rule them.

    Args:
        radius: Median radius, in the unit of the data.
        half_width: Half the distance from the 16 % to the 84 % quantile of the radius:
            the standard deviation of a normal radius.
        far_fraction: Fraction of the points more than 4 half-widths from the radius.
    """

    radius: float
    half_width: float
    far_fraction: float


class ModeShape(NamedTuple):
    """Weights and spreads of the modes of a mixture.

    Args:
        weights: Fraction of the points that are nearest to each centre.
        spreads: Half the distance from the 16 % to the 84 % quantile of a coordinate
            about its median, in the unit of the data, pooled over the coordinates of
            the mode: the standard deviation of a round normal mode. NaN for a mode of
            fewer than two points.
    """

    weights: Float[np.ndarray, " modes"]
    spreads: Float[np.ndarray, " modes"]


def ring_shape(
    samples: Samples,
    *,
    centre: tuple[float, float] = (0.0, 0.0),
    reference: RingShape | None = None,
) -> RingShape:
    """The shape of points around a circle in the plane.

    Args:
        samples: Points, `(num_samples, 2)`.
        centre: Centre of the circle, in the unit of the data.
        reference: The shape of the data, from whose radius and width the far fraction
            is counted, so that a wide sampler has no wide limit; `None` for the
            samples' own.

    Raises:
        ValueError: If the points are empty, not finite or not in the plane.
    """
    points = as_point_array("samples", samples)
    if points.shape[1] != PLANE:
        raise ValueError(f"a ring lies in the plane, dim 2; got {points.shape[1]}.")
    radius = np.hypot(*(points - np.asarray(centre, np.float64)).T)
    low, middle, high = np.quantile(radius, (0.16, 0.5, 0.84))
    own = RingShape(float(middle), float(high - low) / 2, 0.0)
    limits = own if reference is None else reference
    far = np.abs(radius - limits.radius) > _FAR * limits.half_width
    return own._replace(far_fraction=float(np.mean(far)))


def mode_shape(samples: Samples, centres: AnyPoints) -> ModeShape:
    """Weights and spreads of the modes of `samples`, `(num_samples, dim)`.

    Each point belongs to the nearest of `centres`, `(modes, dim)`.

    Raises:
        ValueError: If points or centres are empty, not finite, or of different
            dimensions.
    """
    points = as_point_array("samples", samples)
    at = as_point_array("centres", centres)
    if at.shape[1] != points.shape[1]:
        raise ValueError(
            "`centres` must have the dimension of `samples`, "
            f"{points.shape[1]}; got {at.shape[1]}."
        )
    # |x - c|^2 without |x|^2, which is the same for all centres.
    nearest = np.argmin(np.sum(at**2, axis=1) - 2 * points @ at.T, axis=1)
    spreads = [_spread(points[nearest == mode]) for mode in range(len(at))]
    weights = np.bincount(nearest, minlength=len(at)) / len(points)
    return ModeShape(weights, np.array(spreads))


def _spread(points: np.ndarray) -> float:
    if len(points) < 2:
        return float("nan")
    low, high = np.quantile(points - np.median(points, axis=0), (0.16, 0.84))
    return float(high - low) / 2
