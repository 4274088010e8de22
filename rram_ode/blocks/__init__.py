"""Behavioural circuit blocks in volts, amperes and seconds.

`TransimpedanceAmplifier` and `FeedbackIntegrator` take op-amps as infinitely fast;
`Stage` is either of them with op-amps that take time, `CoupledStage` the first behind
an array with wires.
"""

from ._adc import ADC as ADC
from ._amplifier import TransimpedanceAmplifier as TransimpedanceAmplifier
from ._auto_zero import AutoZero as AutoZero
from ._coupled_stage import CoupledStage as CoupledStage
from ._dac import DAC as DAC
from ._integrator import FeedbackIntegrator as FeedbackIntegrator
from ._multiplier import Multiplier as Multiplier
from ._multiplier_errors import (
    MultiplierErrors as MultiplierErrors,
    MultiplierSpread as MultiplierSpread,
)
from ._multiplier_pole import MultiplierPole as MultiplierPole
from ._op_amp import (
    board_op_amp as board_op_amp,
    ideal_op_amp as ideal_op_amp,
    on_chip_op_amp as on_chip_op_amp,
    OP_AMPS as OP_AMPS,
    OpAmp as OpAmp,
)
from ._op_amp_noise import OpAmpNoise as OpAmpNoise
from ._propagator import (
    CoupledPropagator as CoupledPropagator,
    propagate as propagate,
    Propagator as Propagator,
)
from ._rectifier import (
    AbstractRectifier as AbstractRectifier,
    ClampRectifier as ClampRectifier,
    Diode as Diode,
    DiodeClamp as DiodeClamp,
    DiodeRectifier as DiodeRectifier,
    IdealRectifier as IdealRectifier,
)
from ._schedule import Schedule as Schedule
from ._stage import Stage as Stage
from ._stage_base import (
    AbstractStage as AbstractStage,
    Modes as Modes,
    Response as Response,
    StageNoise as StageNoise,
    StageState as StageState,
)
from ._start_hold import StartHold as StartHold
