"""Scores: the gradient of the log density, by a network or in closed form."""

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
from ._quantised import QuantisedScore as QuantisedScore
from ._readout import (
    AbstractReadout as AbstractReadout,
    AbstractScoreReadout as AbstractScoreReadout,
    NoiseReadout as NoiseReadout,
    ScoreReadout as ScoreReadout,
    VelocityReadout as VelocityReadout,
)
