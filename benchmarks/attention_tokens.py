"""PSSA on trained attention among many tokens: one for each pixel, 256 and then 1,024.

The network of 256 tokens is trained from the start, shorter than F2. That of 1,024
tokens begins from its weights, with places between its places, and is trained on for a
few steps on pictures of 32 x 32 pixels. Both are worse networks than F2; what is asked
here is what attention among many tokens looks like. TIPS is tried on them as well.
"""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import numpy as np
from rram_ode.accelerators import choose_threshold, noise_error, PSSA, TechniqueScore
from rram_ode.datasets import figures
from rram_ode.scores import AttentionScore
from rram_ode.training import attention_recipe, fit_pictures
from tqdm import tqdm

from ._attention import batch_of, Draw, judged, key_of, loss
from ._harness import run
from ._result import Gate, Row
from .attention_techniques import densities, ERROR, MARGIN, tips_errors


RIVAL = "sparse codes and bitmaps of the same maps"
STEPS = {16: 1000, 32: 100}  # by pixels a side
BATCH = {16: 32, 32: 8}
NUM = {16: 96, 32: 16}  # pictures that choose, and as many that judge
AVERAGE = 0.99
RATE_OF_MORE = 5e-4
THRESHOLDS = tuple(2.0**-k for k in range(6, 15))


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows for each number of tokens."""
    del options
    found, score = [], None
    with tqdm(total=2, unit="network", desc="attention_tokens") as bar:
        for side in STEPS:
            seconds, score = run(lambda s=side, before=score: trained(s, before))
            found += token_rows(score, seconds)
            bar.update()
    return found, {"steps": STEPS, "batch": BATCH}


def trained(side: int, before: AttentionScore | None = None) -> AttentionScore:
    """A network with a token for each pixel; it may begin from that of fewer."""
    recipe = attention_recipe(side, 1, STEPS[side], BATCH[side])
    plan = dataclasses.replace(recipe.plan, ema=AVERAGE)
    start = recipe.untrained(key_of(Draw.WEIGHTS))
    assert isinstance(start, AttentionScore)
    if before is not None:
        start = widened(before, start)
        plan = dataclasses.replace(plan, learning_rate=RATE_OF_MORE, warmup=10)
    found, _ = fit_pictures(start, figures(side), plan)
    assert isinstance(found, AttentionScore)
    return found


def widened(score: AttentionScore, like: AttentionScore) -> AttentionScore:
    """`score` for the pictures of `like`, with places between those that it has."""
    width, patch = score.places.shape[0], score.patch
    side, other = score.side // patch, like.side // patch
    grid = score.places.reshape(width, side, side)
    places = jax.image.resize(grid, (width, other, other), "linear")
    made = dataclasses.replace(score, side=like.side)
    return eqx.tree_at(lambda s: s.places, made, places.reshape(width, -1))


def token_rows(score: AttentionScore, seconds: float | None = None) -> list[Row]:
    """The error at the threshold, ones of changes, and bits by code."""
    num, tokens = NUM.get(score.side, 32), score.num_tokens
    own = batch_of(score, num, key_of(Draw.CALIBRATION))
    judge = batch_of(score, num, key_of(Draw.JUDGE))
    chosen = choose_threshold(score, own.t, own.x, THRESHOLDS, MARGIN * ERROR)
    by_threshold = {}
    for threshold in THRESHOLDS:
        made = TechniqueScore(score, (PSSA(threshold),))
        error = float(noise_error(made, judge.t, judge.x))
        found = {"error": error, **densities(made, judge)}
        by_threshold[f"1/{round(1 / threshold)}"] = found
    at = by_threshold[f"1/{round(1 / chosen)}"]
    total = {
        name: (at[name] + (0.0 if name == "dense" else at["values"])) / at["dense"]
        for name in ("csr", "bitmap", "local", "pssa")
    }
    tips = tips_errors(score, judged(score, num, 0.2, key_of(Draw.JUDGE, 1)), 0)
    details = {
        "tokens": tokens,
        "loss": float(loss(score, judge)),
        "threshold": 1 / chosen,
        **at,
        "index_over_csr": at["pssa"] / at["csr"],
        "index_over_bitmap": at["pssa"] / at["bitmap"],
        "index_over_local": at["pssa"] / at["local"],
        "all_over_dense": total,
        "changed_over_kept": at["changed"] / at["kept"],
        "tips_figure_over_random": tips["figure_over_random"],
        "tips_opposite_over_random": tips["opposite_over_random"],
        "by_threshold": by_threshold,
    }
    ratio = float(np.divide(at["changed"], at["kept"]))
    return [
        Row(
            f"{tokens} tokens",
            Gate(at["error"], ERROR, "error of the noise"),
            seconds,
            details=details,
        ),
        Row(f"{tokens} tokens, changes", Gate(ratio, 1.0, "ones of changes over raw")),
    ]
