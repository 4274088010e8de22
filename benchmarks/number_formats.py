"""A score network in every number format: errors, samples, stored bits, operations.

F1 is trained here. Ranges come from a calibration set, errors of the noise prediction
from other data, and samples from the same starts as those in single precision. In all
rows the first layer has integers of 8 bits and a state of 12 in a fixed range; inputs
of the others come from rectifiers, so that integers have no sign. Nothing is trained in
a format: that is `format_training`.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from rram_ode.formats import (
    AbstractFormat,
    AbstractVectorScale,
    BFloat16Format,
    ExactScale,
    FloatScale,
    IntegerScale,
    LogarithmicFormat,
    MaxClip,
    MICROSCALING,
    microscaling,
    OptimalClip,
    UniformFormat,
    VectorFormat,
)
from rram_ode.samplers import draw_digital, Euler
from rram_ode.scores import NetworkScore, QuantisedScore
from rram_ode.sdes import ProbabilityFlow
from tqdm import tqdm

from ._f1 import (
    Draw,
    Fixture,
    in_one_format,
    key_of,
    NUM_CALIBRATION,
    T_MIN,
    trained,
)
from ._format_laws import clip_rows, logarithm_rows, softermax_row, vector_rows
from ._harness import run
from ._result import Gate, Row


RIVAL = "the same network in single precision"
STEPS, NUM_SAMPLES, SAMPLER_STEPS = 6000, 2048, 50


class Pair(NamedTuple):
    """Formats of weights and of inputs, and what the network may lose in them.

    Args:
        weights: The format of all weights.
        inputs: The format of all hidden inputs.
        exactness: Largest difference between products of codes and of numbers in any
            layer, over the largest product.
        limit: Target of the mean square error of the prediction, relative.
    """

    weights: AbstractFormat
    inputs: AbstractFormat
    exactness: float = 1e-4
    limit: float | None = None


def _pair_of_vectors(
    weights: int, inputs: int, scale: AbstractVectorScale, *limits: Any
) -> Pair:
    return Pair(
        VectorFormat(weights, 16, scale),
        VectorFormat(inputs, 16, scale, is_signed=False),
        *limits,
    )


def _twice(form: AbstractFormat, *limits: Any) -> Pair:
    return Pair(form, form, *limits)


PAIRS: dict[str, Pair] = {
    "bfloat16": _twice(BFloat16Format()),
    "int8 per column": Pair(
        UniformFormat(8, MaxClip(True)), UniformFormat(8, is_signed=False)
    ),
    "int4 per column": Pair(
        UniformFormat(4, MaxClip(True)), UniformFormat(4, is_signed=False)
    ),
    "int4 optimal": Pair(
        UniformFormat(4, OptimalClip(True)),
        UniformFormat(4, OptimalClip(), is_signed=False),
    ),
    "vectors 4/4/4": _pair_of_vectors(4, 4, IntegerScale(4)),
    "vectors 4/8/6": _pair_of_vectors(4, 8, IntegerScale(6)),
    "vectors 6/6/4": _pair_of_vectors(6, 6, IntegerScale(4), 1e-4, 0.004),
    "vectors 8/8/6": _pair_of_vectors(8, 8, IntegerScale(6), 1e-4, 5e-4),
    "vectors 4/4, FP8 scales": _pair_of_vectors(4, 4, FloatScale()),
    "vectors 4/4, one level": _pair_of_vectors(4, 4, ExactScale()),
    **{name: _twice(microscaling(name)) for name in MICROSCALING},
    "logarithms 8, base factor 8": _twice(LogarithmicFormat(8, 3), 1e-3),
    "logarithms 6, base factor 2": _twice(LogarithmicFormat(6, 1), 1e-3),
}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows of clipping, vectors, logarithms and Softermax, then one per format."""
    num = options.num_samples or NUM_SAMPLES
    fixture = trained(STEPS)
    found = [*clip_rows(fixture), *vector_rows(fixture), *logarithm_rows()]
    found.append(softermax_row())
    found += network_rows(fixture, num)
    return found, {"steps": STEPS, "num_samples": num, "sampler_steps": SAMPLER_STEPS}


def network_rows(fixture: Fixture, num: int) -> list[Row]:
    """A row for each pair of formats."""
    data = np.asarray(fixture.dataset.sample(num, key=key_of(Draw.DATA)))
    single = sampled(fixture, fixture.score, num)
    floor = sliced_distance(single, data)
    found = []
    for name, pair in tqdm(PAIRS.items(), unit="format", desc="number_formats"):
        score = calibrated(fixture, pair)
        error, apart = prediction_errors(fixture, score)
        seconds, own = run(lambda s=score: sampled(fixture, s, num))
        details = {
            "prediction_error": error,
            "codes_apart": apart,
            "end_rms": float(np.sqrt(np.mean((own - single) ** 2))),
            "sliced_distance": sliced_distance(own, data),
            "single": floor,
            "bits_per_weight": score.stored_bits / num_weights(score),
            "operations": [op._asdict() for op in score.operations()],
        }
        gate = Gate(apart, pair.exactness, "products of codes beside those of numbers")
        limit = pair.limit
        target = None if limit is None else ("prediction_error", "<=", limit)
        if name == "logarithms 8, base factor 8":
            beyond = details["sliced_distance"] - floor
            gate = Gate(beyond, 0.02, "sliced Wasserstein beyond single precision")
        case = f"F1 in {name}"
        found.append(Row(case, gate, seconds, target=target, details=details))
    return found


def num_weights(score: QuantisedScore) -> int:
    """Number of weights, without biases."""
    return sum(layer.weights.size for layer in score.score.layers)


def calibrated(fixture: Fixture, pair: Pair) -> QuantisedScore:
    """The network in its formats, with ranges of the calibration set."""
    batch = fixture.batch(NUM_CALIBRATION, key_of(Draw.CALIBRATION))
    score = in_one_format(fixture.score, pair.weights, pair.inputs)
    return score.calibrated(batch.t, batch.x)


def prediction_errors(fixture: Fixture, score: QuantisedScore) -> tuple[float, float]:
    """Relative square error of the noise prediction; codes apart from numbers."""
    batch = fixture.batch(NUM_CALIBRATION, key_of(Draw.JUDGE))
    plain = jax.vmap(fixture.score, in_axes=(0, 1), out_axes=1)(batch.t, batch.x)
    nodes = score.layer_inputs(batch.t[:256], batch.x[:, :256])
    apart = []
    weights = [layer.weights for layer in score.score.layers]
    for w, h, own, other in zip(
        weights, nodes, score.weights, score.inputs, strict=True
    ):
        codes, others = own.encode(w), other.encode(h)
        product = codes.value.T @ others.value
        gap = jnp.max(jnp.abs(codes.dot(others) - product))
        apart.append(float(gap / jnp.max(jnp.abs(product))))
    error = batch.scale[None] * (score(batch.t, batch.x) - plain)
    size = batch.scale[None] * plain
    return float(jnp.mean(error**2) / jnp.mean(size**2)), max(apart)


def sliced_distance(samples: np.ndarray, data: np.ndarray) -> float:
    """The mean Wasserstein-1 distance of projections on 64 directions of the plane."""
    angles = np.arange(64) * np.pi / 64
    directions = np.stack([np.cos(angles), np.sin(angles)])
    gaps = np.sort(samples @ directions, axis=0) - np.sort(data @ directions, axis=0)
    return float(np.mean(np.abs(gaps)))


def sampled(
    fixture: Fixture, score: NetworkScore | QuantisedScore, num: int
) -> np.ndarray:
    """Samples of the probability flow by Euler, from the same starts."""
    ts = jnp.linspace(1.0, T_MIN, SAMPLER_STEPS + 1)
    flow, key = ProbabilityFlow(fixture.sde), key_of(Draw.STARTS)
    chunks = draw_digital(Euler(), flow, score, ts, num, key=key)
    return np.concatenate([np.asarray(x) for x in chunks], axis=1).T
