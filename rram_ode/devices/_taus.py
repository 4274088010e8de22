"""Times at which a user looks at a process."""

import numpy as np

from .._misc import is_concrete
from .._types import Seconds


def check_taus(taus: Seconds) -> None:
    """Raise a `ValueError` if `taus` are concrete and empty, not finite or falling."""
    if taus.size == 0:
        raise ValueError("`taus` must hold one time at least; got none.")
    if not is_concrete(taus):
        return
    steps = np.diff(np.asarray(taus))
    if not (np.all(np.isfinite(taus)) and np.all(steps >= 0)):
        raise ValueError("`taus` must be finite and must not fall: sort them.")
