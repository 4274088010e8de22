"""The analog machine beside digital ones at equal quality."""

from ._claims import claims_note as claims_note, hold_claims as hold_claims
from ._equal_quality import (
    Excess as Excess,
    find_fewest as find_fewest,
    not_worse as not_worse,
    Qualities as Qualities,
    Search as Search,
)
from ._equalise import (
    DigitalResult as DigitalResult,
    equalise as equalise,
    find_shortest as find_shortest,
    Plan as Plan,
    run_chips as run_chips,
)
from ._rows import (
    analog_rows as analog_rows,
    costs as costs,
    digital_rows as digital_rows,
    Estimate as Estimate,
    HOST as HOST,
    pareto as pareto,
    Row as Row,
)
