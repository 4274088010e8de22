import zlib

import jax
import jax.random as jr
import matplotlib
import pytest


jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
matplotlib.use("Agg")


@pytest.fixture
def getkey(request):
    """Fresh keys, seeded by the test's own name."""
    key = jr.key(zlib.crc32(request.node.nodeid.encode()))

    def _getkey():
        nonlocal key
        key, sub = jr.split(key)
        return sub

    return _getkey
