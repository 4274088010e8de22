"""Conditional networks: the embedding of classes, labels of each sample, guidance."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.special
from rram_ode.formats import IntegerFormat
from rram_ode.scores import (
    class_embedding,
    fourier_mlp,
    GuidedScore,
    in_format,
    LabelledScore,
    NetworkScore,
    NULL,
)


T = jnp.asarray(0.3)
X = jr.normal(jr.key(1), (2, 12))
LABELS = jnp.arange(12) % 4 - 1  # the null label among them


def conditional(seed=0):
    network = fourier_mlp(2, (6, 8), num_classes=3, key=jr.key(seed))
    return NetworkScore(network)


def plain():
    return NetworkScore(fourier_mlp(2, (6, 8), key=jr.key(0)))


def test_embedding_of_a_class_in_numpy():
    """One-hot, a layer, GELU and a layer, computed by other means."""
    made = class_embedding(3, 8, key=jr.key(5))
    rows, weights, biases = map(np.asarray, (made.rows, made.weights, made.biases))
    gelu = lambda x: x * 0.5 * (1 + scipy.special.erf(x / np.sqrt(2)))
    for k in range(3):
        wanted = gelu(np.eye(3)[k] @ rows) @ weights + biases
        np.testing.assert_allclose(made(jnp.asarray(k)), wanted, rtol=1e-12)
    assert not np.any(made(jnp.asarray(NULL)))


def test_the_null_label_is_no_class():
    """It gives the network without its embedding; class 0 gives another one."""
    score = conditional()
    none = score.of_class(NULL)(T, X)
    assert np.array_equal(none, score(T, X))
    assert np.array_equal(none, plain()(T, X))
    assert np.max(np.abs(score.of_class(0)(T, X) - none)) > 1e-3


def test_labels_of_each_sample_are_those_of_one_at_a_time():
    score = conditional()
    got = score(T, X, label=LABELS)
    for n, label in enumerate(LABELS):
        wanted = score.of_class(int(label))(T, X[:, n])
        np.testing.assert_allclose(got[:, n], wanted, rtol=1e-12)
    # The mutant: labels of other samples.
    assert np.max(np.abs(score(T, X, label=jnp.roll(LABELS, 1)) - got)) > 1e-3


def test_a_labelled_score_needs_no_label():
    score = conditional()
    fixed = LabelledScore(score, LABELS)
    assert np.array_equal(fixed(T, X), score(T, X, label=LABELS))
    one = fixed(T, X, label=jnp.asarray(1))
    assert np.array_equal(one, score.of_class(1)(T, X))


@pytest.mark.long
def test_integers_know_their_classes():
    """An integer engine adds the embedding to its table: the same bits as one class."""
    score = conditional()
    form = IntegerFormat(weights=8, activations=8, accumulator=24, state=16)
    own = in_format(score, form, jnp.asarray(4.0), (jnp.asarray(4.0),) * 2)
    got = own(T, X, label=LABELS)
    for k in range(3):
        one = in_format(score.of_class(k), form, own.state, (jnp.asarray(4.0),) * 2)
        mine = np.asarray(LABELS) == k
        assert np.array_equal(got[:, mine], one(T, X)[:, mine])
    assert np.max(np.abs(got - own(T, X))) > 1e-3


def test_guidance_moves_away_from_the_null_label():
    score, label = conditional(), jnp.asarray(2)
    own, none = score.of_class(2)(T, X), score(T, X)
    got = GuidedScore(score, 1.5)(T, X, label=label)
    np.testing.assert_allclose(got, 2.5 * own - 1.5 * none, rtol=1e-9)
    # The authors' sampling passes class 0 where the null label belongs.
    wrong = 2.5 * own - 1.5 * score.of_class(0)(T, X)
    assert np.max(np.abs(wrong - got)) > 1e-3


def test_no_guidance_is_the_conditional_score_bit_for_bit():
    score = conditional()
    got = GuidedScore(score, 0.0)(T, X, label=LABELS)
    assert np.array_equal(got, score(T, X, label=LABELS))


def test_refusals():
    with pytest.raises(ValueError, match="unconditional and knows no labels"):
        plain().of_class(0)
    with pytest.raises(ValueError, match="unconditional and knows no labels"):
        plain()(T, X, label=LABELS)
    with pytest.raises(ValueError, match="`num_classes` must be 1 or more"):
        class_embedding(0, 8, key=jr.key(0))
    with pytest.raises(ValueError, match="guidance"):
        GuidedScore(conditional(), -1.0)
