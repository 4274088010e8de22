"""One thread for the numbers of a process, so that they have the same bits in any."""

import importlib
import os
from typing import Any


# XLA splits sums over its threads, BLAS its products: NPROC is what XLA reads.
THREADS = ("NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def use_one_thread() -> None:
    """Keep XLA and NumPy to one thread; before jax and numpy are imported."""
    for name in THREADS:
        os.environ[name] = "1"


def call_in_one_thread(name: str, *args: Any) -> Any:
    """Call a function in a process that may not have imported jax yet.

    Args:
        name: `module:function`, with the full name of the module.
        args: What it is called with.
    """
    use_one_thread()
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)(*args)
