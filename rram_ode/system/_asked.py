"""What may be asked of a system: a number of samples, one chip, enough to judge."""

import numpy as np

from .._core._memory import require_memory
from ..chip import Chip, num_chips


def require_number(num_samples: int, dim: int) -> None:
    """Refuse a number of samples that is none, or cannot be held."""
    if not isinstance(num_samples, int | np.integer) or num_samples < 1:
        raise ValueError(
            f"`num_samples` must be an integer of 1 or more; got {num_samples}."
        )
    require_memory("num_samples", int(num_samples), 4 * dim, "samples alone")


def require_dim(data: str, dim: int, of_network: int) -> None:
    """Refuse data of another dimension than the network's."""
    if dim != of_network:
        raise ValueError(
            f"the data `{data}` have dim {dim}, but the checkpoint's network has dim "
            f"{of_network}: `data` and `checkpoint` must be of one dimension."
        )


def require_one_chip(chip: Chip) -> None:
    """Refuse a batch of chips where one is taken."""
    if (num := num_chips(chip)) is not None:
        raise ValueError(
            f"`chip` must be one chip; got a batch of {num}: take one by "
            "`rr.chip_at`, or sample all by `rr.draw_population`."
        )


def require_judgeable(x: np.ndarray) -> None:
    """Refuse so few samples that no distance has an interval."""
    if len(x) < 4:
        raise ValueError(f"`x` must hold four samples or more; got {len(x)}.")
