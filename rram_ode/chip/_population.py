"""Many chips at once: a batch of chips is one chip with a leading axis."""

import equinox as eqx
import jax

from .._core._identity import Identity
from .._core._types import Keys
from ..scores import NetworkScore
from ._chip import Chip
from ._design import Design, Ranges
from ._program import program


def program_many(
    score: NetworkScore,
    design: Design,
    ranges: Ranges,
    *,
    keys: Keys,
    identity: Identity | None = None,
) -> Chip:
    """Write `score` onto a chip for each of `keys`, in one program.

    Chip n equals `program(..., key=keys[n])`, to rounding. All arrays of the result
    have a leading axis of chips, so `eqx.filter_vmap` maps a solve over it, and
    `chip_at` takes one out.
    """
    make = lambda key: program(score, design, ranges, key=key, identity=identity)
    return eqx.filter_vmap(make)(keys)


def chip_at(chips: Chip, number: int) -> Chip:
    """One chip of a batch."""
    return jax.tree_util.tree_map(
        lambda leaf: leaf[number] if eqx.is_array(leaf) else leaf, chips
    )
