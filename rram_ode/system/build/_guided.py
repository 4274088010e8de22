"""The digital score with the guidance of a configuration."""

from ...config import RunConfig
from ...scores import AbstractScore, GuidedScore
from ._classes import ALL, NONE


def build_guided_score(config: RunConfig, score: AbstractScore) -> AbstractScore:
    """`score` with `guidance.weight`, for a sampler that asks it for labels.

    Without a weight it is `score` itself.

    Args:
        config: All settings.
        score: A conditional score, in any format.

    Raises:
        ValueError: If there is a weight, and no class to guide to.
    """
    weight = config.guidance.weight
    if weight and config.solve.label == NONE:
        raise ValueError(
            f"`guidance.weight` {weight:g} guides to a class, and `solve.label` is "
            f"{NONE}: set the weight to 0, or ask for a class or {ALL}."
        )
    return GuidedScore(score, weight) if weight else score
