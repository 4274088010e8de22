"""How near generated samples come to data: numbers in float64, computed by NumPy.

Points are samples first, `(num_samples, dim)`, NumPy or JAX arrays, and the order of
the arguments is `(samples, data)`. Always print the `floor` beside a metric: none of
them is zero between two draws of the same data.
"""

from ._histogram import hist_l2 as hist_l2, kl_1d as kl_1d, kl_2d as kl_2d
from ._interval import floor as floor, Interval as Interval, interval as interval
from ._mmd import mmd as mmd, paired_mmd as paired_mmd
from ._quality import Quality as Quality, quality as quality
from ._range import (
    non_finite_fraction as non_finite_fraction,
    outside_fraction as outside_fraction,
)
from ._wasserstein import (
    floor_subtracted as floor_subtracted,
    sliced_wasserstein as sliced_wasserstein,
)
