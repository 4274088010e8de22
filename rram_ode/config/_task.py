"""Knobs of the generative model: data, process, network, training."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_CODE = "the paper's code"


@dataclass(frozen=True)
class SDEConfig:
    """The forward process that turns data into noise."""

    beta_min: float = knob(0.001, "", "never", _CODE, help="beta at t = 0")
    beta_max: float = knob(0.5, "", "never", _CODE, help="beta at t = 1")


@dataclass(frozen=True)
class NetworkConfig:
    """The score network."""

    widths: tuple[int, ...] = knob(
        (14, 14), "", "never", _CODE, help="hidden widths, even numbers"
    )
    prediction: Literal["score", "noise"] = knob(
        "score", "", "never", _CODE, help="what the network puts out"
    )
    output_factor: float = knob(5.0, "", "never", _CODE, help="factor on the output")


@dataclass(frozen=True)
class TrainConfig:
    """Denoising score matching."""

    seed: int = knob(0, "", "never", "assumption", help="of weights, batches and noise")
    steps: int = knob(60_000, "", "never", "assumption", help="optimiser steps")
    batch: int = knob(512, "", "never", _CODE, help="samples a step")
    learning_rate: float = knob(
        2e-3, "", "never", "assumption", help="peak of the cosine schedule"
    )
    warmup: int = knob(500, "", "never", "assumption", help="steps of linear warm-up")
    clip: float = knob(0.1, "", "never", _CODE, help="largest gradient norm")
    weight_decay: float = knob(0.0, "", "never", "assumption", help="of AdamW")
    ema: float = knob(
        0.999, "", "never", "assumption", help="decay of the averaged weights, used"
    )
    weight_noise: float = knob(
        0.1,
        "",
        "never",
        _CODE,
        help="relative std of weights in each step, redrawn beyond twice this",
    )
    column_noise: float = knob(
        0.0,
        "",
        "never",
        "assumption: write noise in siemens under a scale per column",
        help="std of weights in each step over the column's largest, added",
    )
    noise_draws: int = knob(
        1,
        "",
        "never",
        "assumption",
        help="draws of weight noise in a step, each on its share of the batch",
    )
    saturation_weight: float = knob(
        1e-7, "", "never", _CODE, help="weight of the saturation term"
    )
    saturation_limit: float = knob(
        1.5, "", "never", _CODE, help="activation above which it counts"
    )
    t_min: float = knob(1e-5, "", "never", _CODE, help="smallest diffusion time")
