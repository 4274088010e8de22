"""The distance of samples to the data of a system, in just-noticeable distances."""

import dataclasses
import functools

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri

from ..datasets import AbstractDataset, DATASETS
from ..metrics import (
    compare_clouds,
    Difference,
    distance,
    distance_of_groups,
    effective_number,
    group_means,
    just_noticeable_distance,
    Kernel,
    LEVEL,
)
from ._keys import data_key


NUM_REFERENCE = 20_000  # data that the kernel is made of
NUM_DISTORTED = 40_000
REFERENCE, DISTORTED, UNDISTORTED = 110, 111, 112  # streams of data of their own
NUM_SLOW = 20  # groups of samples of a chip: slow noise is shared within a group


Groups = Float[np.ndarray, "groups features"]


@dataclasses.dataclass(frozen=True)
class Measured:
    """The distance of samples to data, in just-noticeable distances.

    Args:
        value: The distance, without bias: negative values occur where it is near 0.
        low: Lower end of its 90 % interval.
        high: Upper end of its 90 % interval.
        p_value: Probability of a distance as large from samples that follow the data.
        effective_samples: Number of independent samples that would know as much:
            slow noise is shared by samples that follow one another.
    """

    value: float
    low: float
    high: float
    p_value: float
    effective_samples: float


@dataclasses.dataclass(frozen=True)
class Yardstick:
    """What samples of one data set are measured with, the same in every run.

    Args:
        kernel: What the distance is measured with, made of data that no run judges by.
        delta: The distance of data with the distortion that one would just accept.
        accepted: That distortion, in words.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring")
        >>> yardstick = system.yardstick
        >>> print(yardstick.accepted)
        a ring 20 % wider
    """

    kernel: Kernel
    delta: float
    accepted: str

    def measure(
        self, samples: np.ndarray, data: np.ndarray, num_groups: int
    ) -> Measured:
        """The distance of samples to data with its interval.

        Args:
            samples: Samples in the order of lab time, `(num, dim)`.
            data: Data, `(num_data, dim)`.
            num_groups: Groups of samples that are taken as independent.
        """
        finite = samples[np.isfinite(samples).all(axis=1)]
        count = min(num_groups, len(finite))
        blocks = np.arange(len(finite)) * count // max(len(finite), 1)
        found = distance(finite, data, blocks=blocks, kernel=self.kernel)
        half = float(ndtri((1 + LEVEL) / 2)) * found.standard_error
        ends = (found.value, found.value - half, found.value + half)
        return Measured(
            *(end / self.delta for end in ends),
            found.p_value,
            effective_number(self.kernel, finite, count),
        )

    def compare(
        self, a: np.ndarray, b: np.ndarray, data: np.ndarray, num_groups: int
    ) -> Difference:
        """Verdict on samples `a` beside samples `b`; one just-noticeable distance."""
        return compare_clouds(
            a, b, data, kernel=self.kernel, delta=self.delta, num_groups=num_groups
        )

    def summarise(self, points: np.ndarray, num_groups: int) -> Groups:
        """Mean features of groups of points, `(groups, features)`, to be kept.

        Args:
            points: Samples in the order of lab time, or data, `(num, dim)`; a sample
                that is not finite counts as infinitely far away.
            num_groups: Number of groups; `NUM_SLOW` for samples of a chip.
        """
        return group_means(self.kernel, points, num_groups)

    def distance(self, samples: Groups, data: Groups) -> float:
        """Distance of samples to data, without bias, in just-noticeable distances."""
        return distance_of_groups(samples, data) / self.delta


@functools.lru_cache
def find_yardstick(data: str) -> Yardstick:
    """The yardstick of the data set with this name; it depends on nothing else."""
    return make_yardstick(DATASETS[data]())


def make_yardstick(dataset: AbstractDataset) -> Yardstick:
    """The yardstick of a data set, from points of fixed seeds."""
    draw = lambda num, stream: np.asarray(
        dataset.sample(num, key=data_key(0, stream)), float
    )
    kernel = Kernel.of(draw(NUM_REFERENCE, REFERENCE))
    distorted = dataset.sample_noticeable(NUM_DISTORTED, key=data_key(0, DISTORTED))
    delta = just_noticeable_distance(
        kernel, draw(NUM_DISTORTED, UNDISTORTED), np.asarray(distorted, float)
    )
    return Yardstick(kernel, delta, dataset.just_noticeable)
