"""The digital score with the guidance of a configuration."""

from ...config import RunConfig
from ...scores import AbstractScore, GuidedScore


def build_guided_score(config: RunConfig, score: AbstractScore) -> AbstractScore:
    """`score` with `guidance.weight`, for a sampler that asks it for labels.

    Without a weight it is `score` itself.

    Args:
        config: All settings.
        score: A conditional score, in any format.
    """
    weight = config.guidance.weight
    return GuidedScore(score, weight) if weight else score
