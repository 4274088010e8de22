"""The closed loop: a chip in its feedback integrator, solved in circuit seconds."""

from ._amplifiers import AmplifierPoles as AmplifierPoles
from ._base import AbstractLoop as AbstractLoop, Trajectory as Trajectory
from ._circuit_paths import (
    circuit_paths as circuit_paths,
    CircuitPaths as CircuitPaths,
    CircuitSizes as CircuitSizes,
    plan_circuit as plan_circuit,
)
from ._close_loop import close_loop as close_loop, Silence as Silence, SILENT as SILENT
from ._closed_loop import ClosedLoop as ClosedLoop
from ._converters import Converters as Converters
from ._devices import Devices as Devices
from ._draw import (
    chunk_of_blocks as chunk_of_blocks,
    chunk_size as chunk_size,
    draw as draw,
    draw_blocks as draw_blocks,
    even_chunk as even_chunk,
    LARGEST_CHUNK as LARGEST_CHUNK,
    solve_chunk as solve_chunk,
    with_labels as with_labels,
)
from ._drift import AbstractDrift as AbstractDrift, NetworkDrift as NetworkDrift
from ._heun import LoopHeun as LoopHeun
from ._observation import Observation as Observation
from ._population import draw_population as draw_population
from ._signals import (
    PathSizes as PathSizes,
    sample_paths as sample_paths,
    SamplePaths as SamplePaths,
)
from ._stress import row_stress as row_stress
from ._switched import switch_loop as switch_loop, SwitchedLoop as SwitchedLoop
from ._term import LoopTerm as LoopTerm
from ._updates import UpdateErrors as UpdateErrors
from ._waveforms import Waveforms as Waveforms
from .dynamic import (
    Circuit as Circuit,
    CircuitState as CircuitState,
    DynamicLoop as DynamicLoop,
    make_dynamic as make_dynamic,
    of_first_sample as of_first_sample,
    op_amp_noise as op_amp_noise,
    op_amp_paths as op_amp_paths,
    OpAmpPaths as OpAmpPaths,
    Parasitics as Parasitics,
    resolve_turns as resolve_turns,
    WhitePaths as WhitePaths,
    wire_up as wire_up,
)
