"""Samples of the digital twin, in floating point or in the integers of a format."""

import numpy as np

from .._core._types import Key, Times
from ..config import RunConfig
from ..formats import IntegerFormat
from ..samplers import AbstractDigitalSampler, draw_digital
from ..scores import in_format
from ..sdes import AbstractProcess, Prior
from ..training import Checkpoint
from ._run import DigitalRun
from ._run_labels import run_labels
from .build import build_guided_score


def run_twin(
    sampler: AbstractDigitalSampler,
    process: AbstractProcess,
    checkpoint: Checkpoint,
    ts: Times,
    num_samples: int,
    *,
    key: Key,
    prior: Prior,
    first: int,
    form: IntegerFormat | None,
    config: RunConfig,
) -> DigitalRun:
    """Samples of a digital sampler with the network of `checkpoint`.

    Args:
        sampler: The method.
        process: What it integrates.
        checkpoint: The network, and the ranges that set the scales of a format.
        ts: Falling diffusion times.
        num_samples: How many.
        key: Key of starts and of a stochastic sampler's noise.
        prior: The law of the starts, and the classes that are asked for.
        first: Number of the first sample.
        config: Has the guidance.
        form: Format of weights, activations, sums and state; `None` is floating point.
    """
    score, store = checkpoint.score, None
    if form is not None:
        ranges = checkpoint.ranges
        score = in_format(score, form, ranges.state, ranges.hidden)
        store = score.state_format
    chunks = draw_digital(
        sampler,
        process,
        build_guided_score(config, score),
        ts,
        num_samples,
        key=key,
        prior=prior,
        first=first,
        store=store,
    )
    x = np.concatenate([np.asarray(x).T for x in chunks])
    return DigitalRun(x, run_labels(prior, num_samples, key=key, first=first))
