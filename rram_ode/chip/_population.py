"""Batches of chips: one chip whose arrays have a leading axis."""

import equinox as eqx
import jax

from ._chip import Chip


def chip_at(chips: Chip, number: int) -> Chip:
    """The chip with this number in a batch.

    Example:
        >>> import rram_ode as rr
        >>> chips = rr.System.from_preset("ring-fresh").program_many(range(3))
        >>> rr.chip_at(chips, 2).score.layers[0].crossbar.g_pos.shape
        (3, 14)

    Raises:
        ValueError: If `chips` is one chip, or has no chip of this number.
    """
    num = num_chips(chips)
    if num is None or not 0 <= number < num:
        found = "one chip" if num is None else f"{num} chips"
        raise ValueError(f"`chips` must be a batch with chip {number}; got {found}.")
    return jax.tree_util.tree_map(
        lambda leaf: leaf[number] if eqx.is_array(leaf) else leaf, chips
    )


def num_chips(chips: Chip) -> int | None:
    """The number of chips in a batch, or `None` for one chip."""
    axes = chips.integrator.offset.ndim
    return chips.integrator.offset.shape[0] if axes > 1 else None
