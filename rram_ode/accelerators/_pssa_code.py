"""The bits that PSSA writes for one map, and the map that it reads from them."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int


class EncodedMap(NamedTuple):
    """A pruned map in bits, patch by patch, row by row.

    Args:
        counts: Number of ones in each row of each patch of differences.
        columns: Column of each of these ones within its patch.
        values: Value of each weight that is kept.
        tokens: N, the side of the map.
        width: W, the side of a patch.
        value_bits: Bits of a value.
    """

    counts: Bool[np.ndarray, " count_bits"]
    columns: Bool[np.ndarray, " column_bits"]
    values: Bool[np.ndarray, " value_bits"]
    tokens: int
    width: int
    value_bits: int

    @property
    def index_bits(self) -> int:
        """Bits that say where the values are."""
        return self.counts.size + self.columns.size


def encode_map(
    codes: Int[np.ndarray, "tokens tokens"],
    kept: Bool[np.ndarray, "tokens tokens"],
    width: int,
    value_bits: int,
) -> EncodedMap:
    """The bits of a map.

    Args:
        codes: Values, 0 to $2^b - 1$; those that are not kept are lost.
        kept: Whether a value is kept.
        width: Side of a patch.
        value_bits: b.

    Raises:
        ValueError: If patches do not fill the map, or a value that is kept has more
            bits.
    """
    tokens = len(kept)
    if width < 1 or tokens % width:
        raise ValueError(f"`width` must divide {tokens} tokens; got {width}.")
    values = _patches(codes, width)[_patches(kept, width)]
    if values.size and not 0 <= values.min() <= values.max() < 2**value_bits:
        raise ValueError(
            f"values must lie between 0 and {2**value_bits - 1}, as they have "
            f"{value_bits} bits; got {values.min()} to {values.max()}."
        )
    patches = _patches(kept, width)
    different = patches.copy()
    different[:, 1:] ^= patches[:, :-1]
    columns = np.nonzero(different)[3]
    column, count = _widths(width)
    return EncodedMap(
        _to_bits(different.sum(axis=3).ravel(), count),
        _to_bits(columns, column),
        _to_bits(values, value_bits),
        tokens,
        width,
        value_bits,
    )


def decode_map(
    encoded: EncodedMap,
) -> tuple[Int[np.ndarray, "tokens tokens"], Bool[np.ndarray, "tokens tokens"]]:
    """Values, 0 where they are not kept, and whether they are kept."""
    tokens, width = encoded.tokens, encoded.width
    num = tokens // width
    column, count = _widths(width)
    counts = _from_bits(encoded.counts, count, num * num * width)
    columns = _from_bits(encoded.columns, column, int(counts.sum()))
    different = np.zeros((num * num * width, width), bool)
    different[np.repeat(np.arange(counts.size), counts), columns] = True
    shaped = different.reshape(num, num, width, width)
    patches = np.logical_xor.accumulate(shaped, axis=1)
    values = np.zeros(patches.shape, np.int64)
    values[patches] = _from_bits(encoded.values, encoded.value_bits, int(patches.sum()))
    whole = lambda x: x.transpose(0, 2, 1, 3).reshape(tokens, tokens)
    return whole(values), whole(patches)


def _patches(x: np.ndarray, width: int) -> np.ndarray:
    """Rows of patches, patches, rows, columns."""
    num = len(x) // width
    return x.reshape(num, width, num, width).transpose(0, 2, 1, 3)


def _widths(width: int) -> tuple[int, int]:
    """Bits of a column within a patch, and of the number of ones in its row."""
    return math.ceil(math.log2(width)), math.ceil(math.log2(width + 1))


def _to_bits(numbers: Int[np.ndarray, " _"], bits: int) -> Bool[np.ndarray, " _"]:
    """Each number in so many bits, the lowest first."""
    return ((numbers[:, None] >> np.arange(bits)) & 1).astype(bool).ravel()


def _from_bits(
    stream: Bool[np.ndarray, " _"], bits: int, num: int
) -> Int[np.ndarray, " _"]:
    """So many numbers."""
    return stream.reshape(num, bits) @ (1 << np.arange(bits))
