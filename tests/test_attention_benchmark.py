"""Short runs of `attention_techniques` and `attention_tokens`, and mutants of both."""

import pathlib
import sys

import numpy as np
import pytest
from rram_ode.accelerators import TIPS
from rram_ode.scores import AttentionScore
from rram_ode.training import shipped_picture_network


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import attention_techniques, attention_tokens


@pytest.fixture(scope="module")
def score() -> AttentionScore:
    found = shipped_picture_network("attention").score
    assert isinstance(found, AttentionScore)
    return found


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(attention_techniques, "NUM_CALIBRATION", 96)
    monkeypatch.setattr(attention_techniques, "NUM_JUDGE", 128)
    monkeypatch.setattr(attention_techniques, "NUM_SEEDS", 1)
    monkeypatch.setattr(attention_techniques, "NUM_LOSS", 64)
    monkeypatch.setattr(attention_techniques, "THRESHOLDS", (1 / 32, 1 / 256))
    monkeypatch.setattr(attention_techniques, "STEPS", 5)


def passed(rows):
    return {row.case: row.gate.passed for row in rows}


@pytest.mark.long
def test_maps_and_slices_pass(score):
    assert all(passed(attention_techniques.map_rows(score)).values())
    rows = attention_techniques.slice_rows(score)
    assert all(passed(rows).values())
    assert rows[1].details["gain"] == pytest.approx(0.289, abs=1e-3)


def test_a_map_of_other_tokens_does_not(score, monkeypatch):
    order = np.random.default_rng(0).permutation(1024)
    own = attention_techniques.gaussian_map()
    monkeypatch.setattr(attention_techniques, "gaussian_map", lambda: own[:, order])
    rows = passed(attention_techniques.map_rows(score))
    assert not rows["by distance, 1,024 tokens, CSR"]
    assert not rows["by distance, 1,024 tokens, bitmap"]


@pytest.mark.slow
def test_pruned_attention_passes_and_coarser_does_not(score, monkeypatch):
    rows = attention_techniques.pssa_rows(score)
    assert all(passed(rows).values())
    assert rows[0].details["threshold"] == 256
    monkeypatch.setattr(
        attention_techniques, "choose_threshold", lambda *arguments: 1 / 32
    )
    assert not passed(attention_techniques.pssa_rows(score))["PSSA"]


@pytest.mark.slow
def test_tokens_pass_and_the_opposite_rule_does_not(score, monkeypatch):
    rows = attention_techniques.tips_rows(score)
    assert all(passed(rows).values())
    opposite = attention_techniques.Opposite()
    # The mutant: the rule of the start word, turned around.
    monkeypatch.setattr(
        attention_techniques,
        "TIPS",
        lambda fraction=0.448, rule=opposite, until=0.2: TIPS(fraction, rule, until),
    )
    assert not passed(attention_techniques.tips_rows(score))["TIPS, seed 0"]


@pytest.mark.slow
def test_softermax_passes_and_the_unrescaled_is_worse(score, monkeypatch):
    monkeypatch.setattr(attention_techniques, "TUNING", {4: 1.06})
    monkeypatch.setattr(attention_techniques, "BATCH", 8)
    rows = attention_techniques.softermax_rows(score)
    assert all(passed(rows).values())
    unscaled = lambda softermax=attention_techniques.Softermax(): softermax
    monkeypatch.setattr(attention_techniques, "RescaledSoftermax", unscaled)
    monkeypatch.setattr(attention_techniques, "TUNING", {})
    mutants = passed(attention_techniques.softermax_rows(score))
    assert not mutants["Softermax, wide"]
    assert not mutants["Softermax, not rescaled"]


@pytest.mark.slow
def test_runs_save_scores_and_passes(score):
    rows = {row.case: row for row in attention_techniques.run_rows(score)}
    assert all(passed(rows.values()).values())
    both = rows["run, PSSA and TIPS"].details
    assert both["scores_saved"] == pytest.approx(
        rows["run, PSSA"].details["scores_saved"], abs=0.02
    )
    assert rows["run, PSSA"].details["rectified_gain"] == 0
    assert rows["run, TIPS"].details["scores_saved"] == 0
    assert both["rectified_gain"] > 0.05


@pytest.mark.slow
def test_tokens_of_a_wider_picture(score, monkeypatch):
    """The shipped network on four times the tokens, without training."""
    like = shipped_picture_network("attention").score
    assert isinstance(like, AttentionScore)
    monkeypatch.setattr(attention_tokens, "THRESHOLDS", (1 / 32, 1 / 4096))
    wide = _of_side(like, 32)
    assert isinstance(wide, AttentionScore)
    made = attention_tokens.widened(score, wide)
    assert made.num_tokens == 256
    # Places between: a corner stays near the place that it was made from.
    corner = made.places[:, 0]
    np.testing.assert_allclose(corner, score.places[:, 0], atol=1e-5)
    rows = attention_tokens.token_rows(made)
    assert all(passed(rows).values())
    monkeypatch.setattr(attention_tokens, "choose_threshold", lambda *arguments: 1 / 32)
    assert not passed(attention_tokens.token_rows(made))["256 tokens"]


def _of_side(score, side):
    """A network of that side whose weights are not looked at."""
    recipe = attention_tokens.attention_recipe(side, score.patch, 1, 1)
    return recipe.untrained(attention_tokens.key_of(attention_tokens.Draw.WEIGHTS))
