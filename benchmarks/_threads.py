"""One thread for everything. Call it before JAX or torch is imported."""

import os


VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def pin_to_one_core() -> int:
    """Keep this process, and every thread that it will start, on one core.

    XLA sizes its pools by the cores that it may use. The last core is taken: the first
    one serves most interrupts.
    """
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    for name in VARIABLES:
        os.environ[name] = "1"
    return core


def num_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))
