r"""Attribution of a loss to errors: one at a time, leave one out, and Sobol indices.

The loss is a function of strengths $s \in [0, 1]^k$, one per error: 0 is without the
error, 1 is the design's own. Three questions are asked, as none answers the others:

* one at a time, $L(e_j)$: the cost of the error alone;
* leave one out, $L(1) - L(1 - e_j)$: the loss that its removal would save;
* Sobol, for strengths independent and uniform on [0, 1]: the fraction of the loss's
  variance that is due to $s_j$ alone (first order) and to all terms that contain $s_j$
  (total). Their difference is interaction.

Source: A. Saltelli et al., Comput. Phys. Commun. 181, 2010 (first order); M. Jansen,
Comput. Phys. Commun. 117, 1999 (total); both as `scipy.stats.sobol_indices` has them.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from scipy import stats
from scipy.stats import qmc

from ...metrics import Interval, interval


Points = Float[np.ndarray, "points errors"]


Losses = Float[np.ndarray, "chips points"]


Loss = Callable[[Points], Losses]


RESAMPLES = 999


@dataclasses.dataclass(frozen=True)
class Corners:
    """Losses with none, one, all but one, and all of the errors.

    Args:
        full: Loss with all errors, mean and interval over chips.
        alone: Loss with each error alone.
        saved: Loss that leaving out each error saves, in pairs of the same chip.
    """

    full: Interval
    alone: tuple[Interval, ...]
    saved: tuple[Interval, ...]


@dataclasses.dataclass(frozen=True)
class Indices:
    """Sobol indices of the mean loss of some chips.

    Args:
        first: Index of first order of each error, with its interval.
        total: Total index of each error, with its interval.
        spread: Standard deviation of the loss over strengths.
    """

    first: tuple[Interval, ...]
    total: tuple[Interval, ...]
    spread: float


def corner_points(num_errors: int) -> Points:
    """Strengths, `(2 + 2 errors, errors)`: no error, all, each alone, all but each."""
    each = np.eye(num_errors)
    return np.concatenate([np.zeros((1, num_errors)), 1 + 0 * each[:1], each, 1 - each])


def one_at_a_time(losses: Losses) -> Corners:
    """Intervals over chips from the losses at `corner_points`.

    Raises:
        ValueError: If there are fewer than two chips, or a loss is not finite.
    """
    num = losses.shape[1] // 2 - 1
    full, alone, without = losses[:, 1], losses[:, 2 : 2 + num], losses[:, 2 + num :]
    return Corners(
        interval(full.tolist()),
        tuple(interval(column.tolist()) for column in alone.T),
        tuple(interval((full - column).tolist()) for column in without.T),
    )


def sobol(
    loss: Loss, num_errors: int, *, num_points: int, seed: int, level: float = 0.95
) -> Indices:
    """Sobol indices of the mean of `loss` over chips, with bootstrap intervals.

    `loss` is called once, for `num_points` times (`num_errors` + 2) strengths. The
    interval covers both the points and, as far as a few chips tell, the choice of
    chips: the bootstrap resamples both.

    Args:
        loss: Function from strengths to the loss of each chip.
        num_errors: Number of errors k.
        num_points: Number of points of the Sobol sequence, a power of 2.
        seed: Seed of the points and the bootstrap.
        level: Probability of the intervals.

    Raises:
        ValueError: If `num_points` is not a power of 2, or is below 2.
    """
    if num_points < 2 or num_points & (num_points - 1):
        raise ValueError(
            f"`num_points` must be a power of 2, 2 or more; got {num_points}."
        )
    points = qmc.Sobol(2 * num_errors, rng=np.random.default_rng(seed))
    both = points.random(num_points)
    a, b = both[:, :num_errors], both[:, num_errors:]
    mixed = np.repeat(a[None], num_errors, axis=0)
    for number in range(num_errors):
        mixed[number, :, number] = b[:, number]
    losses = loss(np.concatenate([a, b, mixed.reshape(-1, num_errors)]))
    parts = losses.reshape(len(losses), num_errors + 2, num_points)

    def indices(chips: np.ndarray, rows: np.ndarray) -> np.ndarray:
        mean = parts[chips.astype(int)].mean(axis=0)[:, rows.astype(int)]
        values = {"f_A": mean[:1], "f_B": mean[1:2], "f_AB": mean[2:, None]}
        found = stats.sobol_indices(func=values, n=num_points)
        return np.stack([found.first_order, found.total_order]).reshape(2, -1)

    chips, rows = np.arange(len(losses)), np.arange(num_points)
    spread = stats.bootstrap(
        (chips, rows),
        indices,
        n_resamples=RESAMPLES,
        vectorized=False,
        confidence_level=level,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    means, limits = indices(chips, rows), spread.confidence_interval
    first, total = (
        tuple(Interval(*map(float, each)) for each in zip(*three, strict=True))
        for three in zip(means, limits.low, limits.high, strict=True)
    )
    return Indices(first, total, float(parts[:, :2].mean(axis=0).std()))
