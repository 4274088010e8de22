"""Samplers: from noise at `t1` to data at `t0`."""

from collections.abc import Callable

from ._ancestral import Ancestral as Ancestral
from ._base import AbstractDigitalSampler as AbstractDigitalSampler
from ._close_loop import (
    close_loop as close_loop,
    Silence as Silence,
    SILENT as SILENT,
)
from ._closed_loop import ClosedLoop as ClosedLoop, Trajectory as Trajectory
from ._divergence import (
    AbstractDivergence as AbstractDivergence,
    ExactDivergence as ExactDivergence,
    HutchinsonDivergence as HutchinsonDivergence,
)
from ._dpm_solver import DPMSolverPlusPlus as DPMSolverPlusPlus
from ._draw import (
    chunk_size as chunk_size,
    draw as draw,
    draw_digital as draw_digital,
    solve_chunk as solve_chunk,
    starts as starts,
)
from ._dynamic_loop import (
    DynamicLoop as DynamicLoop,
    Loop as Loop,
    make_dynamic as make_dynamic,
)
from ._euler import Euler as Euler
from ._euler_maruyama import EulerMaruyama as EulerMaruyama
from ._heun import Heun as Heun
from ._likelihood import (
    log_likelihood as log_likelihood,
    loop_log_likelihood as loop_log_likelihood,
)
from ._loop_heun import LoopHeun as LoopHeun
from ._observation import Observation as Observation
from ._op_amp_paths import (
    op_amp_noise as op_amp_noise,
    op_amp_paths as op_amp_paths,
    OpAmpPaths as OpAmpPaths,
)
from ._signals import SamplePaths as SamplePaths
from ._term import LoopTerm as LoopTerm
from ._tsit5 import Tsit5 as Tsit5
from ._waveforms import Waveforms as Waveforms


DIGITAL_SAMPLERS: dict[str, Callable[[], AbstractDigitalSampler]] = {
    "euler": Euler,
    "heun": Heun,
    "tsit5": Tsit5,
    "dpm-solver++": DPMSolverPlusPlus,
    "euler-maruyama": EulerMaruyama,
    "ancestral": Ancestral,
}
