"""Data laws in 2, 8 and 64 dimensions, and distortions of each in rising strength."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


Draw = Callable[[int, np.random.Generator], np.ndarray]
RADIUS, WIDTH = 0.7, 0.04  # of the paper's ring


class Distortion(NamedTuple):
    """One way to distort data: its name, and a sampler for each strength, weak first.

    Args:
        name: What is distorted.
        strengths: In rising order, in words that `name` explains.
        draws: The sampler of each strength.
    """

    name: str
    strengths: tuple[str, ...]
    draws: tuple[Draw, ...]


def ring(
    num: int,
    rng: np.random.Generator,
    *,
    radius: float = RADIUS,
    width: float = WIDTH,
    cosine: float = 0.0,
    half: float = 0.0,
    missing: float = 0.0,
    freedom: float = 0.0,
) -> np.ndarray:
    r"""Points of a ring.

    Args:
        num: Number of points.
        rng: Source of the draws.
        radius: Mean radius.
        width: Standard deviation of the radius.
        cosine: $a$ of the density $1 + a \cos\theta$.
        half: $a$ of the density $1 + a$ on one half and $1 - a$ on the other.
        missing: Degrees of arc without points.
        freedom: Degrees of freedom of Student's t in place of the normal, with the
            same variance; 0 for the normal.
    """
    angle = np.empty(0)
    while len(angle) < num:
        more = rng.uniform(0, 2 * np.pi, 2 * num + 10)
        density = 1 + cosine * np.cos(more) + half * np.sign(more - np.pi)
        density *= more > np.deg2rad(missing)
        most = 1 + abs(cosine) + abs(half)
        angle = np.append(angle, more[most * rng.random(len(more)) < density])
    noise = rng.standard_normal(num)
    if freedom:
        noise *= np.sqrt((freedom - 2) / rng.chisquare(freedom, num))
    r, angle = radius + width * noise, angle[:num]
    return np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)


def mixture(
    num: int,
    rng: np.random.Generator,
    *,
    centres: np.ndarray,
    std: float,
    first: float = 1.0,
    second: float = 1.0,
) -> np.ndarray:
    """Points of round Gaussians, the first `first` and the second `second` as heavy."""
    weights = np.ones(len(centres))
    weights[:2] = first, second
    mode = rng.choice(len(centres), num, p=weights / weights.sum())
    return centres[mode] + std * rng.standard_normal((num, centres.shape[1]))


def normal(
    num: int, rng: np.random.Generator, *, dim: int, std=1.0, shift=0.0, freedom=0.0
) -> np.ndarray:
    """Round points, moved along the diagonal; with `freedom` of Student's t."""
    x = rng.standard_normal((num, dim))
    if freedom:
        x *= np.sqrt((freedom - 2) / rng.chisquare(freedom, (num, 1)))
    return std * x + shift / np.sqrt(dim)


def sheet(num: int, rng: np.random.Generator, *, thickness: float = 0.05) -> np.ndarray:
    """A bent box of three dimensions in 64, blurred by `thickness` per coordinate."""
    box = np.tanh(2 * rng.standard_normal((num, 3))) @ _FRAME
    return box + thickness * rng.standard_normal((num, 64))


def _blurred(draw: Draw, std: float) -> Draw:
    def blurred(num, rng):
        x = draw(num, rng)
        return x + std * rng.standard_normal(x.shape)

    return blurred


def _moved(draw: Draw, shift: float) -> Draw:
    return lambda num, rng: draw(num, rng) + shift


def _turned(draw: Draw, degrees: float) -> Draw:
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return lambda num, rng: draw(num, rng) @ np.array([[c, s], [-s, c]])


def _few(draw: Draw, distinct: int) -> Draw:
    """Independent points of a law on `distinct` points, which are always the same."""
    points = draw(distinct, np.random.default_rng(distinct))
    return lambda num, rng: points[rng.integers(distinct, size=num)]


def _series(name: str, make: Callable[[float], Draw], *strengths: float) -> Distortion:
    return Distortion(
        name, tuple(f"{s:g}" for s in strengths), tuple(make(s) for s in strengths)
    )


def _with(draw: Callable[..., np.ndarray], name: str) -> Callable[[float], Draw]:
    return lambda strength: functools.partial(draw, **{name: strength})


_rng = np.random.default_rng(0)
_FRAME = np.linalg.qr(_rng.standard_normal((64, 3)))[0].T
_turn = np.arange(8) * np.pi / 4
eight = functools.partial(
    mixture, centres=0.8 * np.stack([np.cos(_turn), np.sin(_turn)], axis=1), std=0.06
)
modes_8 = functools.partial(mixture, centres=_rng.standard_normal((4, 8)), std=0.5)
modes_64 = functools.partial(
    mixture, centres=0.5 * _rng.standard_normal((4, 64)), std=1.0
)
uneven = functools.partial(ring, cosine=0.5)
normal_8, normal_64 = (functools.partial(normal, dim=dim) for dim in (8, 64))


LAWS: dict[str, tuple[Draw, tuple[Distortion, ...]]] = {
    "ring": (
        ring,
        (
            _series("wider, width", _with(ring, "width"), 0.044, 0.048, 0.056),
            _series("narrower, width", _with(ring, "width"), 0.036, 0.032, 0.024),
            _series("blurred, std", lambda s: _blurred(ring, s), 0.01, 0.02, 0.03),
            _series("shifted, by", lambda s: _moved(ring, s), 0.01, 0.02, 0.04),
            _series("larger, radius", _with(ring, "radius"), 0.707, 0.714, 0.728),
            _series("uneven, cosine", _with(ring, "cosine"), 0.05, 0.1, 0.2),
            _series("uneven halves, by", _with(ring, "half"), 0.05, 0.1, 0.2),
            _series("missing arc, degrees", _with(ring, "missing"), 5, 10, 20),
            Distortion(
                "heavier tails, freedom",
                ("10", "5", "3"),
                tuple(map(_with(ring, "freedom"), (10, 5, 3))),
            ),
            Distortion(
                "fewer distinct points",
                ("4000", "1000", "250"),
                tuple(_few(ring, num) for num in (4000, 1000, 250)),
            ),
        ),
    ),
    "uneven ring": (
        uneven,
        (_series("turned, degrees", lambda s: _turned(uneven, s), 5, 10, 20),),
    ),
    "eight modes": (
        eight,
        (
            _series("a heavier mode, by", _with(eight, "first"), 1.1, 1.2, 1.5),
            _series("wider modes, std", _with(eight, "std"), 0.063, 0.066, 0.072),
            Distortion(
                "a lost mode, left",
                ("0.75", "0.5", "0"),
                tuple(map(_with(eight, "first"), (0.75, 0.5, 0.0))),
            ),
        ),
    ),
    "4 modes in 8": (
        modes_8,
        (
            _series("a heavier mode, by", _with(modes_8, "first"), 1.1, 1.2, 1.5),
            _series("wider modes, std", _with(modes_8, "std"), 0.515, 0.525, 0.55),
        ),
    ),
    "normal in 8": (
        normal_8,
        (
            _series("wider, std", _with(normal_8, "std"), 1.02, 1.05, 1.1),
            _series("shifted, by", _with(normal_8, "shift"), 0.05, 0.1, 0.2),
            Distortion(
                "heavier tails, freedom",
                ("20", "10", "5"),
                tuple(map(_with(normal_8, "freedom"), (20, 10, 5))),
            ),
        ),
    ),
    "normal in 64": (
        normal_64,
        (
            _series("wider, std", _with(normal_64, "std"), 1.01, 1.02, 1.04),
            _series("shifted, by", _with(normal_64, "shift"), 0.1, 0.2, 0.4),
        ),
    ),
    "4 modes in 64": (
        modes_64,
        (_series("a heavier mode, by", _with(modes_64, "first"), 1.1, 1.2, 1.5),),
    ),
    "sheet in 64": (
        sheet,
        (
            _series("thicker, std", _with(sheet, "thickness"), 0.0505, 0.051, 0.055),
            Distortion(
                "fewer distinct points",
                ("4000", "1000", "250"),
                tuple(_few(sheet, num) for num in (4000, 1000, 250)),
            ),
        ),
    ),
}
