"""Scores: the gradient of the log density, digital, exact, and on a chip."""

from ._analog import AnalogLayer as AnalogLayer, AnalogNetwork as AnalogNetwork
from ._analog_base import (
    AbstractAnalogScore as AbstractAnalogScore,
    Node as Node,
    ScoreBlock as ScoreBlock,
)
from ._base import AbstractScore as AbstractScore
from ._chip import (
    Chip as Chip,
    Design as Design,
    program as program,
    Ranges as Ranges,
)
from ._exact import GaussianScore as GaussianScore, MixtureScore as MixtureScore
from ._network import (
    fourier_mlp as fourier_mlp,
    FourierMLP as FourierMLP,
    NetworkScore as NetworkScore,
)
from ._population import chip_at as chip_at, program_many as program_many
from ._readout import (
    AbstractReadout as AbstractReadout,
    NoiseReadout as NoiseReadout,
    ScoreReadout as ScoreReadout,
)
