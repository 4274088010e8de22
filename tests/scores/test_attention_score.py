"""The attention network: one sample at a time, patches, sizes, order of tokens."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.scores import (
    attention_score,
    AttentionScore,
    DenoisingPreconditioning,
    LAYERS_OF_BLOCK,
)
from rram_ode.sdes import VPSDE


SIDE, PATCH, WIDTH = 8, 2, 16
WORDS = ((0, 0), (0, 1), (1, 0))


@pytest.fixture(scope="module")
def score() -> AttentionScore:
    """A network of two blocks whose last layer does not begin with zeros."""
    pre = DenoisingPreconditioning(VPSDE(0.1, 12.0), 0.9)
    made = attention_score(
        SIDE, pre, patch=PATCH, width=WIDTH, descriptions=WORDS, key=jr.key(0)
    )
    last = jr.normal(jr.key(1), made.dense[-1].weights.shape)
    return eqx.tree_at(lambda s: s.dense[-1].weights, made, last)


def states(num):
    return jr.normal(jr.key(2), (SIDE**2, num))


@pytest.mark.slow
def test_labels_and_times_of_each_sample_equal_one_by_one(score):
    x, t = states(4), jnp.array([0.02, 0.3, 0.3, 1.0])
    label = jnp.array([0, 2, -1, 1])
    together = score(t, x, label=label)
    for n in range(4):
        alone = score(t[n], x[:, n], label=label[n])
        np.testing.assert_allclose(together[:, n], alone, rtol=1e-9, atol=1e-9)
    # Classes differ, so that a label that went to another sample would be seen.
    other = score(t, x, label=jnp.roll(label, 1))
    assert float(jnp.min(jnp.max(jnp.abs(other - together), axis=0))) > 1e-3


@pytest.mark.long
def test_no_label_is_that_of_any_class(score):
    x, t = states(3), jnp.asarray(0.4)
    np.testing.assert_array_equal(score(t, x), score(t, x, label=jnp.asarray(-1)))


def test_patches_are_squares_of_pixels_and_go_back(score):
    x = states(3)
    patches = score._patches(x)
    assert patches.shape == (PATCH**2, (SIDE // PATCH) ** 2, 3)
    picture = np.asarray(x).reshape(SIDE, SIDE, 3)
    down, right = 1, 2
    wanted = picture[2:4, 4:6].reshape(4, 3)  # the patch of row 1 and column 2
    np.testing.assert_array_equal(patches[:, down * 4 + right], wanted)
    np.testing.assert_array_equal(score._pixels(patches), x)


def test_sizes_by_hand(score):
    """Products of each layer for 16 tokens of 16 values, 3 words, 4 pixels."""
    tokens, words = 16, 3
    square = WIDTH * WIDTH
    block = {
        "query": (tokens, tokens * square),
        "key": (tokens, tokens * square),
        "value": (tokens, tokens * square),
        "out": (tokens, tokens * square),
        "word query": (tokens, tokens * square),
        "word key": (words, words * square),
        "word value": (words, words * square),
        "word out": (tokens, tokens * square),
    }
    sizes = [size[:3] for size in score.sizes()]
    assert score.sizes()[0].weights == score.layers[0].weights.size
    assert len(sizes) == 2 + 2 * len(LAYERS_OF_BLOCK)
    assert sizes[0] == (4 * tokens, WIDTH * tokens, 4 * WIDTH * tokens)
    assert sizes[-1] == (WIDTH * tokens, 4 * tokens, 4 * WIDTH * tokens)
    for number in range(2):
        for name, (places, products) in block.items():
            wanted = WIDTH * places, WIDTH * places, products
            assert sizes[score.number(number, name)] == wanted
        wide = 2 * WIDTH * tokens
        found = sizes[score.number(number, "widen")]
        assert found == (WIDTH * tokens, wide, 2 * square * tokens)
        found = sizes[score.number(number, "narrow")]
        assert found == (wide, WIDTH * tokens, 2 * square * tokens)


def test_tokens_that_change_places_change_the_output_alike(score):
    """Attention knows tokens by their places alone."""
    order = jr.permutation(jr.key(3), score.num_tokens)
    x, t = states(3), jnp.asarray(0.3)
    moved = score._pixels(score._patches(x)[:, order])
    places = score.places[:, order]
    other = eqx.tree_at(lambda s: s.places, score, places)
    wanted = score._pixels(score._patches(score(t, x))[:, order])
    np.testing.assert_allclose(other(t, moved), wanted, rtol=1e-9, atol=1e-9)
    # The mutant: tokens without their places are other tokens.
    assert float(jnp.max(jnp.abs(score(t, moved) - wanted))) > 1e-3


def test_patches_fill_the_picture():
    pre = DenoisingPreconditioning(VPSDE(0.1, 12.0), 0.9)
    with pytest.raises(ValueError, match="`patch` must divide `side`"):
        attention_score(8, pre, patch=3, key=jr.key(0))
