"""The analog machine beside digital ones at equal quality."""

from ._claims import (
    check_claims as check_claims,
    CLAIMS as CLAIMS,
)
from ._equivalence import (
    Excess as Excess,
    find_fewest as find_fewest,
    not_worse as not_worse,
    Qualities as Qualities,
    Search as Search,
)
from ._paper import (
    decoder_work as decoder_work,
    embedding_work as embedding_work,
    is_paper_network as is_paper_network,
    PAPER as PAPER,
    PaperSampler as PaperSampler,
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
from ._runs import (
    ComparisonPlan as ComparisonPlan,
    DigitalResult as DigitalResult,
    equalise as equalise,
    find_shortest as find_shortest,
    run_chips as run_chips,
)
