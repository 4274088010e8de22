"""Scores: the gradient of the log density that drives generation."""

from ._base import AbstractScore as AbstractScore
from ._exact import GaussianScore as GaussianScore, MixtureScore as MixtureScore
