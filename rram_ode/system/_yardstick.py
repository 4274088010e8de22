"""The distance of samples to the data of a system, in just-noticeable distances."""

import dataclasses
import functools

import numpy as np
from jaxtyping import Array, Float
from scipy.special import ndtri

from ..config import RunConfig
from ..datasets import (
    AbstractDataset,
    AbstractFiniteDataset,
    AbstractLabelledDataset,
    widen,
)
from ..datasets.pictures import AbstractPictures
from ..metrics import (
    compare_embeddings,
    Difference,
    effective_number,
    Embedding,
    equality,
    just_noticeable_distance,
    Kernel,
    LEVEL,
    paired_distance,
    squared_distance,
)
from ..views import AbstractViewed
from ._keys import data_key
from ._views import view_measured
from .build import ALL, dataset_key, dataset_of, DatasetKey, find_class, NONE


AnyRows = Float[np.ndarray | Array, "_ _"]
NUM_POINTS = 40_000  # that make the kernel, and that are distorted: one program
MOST_POINTS = 640_000
REFERENCE, DISTORTED = 110, 111  # streams of data of their own
NUM_SLOW = 20  # blocks of a run of a chip, which share slow noise within; assumed
NEIGHBOURHOODS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.7)  # fractions of the rows; assumed
KNOWN_OF_ROWS = 0.3  # as `KNOWN`, of a neighbourhood of the rows of a file (assumed)
LAST_RESORT = 0.5  # the same of the largest neighbourhood (assumed)
MOST_COPIES = 8  # of a row of a file, each distorted by other noise
KNOWN = 0.1  # relative error of delta that is accepted where pictures are few (assumed)
FAR = 1e30  # a coordinate of a sample that is not finite


@dataclasses.dataclass(frozen=True, repr=False)
class Measured(AbstractViewed):
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

    _view = view_measured


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
        ring 20 % wider
    """

    kernel: Kernel
    delta: float
    accepted: str

    def measure(
        self, samples: np.ndarray, data: np.ndarray, num_blocks: int | None = None
    ) -> Measured:
        """The distance of samples to data with its interval.

        The interval holds what other samples and other data would give. Their numbers
        may differ.

        Args:
            samples: Samples in the order of lab time, `(num, dim)`.
            data: Data, `(num_data, dim)`.
            num_blocks: Number of blocks of lab time; `None` for independent samples.
        """
        own, target = self.embed(samples, num_blocks), self.embed(data)
        value, error = squared_distance(own, target)
        half = float(ndtri((1 + LEVEL) / 2)) * error / self.delta
        middle = value / self.delta
        return Measured(
            middle,
            middle - half,
            middle + half,
            equality(own, target),
            effective_number(own, self.embed(samples)),
        )

    def compare(
        self,
        a: np.ndarray,
        b: np.ndarray,
        data: np.ndarray,
        num_blocks: int | None = None,
    ) -> Difference:
        """Verdict on samples `a` beside samples `b`; one just-noticeable distance.

        The interval holds what other samples and other data would give.

        Args:
            a: Samples in the order of lab time, `(num, dim)`.
            b: Others: as many from the same starts, or any number of independent ones.
            data: Data, `(num_data, dim)`.
            num_blocks: Number of blocks of lab time; `None` for independent samples.
        """
        first, second = (self.embed(x, num_blocks) for x in (a, b))
        return compare_embeddings(first, second, self.embed(data), delta=self.delta)

    def embed(self, points: np.ndarray, num_blocks: int | None = None) -> Embedding:
        """What distances need of points, to be kept.

        Args:
            points: Samples in the order of lab time, or data, `(num, dim)`; a sample
                that is not finite counts as infinitely far away.
            num_blocks: Number of blocks of lab time; `None` for independent points.
        """
        points = np.asarray(points, float)
        finite = np.isfinite(points).all(axis=1, keepdims=True)
        blocks = None
        if num_blocks is not None:
            count = min(num_blocks, len(points))
            blocks = np.arange(len(points)) * count // len(points)
        return Embedding.of(self.kernel, np.where(finite, points, FAR), blocks=blocks)

    def distance(self, samples: Embedding, data: Embedding) -> float:
        """Distance of samples to data, without bias, in just-noticeable distances."""
        return squared_distance(samples, data)[0] / self.delta

    def paired(self, samples: np.ndarray, reference: np.ndarray) -> float:
        """Distance of samples to others from the same starts, without bias.

        It is 0 for equal samples, and resolves far smaller differences than two samples
        that have nothing in common.

        Args:
            samples: Samples of independent starts, `(num, dim)`.
            reference: As many other samples, in the same order.
        """
        a, b = self.embed(samples), self.embed(reference)
        return paired_distance(a, b)[0] / self.delta


def find_yardstick(config: RunConfig) -> Yardstick:
    """The yardstick of the data of a configuration, or of the class it asks for.

    It depends on the name of the data, on their autoencoder, and on the class alone.
    The rows of one class of a finite set are too few to know its delta: that of all
    classes serves, as for `PictureJudge`.
    """
    return _yardstick(dataset_key(config), config.solve.label)


@functools.lru_cache
def _yardstick(key: DatasetKey, label: str) -> Yardstick:
    dataset = dataset_of(key)
    if label not in (ALL, NONE) and not isinstance(dataset, AbstractFiniteDataset):
        assert isinstance(dataset, AbstractLabelledDataset)  # by `build_classes`
        dataset = dataset.of_class(find_class(label, dataset))
    return make_yardstick(dataset)


def make_yardstick(dataset: AbstractDataset) -> Yardstick:
    """The yardstick of a data set, from points of fixed seeds, or from pictures.

    Of pictures the kernel is made of the part `held-out`, which no result is compared
    with: data that a kernel is made of have landmarks among them, and lie nearer to
    other data than any sample could (`train`, the fresh data, therefore does not make
    it). Delta is that of all pictures of `train`, each once: among draws with
    replacement there would be pairs of copies, which count as independent.
    """
    if isinstance(dataset, AbstractPictures):
        (held_out, _), (train, _) = (dataset.part(s) for s in ("held-out", "train"))
        return finite_yardstick(
            held_out, train, dataset.blurred("train"), dataset.just_noticeable
        )
    if isinstance(dataset, AbstractFiniteDataset):
        return _rows_yardstick(dataset)
    reference = dataset.sample(NUM_POINTS, key=data_key(0, REFERENCE))
    kernel = Kernel.of(np.asarray(reference, float))
    delta = _delta(dataset, kernel, NUM_POINTS)
    return Yardstick(kernel, delta, dataset.just_noticeable)


def finite_yardstick(
    reference: AnyRows, plain: AnyRows, distorted: AnyRows, accepted: str
) -> Yardstick:
    """The yardstick of a finite set of data, such as pictures or features of them.

    Args:
        reference: Rows that the kernel is made of, and that no result is compared with.
        plain: Other rows, `(num, dim)`.
        distorted: The same rows, distorted.
        accepted: That distortion, in words.

    Raises:
        ValueError: If the rows are too few to know delta within 10 %.
    """
    kernel = Kernel.of(np.asarray(reference, float))
    pair = np.asarray(plain, float), np.asarray(distorted, float)
    delta = just_noticeable_distance(kernel, *pair, relative_error=KNOWN)
    return Yardstick(kernel, delta, accepted)


def _delta(dataset: AbstractDataset, kernel: Kernel, num: int) -> float:
    """The distance from `num` points, or from more where they know it too badly."""
    key = data_key(0, DISTORTED)  # one for both: row by row the same point, distorted
    plain, distorted = (
        np.asarray(draw(num, key=key), float)
        for draw in (dataset.sample, dataset.sample_noticeable)
    )
    try:
        return just_noticeable_distance(kernel, plain, distorted)
    except ValueError:
        if num >= MOST_POINTS:
            raise
        return _delta(dataset, kernel, 4 * num)


def _rows_yardstick(dataset: AbstractFiniteDataset) -> Yardstick:
    """The yardstick of the points of a file: the least widening that its rows know.

    Each row of `train` is distorted several times, and the features of its copies are
    averaged, so that the error of delta is that of the rows alone. Few rows do not know
    how wide a small neighbourhood is: the next larger one is then widened.

    Raises:
        ValueError: If delta of the largest neighbourhood is not known either.
    """
    held_out, train = (
        np.asarray(dataset.rows(split), float) for split in ("held-out", "train")
    )
    kernel = Kernel.of(held_out)
    plain = Embedding.of(kernel, train)
    delta = error = float("nan")
    for nearest in NEIGHBOURHOODS:
        copies = [
            Embedding.of(
                kernel,
                widen(train, key=data_key(number, DISTORTED), nearest=nearest),
            ).sums
            for number in range(max(min(MOST_COPIES, NUM_POINTS // len(train)), 1))
        ]
        moved = Embedding(np.mean(copies, axis=0), plain.counts)
        delta, error = paired_distance(moved, plain)
        known = LAST_RESORT if nearest == NEIGHBOURHOODS[-1] else KNOWN_OF_ROWS
        if delta > 0 and error <= known * delta:
            text = f"each neighbourhood of {nearest:.0%} of your points 20 % wider"
            return Yardstick(kernel, delta, text)
    raise ValueError(
        f"{len(train)} rows to learn from do not tell data from data that are wider by "
        f"a fifth ({delta:.2g} +- {error:.2g}), so that no distance has a unit: give "
        "`data` with more rows."
    )
