"""The prior mean of each class in the latent space."""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int


RADIUS = 4.0  # of the anchors around the origin, in units of the prior's spread


PAPER = ((2 * math.sqrt(3), 2.0), (-2 * math.sqrt(3), 2.0), (0.0, -4.0))  # h, k, u


def anchors(num_classes: int, dim: int) -> Float[Array, "classes dim"]:
    r"""Prior means on a sphere of radius 4, the same for any run.

    Three classes in two dimensions have those of the paper, the corners of a triangle
    of radius 4 around the origin. Otherwise, assumed:

    * with `dim` of `num_classes` - 1 or more, the corners of a regular simplex of the
      same radius, all of one distance; three classes span the first two axes and lie
      there as in the paper;
    * in two dimensions, the corners of a regular polygon;
    * in between, points that push each other apart on the sphere.

    Args:
        num_classes: Number of classes.
        dim: Number of coordinates of a latent.

    Raises:
        ValueError: If there is no class or no coordinate, or one coordinate for three
            classes or more, which no sphere keeps apart.

    Source: the released code of the paper's authors for three classes in two
    dimensions.
    """
    if num_classes < 1 or dim < 1:
        raise ValueError(
            "`num_classes` and `latents.dim` must be 1 or more; got "
            f"{num_classes} and {dim}."
        )
    if dim == 1 and num_classes > 2:
        raise ValueError(
            f"`latents.dim` must be 2 or more for {num_classes} classes; got 1."
        )
    found = np.zeros((num_classes, dim))
    if num_classes == 3 and dim >= 2:
        found[:, :2] = PAPER
    elif num_classes == 1:
        pass  # no other class to be told from
    elif dim >= num_classes - 1:
        found[:, : num_classes - 1] = RADIUS * _simplex(num_classes)
    elif dim == 2:
        angles = 2 * np.pi * np.arange(num_classes) / num_classes
        found = RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    else:
        found = RADIUS * _apart(num_classes, dim)
    return jnp.asarray(found, float)


def nearest_anchor(
    latents: Float[np.ndarray | Array, "num dim"],
    centres: Float[np.ndarray | Array, "classes dim"],
) -> Int[np.ndarray, " num"]:
    """The class whose anchor is nearest to each latent.

    Args:
        latents: Points, of the scale of `centres`.
        centres: The anchor of each class.
    """
    points, centres = np.asarray(latents), np.asarray(centres)
    squares = ((points[:, None] - centres[None]) ** 2).sum(axis=2)
    return squares.argmin(axis=1)


def _simplex(num: int) -> Float[np.ndarray, "num _"]:
    """Corners of a regular simplex around the origin, at the distance 1 from it."""
    centred = np.eye(num) - 1 / num
    # Each column in turn gives an axis: Gram-Schmidt, without an arbitrary sign.
    factor, triangle = np.linalg.qr(centred[:, : num - 1])
    corners = factor * np.sign(np.diag(triangle))
    return corners / np.linalg.norm(corners, axis=1, keepdims=True)


def _apart(num: int, dim: int) -> Float[np.ndarray, "num dim"]:
    """Points on the unit sphere that repel each other by 1 / distance, at rest."""
    points = np.random.default_rng(0).normal(size=(num, dim))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    for step in range(5_000):
        apart = points[:, None] - points[None]
        cubes = (apart**2).sum(axis=2) ** 1.5 + np.eye(num)
        force = (apart / cubes[:, :, None]).sum(axis=1) / num
        points = points + force / (1 + step / 100)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points
