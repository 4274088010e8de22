"""What every distance asks of its input."""

import numpy as np
from jaxtyping import Array, Float


Samples = Float[Array | np.ndarray, "num_samples dim"]
Data = Float[Array | np.ndarray, "num_data dim"]


def as_points(samples: Samples, data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64 arrays `(num, dim)`.

    Raises:
        ValueError: if either is empty, not finite, or of another dimension.
    """
    pair = np.asarray(samples, np.float64), np.asarray(data, np.float64)
    for name, points in zip(("samples", "data"), pair, strict=True):
        if points.ndim != 2 or points.size == 0:
            raise ValueError(
                f"`{name}` must have shape (num, dim), not empty; got {points.shape}."
            )
        if not np.isfinite(points).all():
            raise ValueError(
                f"`{name}` must be finite; got {np.sum(~np.isfinite(points))} NaN or "
                "infinite values. Drop those rows and report `non_finite_fraction`."
            )
    if pair[0].shape[1] != pair[1].shape[1]:
        raise ValueError(
            "`samples` and `data` must have one dimension; got "
            f"{pair[0].shape[1]} and {pair[1].shape[1]}."
        )
    return pair
