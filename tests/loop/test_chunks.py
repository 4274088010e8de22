"""Runs of many samples share a program, and keep no more than they say."""

import numpy as np
import pytest
import rram_ode as rr
from rram_ode.loop import even_chunk


@pytest.mark.parametrize("largest", [32, 461, 8192])
def test_chunks_cover_a_run_with_little_beside_it(largest):
    """Few chunks are even; where they are many, one part in sixteen is not needed."""
    nums = np.unique(np.geomspace(1, 100 * largest, 400).astype(int))
    for num in map(int, nums):
        chunk = even_chunk(num, largest)
        chunks = -(-num // chunk)
        assert chunks == -(-num // largest)
        assert chunks * chunk - num < max(chunks, num / 16)


@pytest.mark.parametrize("largest", [32, 461, 8192])
def test_long_runs_have_one_chunk(largest):
    assert {even_chunk(num * largest + 1, largest) for num in range(16, 40)} == {
        largest
    }


def test_a_run_keeps_the_states_of_a_few_samples():
    """A view of them would keep those of all, which are a quarter GB in a million."""
    system = rr.System.from_preset("ring-ideal")
    v = system.sample(system.program(), 100).piece.v
    few = v.shape[-1]
    assert few < 100
    while isinstance(v.base, np.ndarray):
        v = v.base
    assert v.shape[-1] == few
