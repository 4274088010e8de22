r"""Verdicts on two samplers: whether their distances to the same data differ.

A distance D is 0 for the law of the data and grows with every distortion; $\delta$ is
the distance that a person would just accept. The 90 % interval of $D(a) - D(b)$ decides
(two one-sided tests at 5 %: D. J. Schuirmann, J. Pharmacokin. Biopharm. 15, 657, 1987).
"""

import dataclasses
import enum

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq
from scipy.special import ndtri, stdtrit

from ._kernel import Kernel
from ._points import Data, Samples


LEVEL = 0.9
SURE = 0.95  # of the cases in which equal samplers shall be found equal
NUM_GROUPS = 200
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
    def is_as_good(self) -> bool:
        """Whether the runs show that a is equal to b or better."""
        return self.verdict in (Verdict.EQUAL, Verdict.BETTER)

    def as_dict(self) -> dict[str, float | str]:
        r"""Plain numbers in units of $\delta$, and the verdict, for a report."""
        unit = self.delta
        ends = {"difference": self.value, "low": self.low, "high": self.high}
        return {
            **{name: value / unit for name, value in ends.items()},
            "factor": self.factor,
            "verdict": str(self.verdict),
        }


def compare_repeats(
    a: Float[np.ndarray, " repeats"],
    b: Float[np.ndarray, " repeats"],
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
    return _difference(float((a - b).mean()), shrink, len(a) - 1, delta)


def compare_clouds(
    a: Samples,
    b: Samples,
    data: Data,
    *,
    kernel: Kernel,
    delta: float,
    num_groups: int = NUM_GROUPS,
) -> Difference:
    r"""The difference of two sets of samples against the same data.

    Samples are in the order of lab time, and sample i of `a` and of `b` may share their
    start. They are cut into groups that follow one another; with $a_k, b_k, d_j$ the
    mean features of the groups and pairs within a group left out,

    $$T = \frac{1}{K (K - 1)} \sum_{k \ne l} (a_k \cdot a_l - b_k \cdot b_l)
      - 2 (\bar a - \bar b) \cdot \bar d$$

    has no bias. Its variance is that of the linear term over the groups, less what the
    noise of the means adds to it, and that of the degenerate term
    $\alpha_k \cdot \alpha_l - \beta_k \cdot \beta_l$ (R. J. Serfling, "Approximation
    Theorems of Mathematical Statistics", 1980, section 5.2).

    Args:
        a: Samples, `(num, dim)`; a sample that is not finite is infinitely far away.
        b: As many samples of the other sampler.
        data: Data, not those that the kernel was made of.
        kernel: What the distance is measured with.
        delta: The just-noticeable distance in this kernel.
        num_groups: Most groups of samples; few where neighbours share slow noise.

    Raises:
        ValueError: If there are fewer than four samples or data, the numbers of samples
            differ, or `delta` is not positive.
    """
    if len(a) != len(b) or min(len(a), len(data)) < 4:
        raise ValueError(
            "`a` and `b` must hold as many samples, four or more, and `data` four or "
            f"more; got {len(a)}, {len(b)} and {len(data)}."
        )
    first, second = (group_means(kernel, x, num_groups) for x in (a, b))
    target = group_means(kernel, data, NUM_GROUPS)
    value, linear, degenerate = _moments(first, second, target)
    shrink = lambda factor: np.sqrt(linear / factor + degenerate / factor**2)
    return _difference(value, shrink, len(first) - 1, delta)


def group_means(
    kernel: Kernel, points: Samples | Data, num_groups: int
) -> Float[np.ndarray, "groups features"]:
    """Mean features of groups of points that follow one another."""
    count = min(num_groups, len(points))
    parts = np.array_split(np.asarray(points, float), count)
    return np.stack([kernel.features(part).mean(axis=0) for part in parts])


def effective_number(kernel: Kernel, points: Samples, num_groups: int) -> float:
    r"""Number of independent samples whose mean features would spread as much.

    $N_\text{eff} = K \operatorname{tr} S / \operatorname{tr} S_K$, with S the covariance
    of the features of a sample and $S_K$ that of the means of K groups of samples that
    follow one another; at most the number of samples.
    """
    means = group_means(kernel, points, num_groups)
    parts = np.array_split(np.asarray(points, float), len(means))
    squares = sum(float((kernel.features(part) ** 2).sum()) for part in parts)
    own = squares / len(points) - float((means.mean(axis=0) ** 2).sum())
    between = float(means.var(axis=0, ddof=1).sum())
    number = len(points)
    return float(min(len(means) * own / between, number)) if between > 0 else number


def distance_of_groups(
    samples: Float[np.ndarray, "groups features"],
    data: Float[np.ndarray, "others features"],
) -> float:
    r"""$|\mu_a - \mu_d|^2$ without bias: pairs within a group are left out.

    Args:
        samples: Mean features of groups of samples, as `group_means` returns them.
        data: Mean features of groups of data.
    """
    return _inner(samples) + _inner(data) - 2 * float(samples.mean(0) @ data.mean(0))


def _inner(means: Float[np.ndarray, "groups features"]) -> float:
    """Mean over all pairs of different groups of their inner product."""
    num, total = len(means), means.sum(axis=0)
    return float((total @ total - (means**2).sum()) / (num * (num - 1)))


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
    linear = 4 / num * max(of_samples - own / num - mixed / others, 0.0)
    linear += 4 / others * max(of_data - mixed / num, 0.0)
    degenerate = 2 * own / (num * (num - 1)) + 4 * mixed / (num * others)
    return float(value), float(linear), float(degenerate)


def _difference(value, shrink, freedom: int, delta: float) -> Difference:
    """The interval of `value`, whose error with f times the repeats is `shrink(f)`."""
    if not (np.isfinite(delta) and delta > 0):
        raise ValueError(
            f"`delta` must be positive: the distance of a distortion that one would "
            f"just accept; got {delta:g}."
        )
    t = stdtrit(freedom, (1 + LEVEL) / 2)
    half = t * shrink(1.0)
    short = lambda log: (t + ndtri((1 + SURE) / 2)) * shrink(np.exp(log)) - delta
    ends = -np.log(MOST), np.log(MOST)
    if short(ends[0]) <= 0:
        factor = 0.0
    else:
        factor = MOST if short(ends[1]) > 0 else float(np.exp(brentq(short, *ends)))
    return Difference(value, value - half, value + half, delta, factor)
