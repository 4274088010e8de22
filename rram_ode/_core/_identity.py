"""What a chip or a loop was made for, as hashes that cost no compilation."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, UInt32


class Identity(eqx.Module):
    """A hash of 32 bits for each part of what a chip or a loop was made for.

    The hashes are an array leaf, so that systems of one structure run the same compiled
    program. A batch of chips has a leading axis in `parts`, as in all its arrays.

    Args:
        parts: A mapping from names to plain data: numbers, text, `None`, and lists and
            dictionaries of them.
    """

    parts: UInt32[Array, "*chips parts"]
    names: tuple[str, ...] = eqx.field(static=True)

    def __init__(self, parts: Mapping[str, Any]):
        self.names = tuple(parts)
        hashes = [_hash(value) for value in parts.values()]
        self.parts = jnp.asarray(np.array(hashes, np.uint32))

    def differences(self, other: "Identity") -> list[str]:
        """Names of the parts that differ or are missing in one; not under `jit`."""
        mine, theirs = self._by_name(), other._by_name()
        return [name for name in mine | theirs if mine.get(name) != theirs.get(name)]

    def _by_name(self) -> dict[str, int]:
        return dict(zip(self.names, np.asarray(self.parts).tolist(), strict=True))


def _hash(value: Any) -> int:
    text = json.dumps(_plain(value), sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def _plain(value: Any) -> Any:
    """`value` with all numbers as floats: 1 and 1.0 are one setting."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else value
