"""Training on in number formats: optimal clipping, and its gradients.

F1 is trained by Adam, then trained on with 4-bit activations and weights of 4 or 3 bits
in its second and third layer: ranges by the maximum against optimal clipping, each with
its gradient. Ranges of activations are those of the batch in training, and of a
calibration set when the loss is judged on other data.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from rram_ode.formats import (
    AbstractClipGradient,
    MagnitudeAware,
    MaxClip,
    OptimalClip,
    PiecewiseLinear,
    StraightThrough,
    UniformFormat,
)
from rram_ode.scores import QuantisedScore
from tqdm import tqdm

from ._f1 import (
    BATCH,
    Draw,
    falling,
    FIRST,
    Fixture,
    judged,
    key_of,
    starting_weights,
    STATE,
    train,
    trained_f1,
    untrained_f1,
)
from ._harness import run
from ._result import Gate, Row


RIVAL = "ranges by the maximum, straight-through"
NUM_SEEDS = 3
STEPS_F1, STEPS_FORMATS = 6000, 2000
RATE = 1e-3
LIMITS = {
    (4, "PWL"): 0.75,
    (4, "MAD"): 0.80,
    (4, "MAD and PWL"): 1.0,
    (3, "PWL"): 0.75,
    (3, "MAD"): 0.60,
    (3, "MAD and PWL"): 1.0,
}
GRADIENTS = {  # of weights and of activations
    "PWL": (PiecewiseLinear(), PiecewiseLinear()),
    "MAD": (MagnitudeAware(), MagnitudeAware()),
    "MAD and PWL": (MagnitudeAware(), PiecewiseLinear()),
}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each number of bits and gradient."""
    del options
    fixture = untrained_f1()
    params = starting_weights(NUM_SEEDS)
    keys = jnp.stack([key_of(Draw.TRAINING, seed) for seed in range(NUM_SEEDS)])
    with tqdm(total=9, unit="training", desc="format_training") as bar:
        adam = trained_f1(fixture, params, STEPS_F1, keys)
        bar.update()
        found, plain = format_rows(fixture, adam, bar.update)
    steps = {"f1": STEPS_F1, "formats": STEPS_FORMATS}
    return found, {"num_seeds": NUM_SEEDS, "steps": steps, "f1_loss": plain}


def format_rows(
    fixture: Fixture,
    params: Any,
    done: Callable[[], Any],
    *,
    steps: int = STEPS_FORMATS,
    batch: int = BATCH,
) -> tuple[list[Row], float]:
    """Excess loss by gradient, over that of ranges by the maximum; and F1's loss.

    Args:
        fixture: The network's process and data.
        params: Trained weights, stacked over seeds.
        done: Called after each training.
        steps: Steps in the formats.
        batch: Samples per step.
    """
    plain = np.asarray(eqx.filter_jit(judged)(fixture, params, None))
    found = []
    for bits in sorted({bits for bits, _ in LIMITS}, reverse=True):
        both = StraightThrough(), StraightThrough()
        base = losses_in(fixture, params, formats(bits, MaxClip, both), steps, batch)
        done()
        for name, gradients in GRADIENTS.items():
            forms = formats(bits, OptimalClip, gradients)
            call = lambda forms=forms: losses_in(fixture, params, forms, steps, batch)
            seconds, after = run(call)
            done()
            excess, rival = after - plain, base - plain
            ratio = float(excess.mean() / rival.mean())
            what = "excess loss over that of ranges by the maximum"
            found.append(
                Row(
                    f"W{bits}A4, {name}",
                    Gate(ratio, LIMITS[bits, name], what),
                    seconds,
                    details={
                        "excess": float(excess.mean()),
                        "excess_seeds": excess.tolist(),
                        "excess_max": float(rival.mean()),
                        "excess_max_seeds": rival.tolist(),
                    },
                )
            )
    by_case = {row.case: row for row in found}
    mad, pwl = (by_case[f"W3A4, {name}"].details["excess"] for name in ("MAD", "PWL"))
    limit = Gate(mad / pwl, 1.15, "excess loss of MAD over that of PWL")
    found.append(Row("W3A4, MAD beside PWL", limit, details={"excess": mad}))
    return found, float(plain.mean())


def formats(
    bits: int,
    clip: Callable[..., Any],
    gradients: tuple[AbstractClipGradient, AbstractClipGradient],
) -> tuple[tuple[UniformFormat, ...], tuple[UniformFormat, ...]]:
    """Formats of weights and inputs: the first layer has 8 and 12 bits."""
    weights = UniformFormat(bits, clip(per_column=True), gradients[0])
    hidden = UniformFormat(4, clip(), gradients[1], is_signed=False)
    return (FIRST, weights, weights), (STATE, hidden, hidden)


@eqx.filter_jit
def losses_in(fixture: Fixture, params: Any, forms: Any, steps: int, batch: int):
    """Losses after training in the formats, one for each seed."""
    optimiser = optax.adam(falling(RATE, steps))
    build = lambda p: QuantisedScore(fixture.with_parameters(p), *forms)

    def one(pair):
        start, number = pair
        key = jax.random.fold_in(key_of(Draw.TRAINING, NUM_SEEDS), number)
        return train(fixture, start, build, optimiser, steps, batch, key)

    number = jnp.arange(jax.tree.leaves(params)[0].shape[0])
    after = jax.lax.map(one, (params, number), batch_size=4)
    return judged(fixture, after, build)
