"""Knobs of the generative model: process, network and training."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_CODE = "the paper's code"


@dataclass(frozen=True)
class SDEConfig:
    """The diffusion from data to noise, for networks that predict score or noise."""

    beta_min: float = knob(0.001, source=_CODE, role="numerical", help="beta at t = 0")
    beta_max: float = knob(0.5, source=_CODE, role="numerical", help="beta at t = 1")


@dataclass(frozen=True)
class NetworkConfig:
    """The score network."""

    widths: tuple[int, ...] = knob(
        (14, 14),
        source=_CODE,
        role="numerical",
        help="widths of the hidden layers, even numbers",
    )
    prediction: Literal["score", "noise", "velocity"] = knob(
        "score",
        source=_CODE,
        role="numerical",
        help="what the network predicts; velocity is flow matching and needs no `sde`",
    )
    output_factor: float = knob(
        5.0, source=_CODE, role="numerical", help="factor on the network's output"
    )
    classes: int = knob(
        0,
        source="off; the paper's code has 3, h, k and u",
        role="numerical",
        help="number of classes of a conditional network; 0 for an unconditional one",
    )


@dataclass(frozen=True)
class TrainConfig:
    """Training by score or flow matching, by default with the recipe of `ring`."""

    seed: int = knob(
        2,
        source="assumption",
        role="numerical",
        help="seed of weights, batches and noise",
    )
    frequency_seed: int = knob(
        1004,
        source="assumption: best of 12 draws for 7 frequencies, spread from 0.3 to 1.4",
        role="numerical",
        help="seed of the embedding's frequencies, which are not trained",
    )
    steps: int = knob(
        60_000, source="assumption", role="numerical", help="number of optimiser steps"
    )
    batch: int = knob(
        1024,
        source="assumption (the paper: 512)",
        role="numerical",
        help="number of fresh samples per step",
    )
    learning_rate: float = knob(
        3e-3,
        source="assumption (the paper: 2e-4 throughout)",
        role="numerical",
        help="peak of the learning rate; a cosine lowers it to 1 % of the peak",
    )
    warmup: int = knob(
        500,
        source="assumption",
        role="numerical",
        help="number of steps of linear warm-up",
    )
    clip: float = knob(
        1.0,
        source="assumption (the paper: 0.1)",
        role="numerical",
        help="largest norm of the gradient",
    )
    weight_decay: float = knob(
        0.0,
        source="assumption (the paper: 3e-5)",
        role="numerical",
        help="weight decay of AdamW",
    )
    ema: float = knob(
        0.999,
        source="assumption",
        role="numerical",
        help="decay of the averaged weights, which are the result",
    )
    weight_noise: float = knob(
        0.1,
        source=_CODE,
        role="numerical",
        help="relative noise on the weights in each step; redrawn beyond two sigma",
    )
    column_noise: float = knob(
        0.01,
        source="assumption: write noise in siemens under a scale per column",
        role="numerical",
        help="noise on the weights in each step, relative to the column's largest",
    )
    noise_draws: int = knob(
        4,
        source="assumption (the paper: 1)",
        role="numerical",
        help="draws of noise per step, each on an equal part of the batch",
    )
    chips: bool = knob(
        False,
        when="per chip",
        source="design: training meets the errors of the chip",
        role="numerical",
        help="whether each draw is a chip of the run's cell, crossbar, amplifier, dac",
    )
    strength: float = knob(
        1.0,
        source="design",
        role="numerical",
        help="factor on all errors of these chips; 0 is off, exactly",
    )
    headroom: float = knob(
        1.0,
        source="assumption; 1.3: peaks of 20,000 solves over those of a batch",
        role="numerical",
        help="factor on crossbar.headroom of these chips, whose ranges are a batch's",
    )
    ramp: int = knob(
        0,
        source="assumption",
        role="numerical",
        help="number of steps in which `strength` rises evenly from 0",
    )
    w_max: float | None = knob(
        None,
        source="assumption",
        role="numerical",
        help="bound of the weights, w_max tanh(w / w_max) in training; None is none",
    )
    b_max: float | None = knob(
        None,
        source="assumption",
        role="numerical",
        help="bound of the biases, b_max tanh(b / b_max) in training; None is none",
    )
    saturation_weight: float = knob(
        1e-6,
        source="assumption (the paper: 1e-7 at half the batch)",
        role="numerical",
        help="weight of the saturation term, which is a sum over the batch",
    )
    saturation_limit: float = knob(
        1.5,
        source=_CODE,
        role="numerical",
        help="activation above which a unit counts as saturated",
    )
    label_dropout: float = knob(
        0.1,
        source=_CODE,
        role="numerical",
        help="fraction of labels that become the null label (network.classes)",
    )
    distortion: float = knob(
        0.0,
        source="off; assumption: 0.05 is a turn of 3 degrees, a fifth of a pixel in 8",
        role="numerical",
        help="spread of the random affine maps of pictures in training, against copies",
    )
    t_min: float = knob(
        1e-5, source=_CODE, role="numerical", help="smallest diffusion time of a batch"
    )
    lead: float = knob(
        0.0,
        unit="s",
        source="off; the loop's delay, sum of noise gain / (2 pi f_GBW) over layers",
        role="numerical",
        help="how far the network is ahead of `teacher` in a solve of solve.duration",
    )
    teacher: str | None = knob(
        None,
        source="off; with `lead` a checkpoint of the same network",
        role="numerical",
        help="checkpoint, or its folder, whose flow a network with a lead learns",
    )
