"""Questions over many runs."""

from ._crossings import (
    Crossing as Crossing,
    find_crossing as find_crossing,
    first_below as first_below,
)
from ._crossover import (
    crossings as crossings,
    MeasuredChip as MeasuredChip,
    widen as widen,
)
from ._lifetime import (
    AgedQuality as AgedQuality,
    find_policy as find_policy,
    Lifetime as Lifetime,
    LifetimeStudy as LifetimeStudy,
    Policy as Policy,
)
from ._process_corners import (
    CornerChip as CornerChip,
    CORNERS as CORNERS,
    judge_corners as judge_corners,
    TEMPERATURES as TEMPERATURES,
)
from ._speed_limit import Band as Band, speed_limit as speed_limit
from ._stability import (
    find_stability as find_stability,
    loop_delay as loop_delay,
    loop_rates as loop_rates,
    LoopRates as LoopRates,
    phase_margin as phase_margin,
    Stability as Stability,
)
from ._yield import chip_yield as chip_yield
from .budget import (
    BudgetPlan as BudgetPlan,
    corner_points as corner_points,
    Corners as Corners,
    error_budget as error_budget,
    ErrorBudget as ErrorBudget,
    ERRORS as ERRORS,
    FINER as FINER,
    Indices as Indices,
    knobs_of as knobs_of,
    off_errors as off_errors,
    one_at_a_time as one_at_a_time,
    present_errors as present_errors,
    program_weakened as program_weakened,
    sobol as sobol,
    SOBOL_CHIPS as SOBOL_CHIPS,
)
from .comparison import (
    ANALOG as ANALOG,
    analog_row as analog_row,
    AnalogResult as AnalogResult,
    check_claims as check_claims,
    CLAIMS as CLAIMS,
    ComparisonPlan as ComparisonPlan,
    costs as costs,
    decoder_work as decoder_work,
    digital_rows as digital_rows,
    DigitalResult as DigitalResult,
    Distances as Distances,
    embedding_work as embedding_work,
    equalise as equalise,
    Estimate as Estimate,
    find_fewest as find_fewest,
    find_shortest as find_shortest,
    find_standing as find_standing,
    finite as finite,
    free_trial as free_trial,
    HOST as HOST,
    is_paper_network as is_paper_network,
    judge_clouds as judge_clouds,
    NETWORK_OF_DATA as NETWORK_OF_DATA,
    network_trial as network_trial,
    own_trial as own_trial,
    PAPER as PAPER,
    PaperSampler as PaperSampler,
    pareto as pareto,
    Referee as Referee,
    Row as Row,
    run_chips as run_chips,
    run_twins as run_twins,
    Search as Search,
    spread as spread,
    Standing as Standing,
    STEPS as STEPS,
    Tally as Tally,
    technique_rows as technique_rows,
    Trial as Trial,
    twin_rows as twin_rows,
)
