"""The conductances of all cells of a chip, by layer."""

from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._types import Cells


class WrittenCells(eqx.Module):
    """What was written, or measured: the whole difference between two chips' networks.

    Args:
        positive: The cells of each layer that add, `(parallel, rows, cols)`, in
            siemens. The last row is the constant one.
        negative: The cells of each layer that subtract, of the same shapes; empty if a
            reference subtracts.
    """

    positive: tuple[Cells, ...]
    negative: tuple[Cells, ...] = ()

    @property
    def arrays(self) -> list[Cells]:
        """All arrays, those that add first."""
        return [*self.positive, *self.negative]

    def named(self) -> dict[str, Float[Array, "_ _"]]:
        """Each array by name: `layer1_pos`, and `layer1_pos_2` for a second device."""
        named = {}
        for half, arrays in (("pos", self.positive), ("neg", self.negative)):
            for layer, devices in enumerate(arrays, start=1):
                for number, g in enumerate(devices, start=1):
                    named[_name(layer, half, number)] = g
        return named

    def replaced(self, maps: dict[str, Float[np.ndarray, "_ _"]]) -> "WrittenCells":
        """These cells with the conductances of `maps` in their places.

        Args:
            maps: By the names of `named`, in siemens; all of them and no other.

        Raises:
            ValueError: If a name is missing or unknown, or a shape differs.
        """
        mine = self.named()
        if sorted(maps) != sorted(mine):
            raise ValueError(
                f"a map of this chip must hold its {len(mine)} arrays, "
                f"{_some(list(mine))}; {_differences(maps, mine)}: give the preset and "
                "the settings (`cell.devices_per_weight`, `guidance.weight`) of the "
                "chip that it is of."
            )
        for name, g in mine.items():
            if maps[name].shape != g.shape:
                raise ValueError(
                    f"`{name}` must have {g.shape[0]} rows (the last is the constant "
                    f"one) and {g.shape[1]} columns; got {maps[name].shape}."
                )
        halves = []
        for half, arrays in (("pos", self.positive), ("neg", self.negative)):
            halves.append(
                tuple(
                    jnp.stack(
                        [
                            jnp.asarray(maps[_name(layer, half, number)], devices.dtype)
                            for number in range(1, len(devices) + 1)
                        ]
                    )
                    for layer, devices in enumerate(arrays, start=1)
                )
            )
        return WrittenCells(*halves)


SHOWN = 4  # names in a message


def _some(names: Sequence[str]) -> str:
    """The first names, and how many there are besides."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _differences(maps: Mapping[str, Any], mine: Mapping[str, Any]) -> str:
    """Names that are missing, and those that are too many."""
    missing = [name for name in mine if name not in maps]
    others = sorted(name for name in maps if name not in mine)
    told = [f"it lacks {_some(missing)}"] if missing else []
    return " and ".join([*told, *([f"has {_some(others)}, too"] if others else [])])


def _name(layer: int, half: str, number: int) -> str:
    return f"layer{layer}_{half}" + (f"_{number}" if number > 1 else "")
