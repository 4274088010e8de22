"""The keys that the seeds of a user stand for."""

import jax.random as jr
import numpy as np

from .._core._streams import SeedStream
from .._core._types import Key


JUDGING, FRESH = 100, 101  # data sets of a seed that no repeat of a run takes


def run_key(seed: int) -> Key:
    """The key of the starts and the injected noise of a run."""
    return _stream(_root(seed), SeedStream.RUN)


def chip_key(seed: int) -> Key:
    """The key of the chip with this seed."""
    return _stream(_root(seed), SeedStream.CHIP)


def data_key(seed: int, stream: int) -> Key:
    """The key of fresh data; each `stream` of a seed is another draw."""
    return jr.fold_in(_stream(_root(seed), SeedStream.DATA), stream)


def _root(seed: int) -> Key:
    """The key of a seed, which must be an integer of 32 bits."""
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"a seed must be an integer from 0 to 2^32 - 1; got {seed}.")
    return jr.key(int(seed))


def _stream(key: Key, stream: SeedStream) -> Key:
    return jr.fold_in(key, stream)
