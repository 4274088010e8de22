"""Questions over many runs."""

from ._budget import (
    corner_points as corner_points,
    Corners as Corners,
    Indices as Indices,
    one_at_a_time as one_at_a_time,
    sobol as sobol,
)
from ._crossover import (
    crossings as crossings,
    MeasuredChip as MeasuredChip,
    widen as widen,
)
from ._equal_quality import (
    Excess as Excess,
    find_fewest as find_fewest,
    not_worse as not_worse,
    Search as Search,
)
from ._population import draw_population as draw_population
from ._speed_limit import Band as Band, speed_limit as speed_limit
from ._stability import (
    loop_rates as loop_rates,
    LoopRates as LoopRates,
    phase_margin as phase_margin,
)
from ._strengths import (
    ERRORS as ERRORS,
    present_errors as present_errors,
    program_weakened as program_weakened,
)
from ._yield import chip_yield as chip_yield
