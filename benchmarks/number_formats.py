"""A score network in every number format: errors, samples, stored bits, operations.

F1 is trained here. Ranges come from a calibration set, errors of the noise prediction
from other data, and samples from the same starts as those in single precision. Nothing
is trained in a format: that is `format_training`.
"""

import dataclasses
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from rram_ode.formats import (
    AbstractFormat,
    base_2_softmax,
    BFloat16Format,
    ExactScale,
    FixedClip,
    FloatScale,
    IntegerScale,
    LogarithmicFormat,
    MaxClip,
    MICROSCALING,
    microscaling,
    optimal_clip,
    OptimalClip,
    relative_error,
    Softermax,
    UniformFormat,
    VectorFormat,
)
from rram_ode.metrics import sliced_wasserstein
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
    starting_weights,
    T_MIN,
    trained_f1,
    untrained_f1,
)
from ._harness import run
from ._result import Gate, Row


RIVAL = "the same network in single precision"
STEPS, NUM_SAMPLES, SAMPLER_STEPS = 6000, 2048, 50
GRID, NUM_LAW = 250, 20_000


class Pair(NamedTuple):
    """Formats of weights and of inputs, and what the network may lose in them.

    Args:
        weights: The format of all weights.
        inputs: The format of all hidden inputs.
        exactness: Largest difference between products of codes and of numbers, over
            the largest output.
        limit: Largest mean square error of the prediction, relative; `None` reports.
    """

    weights: AbstractFormat
    inputs: AbstractFormat
    exactness: float = 1e-4
    limit: float | None = None


def _vectors(bits: int, scale_bits: int, vector: int = 16) -> VectorFormat:
    return VectorFormat(bits, vector, IntegerScale(scale_bits))


def _twice(form: AbstractFormat, *limits: Any) -> Pair:
    return Pair(form, form, *limits)


PAIRS: dict[str, Pair] = {
    "bfloat16": _twice(BFloat16Format()),
    "int8 per column": Pair(UniformFormat(8, MaxClip(True)), UniformFormat(8)),
    "int4 per column": Pair(UniformFormat(4, MaxClip(True)), UniformFormat(4)),
    "int4 optimal": Pair(
        UniformFormat(4, OptimalClip(True)),
        UniformFormat(4, OptimalClip(), is_signed=False),
    ),
    "vectors 4/4/4": _twice(_vectors(4, 4)),
    "vectors 4/8/6": Pair(_vectors(4, 6), _vectors(8, 6)),
    "vectors 6/6/4": _twice(_vectors(6, 4), 1e-4, 0.004),
    "vectors 8/8/6": _twice(_vectors(8, 6), 1e-4, 5e-4),
    "vectors 4/4, FP8 scales": _twice(VectorFormat(4, 16, FloatScale())),
    "vectors 4/4, one level": _twice(VectorFormat(4, 16, ExactScale())),
    **{name: _twice(microscaling(name)) for name in MICROSCALING},
    "logarithms 8, base factor 8": _twice(LogarithmicFormat(8, 3), 2e-3),
    "logarithms 6, base factor 2": _twice(LogarithmicFormat(6, 1), 2e-3),
}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows of clipping, vectors, logarithms and Softermax, then one per format."""
    num = options.num_samples or NUM_SAMPLES
    fixture = trained(STEPS)
    found = [*clip_rows(fixture), *vector_rows(fixture), *logarithm_rows()]
    found.append(softermax_row())
    found += network_rows(fixture, num)
    return found, {"steps": STEPS, "num_samples": num, "sampler_steps": SAMPLER_STEPS}


def trained(steps: int) -> Fixture:
    """F1 after training."""
    fixture, params = untrained_f1(), starting_weights(1)
    after = trained_f1(fixture, params, steps, key_of(Draw.TRAINING)[None])
    score = fixture.with_parameters(jax.tree.map(lambda x: x[0], after))
    return eqx.tree_at(lambda f: f.score, fixture, score)


def second_layer(fixture: Fixture) -> tuple[Any, Any]:
    """Weights of the second layer, and its inputs for data of the judge."""
    batch = fixture.batch(NUM_CALIBRATION, key_of(Draw.JUDGE))
    network = fixture.score.network
    hidden = jax.vmap(network.activations, in_axes=(0, 1), out_axes=1)
    return network.weights[1], hidden(batch.t, batch.x)[0]


# Each technique by itself.


def clip_rows(fixture: Fixture) -> list[Row]:
    """The optimal range of each law beside the best of a grid."""
    w, h = second_layer(fixture)
    key = key_of(Draw.DATA, 1)
    laws = {
        "gauss": (jr.normal(key, (NUM_LAW, 1)), True),
        "laplace": (jr.laplace(key, (NUM_LAW, 1)), True),
        "Student's t, 3": (jr.t(key, 3.0, (NUM_LAW, 1)), True),
        "weights of F1": (w.reshape(-1, 1), True),
        "activations of F1": (h.reshape(-1, 1)[:NUM_LAW], False),
    }
    found = []
    for name, (x, is_signed) in laws.items():
        gaps, steps, gains = [], [], []
        for bits in (4, 6, 8):
            gap, step, gain = clip_gap(x, bits, is_signed)
            gaps, steps, gains = [*gaps, gap], [*steps, step], [*gains, gain]
        what = "error of the optimal range over the least of a grid, less one"
        gate = Gate(max(map(abs, gaps)), 0.02, what)
        details = {"gaps": gaps, "newton_steps": steps, "max_over_best": gains}
        found.append(Row(f"clip, {name}", gate, details=details))
    return found


def clip_gap(x: Any, bits: int, is_signed: bool) -> tuple[float, int, float]:
    """Excess of the optimum, Newton's steps, and the error of the maximum over it."""
    form = UniformFormat(bits, is_signed=is_signed)
    found = optimal_clip(x, 1 / (12 * form.top.astype(x.dtype) ** 2))
    scales = jnp.linspace(0.02, 1.0, GRID) * jnp.max(jnp.abs(x))
    scales = jnp.concatenate([scales, found.scale])
    errors = np.asarray(_square_errors(x, scales, form))
    best = errors[:-1].min()
    return float(errors[-1] / best - 1), int(found.steps), float(errors[-2] / best)


@eqx.filter_jit
def _square_errors(x: Any, scales: Any, form: UniformFormat) -> Any:
    def one(scale: Any) -> Any:
        own = eqx.tree_at(lambda f: f.clip, form, FixedClip(scale))
        return jnp.mean((own.quantise(x) - x) ** 2)

    return jax.lax.map(one, scales)


def sqnr(x: Any, form: AbstractFormat) -> float:
    """Signal over error, in decibels."""
    error = jnp.sum((x - form.quantise(x)) ** 2)
    return float(10 * jnp.log10(jnp.sum(x**2) / error))


def vector_rows(fixture: Fixture) -> list[Row]:
    """Gains of scales per vector at 4 bits, in decibels."""
    w, h = second_layer(fixture)
    found = []
    for name, x, is_column, limit in (
        ("weights", w, True, 2.0),
        ("activations", h, False, 6.0),
    ):
        plain = sqnr(x, UniformFormat(4, MaxClip(is_column)))
        by_length = {str(v): sqnr(x, _vectors(4, 4, v)) for v in (16, 32, 64)}
        beside = "one scale per column" if is_column else "one scale"
        gate = Gate(by_length["16"] - plain, limit, f"decibels over {beside}", True)
        details = {"plain_db": plain, "by_length_db": by_length}
        found.append(Row(f"vectors of 4 bits, {name}", gate, details=details))
    return found


def logarithm_rows() -> list[Row]:
    """The law of rounding, and the error of a dot product in bins."""
    x = jnp.exp2(-8 * jr.uniform(key_of(Draw.DATA, 2), (200_000, 1)))
    found = []
    for base_bits in (1, 3, 4):
        form = LogarithmicFormat(16, base_bits, FixedClip(1.0))
        error = np.asarray(form.quantise(x) / x - 1, float)
        largest = 2 ** (1 / 2 ** (base_bits + 1)) - 1
        gate = Gate(float(error.max()), 1.0001 * largest, "largest relative error")
        law = relative_error(2**base_bits)
        details = {"rms": float(np.sqrt(np.mean(error**2))), "law": law}
        found.append(
            Row(f"logarithms, base factor {2**base_bits}", gate, details=details)
        )
    w = jr.normal(key_of(Draw.DATA, 3), (64, 64))
    h = jr.normal(key_of(Draw.DATA, 4), (64, 100))
    form = LogarithmicFormat(8, 3)
    left, right = form.encode(w), form.encode(h)
    error = left.dot(right) - left.value.T @ right.value
    norm = jnp.sqrt((left.value**2).T @ right.value**2)
    rms = float(jnp.sqrt(jnp.mean((error / norm) ** 2)))
    gate = Gate(rms, 2e-4, "rms error over the root of the sum of squared terms")
    found.append(Row("logarithms, sums in 8 bins, table of 12 bits", gate))
    return found


def softermax_row() -> Row:
    """Errors of 64 random scores; networks with attention are not here yet."""
    x = 3 * jr.normal(key_of(Draw.DATA, 5), (500, 64))
    found, wanted = Softermax()(x), base_2_softmax(x)
    sums = np.asarray(jnp.sum(found, axis=1))
    gate = Gate(float(jnp.mean(jnp.abs(found - wanted))), 0.003, "mean absolute error")
    agree = jnp.mean((found.argmax(1) == wanted.argmax(1)).astype(x.dtype))
    details = {
        "largest": float(jnp.max(jnp.abs(found - wanted))),
        "row_sums": [float(sums.min()), float(sums.max())],
        "agreement": float(agree),
        "operations": [op._asdict() for op in Softermax().counts(64)],
    }
    return Row("softermax, 64 scores", gate, details=details)


# The network in each format.


def network_rows(fixture: Fixture, num: int) -> list[Row]:
    """A row for each pair of formats."""
    data = np.asarray(fixture.dataset.sample(num, key=key_of(Draw.DATA)))
    single = sampled(fixture, fixture.score, num)
    floor = sliced_wasserstein(single, data)
    found = []
    for name, pair in tqdm(PAIRS.items(), unit="format", desc="number_formats"):
        score = calibrated(fixture, pair)
        error, apart = prediction_errors(fixture, score)
        seconds, own = run(lambda s=score: sampled(fixture, s, num))
        details = {
            "prediction_error": error,
            "codes_apart": apart,
            "end_rms": float(np.sqrt(np.mean((own - single) ** 2))),
            "sliced_wasserstein": sliced_wasserstein(own, data),
            "single": floor,
            "bits_per_weight": score.stored_bits / num_weights(score),
            "operations": [op._asdict() for op in score.operations()],
        }
        gate = Gate(apart, pair.exactness, "products of codes beside those of numbers")
        if pair.limit is not None:
            gate = Gate(error, pair.limit, "relative square error of the prediction")
        if name == "logarithms 8, base factor 8":
            beyond = details["sliced_wasserstein"] - floor
            gate = Gate(beyond, 0.02, "sliced Wasserstein beyond single precision")
        found.append(Row(f"F1 in {name}", gate, seconds, details=details))
    return found


def num_weights(score: QuantisedScore) -> int:
    """Number of weights, without biases."""
    return sum(w.size for w in score.score.network.weights)


def calibrated(fixture: Fixture, pair: Pair) -> QuantisedScore:
    """The network in its formats, with ranges of the calibration set."""
    batch = fixture.batch(NUM_CALIBRATION, key_of(Draw.CALIBRATION))
    score = in_one_format(fixture.score, pair.weights, pair.inputs)
    return score.calibrated(batch.t, batch.x)


def prediction_errors(fixture: Fixture, score: QuantisedScore) -> tuple[float, float]:
    """Relative square error of the noise prediction; how far codes are from numbers."""
    batch = fixture.batch(NUM_CALIBRATION, key_of(Draw.JUDGE))
    plain = jax.vmap(fixture.score, in_axes=(0, 1), out_axes=1)(batch.t, batch.x)
    exact = dataclasses.replace(score, is_exact=True)
    few = batch.t[:256], batch.x[:, :256]
    one, other = exact(*few), score(*few)
    apart = jnp.max(jnp.abs(one - other)) / jnp.max(jnp.abs(other))
    error = batch.scale[None] * (score(batch.t, batch.x) - plain)
    size = batch.scale[None] * plain
    return float(jnp.mean(error**2) / jnp.mean(size**2)), float(apart)


def sampled(
    fixture: Fixture, score: NetworkScore | QuantisedScore, num: int
) -> np.ndarray:
    """Samples of the probability flow by Euler, from the same starts."""
    ts = jnp.linspace(1.0, T_MIN, SAMPLER_STEPS + 1)
    flow, key = ProbabilityFlow(fixture.sde), key_of(Draw.STARTS)
    chunks = draw_digital(Euler(), flow, score, ts, num, key=key)
    return np.concatenate([np.asarray(x) for x in chunks], axis=1).T
