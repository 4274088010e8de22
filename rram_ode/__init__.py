"""Simulate analog resistive-memory (RRAM) solvers of the probability-flow ODE.

`import rram_ode as rr`, then `rr.System.from_preset("ring")`. Names are loaded on first
use: the import itself loads neither jax nor matplotlib. `__init__.pyi` lists them.
"""

import sys


if getattr(sys, "argv", [])[:1] == ["-m"]:  # `python -m rram_ode.sample`
    from ._core._interrupts import leave_at_interrupt

    leave_at_interrupt()

import lazy_loader


__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
