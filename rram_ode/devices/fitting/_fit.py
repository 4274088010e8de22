"""A device of your own: the laws of a cell fitted to measured conductances."""

import dataclasses
import os

import jax.numpy as jnp
import numpy as np

from .._base import AbstractConductanceError
from .._cell import Cell
from .._conductance_drift import LogarithmicDrift
from .._conductance_errors import SystematicError
from .._programming_noise import PolynomialNoise, TabulatedNoise
from .._range import ConductanceRange
from ._regression import Regression, weighted
from ._table import MeasuredTable, read_table


FEWEST_READS = 5  # per target: the spread of fewer reads is too uncertain


_MICRO = 1e-6


@dataclasses.dataclass(frozen=True)
class Groups:
    """Reads of equal target and time, `(groups,)`, in siemens and seconds.

    Args:
        target: Target conductance.
        time: Time after programming; 0 if it was not recorded.
        count: Number of reads.
        mean: Mean of read minus target.
        spread: Standard deviation of the reads.
    """

    target: np.ndarray
    time: np.ndarray
    count: np.ndarray
    mean: np.ndarray
    spread: np.ndarray


@dataclasses.dataclass(frozen=True)
class DeviceFit:
    """A cell from measurements, and how well it fits them.

    The programming laws hold at the first time, from which the drift counts.

    Args:
        cell: A cell with range, mean error, spread and, given several times, a drift.
        groups: The data by group; together with `residuals` the table to look at.
        mean: Fit of read minus target, in uS, by 1 and g in uS; given several times
            also by both times ln(t / t_0).
        spread: Fit of the spread at the first time, in uS, by powers of g in uS; `None`
            for a table, which is not fitted.
        rate: Growth of the spread with ln(t / t_0), in uS, and its standard error;
            `None` if there is one time only.
        residuals: Distance of each group's mean from the law, in standard errors.
    """

    cell: Cell
    groups: Groups
    mean: Regression
    spread: Regression | None
    rate: tuple[float, float] | None
    residuals: np.ndarray


def fit_device(
    source: str | os.PathLike | MeasuredTable,
    *,
    degree: int = 2,
    tabulated: bool = False,
    age: float = 0.0,
) -> DeviceFit:
    r"""A cell whose laws are fitted to measured conductances.

    Reads of the same target and time are one group. The mean error is
    $b_0 + b_1 g + (m_0 + m_1 g) L$ with $L = \ln(t / t_0)$. The spread at the first
    time $t_0$ is a polynomial of `degree` in g, or the table of the groups; later the
    variance grows by $(r L)^2$. The fit is by weighted least squares with the standard
    errors of the groups; reads of one cell at several times count as independent.

    Args:
        source: A CSV or npz file for `read_table`, or a table.
        degree: Degree of the spread's polynomial.
        tabulated: Whether to keep the spread as a table instead.
        age: Age of the returned cell, in seconds: 0 (as at the first time) or later.

    Raises:
        ValueError: If the file is bad, or has too few targets or reads for the laws.

    Example:
        >>> import jax.numpy as jnp
        >>> import numpy as np
        >>> import rram_ode as rr
        >>> from rram_ode.devices import MeasuredTable
        >>> target = np.repeat(np.linspace(10e-6, 90e-6, 9), 200)
        >>> misses = 1e-6 * np.random.default_rng(0).standard_normal(target.size)
        >>> table = MeasuredTable(target, target + misses, np.zeros(target.size))
        >>> law = rr.fit_device(table).cell.errors[-1]
        >>> 0.8e-6 < float(law.spread(jnp.array(50e-6))) < 1.2e-6  # siemens
        True
    """
    table = source if isinstance(source, MeasuredTable) else read_table(source)
    groups = _reduce(table)
    g, start = groups.target / _MICRO, groups.time[0]
    is_first = groups.time == start
    num, needed = int(np.sum(is_first)), 2 if tabulated else degree + 2
    if num < needed:
        raise ValueError(
            f"{num} targets at the first time are too few: the spread needs {needed} "
            "or more; lower `degree` or take `tabulated`."
        )
    law, regression = _spread(groups, is_first, degree, tabulated)
    std = np.asarray(law.spread(jnp.asarray(groups.target))) / _MICRO
    errors: list[AbstractConductanceError] = []
    columns, rate = [np.ones_like(g), g], None
    if not np.all(is_first):
        if start <= 0:
            raise ValueError(
                "the first `time` must be positive for a drift over ln t; got 0 s."
            )
        log = np.log(groups.time / start)
        columns += [log, g * log]
        rate = _rate(groups, std, log)
        std = np.hypot(std, rate[0] * log)
    mean = weighted(
        np.stack(columns, axis=1), groups.mean / _MICRO, std / np.sqrt(groups.count)
    )
    errors += [SystematicError(_powers(mean.values[:2])), law]
    if rate is not None:
        drift = LogarithmicDrift(
            _powers(mean.values[2:]),
            jnp.zeros(1),
            jnp.array([rate[0] * _MICRO]),
            age,
            start,
            start,
            groups.time[-1],
        )
        errors.append(drift)
    span = ConductanceRange(float(groups.target.min()), float(groups.target.max()))
    cell = Cell(span, tuple(errors))
    return DeviceFit(cell, groups, mean, regression, rate, mean.residuals)


fit = fit_device  # the name in `rram_ode.devices`


def _reduce(table: MeasuredTable) -> Groups:
    """The reads in groups, sorted by time and then by target."""
    time = np.zeros_like(table.target) if table.time is None else table.time
    keys = np.stack([time, table.target], axis=1)
    pairs, index, count = np.unique(
        keys, axis=0, return_inverse=True, return_counts=True
    )
    few = np.flatnonzero(count < FEWEST_READS)
    if few.size:
        seconds, target = pairs[few[0]]
        raise ValueError(
            f"target {target / _MICRO:g} uS at {seconds:g} s has {count[few[0]]} "
            f"reads; a spread needs {FEWEST_READS} or more: round the targets to the "
            "levels that were asked for, or leave this one out."
        )
    error = table.read - table.target
    index = index.reshape(-1)
    mean = np.bincount(index, error) / count
    square = np.bincount(index, (error - mean[index]) ** 2)
    spread = np.sqrt(square / (count - 1))
    return Groups(pairs[:, 1], pairs[:, 0], count, mean, spread)


def _spread(
    groups: Groups, is_first: np.ndarray, degree: int, tabulated: bool
) -> tuple[PolynomialNoise | TabulatedNoise, Regression | None]:
    target, spread = groups.target[is_first], groups.spread[is_first]
    if tabulated:
        return TabulatedNoise(target, spread), None
    design = np.vander(target / _MICRO, degree + 1, increasing=True)
    y, root = spread / _MICRO, np.sqrt(2 * (groups.count[is_first] - 1.0))
    found = weighted(design, y, float(np.mean(y)) / root)
    # The error of a spread follows from its expectation: two more rounds settle it.
    for _ in range(2):
        expected = np.maximum(design @ found.values, 1e-3 * float(np.mean(y)))
        found = weighted(design, y, expected / root)
    return PolynomialNoise(_powers(found.values)), found


def _rate(groups: Groups, std: np.ndarray, log: np.ndarray) -> tuple[float, float]:
    """Growth of the spread per e-fold of time, in uS, and its standard error."""
    later = log > 0
    variance = (groups.spread[later] / _MICRO) ** 2
    error = variance * np.sqrt(2 / (groups.count[later] - 1))
    found = weighted(log[later, None] ** 2, variance - std[later] ** 2, error)
    rate = float(np.sqrt(max(found.values[0], 0.0)))
    return rate, float(found.errors[0] / (2 * rate)) if rate > 0 else np.inf


def _powers(values: np.ndarray):
    """Coefficients for siemens, from those of a polynomial from uS to uS."""
    return jnp.asarray(values * 10.0 ** (6 * np.arange(values.size) - 6))
