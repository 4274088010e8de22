"""Distances between generated samples and data, computed by NumPy in float64.

Points are NumPy or JAX arrays of shape `(num_samples, dim)`, and the arguments are
`(samples, data)` in this order. `distance` decides: it is 0 on average between two
draws of the same data, and no distortion makes it smaller. Always print the `floor`
beside the other metrics, none of which is zero between two draws of the same data.
"""

from ._distance import (
    Distance as Distance,
    distance as distance,
    equality as equality,
    paired_distance as paired_distance,
    squared_distance as squared_distance,
)
from ._embedding import Embedding as Embedding
from ._frechet import frechet as frechet
from ._histogram import hist_l2 as hist_l2, kl_1d as kl_1d, kl_2d as kl_2d
from ._interval import (
    floor as floor,
    Interval as Interval,
    interval as interval,
    median_interval as median_interval,
)
from ._kernel import Kernel as Kernel
from ._memorised import Memorised as Memorised, memorised as memorised
from ._mmd import mmd as mmd
from ._noticeable import just_noticeable_distance as just_noticeable_distance
from ._precision_recall import (
    precision_recall as precision_recall,
    PrecisionRecall as PrecisionRecall,
)
from ._quality import Quality as Quality, quality as quality
from ._range import (
    non_finite_fraction as non_finite_fraction,
    outside_fraction as outside_fraction,
)
from ._recall import class_recall as class_recall, Recall as Recall
from ._shape import (
    mode_shape as mode_shape,
    ModeShape as ModeShape,
    ring_shape as ring_shape,
    RingShape as RingShape,
)
from ._verdict import (
    compare_embeddings as compare_embeddings,
    compare_repeats as compare_repeats,
    Difference as Difference,
    effective_number as effective_number,
    LEVEL as LEVEL,
    Verdict as Verdict,
)
from ._wasserstein import (
    floor_subtracted as floor_subtracted,
    sliced_wasserstein as sliced_wasserstein,
)
