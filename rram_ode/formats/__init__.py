"""Digital number formats: what they round, exactly; what they cost is in `energy`.

An `AbstractFormat` encodes one operand of a matrix product, and its codes multiply as
hardware does. `IntegerFormat` is that of a whole integer engine, operands, state and
accumulator together.
"""

from ._base import (
    AbstractCodes as AbstractCodes,
    AbstractFormat as AbstractFormat,
    Operation as Operation,
)
from ._bfloat16 import BFloat16Format as BFloat16Format
from ._clip import (
    AbstractClip as AbstractClip,
    FixedClip as FixedClip,
    MaxClip as MaxClip,
)
from ._clip_gradient import (
    AbstractClipGradient as AbstractClipGradient,
    MagnitudeAware as MagnitudeAware,
    PiecewiseLinear as PiecewiseLinear,
    StraightThrough as StraightThrough,
)
from ._gradient import round_gradient as round_gradient
from ._integer import (
    BITS as BITS,
    FixedPoint as FixedPoint,
    IntegerFormat as IntegerFormat,
)
from ._lns import (
    LogarithmicFormat as LogarithmicFormat,
    LogTable as LogTable,
    relative_error as relative_error,
)
from ._minifloat import (
    AbstractElement as AbstractElement,
    E2M1 as E2M1,
    E2M3 as E2M3,
    E3M2 as E3M2,
    E4M3 as E4M3,
    E5M2 as E5M2,
    INT8 as INT8,
    Minifloat as Minifloat,
)
from ._mx import (
    MICROSCALING as MICROSCALING,
    microscaling as microscaling,
    MicroscalingFormat as MicroscalingFormat,
)
from ._octav import (
    optimal_clip as optimal_clip,
    OptimalClip as OptimalClip,
    Optimum as Optimum,
)
from ._softermax import base_2_softmax as base_2_softmax, Softermax as Softermax
from ._uniform import UniformFormat as UniformFormat
from ._vector_scale import (
    AbstractVectorScale as AbstractVectorScale,
    ExactScale as ExactScale,
    FloatScale as FloatScale,
    IntegerScale as IntegerScale,
)
from ._vs_quant import VectorCodes as VectorCodes, VectorFormat as VectorFormat
from ._wide import exact_product as exact_product, WideInteger as WideInteger
