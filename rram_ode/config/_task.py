"""Knobs of the generative model: data, process, network, training."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_CODE = "the paper's code"


@dataclass(frozen=True)
class SDEConfig:
    """The diffusion that turns data into noise, for scores and noise predictions."""

    beta_min: float = knob(0.001, "", "never", _CODE, help="beta at t = 0")
    beta_max: float = knob(0.5, "", "never", _CODE, help="beta at t = 1")


@dataclass(frozen=True)
class NetworkConfig:
    """The score network."""

    widths: tuple[int, ...] = knob(
        (14, 14), "", "never", _CODE, help="hidden widths, even numbers"
    )
    prediction: Literal["score", "noise", "velocity"] = knob(
        "score",
        "",
        "never",
        _CODE,
        help="what the network puts out; velocity is flow matching, without `sde`",
    )
    output_factor: float = knob(5.0, "", "never", _CODE, help="factor on the output")


@dataclass(frozen=True)
class TrainConfig:
    """Score or flow matching. The defaults are the recipe of the preset `ring`."""

    seed: int = knob(2, "", "never", "assumption", help="of weights, batches and noise")
    frequency_seed: int = knob(
        1004,
        "",
        "never",
        "assumption: best of 12 draws for 7 frequencies, spread from 0.3 to 1.4",
        help="of the embedding's frequencies, which are not trained",
    )
    steps: int = knob(60_000, "", "never", "assumption", help="optimiser steps")
    batch: int = knob(
        1024, "", "never", "assumption (the paper: 512)", help="fresh samples a step"
    )
    learning_rate: float = knob(
        3e-3,
        "",
        "never",
        "assumption (the paper: 2e-4 throughout)",
        help="peak; a cosine takes it to 1 % of this",
    )
    warmup: int = knob(500, "", "never", "assumption", help="steps of linear warm-up")
    clip: float = knob(
        1.0, "", "never", "assumption (the paper: 0.1)", help="largest gradient norm"
    )
    weight_decay: float = knob(
        0.0, "", "never", "assumption (the paper: 3e-5)", help="of AdamW"
    )
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
        0.01,
        "",
        "never",
        "assumption: write noise in siemens under a scale per column",
        help="std of weights in each step over the column's largest, added",
    )
    noise_draws: int = knob(
        4,
        "",
        "never",
        "assumption (the paper: 1)",
        help="draws of noise in a step, each on its share of the batch",
    )
    chips: bool = knob(
        False,
        "",
        "per chip",
        "design: the error of training is that of the chip",
        help="each draw is a chip of the run's cell, crossbar, amplifier and dac",
    )
    strength: float = knob(
        1.0,
        "",
        "never",
        "design",
        help="factor on all errors of these chips; 0 is off, exactly",
    )
    ramp: int = knob(
        0, "", "never", "assumption", help="steps in which it rises from 0, evenly"
    )
    w_max: float | None = knob(
        None,
        "",
        "never",
        "assumption",
        help="weights are w_max tanh(w / w_max), folded at the end; None: no bound",
    )
    b_max: float | None = knob(
        None, "", "never", "assumption", help="likewise of the biases"
    )
    saturation_weight: float = knob(
        1e-6,
        "",
        "never",
        "assumption (the paper: 1e-7 at half the batch)",
        help="weight of the saturation term, a sum over the batch",
    )
    saturation_limit: float = knob(
        1.5, "", "never", _CODE, help="activation above which it counts"
    )
    t_min: float = knob(1e-5, "", "never", _CODE, help="smallest diffusion time")
