"""The shipped 2-64-64-2 network in place of F1, which takes half a minute to train."""

import pathlib
import sys

import equinox as eqx
import jax
import rram_ode as rr


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks._f1 import Fixture


def shipped_f1() -> Fixture:
    """The network of `ring-64-fresh`, its process and its data, in double precision."""
    system = rr.System.from_preset("ring-64-fresh")
    own = Fixture(system.checkpoint.score, system.checkpoint.sde, system.dataset)
    wide = lambda x: x.astype(float) if eqx.is_inexact_array(x) else x
    return jax.tree.map(wide, own)
