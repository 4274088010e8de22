"""Discs and crosses: how often, where, and how blurred."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.datasets import figures
from scipy.ndimage import gaussian_filter1d
from scipy.stats import chi2, norm


NUM = 4_000
FIGURES = figures(16)


def pictures(points, side=16):
    """Ink of each pixel, 0 to 1."""
    return (np.asarray(points).reshape(-1, side, side) + 1) / 2


def quarters(ink):
    """Ink of the pixels of each quarter, upper left first."""
    half = ink.shape[1] // 2
    cut = ink.reshape(-1, 2, half, 2, half).transpose(0, 1, 3, 2, 4)
    return cut.reshape(len(ink), 4, half * half)


def test_classes_are_equally_frequent():
    _, label = FIGURES.sample_labelled(NUM, key=jr.key(0))
    found = np.bincount(np.asarray(label), minlength=8)
    wanted = NUM * FIGURES.shares
    assert wanted.sum() == pytest.approx(NUM)
    statistic = lambda found: float(np.sum((found - wanted) ** 2 / wanted))
    assert statistic(found) < chi2.ppf(1 - 1e-4, 7)
    # The mutant: one class in eight that is drawn 30 % more often is seen.
    assert statistic(wanted * np.array([1.3] + 7 * [1 - 0.3 / 7])) > chi2.ppf(0.999, 7)


def test_ink_lies_in_the_quarter_of_the_class():
    points, label = FIGURES.sample_labelled(NUM, key=jr.key(1))
    inked = quarters(pictures(points)) > 0.5
    own = np.asarray(label) % 4
    is_own = np.arange(4)[None] == own[:, None]
    assert not inked[~is_own].any()
    assert inked[is_own].any(axis=1).all()


def test_the_shape_is_that_of_the_class():
    """A disc fills pi / 4 of its bounding square, a cross of 2/5 bars 16/25."""
    points, label = FIGURES.sample_labelled(NUM, key=jr.key(2))
    ink = pictures(points)
    area = ink.sum(axis=(1, 2))
    radius = 16 * (0.14 + 0.2) / 2
    # The mean square of a uniform radius is that of the middle plus a twelfth.
    square = radius**2 + (16 * 0.06) ** 2 / 12
    is_disc = np.asarray(label) < 4
    assert area[is_disc].mean() == pytest.approx(np.pi * square, rel=0.05)
    cross = 4 * (2 * 0.4 - 0.4**2) * square
    assert area[~is_disc].mean() == pytest.approx(cross, rel=0.05)


def test_one_class_keeps_its_number():
    own = FIGURES.of_class(6)
    points, label = own.sample_labelled(200, key=jr.key(3))
    assert set(np.asarray(label)) == {6}
    np.testing.assert_array_equal(own.shares, np.eye(8)[6])
    assert (quarters(pictures(points))[:, 2] > 0.5).any(axis=1).all()
    assert FIGURES.class_names[6] == "cross lower left"
    assert FIGURES.words[6] == (1, 2)


def test_a_noticeable_row_is_the_same_picture_blurred():
    """Half a pixel of blur of an edge, as SciPy blurs it; row i is that of row i."""
    key, side = jr.key(4), 16
    sharp = pictures(FIGURES.sample(300, key=key))
    soft = pictures(FIGURES.sample_noticeable(300, key=key))
    # The distance to the edge of pixels that are not wholly ink or paper.
    sharp_ink = np.clip(sharp, 1e-9, 1 - 1e-9)
    distance = norm.ppf(sharp_ink) * 0.5
    near = np.abs(distance) < 1.5
    assert near.sum() > 20 * 300
    fine = np.arange(-4, 4, 0.005)
    edge = norm.cdf(fine / 0.5)
    blurred = gaussian_filter1d(edge, 0.5 / 0.005, mode="nearest", truncate=6)
    wanted = np.interp(distance[near], fine, blurred)
    np.testing.assert_allclose(soft[near], wanted, atol=2e-5)
    # Mutants: another blur, and the rows of other pictures.
    wider = np.interp(
        distance[near], fine, gaussian_filter1d(edge, 1.0 / 0.005, mode="nearest")
    )
    assert np.abs(soft[near] - wider).max() > 0.01
    assert np.abs(np.roll(soft, 1, axis=0)[near] - wanted).max() > 0.1
    assert side == FIGURES.side


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"side": 7}, "`side` must be an even number"),
        ({"edge": jnp.asarray(-1.0)}, "`edge` must be 0 or more"),
        ({"only": 8}, "`only` must be a class from 0 to 7"),
    ],
)
def test_what_makes_no_figure_is_refused(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        type(FIGURES)(**settings)
