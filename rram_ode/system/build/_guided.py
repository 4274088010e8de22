"""The digital score with the guidance of a configuration."""

import jax.numpy as jnp

from ...config import RunConfig
from ...scores import AbstractScore, GuidedScore, NULL


def build_guided_score(config: RunConfig, score: AbstractScore) -> AbstractScore:
    """`score` with `guidance.weight`, for a sampler that asks it for labels.

    Without a weight it is `score` itself.

    Args:
        config: All settings.
        score: A conditional score, in any format.
    """
    weight = config.guidance.weight
    return GuidedScore(score, jnp.asarray(NULL), weight) if weight else score
