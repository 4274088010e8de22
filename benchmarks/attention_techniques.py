"""PSSA, TIPS, the bit-slice core and Softermax on F2, the shipped attention network.

Thresholds come from a calibration set; errors are those of the noise prediction on
other data, squared, over its square. Bits and products are counted; joules are those of
a model at 45 nm and of memory outside the chip, never those of the published chip,
whose own figures stand in columns of their own.
"""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float
from rram_ode.accelerators import (
    AbstractTokenRule,
    changes,
    CHOI_REPORTED,
    choose_threshold,
    coarse,
    count_attention,
    count_map_bits,
    decode_map,
    encode_map,
    generate_counted,
    map_bits,
    multiply_slices,
    noise_error,
    PSSA,
    RescaledSoftermax,
    TechniqueScore,
    TIPS,
)
from rram_ode.energy import CONSTANTS, nominals
from rram_ode.formats import Softermax
from rram_ode.scores import AbstractArithmetic, AttentionScore, ExactArithmetic
from rram_ode.sdes import ProbabilityFlow
from rram_ode.training import Batch, shipped_picture_network
from tqdm import tqdm

from ._attention import batch_of, Draw, Judged, judged, key_of, loss, T_MIN, train
from ._harness import run
from ._result import Gate, Row


RIVAL = "the same network without the techniques"
NUM_CALIBRATION, NUM_JUDGE, NUM_SEEDS = 512, 1024, 3
NUM_LOSS = 8192
THRESHOLDS = tuple(2.0**-k for k in range(5, 13))
ERROR = 0.005  # largest, of the noise
MARGIN = 0.8  # of it, on the calibration set
UNTIL = 0.2  # of TIPS
TUNING = {200: 1.06, 1000: 1.045}  # limits by steps
RATE, BATCH = 2e-3, 128  # the rate is the best of two on the calibration set
STEPS = 25


class RandomTokens(AbstractTokenRule):
    """Any tokens take few bits."""

    key: Array

    def __call__(
        self, weights: Float[Array, "samples tokens words"]
    ) -> Float[Array, "samples tokens"]:
        """Numbers that have nothing to do with the weights."""
        return jr.uniform(self.key, weights.shape[:2], weights.dtype)


class Opposite(AbstractTokenRule):
    """Tokens that the words describe take few bits."""

    def __call__(
        self, weights: Float[Array, "samples tokens words"]
    ) -> Float[Array, "samples tokens"]:
        """The smaller the attention to the start word, the fewer bits."""
        return -weights[:, :, 0]


class Watched(AbstractArithmetic):
    """Exact, and keeps the maps of self-attention."""

    def __init__(self):
        self.maps: list[Array] = []

    def product(self, number: int, layer: Any, x: Array) -> Array:
        """The exact one."""
        return ExactArithmetic().product(number, layer, x)

    def softmax(self, number: int, scores: Array) -> Array:
        """The exact one."""
        weights = ExactArithmetic().softmax(number, scores)
        if number % 2 == 0:
            self.maps.append(weights)
        return weights


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows of maps, of precisions, of Softermax, then of whole runs."""
    del options
    score = shipped_picture_network("attention").score
    assert isinstance(score, AttentionScore)
    found = []
    parts = (map_rows, pssa_rows, tips_rows, slice_rows, softermax_rows, run_rows)
    for part in tqdm(parts, unit="table", desc="attention_techniques"):
        found += part(score)
    reported = {
        name.replace(".", "_"): one.nominal for name, one in CHOI_REPORTED.items()
    }
    return found, {"reported": reported, "steps": STEPS}


def gaussian_map(side: int = 32, sigma: float = 1.5) -> np.ndarray:
    """Attention by distance in the picture alone, each row adding up to one."""
    at = np.stack(np.meshgrid(*[np.arange(side)] * 2, indexing="ij")).reshape(2, -1)
    square = ((at[:, :, None] - at[:, None, :]) ** 2).sum(0)
    weights = np.exp(-square / (2 * sigma**2))
    return weights / weights.sum(1, keepdims=True)


def map_rows(score: AttentionScore) -> list[Row]:
    """Maps that need no network: by distance, and random ones."""
    del score
    kept = jnp.asarray(gaussian_map() >= 1 / 1024)[None]
    differ = changes(kept, 32)
    bits = count_map_bits(
        1024, 32, np.asarray(kept.sum()), np.asarray(differ.sum())
    )._asdict()
    case = "by distance, 1,024 tokens"
    over = lambda name: bits["pssa"] / bits[name]
    local = bits["local"] / bits["csr"]
    found = [
        Row(
            f"{case}, CSR",
            Gate(over("csr"), 0.6, "index bits over CSR"),
            details={**bits, "local_over_csr": local},
        ),
        Row(f"{case}, bitmap", Gate(over("bitmap"), 0.4, "index bits over a bitmap")),
    ]
    for density in (0.05, 0.2, 0.5):
        key = key_of(Draw.RANDOM_TOKENS, round(100 * density))
        random = jr.bernoulli(key, density, (40, 256, 256))
        each = np.asarray(changes(random, 16))[:, :, 16:].mean(axis=(1, 2))
        wanted = 2 * density * (1 - density)
        off = abs(each.mean() - wanted) / (each.std(ddof=1) / np.sqrt(each.size))
        gate = Gate(float(off), 4.0, "standard errors from 2 p (1 - p)")
        details = {"density": density, "changed": float(each.mean())}
        found.append(Row(f"random, p = {density:g}", gate, details=details))
    return found


def calibration(score: AttentionScore) -> Batch:
    """States that thresholds come from."""
    return batch_of(score, NUM_CALIBRATION, key_of(Draw.CALIBRATION))


def pssa_rows(score: AttentionScore) -> list[Row]:
    """The threshold, the error there, bits by code, and maps that come back."""
    own = calibration(score)
    chosen = choose_threshold(score, own.t, own.x, THRESHOLDS, MARGIN * ERROR)
    judge = batch_of(score, NUM_JUDGE, key_of(Draw.JUDGE))
    made = TechniqueScore(score, (PSSA(chosen),))
    error = float(noise_error(made, judge.t, judge.x))
    details: dict[str, Any] = {"threshold": 1 / chosen, **densities(made, judge)}
    by_threshold = {}
    for threshold in THRESHOLDS:
        other = TechniqueScore(score, (PSSA(threshold),))
        own_error = float(noise_error(other, judge.t, judge.x))
        name = f"1/{round(1 / threshold)}"
        by_threshold[name] = {"error": own_error, **densities(other, judge)}
    details["by_threshold"] = by_threshold
    found = [
        Row("PSSA", Gate(error, ERROR, "error of the noise"), details=details),
        Row(
            "PSSA, changes",
            Gate(details["changed"] / details["kept"], 1.0, "ones of changes over raw"),
        ),
    ]
    gate = Gate(wrong_maps(score, judge, chosen), 0, "maps that do not come back")
    return [*found, Row("PSSA, round trip", gate)]


def densities(made: TechniqueScore, judge: Batch) -> dict[str, float]:
    """Ones over all of a map, of the map and of its changes, and bits by code."""
    _, counts = eqx.filter_jit(made.evaluate)(judge.t, judge.x)
    area = made.score.num_tokens**2
    bits = map_bits(made, counts)
    assert bits is not None
    found = {name: float(np.mean(counts[name])) / area for name in ("kept", "changed")}
    return {**found, **bits._asdict()}


def wrong_maps(
    score: AttentionScore, judge: Batch, threshold: float, num: int = 8
) -> int:
    """Number of the network's maps whose bits give another map."""
    seen, pssa = Watched(), PSSA(threshold)
    score.evaluate(judge.t[:num], judge.x[:, :num], seen)
    wrong, side = 0, pssa.width_of(score)
    for maps in seen.maps:
        kept, codes = np.asarray(pssa.keep(maps)), np.asarray(pssa.codes(maps))
        for one, own in zip(kept, codes, strict=True):
            for width in {1, 2, side, score.num_tokens}:
                encoded = encode_map(own, one, width, pssa.value_bits)
                back, where = decode_map(encoded)
                same = np.array_equal(where, one)
                same &= np.array_equal(back, np.where(one, own, 0))
                wrong += not same
    return wrong


def tips_rows(score: AttentionScore) -> list[Row]:
    """Errors within the figures, beside random tokens, by seed; and near the data."""
    found, ratios = [], []
    for seed in range(NUM_SEEDS):
        draw = lambda t_min, s=seed: judged(
            score, NUM_JUDGE, t_min, key_of(Draw.JUDGE, s)
        )
        own, near = tips_errors(score, draw(UNTIL), seed), near_data(score, draw, seed)
        ratios.append(own["figure_over_random"])
        details = {**own, "ratio_at_all_times": near}
        gate = Gate(ratios[-1], 0.5, "error within figures over random tokens'")
        found.append(Row(f"TIPS, seed {seed}", gate, details=details))
        inside = (own["all"] - own["all_12"]) / (own["all_6"] - own["all_12"])
        gate = Gate(abs(inside - 0.5), 0.5, "place between 12 and 6 bits, less a half")
        found.append(Row(f"TIPS, all pixels, seed {seed}", gate))
        gate = Gate(own["opposite_over_random"], 1.0, "the opposite rule's", True)
        found.append(Row(f"TIPS, opposite, seed {seed}", gate))
    return found


def near_data(score: AttentionScore, draw: Any, seed: int) -> float:
    """The ratio where the rule acts at all times."""
    return tips_errors(score, draw(T_MIN), seed, until=0.0)["figure_over_random"]


def tips_errors(
    score: AttentionScore, data: Judged, seed: int, until: float = UNTIL
) -> dict[str, float]:
    """Errors of the noise by rule, over the noise squared."""
    asked = score.of_class(data.label)
    std = score.preconditioning.marginal(data.t)[1][None]
    plain = std * asked(data.t, data.x)
    inside = data.is_figure

    def errors(tips: TIPS) -> tuple[float, float]:
        found = _noise(TechniqueScore(asked, (tips,)), std, data.t, data.x)
        square = (found - plain) ** 2
        mean = jnp.mean(plain**2)
        figure = jnp.mean(square, where=inside)
        return float(figure / mean), float(jnp.mean(square) / mean)

    rules = {
        "own": TIPS(until=until),
        "random": TIPS(
            rule=RandomTokens(key_of(Draw.RANDOM_TOKENS, seed)), until=until
        ),
        "opposite": TIPS(rule=Opposite(), until=until),
        "6": TIPS(1.0, until=until),
        "12": TIPS(0.0, until=until),
    }
    by_rule = {name: errors(tips) for name, tips in rules.items()}
    return {
        "figure": by_rule["own"][0],
        "figure_over_random": by_rule["own"][0] / by_rule["random"][0],
        "opposite_over_random": by_rule["opposite"][0] / by_rule["random"][0],
        "all": by_rule["own"][1],
        "all_random": by_rule["random"][1],
        "all_6": by_rule["6"][1],
        "all_12": by_rule["12"][1],
    }


@eqx.filter_jit
def _noise(score: TechniqueScore, std: Array, t: Array, x: Array) -> Array:
    return std * score(t, x)


def slice_rows(score: AttentionScore) -> list[Row]:
    """The bit-slice product of integers, its passes, and the reported gain."""
    layer = score.layers[score.number(0, "widen")]
    top = jnp.max(jnp.abs(layer.weights), axis=0, keepdims=True)
    weights = jnp.round(127 * layer.weights / top).astype(jnp.int32)
    key = key_of(Draw.RANDOM_TOKENS, 1)
    codes = jr.randint(key, (weights.shape[0], 1000), -2048, 2048, jnp.int32)
    is_low = jnp.arange(1000) < 448
    codes = jnp.where(is_low[None], coarse(codes), codes)
    found = multiply_slices(weights, codes, is_low)
    exact = np.asarray(weights).astype(np.int64).T @ np.asarray(codes)
    wrong = int(np.sum(np.asarray(found.sums) != exact))
    passes = float(jnp.mean(found.passes))
    reported = CHOI_REPORTED["rectified.efficiency.gain"].nominal
    details = {
        "passes": passes,
        "gain": 2 / passes - 1,
        "reported_gain": reported,
        # What a pass of 6 bits would have to cost, in parts of 12 bits.
        "cost_for_reported_gain": 1 - (1 - 1 / (1 + reported)) / 0.448,
    }
    gate = Gate(abs(passes - (2 - 0.448)), 1e-6, "passes beside 2 - 0.448")
    return [
        Row("bit slices", Gate(wrong, 0, "sums that differ from integers'")),
        Row("bit slices, passes", gate, details=details),
    ]


def softermax_rows(score: AttentionScore) -> list[Row]:
    """Losses of a drop-in Softermax, then after training on with it."""
    judge = batch_of(score, NUM_LOSS, key_of(Draw.JUDGE, NUM_SEEDS))
    soft = lambda net: TechniqueScore(net, (), RescaledSoftermax())
    plain = lambda net: net
    base = float(loss(score, judge))
    own = float(loss(soft(score), judge)) / base
    wrong = float(loss(TechniqueScore(score, (), Softermax()), judge)) / base
    wide = RescaledSoftermax(Softermax(is_wide=True))
    exact = float(loss(TechniqueScore(score, (), wide), judge)) / base
    what = "loss over that of base 2"
    gate = Gate(abs(exact - 1), 1e-4, "loss of wide numbers over base e, less one")
    found = [
        Row("Softermax, wide", gate),
        Row(
            "Softermax",
            Gate(own, 1.25, what),
            target=("over_base", "<=", 1.10),
            details={"over_base": own, "base": base},
        ),
        Row(
            "Softermax, not rescaled",
            Gate((wrong - 1) / (own - 1), 1.5, "rise beside rescaled", True),
            details={"over_base": wrong},
        ),
    ]
    for steps, limit in TUNING.items():
        key = key_of(Draw.TUNING, steps)
        tune = lambda build, n=steps, k=key: train(
            score, build, n, BATCH, rate=RATE, key=k
        )
        seconds, tuned = run(lambda t=tune: t(soft))
        control = float(loss(tune(plain), judge))
        ratio = float(loss(soft(tuned), judge)) / control
        found.append(
            Row(
                f"Softermax, {steps} steps",
                Gate(ratio, 1.25, what + ", trained on alike"),
                seconds,
                target=("over_control", "<=", limit),
                details={"over_control": ratio, "control": control},
            )
        )
    return found


def run_rows(score: AttentionScore) -> list[Row]:
    """Whole runs of both techniques: end error, fractions, joules by the model."""
    own = calibration(score)
    chosen = choose_threshold(score, own.t, own.x, THRESHOLDS, MARGIN * ERROR)
    flow = ProbabilityFlow(score.preconditioning.sde)
    x1 = jr.normal(key_of(Draw.STARTS), (score.dim, 256))
    ts = jnp.linspace(1.0, T_MIN, STEPS + 1)
    plain = generate_counted(TechniqueScore(score), flow, x1, ts)
    values, dense = nominals(CONSTANTS), count_attention(TechniqueScore(score), {})
    other, found = dense.energy(values), []
    for name, techniques in {
        "PSSA": (PSSA(chosen),),
        "TIPS": (TIPS(),),
        "PSSA and TIPS": (PSSA(chosen), TIPS()),
    }.items():
        made = TechniqueScore(score, techniques)
        drawn = generate_counted(made, flow, x1, ts)
        work = count_attention(made, drawn.counts)
        joules = work.energy(values)
        end = float(jnp.sqrt(jnp.mean((drawn.x - plain.x) ** 2)))
        external = 1 - work.external_bits / dense.external_bits
        details = {
            "low": work.low / (work.low + work.high),
            "scores_saved": 1 - work.score_bits / dense.score_bits,
            "external_saved": external,
            "scores_of_external": dense.score_fraction,
            "rectified_gain": other["rectified layers"] / joules["rectified layers"]
            - 1,
            "microjoules": {what: 1e6 * float(j) for what, j in joules.items()},
            "microjoules_plain": {w: 1e6 * float(j) for w, j in other.items()},
        }
        gate = Gate(end, 0.3, "root mean square of samples beside the plain network's")
        found.append(Row(f"run, {name}", gate, details=details))
    return found
