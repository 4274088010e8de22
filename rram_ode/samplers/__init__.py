"""Digital samplers, from noise at `t1` to data at `t0`, and likelihoods."""

from collections.abc import Callable

from ._ancestral import Ancestral as Ancestral
from ._base import AbstractDigitalSampler as AbstractDigitalSampler
from ._divergence import (
    AbstractDivergence as AbstractDivergence,
    ExactDivergence as ExactDivergence,
    HutchinsonDivergence as HutchinsonDivergence,
)
from ._dpm_solver import DPMSolverPlusPlus as DPMSolverPlusPlus
from ._draw_digital import draw_digital as draw_digital
from ._euler import Euler as Euler
from ._euler_maruyama import EulerMaruyama as EulerMaruyama
from ._heun import Heun as Heun
from ._likelihood import (
    log_likelihood as log_likelihood,
    loop_log_likelihood as loop_log_likelihood,
)
from ._tsit5 import Tsit5 as Tsit5


DIGITAL_SAMPLERS: dict[str, Callable[[], AbstractDigitalSampler]] = {
    "euler": Euler,
    "heun": Heun,
    "tsit5": Tsit5,
    "dpm-solver++": DPMSolverPlusPlus,
    "euler-maruyama": EulerMaruyama,
    "ancestral": Ancestral,
}
