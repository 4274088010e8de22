"""Which error costs what: the loss of a machine attributed to its errors."""

from ._attribution import (
    corner_points as corner_points,
    Corners as Corners,
    Indices as Indices,
    one_at_a_time as one_at_a_time,
    sobol as sobol,
)
from ._budget import (
    BudgetPlan as BudgetPlan,
    error_budget as error_budget,
    ErrorBudget as ErrorBudget,
    FINER as FINER,
    SOBOL_CHIPS as SOBOL_CHIPS,
)
from ._knobs import knobs_of as knobs_of, off_errors as off_errors
from ._strengths import (
    ERRORS as ERRORS,
    present_errors as present_errors,
    program_weakened as program_weakened,
)
