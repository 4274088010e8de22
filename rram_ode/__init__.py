"""Simulate analog resistive-memory (RRAM) solvers of the probability-flow ODE.

`import rram_ode as rr`, then `rr.System.from_preset("ring")`. Names are loaded on first
use: the import itself loads neither jax nor matplotlib. `__init__.pyi` lists them.
"""

import sys


# `python -m rram_ode.sample`: another package that imports this one has its own Ctrl-C.
if getattr(sys, "argv", [])[:1] == ["-m"] and any(
    (flag, name.partition(".")[0]) == ("-m", __name__)
    for flag, name in zip(sys.orig_argv, sys.orig_argv[1:], strict=False)
):
    from ._core._at_once import leave_at_interrupt

    leave_at_interrupt()

import lazy_loader


__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
