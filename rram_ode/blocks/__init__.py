"""Behavioural circuit blocks in volts, amperes and seconds.

`TransimpedanceAmplifier` and `FeedbackIntegrator` have infinitely fast op-amps. `Stage`
is a row of either with op-amps of finite speed; `CoupledStage` is a row of
transimpedance amplifiers behind an array with wires.
"""

from ._adc import ADC as ADC
from ._amplifier import TransimpedanceAmplifier as TransimpedanceAmplifier
from ._block_errors import (
    BlockErrors as BlockErrors,
    BlockSpread as BlockSpread,
    SupplySpread as SupplySpread,
)
from ._circuit_noise import (
    CircuitNoise as CircuitNoise,
    CommonNoise as CommonNoise,
    InputFlicker as InputFlicker,
    MultiplierFlicker as MultiplierFlicker,
    MultiplierNoise as MultiplierNoise,
)
from ._coupled_stage import CoupledStage as CoupledStage
from ._dac import DAC as DAC, RATIO as RATIO
from ._guidance import (
    GuidanceSpread as GuidanceSpread,
    GuidanceStage as GuidanceStage,
)
from ._integrator import (
    FeedbackIntegrator as FeedbackIntegrator,
    REFERENCE as REFERENCE,
    StartHold as StartHold,
)
from ._line_poles import LinePoles as LinePoles
from ._multiplier import (
    Multiplier as Multiplier,
    MultiplierErrors as MultiplierErrors,
    MultiplierNulls as MultiplierNulls,
    MultiplierPole as MultiplierPole,
    MultiplierSpread as MultiplierSpread,
)
from ._multiplier_bend import (
    BendSpread as BendSpread,
    MultiplierBend as MultiplierBend,
)
from ._op_amp import (
    AutoZero as AutoZero,
    board_op_amp as board_op_amp,
    ideal_op_amp as ideal_op_amp,
    on_chip_op_amp as on_chip_op_amp,
    OP_AMPS as OP_AMPS,
    OpAmp as OpAmp,
    OpAmpNoise as OpAmpNoise,
    PAIR_AREA as PAIR_AREA,
    StaticOpAmps as StaticOpAmps,
)
from ._op_amp_design import (
    KELVIN as KELVIN,
    OpAmpDesign as OpAmpDesign,
    OpAmpProcess as OpAmpProcess,
    SMALLEST_MILLER as SMALLEST_MILLER,
    WEAK_INVERSION as WEAK_INVERSION,
)
from ._propagator import (
    CoupledPropagator as CoupledPropagator,
    propagate as propagate,
    Propagator as Propagator,
)
from ._rails import (
    hits as hits,
    Limited as Limited,
    Limits as Limits,
    unlimited as unlimited,
)
from ._rectifier import (
    AbstractRectifier as AbstractRectifier,
    ClampRectifier as ClampRectifier,
    Diode as Diode,
    DiodeClamp as DiodeClamp,
    DiodeRectifier as DiodeRectifier,
    IdealRectifier as IdealRectifier,
)
from ._sample_hold import HoldSpread as HoldSpread, SampleHold as SampleHold
from ._schedule import Schedule as Schedule
from ._stage import Stage as Stage
from ._stage_base import (
    AbstractStage as AbstractStage,
    Modes as Modes,
    Response as Response,
    StageNoise as StageNoise,
    StageState as StageState,
)
