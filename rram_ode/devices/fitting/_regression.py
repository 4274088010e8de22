"""Weighted least squares with its goodness of fit."""

import dataclasses

import numpy as np
from scipy.stats import chi2, f as fisher, t as student


FEWEST_CLUSTERS = 4  # devices: the scatter of fewer does not tell their spread


@dataclasses.dataclass(frozen=True)
class Regression:
    """A linear law and how well it fits.

    Args:
        values: Coefficients, `(coefficients,)`.
        errors: Their standard errors; 1.96 of them are a 95 % interval, also where few
            devices make it that of Student's t.
        residuals: Distance of each point from the law, in its standard error.
        chi_square: Chi-square per degree of freedom; near 1 if the law and the errors
            are right, and 0 for a table through all points.
        r_square: Fraction of the weighted variance that the law explains.
        free: Degrees of freedom; 0 for a table through all points.
    """

    values: np.ndarray
    errors: np.ndarray
    residuals: np.ndarray
    chi_square: float
    r_square: float
    free: int = 0

    @property
    def chance(self) -> float:
        """The probability of a larger chi-square if the law is right."""
        if not self.free:
            return 1.0
        return float(chi2.sf(self.chi_square * self.free, self.free))


def alike(ratio: float, free: int, others: int) -> float:
    """The chi-square, for each degree of freedom, that is as likely as a Fisher's F.

    Args:
        ratio: Of mean squares, of `free` and of `others` degrees of freedom.
        free: Degrees of freedom of the chi-square.
        others: Those by which the variance is known.
    """
    chance = max(float(fisher.sf(ratio, free, others)), 1e-300)
    return float(chi2.isf(chance, free)) / free


def weighted(design: np.ndarray, y: np.ndarray, error: np.ndarray) -> Regression:
    """Fit `y`, `(points,)`, with standard errors `error`, by `design @ values`."""
    error = np.maximum(error, 1e-12)
    values, covariance, _ = _solve(design, y, error)
    return judged(values, np.sqrt(np.diag(covariance)), design @ values, y, error)


def judged(
    values: np.ndarray,
    errors: np.ndarray,
    law: np.ndarray,
    y: np.ndarray,
    error: np.ndarray,
) -> Regression:
    """The goodness of a law at points `y` with standard errors `error`."""
    residuals = (y - law) / error
    free = max(y.size - values.size, 0)
    weights = error**-2.0
    centre = np.sum(weights * y) / np.sum(weights)
    total = np.sum(((y - centre) / error) ** 2)
    left = float(np.sum(residuals**2))
    return Regression(
        values,
        errors,
        residuals,
        left / free if free else 0.0,
        1 - left / total if total > 0 else 1.0,
        free,
    )


def weighted_rows(
    design: np.ndarray,
    y: np.ndarray,
    error: np.ndarray,
    cluster: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Coefficients of a fit to single reads, and their standard errors.

    Reads of one cluster (a device) err together: the covariance is then the sum over
    clusters, $(X^T X)^{-1} \sum_c X_c^T r_c r_c^T X_c (X^T X)^{-1}\, C / (C - p)$ with
    weighted rows (Liang and Zeger, Biometrika 73, 13, 1986), and never less than that
    of independent reads; p is 2, the coefficients that a device can move. The errors
    are widened as by Student's t of C - p degrees of freedom.

    Args:
        design: `(reads, coefficients)`.
        y: `(reads,)`.
        error: Standard deviation of each read.
        cluster: Number of the device of each read; `None` if reads are independent.
    """
    error = np.maximum(error, 1e-12)
    values, covariance, whitened = _solve(design, y, error)
    errors = np.sqrt(np.diag(covariance))
    if cluster is None or (num := int(cluster.max()) + 1) < FEWEST_CLUSTERS:
        return values, errors
    scores = whitened * (y / error - whitened @ values)[:, None]
    summed = np.stack([np.bincount(cluster, s, num) for s in scores.T], axis=1)
    middle = summed.T @ summed * (num / (num - 2))
    square = np.diag(covariance @ middle @ covariance)
    robust = np.sqrt(np.maximum(square, 0.0))  # which rounding may take below 0
    return values, np.maximum(robust, errors) * student.ppf(0.975, num - 2) / 1.96


def _solve(
    design: np.ndarray, y: np.ndarray, error: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients, their covariance, and the weighted design."""
    scale = np.maximum(np.linalg.norm(design / error[:, None], axis=0), 1e-300)
    a, b = design / error[:, None] / scale, y / error
    covariance = np.linalg.pinv(a.T @ a)  # columns of unit length: few are near alike
    values = covariance @ (a.T @ b)
    return (
        values / scale,
        covariance / scale / scale[:, None],  # their product may be too small
        a * scale,
    )
