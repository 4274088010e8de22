"""Programs that run once for a chip, which are compiled fast instead of well."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.tree_util as jtu

from ._checks import is_concrete


# Measured with jaxlib 0.10.2 on programs of `ring`: XLA takes 40 % of the time to
# compile them, and they run nine times as long, which is milliseconds.
QUICK = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 0}


LARGEST = 2**14  # numbers that go in: beyond it, running counts as much as compiling


Args = ParamSpec("Args")


Result = TypeVar("Result")


def compiled_quickly(function: Callable[Args, Result]) -> Callable[Args, Result]:
    """`function` as a program; on a CPU one that is compiled fast, if it is small.

    Inside another program, mapped over a batch, differentiated, or with large arrays it
    is compiled as any other.
    """
    well = eqx.filter_jit(function)
    # The types of `filter_jit` leave out what it hands on to `jax.jit`.
    how: Any = {"compiler_options": QUICK}
    fast = eqx.filter_jit(function, **how)

    @functools.wraps(function)
    def call(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        is_small = _is_small((args, kwargs)) and _knows_options()
        return (fast if is_small else well)(*args, **kwargs)

    return call


def _is_small(args: Any) -> bool:
    """Whether `args` are few numbers, and a call of them is a program of its own."""
    arrays = [leaf for leaf in jtu.tree_leaves(args) if eqx.is_array(leaf)]
    # A number made in a trace is a tracer, although all of `args` may be concrete.
    if not is_concrete(*arrays, jnp.asarray(0)):
        return False
    return sum(leaf.size for leaf in arrays) <= LARGEST


@functools.cache
def _knows_options() -> bool:
    """Whether the compiler is that of a CPU, and of a version with these options."""
    if jax.default_backend() != "cpu":
        return False
    try:
        jax.jit(lambda: 0, compiler_options=QUICK)()
    except jax.errors.JaxRuntimeError:
        return False
    return True
