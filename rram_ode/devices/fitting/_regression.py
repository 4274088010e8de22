"""Weighted least squares with its goodness of fit."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Regression:
    """A linear law and how well it fits.

    Args:
        values: Coefficients, `(coefficients,)`.
        errors: Their standard errors.
        residuals: Distance of each point from the law, in its standard error.
        chi_square: Chi-square per degree of freedom; near 1 if the law and the errors
            are right.
        r_square: Fraction of the weighted variance that the law explains.
    """

    values: np.ndarray
    errors: np.ndarray
    residuals: np.ndarray
    chi_square: float
    r_square: float


def weighted(design: np.ndarray, y: np.ndarray, error: np.ndarray) -> Regression:
    """Fit `y`, `(points,)`, with standard errors `error`, by `design @ values`."""
    error = np.maximum(error, 1e-12)
    scale = np.linalg.norm(design, axis=0)
    a, b = design / scale / error[:, None], y / error
    values = np.linalg.lstsq(a, b, rcond=None)[0]
    covariance = np.linalg.pinv(a.T @ a)
    residuals = b - a @ values
    free = max(y.size - values.size, 1)
    weights = error**-2.0
    centre = np.sum(weights * y) / np.sum(weights)
    total = np.sum(((y - centre) / error) ** 2)
    left = float(np.sum(residuals**2))
    return Regression(
        values / scale,
        np.sqrt(np.diag(covariance)) / scale,
        residuals,
        left / free,
        1 - left / total if total > 0 else 1.0,
    )
