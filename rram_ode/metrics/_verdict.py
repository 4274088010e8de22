r"""Verdicts on two samplers: whether their distances to the same data differ.

A distance D is 0 for the law of the data and grows with every distortion; $\delta$ is
the distance that a person would just accept. The 90 % interval of $D(a) - D(b)$ decides
(two one-sided tests at 5 %: D. J. Schuirmann, J. Pharmacokin. Biopharm. 15, 657, 1987).
"""

import dataclasses
import enum
import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from scipy.optimize import root_scalar
from scipy.special import ndtri, stdtrit

from ._embedding import Embedding


LEVEL = 0.9
SURE = 0.95  # of the cases in which equal samplers shall be found equal
MOST = 1e9  # times the repeats: more than this is no advice


class Verdict(enum.StrEnum):
    """What the runs show of a sampler beside another one."""

    BETTER = "better"
    EQUAL = "equal"
    WORSE = "worse"
    UNDECIDED = "undecided"


@dataclasses.dataclass(frozen=True)
class Difference:
    r"""$D(a) - D(b)$ against the same data, with its 90 % interval.

    Args:
        value: The difference; negative where a is nearer to the data.
        low: Lower end of the interval.
        high: Upper end of the interval.
        delta: The just-noticeable distance.
        factor: Times as many repeats (or samples) as there are, with which two equal
            samplers would be found equal in 95 % of the cases; 1 or less is enough.

    Example:
        >>> from rram_ode.metrics import Difference
        >>> str(Difference(0.1, -0.2, 0.4, delta=1.0, factor=0.5).verdict)
        'equal'
        >>> str(Difference(0.9, 0.2, 1.6, delta=1.0, factor=2.0).verdict)
        'worse'
        >>> str(Difference(0.5, -0.6, 1.6, delta=1.0, factor=4.0).verdict)
        'undecided'
    """

    value: float
    low: float
    high: float
    delta: float
    factor: float

    @property
    def verdict(self) -> Verdict:
        r"""Equal if the interval lies within $\pm\delta$, else by where 0 lies."""
        if -self.delta <= self.low and self.high <= self.delta:
            return Verdict.EQUAL
        if self.low > 0:
            return Verdict.WORSE
        if self.high < 0:
            return Verdict.BETTER
        return Verdict.UNDECIDED

    @property
    def is_beyond(self) -> bool:
        r"""Whether all of the interval lies farther from 0 than $\delta$."""
        return self.low > self.delta or self.high < -self.delta

    @property
    def is_as_good(self) -> bool:
        """Whether the runs show that a is equal to b or better."""
        return self.verdict in (Verdict.EQUAL, Verdict.BETTER)

    def as_dict(self, unit: float | None = None) -> dict[str, float | str]:
        r"""Plain numbers and the verdict, for a report.

        Args:
            unit: The distance that counts as 1; `None` for $\delta$.
        """
        unit = self.delta if unit is None else unit
        ends = {"difference": self.value, "low": self.low, "high": self.high}
        return {
            **{name: value / unit for name, value in ends.items()},
            "factor": self.factor,
            "verdict": str(self.verdict),
        }


def compare_repeats(
    a: Float[np.ndarray, " _repeats"],
    b: Float[np.ndarray, " _others"],
    *,
    delta: float,
) -> Difference:
    r"""The difference of two samplers from independent repeats, by Student's interval.

    $s / \sqrt K$ is the error of the mean of K differences, and equal samplers are
    found equal in 95 % of the cases where $\delta \ge (t_{0.95} + z_{0.975}) s /
    \sqrt K$.

    Args:
        a: Distances of one sampler to the data, one for each chip or seed.
        b: Distances of the other one, in pairs with `a`.
        delta: The just-noticeable distance.

    Raises:
        ValueError: If there are fewer than two repeats, the shapes differ, a value is
            not finite, or `delta` is not positive.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(
            "`a` and `b` must hold one distance for each of two or more repeats; got "
            f"{a.shape} and {b.shape}."
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("every distance must be finite; a run diverged.")
    error = (a - b).std(ddof=1) / np.sqrt(len(a))
    shrink = lambda factor: error / np.sqrt(factor)
    return _difference(float((a - b).mean()), error, shrink, len(a) - 1, delta)


def compare_embeddings(
    a: Embedding, b: Embedding, data: Embedding, *, delta: float
) -> Difference:
    r"""The difference of two samples against the same data.

    Group k of `a` and of `b` may share their starts. Samples of different numbers share
    none: the groups of the larger are then merged to as many as the other has. With
    $a_k, b_k, d_j$ the mean features of the groups, and pairs within a group left out,

    $$T = \frac{1}{K (K - 1)} \sum_{k \ne l} (a_k \cdot a_l - b_k \cdot b_l)
      - 2 (\bar a - \bar b) \cdot \bar d$$

    has no bias. Its variance is that of the linear term over the groups, less what the
    noise of the means adds to it, and that of the degenerate term
    $\alpha_k \cdot \alpha_l - \beta_k \cdot \beta_l$ (R. J. Serfling, "Approximation
    Theorems of Mathematical Statistics", 1980, section 5.2).

    Args:
        a: Samples of one sampler, in groups.
        b: Samples of the other one: as many in as many groups, or any number that are
            independent of `a`.
        data: Data, not those that the kernel was made of.
        delta: The just-noticeable distance in this kernel.

    Raises:
        ValueError: If as many samples are in different numbers of groups, or `delta`
            is not positive.
    """
    num_groups = min(len(a.counts), len(b.counts))
    if a.num == b.num and len(a.counts) != len(b.counts):
        raise ValueError(
            "`a` and `b`, as many samples, must be in as many groups; got "
            f"{len(a.counts)} and {len(b.counts)} groups. Give both the same `blocks`."
        )
    a, b = a.merged(num_groups), b.merged(num_groups)
    first, second, target = (each.sums / each.counts[:, None] for each in (a, b, data))
    value, linear, degenerate = _moments(first, second, target)
    error = np.sqrt(linear + degenerate)
    # What is planned for counts no linear term below 0, which is chance.
    shrink = lambda factor: np.sqrt(max(linear, 0.0) / factor + degenerate / factor**2)
    return _difference(value, error, shrink, len(first) - 1, delta)


def effective_number(samples: Embedding, independent: Embedding) -> float:
    r"""Number of independent samples that would know as much as `samples`.

    $N_\text{eff} = n \operatorname{tr} V_n / \operatorname{tr} V$, with V the
    covariance of the mean features over groups that follow one another, and $V_n$ that
    over points that were assigned to groups at random; at most the number of samples.

    Args:
        samples: Samples in blocks of lab time.
        independent: The same samples without blocks.
    """
    trace = lambda each: float(np.sum(each.residuals**2))
    between = trace(samples)
    if not between > 0:
        return float(samples.num)
    return float(min(samples.num * trace(independent) / between, samples.num))


def _moments(
    a: Float[np.ndarray, "groups features"],
    b: Float[np.ndarray, "groups features"],
    d: Float[np.ndarray, "others features"],
) -> tuple[float, float, float]:
    """The difference, and the variances of its linear and of its degenerate term."""
    num, others = len(a), len(d)
    gram = a @ a.T - b @ b.T
    np.fill_diagonal(gram, 0.0)
    between = (a - b) @ d.T
    value = gram.sum() / (num * (num - 1)) - 2 * between.mean()
    centred = gram.sum(axis=1) / (num - 1)
    inner = gram - centred[:, None] - centred[None] + centred.mean()
    np.fill_diagonal(inner, 0.0)
    own = (inner**2).sum() / (num * (num - 1))
    cross = between - between.mean(axis=0) - between.mean(axis=1, keepdims=True)
    mixed = ((cross + between.mean()) ** 2).sum() / ((num - 1) * (others - 1))
    of_samples = np.var(centred - between.mean(axis=1), ddof=1)
    of_data = np.var(between.mean(axis=0), ddof=1)
    linear = 4 / num * (of_samples - own / num - mixed / others)
    linear += 4 / others * (of_data - mixed / num)
    degenerate = 2 * own / (num * (num - 1)) + 4 * mixed / (num * others)
    # By chance the linear term may come out below 0: cut at 0, the error would be too
    # large on average.
    return float(value), float(max(linear, -degenerate / 2)), float(degenerate)


def _difference(
    value: float,
    error: float,
    shrink: Callable[[float], float],
    freedom: int,
    delta: float,
) -> Difference:
    """The interval of `value`, whose error with f times the repeats is `shrink(f)`."""
    if not (np.isfinite(delta) and delta > 0):
        raise ValueError(
            f"`delta` must be positive: the distance of a distortion that one would "
            f"just accept; got {delta:g}."
        )
    t = stdtrit(freedom, (1 + LEVEL) / 2)
    half = float(t * error)
    wide = t + ndtri((1 + SURE) / 2)
    short = lambda log: wide * shrink(np.exp(log)) - delta
    ends = -np.log(MOST), np.log(MOST)
    if short(ends[0]) <= 0:
        factor = 0.0
    elif short(ends[1]) > 0:
        factor = MOST
    else:
        factor = math.exp(root_scalar(short, bracket=ends).root)
    return Difference(value, value - half, value + half, delta, factor)
