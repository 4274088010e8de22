"""A device of your own: the laws of a cell fitted to measured conductances."""

import os

import jax.numpy as jnp
import numpy as np

from .._base import AbstractConductanceError
from .._cell import Cell
from .._conductance_drift import LogarithmicDrift
from .._conductance_errors import DeviceToDevice, SystematicError
from .._programming_noise import PolynomialNoise, TabulatedNoise
from .._range import ConductanceRange
from .._tabulated import TabulatedError
from ._device_fit import DeviceFit
from ._groups import MOST_LEVELS
from ._pulses import fit_pulses, has_pulses
from ._roles import find_roles
from ._sweep import fit_sweep, has_sweep
from ._table import MeasuredTable, MICRO, read_measured, table_of
from ._table_fit import fit_table, TableFit
from ._trace import fit_trace, has_trace
from ._verdict import sentences


DATES = 1e8  # seconds, three years: times that begin so late are of a calendar


def fit_device(
    source: str | os.PathLike | MeasuredTable,
    *,
    degree: int = 2,
    tabulated: bool | None = None,
    age: float = 0.0,
) -> DeviceFit:
    r"""A cell whose laws are fitted to measured conductances.

    Reads of like target and time are one group; where no targets are alike, neighbours
    are. The mean error is $b_0 + b_1 g + (m_0 + m_1 g) L$ with $L = \ln(t / t_0)$, or a
    table over g plus the drift where that does not describe the data. The spread at the
    first time is a polynomial in g, or the table of the groups; later the variance
    grows by $(r L)^2$. Reads far apart from their group (stuck and open cells) are
    counted, not fitted. Given devices that were each programmed several times, the
    spread is that of the cycles, and the rest is `DeviceToDevice`.

    The fit is by weighted least squares. Reads of one device, or of one cell that was
    followed in time, err together; other reads count as independent.

    Args:
        source: A file for `read_table`, or a table. A file may also be a record of
            reads in time, pulse curves or sweeps of the voltage; see the guide.
        degree: Degree of the spread's polynomial; lower where there are few targets.
        tabulated: Whether to keep the spread as a table instead; `None` takes the table
            where the polynomial does not describe the data.
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
    if isinstance(source, MeasuredTable):
        return _of_table(source, degree, tabulated, age)
    sheet = read_measured(source)
    roles = find_roles(source, sheet)
    try:
        for is_one, fit_one in (
            (has_pulses, fit_pulses),
            (has_sweep, fit_sweep),
            (has_trace, fit_trace),
        ):
            if is_one(roles):
                return fit_one(sheet, roles)
    except ValueError as error:
        raise ValueError(f"`{source}`: {str(error).rstrip('.')}.") from None
    table = table_of(source, sheet, roles)
    try:
        return _of_table(table, degree, tabulated, age)
    except ValueError as error:
        raise ValueError(f"`{source}`: {str(error).rstrip('.')}.") from None


fit = fit_device  # the name in `rram_ode.devices`


def _of_table(
    table: MeasuredTable, degree: int, tabulated: bool | None, age: float
) -> DeviceFit:
    _require_a_clock(table.time)
    found = fit_table(table, degree, tabulated)
    if age and found.spread.rate is None:
        raise ValueError(
            f"`age` must be 0 without a law of the drift, which takes reads at several "
            f"times; got {age:g} s"
        )
    notes, warnings = sentences(found, table.device is not None)
    first = found.groups.target[found.groups.time == found.groups.time[0]]
    return DeviceFit(
        Cell(
            ConductanceRange(float(table.target.min()), float(table.target.max())),
            _errors(found, age),
        ),
        found.groups,
        found.mean.fit,
        found.spread.fit if found.spread.table is None else None,
        found.spread.rate,
        found.mean.fit.residuals,
        first if found.is_exact and 2 <= first.size <= MOST_LEVELS else None,
        found.stuck,
        {"cell.stuck.lrs": found.stuck.lrs, "cell.stuck.hrs": found.stuck.hrs}
        if found.stuck.num
        else {},
        (*table.notes, *notes),
        (*table.warnings, *warnings),
    )


def _require_a_clock(time: np.ndarray | None) -> None:
    """Refuse dates, which are no times since programming."""
    if time is None or time.min() < DATES or np.ptp(time) == 0:
        return
    raise ValueError(
        f"the times are from {time.min():.10g} to {time.max():.10g} s, as those of a "
        "calendar: write the time since the programming of each cell"
    )


def _errors(found: TableFit, age: float) -> tuple[AbstractConductanceError, ...]:
    """The errors of a cell, in siemens and seconds."""
    mean, spread = found.mean, found.spread
    errors: list[AbstractConductanceError] = []
    if mean.knots is None:
        errors.append(SystematicError(_powers(mean.programmed)))
    else:
        points = mean.knots * MICRO, mean.programmed * MICRO
        errors.append(TabulatedError(*map(jnp.asarray, points)))
    if spread.table is None:
        errors.append(PolynomialNoise(_powers(spread.fit.values)))
    else:
        points = [jnp.asarray(values * MICRO) for values in spread.table]
        errors.append(TabulatedNoise(*points))
    if spread.rate is not None and mean.unit is not None:
        time = found.groups.time
        errors.append(
            LogarithmicDrift(
                _powers(mean.shift),
                jnp.zeros(1),
                jnp.array([spread.rate[0] * MICRO]),
                age,
                float(time[time > 0].min()),
                mean.unit,
                float(time.max()),
            )
        )
    if found.between is not None:
        errors.append(DeviceToDevice(found.between.std * MICRO, found.between.std_rel))
    return tuple(errors)


def _powers(values: np.ndarray):
    """Coefficients for siemens, from those of a polynomial from uS to uS."""
    return jnp.asarray(values * 10.0 ** (6 * np.arange(values.size) - 6))
