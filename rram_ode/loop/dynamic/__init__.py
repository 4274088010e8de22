"""The closed loop with every op-amp as a state."""

from ._circuit import Circuit as Circuit, CircuitState as CircuitState
from ._loop import DynamicLoop as DynamicLoop, make_dynamic as make_dynamic
from ._op_amp_paths import (
    of_first_sample as of_first_sample,
    op_amp_noise as op_amp_noise,
    op_amp_paths as op_amp_paths,
    OpAmpPaths as OpAmpPaths,
    WhitePaths as WhitePaths,
)
from ._resolve import resolve_turns as resolve_turns
from ._wire_up import Parasitics as Parasitics, wire_up as wire_up
