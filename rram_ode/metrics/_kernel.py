"""The kernel that the distance of two samples is measured by, as explicit features."""

import dataclasses

import numpy as np
from jaxtyping import Float
from scipy.spatial import KDTree
from scipy.spatial.distance import pdist

from ._points import AnyPoints, as_point_array, Data


NUM_SCALES = 6  # from nearest neighbours to the spread, evenly in the logarithm


_NUM_COARSE = 2  # the largest widths, which make the coarse part


_NUM_LANDMARKS = 60


_MAX_SCALE_POINTS = 2_000  # distinct points that set the scales


_MAX_REFERENCE = 8_000  # points that set norms and whitening


_RIDGE = 0.01  # of the mean eigenvalue, added before whitening (assumed)


_ROWS = 512  # points whose features are in memory at once: 1.5 MB, a cache's size


_FAR = 1e4  # spreads from the centre at which a coordinate is cut; all features are 0


_SEED = 0  # of the choice of landmarks and of reference points


@dataclasses.dataclass(frozen=True, eq=False)
class Kernel:
    r"""A kernel $k(x, y) = \psi(x) \cdot \psi(y)$ made for one set of data.

    The raw features are Gaussians around landmarks,
    $r_{sj}(x) = \exp(-|x - z_j|^2 / 2 h_s^2)$: 60 landmarks $z_j$ among the distinct
    points of the reference, at six widths $h_s$ from the distance of nearest neighbours
    to the median distance of two points. With their covariance $\Sigma$ over the
    reference, $k$ is the mean of two parts:

    * coarse, $r \cdot r$ at each of the two largest widths, which finds uneven density,
      shifts and missing parts;
    * fine, $r^T (\Sigma + \lambda I)^{-1} r$ of all widths, which finds a wrong width.

    Each is divided by its null norm $\sqrt{\mathrm{tr}\,\mathrm{Cov}(\psi)^2}$, so that
    equally many points of the same law give both the same noise. Features are centred
    on the reference, which changes no distance. The kernel depends on the set of the
    reference's points alone, not on their order and not on their unit. It is isotropic:
    a coordinate far smaller than the distance of nearest neighbours is hardly seen.

    Gaussians are analytic, so that landmarks from a density tell any two laws apart
    almost surely (Chwialkowski et al., NIPS 2015). Whitening is that of the test of
    Harchaoui, Bach and Moulines, NIPS 2007.

    Args:
        landmarks: $z_j$ in spreads from `centre`, `(num_landmarks, dim)`.
        widths: $h_s$ in the unit of the data, in rising order.
        centre: Centre of the data, `(dim,)`, in the unit of the data.
        spread: Median distance of two distinct points, in the unit of the data.
        shift: Mean of the raw features over the reference.
        mix: Matrix from raw features to features, `(num_raw, num_features)`.
    """

    landmarks: Float[np.ndarray, "landmarks dim"]
    widths: Float[np.ndarray, " scales"]
    centre: Float[np.ndarray, " dim"]
    spread: float
    shift: Float[np.ndarray, " raw"]
    mix: Float[np.ndarray, "raw features"]

    @classmethod
    def of(cls, reference: Data) -> "Kernel":
        """Make the kernel for data such as `reference`, `(num, dim)`.

        At most 8,000 of the points are used, so that the cost is bounded; they are
        chosen by a fixed seed from the points in sorted order.

        Raises:
            ValueError: If `reference` is empty, not finite, or has one distinct point.
        """
        points = as_point_array("reference", reference)
        rng = np.random.default_rng(_SEED)
        points = _choice(points[np.lexsort(points.T[::-1])], _MAX_REFERENCE, rng)
        distinct = np.unique(points, axis=0)
        if len(distinct) < 2:
            raise ValueError(
                "the data must have two distinct points or more; all "
                f"{len(points)} are equal. A distance needs a scale: give other data."
            )
        some = _choice(distinct, _MAX_SCALE_POINTS, rng)
        spread = float(np.median(pdist(some)))
        if not (np.isfinite(spread) and spread > 0):
            raise ValueError(
                "the squared distance of two points must be positive and finite; the "
                f"median distance is {spread}. Give the data in another unit."
            )
        nearest = float(np.median(KDTree(some).query(some, k=2)[0][:, 1]))
        widths = np.geomspace(min(nearest, spread), spread, NUM_SCALES)
        centre = np.median(some, axis=0)
        landmarks = _cut((_choice(some, _NUM_LANDMARKS, rng) - centre) / spread)
        raw = cls(landmarks, widths, centre, spread, np.zeros(1), np.zeros((1, 1)))
        features = np.concatenate([raw.raw(rows) for rows in _chunks(points)])
        shift = features.mean(axis=0)
        features -= shift
        covariance = features.T @ features / len(features)
        mix = _root((_coarse(covariance) + _fine(covariance)) / 2)
        return dataclasses.replace(raw, shift=shift, mix=mix)

    @property
    def dim(self) -> int:
        """The dimension of the points."""
        return len(self.centre)

    def features(self, points: AnyPoints) -> Float[np.ndarray, "num features"]:
        """The features of each point, `(num, num_features)`.

        Raises:
            ValueError: If `points` are empty, not finite, or of another dimension.
        """
        points = self.check("points", points)
        return np.concatenate(
            [(self.raw(rows) - self.shift) @ self.mix for rows in _chunks(points)]
        )

    def check(self, name: str, points: AnyPoints) -> Float[np.ndarray, "num dim"]:
        """`points` in float64, if they are finite and of the kernel's dimension."""
        array = as_point_array(name, points)
        if array.shape[1] != self.dim:
            raise ValueError(
                f"`{name}` must have the dimension of the kernel, {self.dim}; got "
                f"{array.shape[1]}. Make a kernel of data of that dimension."
            )
        return array

    def raw(self, rows: np.ndarray) -> np.ndarray:
        """The Gaussians around the landmarks, `(num, scales * landmarks)`."""
        with np.errstate(over="ignore"):  # the cut takes infinity, too
            rows = _cut((rows - self.centre) / self.spread)
        half = rows @ self.landmarks.T  # -|x - z|^2 / 2 = x . z - |x|^2 / 2 - |z|^2 / 2
        half -= np.sum(rows**2, axis=1)[:, None] / 2
        half -= np.sum(self.landmarks**2, axis=1) / 2
        np.minimum(half, 0.0, out=half)
        out = np.empty((len(rows), len(self.widths), len(self.landmarks)))
        inverse = (self.spread / self.widths) ** 2
        np.multiply(half[:, None, :], inverse[:, None], out=out)
        return np.exp(out, out=out).reshape(len(rows), -1)

    def group_sums(
        self, points: np.ndarray, groups: np.ndarray, num_groups: int
    ) -> Float[np.ndarray, "groups features"]:
        """The sum of the features over each group of points.

        Only 512 points have their features in memory at once.

        Args:
            points: `(num, dim)`, finite.
            groups: The number of each point's group, from 0, in rising order.
            num_groups: Number of groups; none is empty.
        """
        sums = np.zeros((num_groups, len(self.shift)))
        for start in range(0, len(points), _ROWS):
            rows = groups[start : start + _ROWS]
            begins = np.flatnonzero(np.diff(rows, prepend=-1))
            part = self.raw(points[start : start + _ROWS])
            sums[rows[begins]] += np.add.reduceat(part, begins, axis=0)
        counts = np.bincount(groups, minlength=num_groups)
        return (sums - counts[:, None] * self.shift) @ self.mix


def _coarse(covariance: np.ndarray) -> np.ndarray:
    """The weights of raw features in the coarse part, `(raw, raw)`."""
    num = len(covariance) // NUM_SCALES
    weights = np.zeros(len(covariance))
    for scale in range(NUM_SCALES - _NUM_COARSE, NUM_SCALES):
        rows = slice(scale * num, (scale + 1) * num)
        norm = np.linalg.norm(covariance[rows, rows])
        weights[rows] = 1 / norm
    root = np.sqrt(weights)
    return np.diag(weights / np.linalg.norm(root[:, None] * covariance * root))


def _fine(covariance: np.ndarray) -> np.ndarray:
    """The weights of raw features in the fine part, `(raw, raw)`."""
    values, vectors = np.linalg.eigh(covariance)
    values = np.maximum(values, 0.0)
    inverse = 1 / (values + _RIDGE * values.mean())
    norm = np.linalg.norm(values * inverse)
    return (vectors * (inverse / norm)) @ vectors.T


def _root(weights: np.ndarray) -> np.ndarray:
    """The symmetric square root of a matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(weights)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def _cut(points: np.ndarray) -> np.ndarray:
    return np.clip(points, -_FAR, _FAR)


def _choice(points: np.ndarray, num: int, rng: np.random.Generator) -> np.ndarray:
    if len(points) <= num:
        return points
    return points[np.sort(rng.choice(len(points), num, replace=False))]


def _chunks(points: np.ndarray) -> list[np.ndarray]:
    return [points[i : i + _ROWS] for i in range(0, len(points), _ROWS)]
