"""Number formats and techniques of image accelerators on U-Nets of digits (F3).

Step-wise ranges (Diff-Acc), 4 bits with ReLU and divided channels (SQ-DM), scales per
vector (VS-Quant) and differences between steps (ISSCC 2024, 20.2), by 50 steps of Euler
from starts that calibrated nothing, beside the same network in single precision. F1
is trained here for the step-wise targets and the labels that are about it.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from rram_ode.accelerators import (
    AbstractReference,
    BitEngine,
    block_sensitivity,
    bursts,
    calibrate_differences,
    channel_zeros,
    ChannelEngines,
    detector_operations,
    DifferenceScore,
    foreseen,
    generate_differences,
    held,
    lagged,
    linear_cost,
    low_share,
    MACHINES,
    most_sensitive,
    OpenReference,
    signed_inputs,
    skipped_zeros,
    speed_up,
    SplitScore,
    sq_dm_score,
    sq_dm_work,
)
from rram_ode.energy import picture_sampler_work
from rram_ode.formats import (
    AbstractFormat,
    FixedClip,
    FloatScale,
    IntegerScale,
    MaxClip,
    UniformFormat,
    VectorFormat,
)
from rram_ode.samplers import Euler
from rram_ode.scores import QuantisedScore
from tqdm import tqdm

from ._f1 import trained
from ._f3 import loss, summary, Twin
from ._harness import run
from ._neuron_labels import label_row
from ._result import Gate, Row
from ._step_wise_rows import f1_rows, f3_rows, Plane
from .denoising_similarity import cost_of


RIVAL = "the same networks in single precision"
TRAINING, NUM_SAMPLES, NUM_STARTS = 6000, 192, 64
SHARE, BITS = 0.05, 4
VECTORS = (16, 32, 64)
THRESHOLDS = tuple(round(0.1 * n, 1) for n in range(1, 9))
KEPT = 3  # blocks in MXINT8
BATCH = 64  # samples that share labels, beside one alone
STATE = UniformFormat(12, FixedClip(4.5))
SQUARES = 8  # rows and columns of the U-Net's larger maps


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows of each technique."""
    num = options.num_samples or NUM_SAMPLES
    relu, silu = Twin("ReLU", num), Twin("SiLU", num)
    plane = Plane(trained(TRAINING))
    parts = (
        lambda: twin_rows(relu, silu),
        lambda: f3_rows(relu),
        lambda: f3_rows(silu),
        lambda: f1_rows(plane),
        lambda: [label_row(plane)],
        lambda: ladder_rows(relu) + ladder_rows(silu),
        lambda: channel_rows(relu),
        lambda: vector_rows(relu),
        lambda: difference_rows(relu),
    )
    found = []
    for part in tqdm(parts, unit="table", desc="image_formats"):
        found += part()
    return found, {"num_samples": num, "steps": relu.ts.size - 1}


def twin_rows(relu: Twin, silu: Twin) -> list[Row]:
    """What ReLU in place of SiLU costs, and what it gives at 4 bits."""
    own, other = (float(loss(twin.score, twin.test)) for twin in (relu, silu))
    gate = Gate(own / other, 1.02, "loss with ReLU over that with SiLU")
    found = [Row("twins", gate, details={"relu": own, "silu": other})]
    inputs = relu.for_test.layer_inputs(relu.test.t, relu.test.x)
    gains = {
        number: sqnr(h, UniformFormat(4, is_signed=False)) - sqnr(h, UniformFormat(4))
        for number, h in enumerate(inputs)
        if not bool(jnp.any(h < 0))
    }
    worst = min(gains.values())
    gate = Gate(worst, 5.0, "decibels gained without a sign, worst layer", True)
    details = {"gains": gains, "largest": max(gains.values())}
    return [*found, Row("UINT4 behind ReLU", gate, details=details)]


def sqnr(x: Any, form: AbstractFormat) -> float:
    """Signal over the noise of rounding, in decibels."""
    noise = jnp.sum((x - form.quantise(x)) ** 2)
    return float(10 * jnp.log10(jnp.sum(x**2) / noise))


def signs(twin: Twin) -> tuple[bool, ...]:
    """Which inputs have a sign, by held-out pictures."""
    own = twin.held_out
    return signed_inputs(twin.for_held_out, own.t, own.x)


def ladder_rows(twin: Twin) -> list[Row]:
    """All layers in 4 bits: scales of FP8, integer scales, one per column and layer."""
    is_signed = signs(twin)
    errors = {
        name: twin.noise_error(sq_dm_score(twin.score, (), is_signed, scale=scale))
        for name, scale in (("fp8", FloatScale()), ("integer", IntegerScale()))
    }
    errors["per_column"] = twin.noise_error(per_column(twin, is_signed))
    ratio = lambda a, b: errors[a] / errors[b]
    return [
        Row(
            f"4 bits, {twin.name}, FP8 scales",
            Gate(ratio("fp8", "integer"), 1.0, "error over that of integer scales"),
            details=errors,
        ),
        Row(
            f"4 bits, {twin.name}, integer scales",
            Gate(ratio("integer", "per_column"), 1.0, "error over one scale a column"),
        ),
    ]


def per_column(
    twin: Twin, is_signed: tuple[bool, ...], wide: tuple[int, ...] = ()
) -> QuantisedScore:
    """A scale per column of weights and one per layer of activations, calibrated."""
    own, numbers = twin.held_out, range(len(is_signed))
    weights = [UniformFormat(8 if n in wide else 4, MaxClip(True)) for n in numbers]
    inputs = [
        UniformFormat(8 if n in wide else 4, is_signed=s)
        for n, s in enumerate(is_signed)
    ]
    inputs[0] = STATE if 0 in wide else inputs[0]
    made = QuantisedScore(twin.for_held_out, tuple(weights), tuple(inputs))
    return of_twin(twin, made.calibrated(own.t, own.x))


def of_twin(twin: Twin, made: QuantisedScore) -> QuantisedScore:
    """`made` with the classes of the samples."""
    return QuantisedScore(twin.score, made.weights, made.inputs)


def channel_rows(twin: Twin) -> list[Row]:
    """SQ-DM: blocks that stay wide, and channels on two engines."""
    is_signed, blocks = signs(twin), twin.score.blocks
    all_low = sq_dm_score(twin.score, (), is_signed)
    rises = block_sensitivity(all_low, blocks, loss, twin.held_out)
    ends, others = (rises[0] + rises[-1]) / 2, rises[1:-1].mean()
    kept = most_sensitive(rises, blocks, KEPT)
    score = sq_dm_score(twin.score, kept, is_signed)
    share = low_share(score)
    found = [
        Row(
            "SQ-DM, sensitivity of blocks",
            Gate(ends / others, 1.0, "rise by first and last block over others", True),
            details={"rises": rises.tolist(), "kept_layers": list(kept)},
        ),
        Row(
            "SQ-DM, share of 4 bits",
            Gate(share, 0.5, "share of the products", at_least=True),
            details={
                "cost_ratio": 1 / linear_cost(share),
                "at_90_percent": 1 / linear_cost(0.9),
                "reported": 3.78,
                "weights_ratio": stored_ratio(score),
            },
        ),
    ]
    seconds, x = run(lambda: twin.generate(score))
    gate = Gate(twin.noise_error(score), 0.02, "error of the predicted noise")
    details = {"end": twin.end_errors(x)}
    found.append(Row("SQ-DM, samples", gate, seconds, details=details))
    return found + split_rows(twin, score)


def stored_ratio(score: QuantisedScore) -> float:
    """Bits of the weights at 16 bits over those that are stored."""
    return 16 * sum(w.weights.size for w in score.score.layers) / score.stored_bits


def split_rows(twin: Twin, score: QuantisedScore) -> list[Row]:
    """Zeros by channel and step, labels, cycles, and the identity of both engines."""
    sizes, engines = score.score.sizes(), ChannelEngines()
    network = twin.score.of_class(jnp.arange(BATCH) % 10)
    few = QuantisedScore(network, score.weights, score.inputs)
    zeros = {
        batch: channel_zeros(
            few, twin.flow, twin.starts[:, :BATCH], twin.ts, batch=batch
        )
        for batch in (1, BATCH)
    }
    speeds = {
        batch: {
            rule.__name__: speed_up(own, sizes, engines, rule)
            for rule in (lagged, held, foreseen)
        }
        for batch, own in zeros.items()
    }
    sweep = {
        threshold: speed_up(zeros[1], sizes, ChannelEngines(threshold=threshold))
        for threshold in THRESHOLDS
    }
    best = max(sweep.values())
    products = {number: sizes[number].products for number in zeros[1]}
    mean = sum(zeros[1][n].mean() * each for n, each in products.items())
    detector = sum(each.number for each in detector_operations(score))
    tags = {n: jnp.asarray(z[-1, :, 0] > 0.3) for n, z in zeros[BATCH].items()}
    t, x = twin.ts[-2], twin.starts[:, :4] * 0.8
    network = twin.score.of_class(jnp.arange(4))
    exact = QuantisedScore(network, score.weights, score.inputs, is_exact=True)
    split = SplitScore(exact, tags)(t, x)
    off = float(jnp.max(jnp.abs(split - SplitScore(exact, {})(t, x))))
    shape = (32, SQUARES, SQUARES)
    return [
        Row(
            "SQ-DM, both engines",
            Gate(off, 0.0, "largest difference from one engine"),
            details={
                "bursts": bursts(shape, (2, 1, 0), 0),
                "bursts_otherwise": bursts(shape, (0, 2, 1), 0),
                "detector_over_products": detector / sum(products.values()),
            },
        ),
        Row(
            "SQ-DM, labels",
            Gate(
                1 - speeds[1]["lagged"] / speeds[1]["foreseen"],
                0.1,
                "speed-up that late labels lose, batch 1",
            ),
            details={
                "zeros": mean / sum(products.values()),
                "batch_1": speeds[1],
                f"batch_{BATCH}": speeds[BATCH],
                "over_first_labels": speeds[1]["lagged"] / speeds[1]["held"],
                "reported": 1.83,
            },
        ),
        cost_row(twin, score, zeros[1], engines),
        Row(
            "SQ-DM, threshold",
            Gate(best / sweep[0.3], 1.15, "best speed-up over that of 30 %"),
            details={"thresholds": list(sweep), "speed_ups": list(sweep.values())},
        ),
    ]


def cost_row(
    twin: Twin, score: QuantisedScore, zeros: dict, engines: ChannelEngines
) -> Row:
    """Joules and seconds of the model, with zeros skipped, over those of FP16."""
    sizes, steps = score.score.sizes(), next(iter(zeros.values())).shape[0]
    work = picture_sampler_work(Euler(), steps, twin.score)
    low = sum(engines.undivided(sizes[n].products) for n in zeros)
    wide = 2 * sum(
        engines.undivided(size.products)
        for number, size in enumerate(sizes)
        if number not in zeros
    )  # of 8 bits: two cycles for one of 4
    faster = speed_up(zeros, sizes, engines, wide=wide)
    skipped = skipped_zeros(zeros, engines)
    plain = BitEngine("int4", "", sq_dm_work(score, {}, steps), steps * (low + wide))
    own = sq_dm_work(score, skipped, steps)
    divided = BitEngine("sq-dm", "", own, plain.cycles / faster)
    half = MACHINES["engine-fp16"]
    details = cost_of(divided, work, half)
    details["ratio_without_skipping"] = cost_of(plain, work, half)["ratio"]
    details["speed_up_with_wide_layers"] = faster
    gate = Gate(details["ratio"][0], 1.0, "joules over those of the FP16 engine")
    return Row("SQ-DM, cost", gate, details=details)


def vector_rows(twin: Twin) -> list[Row]:
    """Scales per vector beside one per column, first and last layer in 8 bits."""
    is_signed, last = signs(twin), len(twin.score.layers) - 1
    ends = (0, last)
    plain = per_column(twin, is_signed, ends)
    base = twin.end_errors(twin.generate(plain))
    found = []
    cases = [(f"W4A4, vectors of {v}", v, 4) for v in VECTORS]
    for case, vector, bits in [*cases, ("W4A8, vectors of 16", 16, 8)]:
        weights, inputs = list(plain.weights), list(plain.inputs)
        for number in range(1, last):
            weights[number] = VectorFormat(4, vector)
            inputs[number] = VectorFormat(bits, vector, is_signed=is_signed[number])
        score = QuantisedScore(twin.score, tuple(weights), tuple(inputs))
        seconds, x = run(lambda score=score: twin.generate(score))
        own = twin.end_errors(x)
        gate = Gate(own["rms"] / base["rms"], 0.5, "rms end error over per-column's")
        details = {"own": own, "per_column": base}
        found.append(Row(f"VS-Quant, {case}", gate, seconds, details=details))
    return found


def difference_rows(twin: Twin) -> list[Row]:
    """Differences between steps, 4 bits, 5 % in floating point."""
    network = twin.score.of_class(jnp.arange(NUM_STARTS) % 10)
    layers = len(network.layers)

    def generate(references: tuple[AbstractReference, ...] | None) -> Any:
        score = DifferenceScore(network, BITS, references=references)
        own = twin.flow, twin.calibration[:, :NUM_STARTS], twin.ts
        score = calibrate_differences(score, *own, fraction=SHARE)
        starts = twin.starts[:, :NUM_STARTS]
        return generate_differences(score, twin.flow, starts, twin.ts)

    def error(x: Any) -> float:
        gap = np.asarray(x - twin.plain[:, : x.shape[1]])
        return summary(np.sqrt(np.mean(gap**2, axis=0)))["rms"]

    seconds, closed = run(lambda: generate(None))
    own, opened = error(closed.x), error(generate((OpenReference(),) * layers).x)
    wide = (UniformFormat(16, MaxClip(True)),) * layers
    direct = QuantisedScore(twin.score, wide, per_column(twin, signs(twin)).inputs)
    direct = QuantisedScore(twin.score, wide, (STATE, *direct.inputs[1:]))
    other = error(twin.generate(direct))
    zero, integer, floating = closed.fraction
    kinds = {"zero": zero, "integer": integer, "floating": floating}
    details = {name: float(value) for name, value in kinds.items()}
    return [
        Row(
            "differences, INT4",
            Gate(own, 0.005, "end error of the closed loop"),
            seconds,
            details=details,
        ),
        Row(
            "differences, open loop",
            Gate(opened / own, 5.0, "open over closed loop", at_least=True),
            details={"rms": opened},
        ),
        Row(
            "differences, direct",
            Gate(other / own, 5.0, "direct rounding over closed loop", at_least=True),
            details={"rms": other},
        ),
    ]
