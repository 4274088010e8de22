"""Many chips at every point of a grid of settings, on one computer or on many."""

from ._chips import (
    judge_chips as judge_chips,
    Outcome as Outcome,
    QUANTITIES as QUANTITIES,
)
from ._clusters import BATCH_SYSTEMS as BATCH_SYSTEMS, open_executor as open_executor
from ._cost import (
    CostLaw as CostLaw,
    measure_law as measure_law,
    Plan as Plan,
    plan_study as plan_study,
    WATTS as WATTS,
    WATTS_RANGE as WATTS_RANGE,
)
from ._dataset import (
    open_study as open_study,
    planned_bytes as planned_bytes,
    require_cluster_packages as require_cluster_packages,
)
from ._engine import run_study as run_study, Took as Took
from ._executors import AbstractExecutor as AbstractExecutor
from ._store import StudyStore as StudyStore
from ._study import identify as identify, Study as Study, Task as Task
from ._summary import (
    LIMIT as LIMIT,
    PointSummary as PointSummary,
    summarise as summarise,
)
from ._worker import Done as Done
