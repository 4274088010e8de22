"""The decoder of pictures on crossbars: a chain of arrays behind the loop.

A layer that is dense is one array. A transposed convolution is its kernel, one small
array that is read once for each pixel of its input, with all phases of the output as
columns: see `kernel_of` for what that saves.
"""

from ._analog import (
    AnalogDecoder as AnalogDecoder,
    AnalogStage as AnalogStage,
    Decoded as Decoded,
    StageSeen as StageSeen,
)
from ._blueprint import (
    decoder_blueprint as decoder_blueprint,
    DecoderBlueprint as DecoderBlueprint,
    Interface as Interface,
    LOGIT as LOGIT,
)
from ._kernels import Kernel as Kernel, kernel_of as kernel_of, Windows as Windows
from ._stages import Stage as Stage, Stages as Stages, stages_of as stages_of
