"""A noise-aware training step: additive noise on the weights of every layer.

2-64-64-2, batch 1,000, float32, one core. A step draws fresh data of the ring, fresh
times and fresh noise, perturbs every weight and bias by `NOISE` of the largest of its
column, and applies clipped AdamW. Ours is `rram_ode.training`'s compiled step, which
also averages the weights; torch runs the same step as plain eager code. Both are timed
by `STEPS` steps and given for one.

The gate is on what the timed code does: gradients of both at noise zero on one batch,
and the spread of both perturbations over what was asked for.
"""

import importlib
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from rram_ode.config import NetworkConfig, TrainConfig
from rram_ode.datasets import Ring
from rram_ode.scores import NetworkScore
from rram_ode.sdes import VPSDE
from rram_ode.training import (
    advance,
    Batch,
    begin,
    column_noise,
    draw_batch,
    network_losses,
    parameters,
    untrained,
    with_parameters,
)

from ._harness import compare, missing
from ._result import Gate, Row
from ._train_problem import DRAWS, Rival, spread


RIVAL = "the same step in eager torch 2.13.0; aihwkit-lightning 2.1.0"
BATCH, STEPS, NOISE = 1_000, 50, 0.02
WIDTHS = (64, 64)
SDE, DATA = VPSDE(0.1, 8.0), Ring()
PLAN = TrainConfig(
    seed=0,
    steps=1_000_000,
    batch=BATCH,
    learning_rate=1e-3,
    weight_noise=0.0,
    column_noise=NOISE,
    noise_draws=1,
    saturation_weight=0.0,
)
CASES = {"plain torch": ("torch",), "aihwkit-lightning": ("torch", "aihwkit_lightning")}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each rival."""
    del options
    found = []
    for case, modules in CASES.items():
        reason = missing(*modules)
        found.append(Row(case, skipped=reason) if reason else _row(case))
    extra = {"batch": BATCH, "steps": STEPS, "noise": NOISE, "widths": list(WIDTHS)}
    return found, extra


def _row(case: str) -> Row:
    score = _score()
    # After `missing` found torch.
    torch_side = importlib.import_module(f"{__package__}._train_torch")
    make = torch_side.plain if case == "plain torch" else torch_side.lightning
    rival: Rival = make(score.network, SDE, PLAN)
    state = begin(score, PLAN)
    stop = jnp.asarray(STEPS)
    timing = compare(
        lambda: advance(state, score, SDE, DATA, PLAN, stop)[0].params,
        lambda: rival.steps(STEPS),
    )
    batch = draw_batch(DATA, SDE, BATCH, 1e-3, key=jr.key(5))
    mine, theirs = _gradients(score, batch), rival.gradients(batch)
    gap = max(_relative(a, b) for a, b in zip(mine, theirs, strict=True))
    spreads = _noise_std(score), rival.noise_std
    off = max(abs(s - 1) for s in spreads)
    # Both gates as one number: each over its limit.
    worst = max(gap / 1e-5, off / 0.05)
    return Row(
        case,
        Gate(worst, 1.0, "worse of gradient gap / 1e-5 and error of noise std / 5 %"),
        timing.ours_s / STEPS,
        timing.rival_s / STEPS,
        timing.compile_s,
        ("ratio", ">=", 3.0),
        {
            **timing.details(),
            "gradient_gap": gap,
            "noise_std_over_asked": spreads[0],
            "rival_noise_std_over_asked": spreads[1],
        },
    )


def _score() -> NetworkScore:
    config = NetworkConfig(WIDTHS, "noise", output_factor=1.0)
    return untrained(2, config, SDE, key=jr.key(1), frequency_key=jr.key(2))


def _gradients(score: NetworkScore, batch: Batch) -> list[np.ndarray]:
    def loss(params):
        network = with_parameters(score.network, params)
        network = column_noise(network, 0.0, key=jr.key(0))
        moved = NetworkScore(network, score.readout)
        return network_losses(moved, batch, PLAN.saturation_limit)[0]

    weights, biases, *_ = jax.jit(jax.grad(loss))(parameters(score.network))
    return [np.asarray(x) for x in (*weights, *biases)]


def _relative(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.max(np.abs(a - b)) / np.max(np.abs(a)))


def _noise_std(score: NetworkScore) -> float:
    """Of the weights' perturbation over what was asked for."""
    network = score.network
    draw = lambda key: column_noise(network, NOISE, key=key).weights
    drawn = jax.jit(jax.vmap(draw))(jr.split(jr.key(7), DRAWS))
    return spread(network.weights, network.biases, [*map(np.asarray, drawn)], NOISE)
