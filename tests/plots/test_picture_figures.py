import numpy as np
from rram_ode.plots import plot_latents, plot_pictures


def test_a_grid_has_a_column_for_each_class():
    rng = np.random.default_rng(0)
    images, labels = rng.random((40, 6, 5)), np.arange(40) % 3
    labels[labels == 2] = 1  # no picture of the third class
    rows = {"data": (images, labels), "analog": (images[:1], labels[:1])}
    figure = plot_pictures(rows, ("h", "k", "u"), "letters", per_class=2)
    axes = [a for block in figure.subfigs for a in block.axes]
    assert len(axes) == 2 * 2 * 3
    shown = [a.images[0].get_array() for a in axes if a.images]
    assert len(shown) == 4 + 1
    assert np.array_equal(shown[0], images[0])
    assert [a.get_title() for a in axes[:3]] == ["h", "k", "u"]


def test_latents_have_their_anchors():
    rng = np.random.default_rng(0)
    anchors = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    labels = np.arange(20) % 2
    x = anchors[labels] + 0.1 * rng.normal(size=(20, 3))
    figure = plot_latents(
        {"data": (x, labels), "digital": (x, labels)}, anchors, "hk", ""
    )
    assert len(figure.axes) == 2
    spots = figure.axes[0].collections
    assert np.allclose(spots[0].get_offsets(), x[labels == 0][:, :2])
    assert np.allclose(spots[3].get_offsets(), [[0, 1]])
