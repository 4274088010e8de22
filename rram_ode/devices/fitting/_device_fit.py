"""What a fit of a user's file gives, whatever the file holds."""

import dataclasses

import numpy as np

from .._cell import Cell
from ._groups import Groups
from ._outliers import Stuck
from ._regression import Regression


NONE_STUCK = Stuck(0.0, 0.0, 0.0, 0)


@dataclasses.dataclass(frozen=True)
class DeviceFit:
    """A cell from measurements, and how well it fits them.

    The programming laws hold at the first time, from which the drift counts.

    Args:
        cell: A cell with range, mean error, spread and, given several times, a drift;
            with differences between devices where the data tell them apart.
        groups: The data by group; together with `residuals` the table to look at.
        mean: Fit of read minus target, in uS, by 1 and g in uS, or by one number per
            target where no straight line fits; given several times also by ln(t / t_0)
            and g ln(t / t_0).
        spread: Fit of the spread at the first time, in uS, by powers of g in uS; `None`
            for a table, which is not fitted.
        rate: Growth of the spread with ln(t / t_0), in uS, and its standard error;
            `None` if there is one time only.
        residuals: Distance of each group's mean from the law, in standard errors.
        levels: The targets, in siemens, where the data are of a few levels.
        stuck: Reads that lie apart from the law, as fractions.
        settings: Values by the dotted names of settings that the file measures and
            that a run takes from `--set`.
        notes: What was read, and what was left out, in sentences.
        warnings: What a user must know before the numbers are used: where the laws do
            not describe the data, and columns that may matter and are not used.
        is_writing: Whether the file tells how cells are written, which a chip needs.
    """

    cell: Cell
    groups: Groups
    mean: Regression
    spread: Regression | None
    rate: tuple[float, float] | None
    residuals: np.ndarray
    levels: np.ndarray | None = None
    stuck: Stuck = NONE_STUCK
    settings: dict[str, float | str] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    is_writing: bool = True


def without_writing(
    cell: Cell, groups: Groups, settings: dict[str, float | str], *texts: list[str]
) -> DeviceFit:
    """The fit of a file that tells how cells are read, and nothing of writing.

    Args:
        cell: A cell without errors of writing.
        groups: What was read.
        settings: What the file measures.
        texts: Notes, then warnings.
    """
    nothing = np.zeros(0)
    empty = Regression(nothing, nothing, nothing, 0.0, 1.0)
    notes, warnings = map(tuple, texts)
    return DeviceFit(
        cell,
        groups,
        empty,
        None,
        None,
        nothing,
        settings=settings,
        notes=notes,
        warnings=warnings,
        is_writing=False,
    )
