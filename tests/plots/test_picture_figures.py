import numpy as np
from rram_ode.plots import plot_latents, plot_pictures


def cells(figure):
    return [a for block in figure.subfigs for a in block.axes]


def shown(axes):
    """The images in cells, in their order; empty cells are left out."""
    return [np.asarray(a.images[0].get_array()) for a in axes if a.images]


def test_a_grid_has_columns_for_each_class_that_occurs():
    rng = np.random.default_rng(0)
    images, labels = rng.random((40, 6, 5)), np.arange(40) % 3
    rows = {"data": (images, labels), "analog": (images[:1], labels[:1])}
    axes = cells(plot_pictures(rows, ("h", "k", "u"), "letters", per_class=1))
    assert len(axes) == 2 * 12
    assert [a.get_title() for a in axes[:12:4]] == ["h", "k", "u"]
    found = shown(axes)
    assert len(found) == 12 + 1
    assert np.array_equal(found[0], images[0])
    assert np.array_equal(found[4], images[1])
    assert np.array_equal(found[12], images[0])


def test_samples_of_one_class_or_of_none_are_shown():
    rng = np.random.default_rng(0)
    images, labels = rng.random((40, 6, 5)), np.full(40, 1)
    for own, titles in ((labels, ["k"]), (np.full(40, -1), ["k", "no class"])):
        rows = {"data": (images, labels), "analog": (images[::-1], own)}
        axes = cells(plot_pictures(rows, ("h", "k", "u"), "letters", per_class=2))
        assert [a.get_title() for a in axes if a.get_title()] == titles
        last = axes[len(axes) // 2 :]  # those of `analog`
        assert np.array_equal(shown(last)[0], images[-1])


def test_latents_have_their_anchors():
    rng = np.random.default_rng(0)
    anchors = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    labels = np.arange(20) % 2
    x = anchors[labels] + 0.1 * rng.normal(size=(20, 3))
    clouds = {"data": (x, labels), "digital": (x, np.full(20, -1))}
    figure = plot_latents(clouds, anchors, "hk", "")
    assert len(figure.axes) == 2
    spots = figure.axes[0].collections
    assert np.allclose(spots[0].get_offsets(), x[labels == 0][:, :2])
    assert np.allclose(spots[3].get_offsets(), [[0, 1]])
    without = figure.axes[1].collections
    assert np.allclose(without[-1].get_offsets(), x[:, :2])
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["h", "k", "no class"]
