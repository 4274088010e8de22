"""What the trims of one chip left of its errors."""

import equinox as eqx

from .._core._types import Scalar


class TrimRecord(eqx.Module):
    """What the trims of one chip left, and what they took.

    Args:
        residues: By the name of the trim: relative error of R C, of the common scale
            (the largest of the layers), and of the columns (see `Residues`).
        stuck: Number of cells that were found stuck; `None` without repair.
        rewritten: Number of cells that were written twice; `None` without repair.
    """

    residues: dict[str, Scalar]
    stuck: Scalar | None = None
    rewritten: Scalar | None = None
