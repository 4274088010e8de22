"""Prior means of the classes."""

import math

import numpy as np
import pytest
from rram_ode.latents import anchors, nearest_anchor
from scipy.spatial.distance import pdist


def test_three_classes_have_the_means_of_the_paper():
    root = 2 * math.sqrt(3)
    paper = [[root, 2], [-root, 2], [0, -4]]
    np.testing.assert_allclose(anchors(3, 2), paper, rtol=1e-6)
    wider = np.asarray(anchors(3, 8))
    np.testing.assert_allclose(wider[:, :2], paper, rtol=1e-6)
    assert not wider[:, 2:].any()


@pytest.mark.parametrize("classes", [2, 3, 4, 10])
@pytest.mark.parametrize("more", [0, 3])
def test_with_room_they_are_a_regular_simplex(classes, more):
    found = np.asarray(anchors(classes, classes - 1 + more))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 4, rtol=1e-5)
    np.testing.assert_allclose(found.sum(axis=0), 0, atol=1e-5)
    side = 4 * math.sqrt(2 * classes / (classes - 1))
    np.testing.assert_allclose(pdist(found), side, rtol=1e-5)


@pytest.mark.parametrize(
    ("classes", "dim", "least"),
    [
        (10, 2, 2 * 4 * math.sin(math.pi / 10)),  # a regular polygon
        (6, 3, 4 * math.sqrt(2)),  # an octahedron
        (8, 4, 4 * math.sqrt(2)),  # its kin in four dimensions
    ],
)
def test_without_room_they_lie_apart_on_the_sphere(classes, dim, least):
    found = np.asarray(anchors(classes, dim))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 4, rtol=1e-5)
    np.testing.assert_allclose(pdist(found).min(), least, rtol=2e-3)


def test_the_nearest_one_and_swapped_axes():
    """The authors' trap: latents with their axes swapped are of other classes."""
    centres = np.asarray(anchors(3, 2))
    points = np.repeat(centres, 5, axis=0) + 0.1
    labels = np.repeat(np.arange(3), 5)
    assert (nearest_anchor(points, centres) == labels).all()
    assert (nearest_anchor(points[:, ::-1], centres) == labels).mean() < 0.7


@pytest.mark.parametrize(("classes", "dim"), [(0, 2), (3, 0), (3, 1)])
def test_what_cannot_be_is_refused(classes, dim):
    with pytest.raises(ValueError, match=r"`latents.dim` must be"):
        anchors(classes, dim)
