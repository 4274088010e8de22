"""The analog machine beside digital ones at equal quality."""

from ._analog_rows import (
    ANALOG as ANALOG,
    analog_row as analog_row,
    twin_rows as twin_rows,
)
from ._claims import (
    check_claims as check_claims,
    CLAIMS as CLAIMS,
)
from ._digital_rows import digital_rows as digital_rows, HOST as HOST
from ._equivalence import (
    Distances as Distances,
    find_fewest as find_fewest,
    Search as Search,
)
from ._kept_rows import Finding as Finding, keep_rows as keep_rows
from ._paper import (
    decoder_work as decoder_work,
    embedding_work as embedding_work,
    is_paper_network as is_paper_network,
    PAPER as PAPER,
    PaperSampler as PaperSampler,
)
from ._plan import ComparisonPlan as ComparisonPlan, Referee as Referee
from ._row import (
    costs as costs,
    Estimate as Estimate,
    middle as middle,
    pareto as pareto,
    Row as Row,
    spread as spread,
)
from ._runs import (
    AnalogResult as AnalogResult,
    find_standing as find_standing,
    run_chips as run_chips,
    run_twins as run_twins,
    Standing as Standing,
    STEPS as STEPS,
    twin_clouds as twin_clouds,
)
from ._searches import (
    DigitalResult as DigitalResult,
    equalise as equalise,
    find_shortest as find_shortest,
    sampler_refusal as sampler_refusal,
    Shortest as Shortest,
)
from ._step_rows import (
    find_steps as find_steps,
    run_steps as run_steps,
    step_engine as step_engine,
    step_machine as step_machine,
    step_row as step_row,
    STEP_SYSTEMS as STEP_SYSTEMS,
)
from ._tally import finite as finite, Tally as Tally
from ._technique_rows import (
    judge_clouds as judge_clouds,
    technique_rows as technique_rows,
    Trial as Trial,
)
from ._trials import (
    free_trial as free_trial,
    NETWORK_OF_DATA as NETWORK_OF_DATA,
    network_trial as network_trial,
    own_trial as own_trial,
)
