"""Scores: the gradient of the log density, by a network or in closed form."""

from ._arithmetic import (
    AbstractArithmetic as AbstractArithmetic,
    AbstractLayer as AbstractLayer,
    AbstractLayeredScore as AbstractLayeredScore,
    AbstractProductArithmetic as AbstractProductArithmetic,
    ConvolutionLayer as ConvolutionLayer,
    DenseLayer as DenseLayer,
    ExactArithmetic as ExactArithmetic,
    Inputs as Inputs,
    LayerSize as LayerSize,
    Sums as Sums,
)
from ._attention import (
    attention_score as attention_score,
    AttentionScore as AttentionScore,
    CLS as CLS,
    LAYERS_OF_BLOCK as LAYERS_OF_BLOCK,
)
from ._base import AbstractScore as AbstractScore
from ._classes import (
    class_embedding as class_embedding,
    ClassEmbedding as ClassEmbedding,
    embedding_of as embedding_of,
    NULL as NULL,
)
from ._exact import GaussianScore as GaussianScore, MixtureScore as MixtureScore
from ._guided import GuidedScore as GuidedScore
from ._integer import in_format as in_format, IntegerScore as IntegerScore
from ._labelled import LabelledScore as LabelledScore
from ._network import (
    for_width as for_width,
    fourier_mlp as fourier_mlp,
    FourierMLP as FourierMLP,
    NetworkScore as NetworkScore,
)
from ._picture_score import AbstractPictureScore as AbstractPictureScore
from ._preconditioning import (
    AbstractPreconditioning as AbstractPreconditioning,
    DenoisingPreconditioning as DenoisingPreconditioning,
    NoisePreconditioning as NoisePreconditioning,
)
from ._quantised import QuantisedScore as QuantisedScore
from ._readout import (
    AbstractReadout as AbstractReadout,
    AbstractScoreReadout as AbstractScoreReadout,
    NoiseReadout as NoiseReadout,
    ScoreReadout as ScoreReadout,
    VelocityReadout as VelocityReadout,
)
from ._unet import (
    Activation as Activation,
    unet_score as unet_score,
    UNetScore as UNetScore,
)
