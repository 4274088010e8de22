"""Forward diffusions and the processes that generate from them: pure mathematics.

Diffusion time `t` is dimensionless; `t1` is noise, `t0` is data, and generation runs
from `t1` down to `t0`.
"""

from ._base import AbstractSDE as AbstractSDE
from ._classes import (
    AbstractClasses as AbstractClasses,
    MixedClasses as MixedClasses,
    OneClass as OneClass,
)
from ._prior import Prior as Prior
from ._process import (
    AbstractProcess as AbstractProcess,
    AbstractScoreProcess as AbstractScoreProcess,
    ProbabilityFlow as ProbabilityFlow,
    ReverseSDE as ReverseSDE,
)
from ._straight import StraightPath as StraightPath
from ._ve import VESDE as VESDE
from ._velocity import (
    Flow as Flow,
    flow_along as flow_along,
    reverse_along as reverse_along,
    VelocityFlow as VelocityFlow,
)
from ._vp import VPSDE as VPSDE
