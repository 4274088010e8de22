"""Optimisers of weights that are stored in few bits, and the settings to tune."""

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import optax
from rram_ode.formats import FixedClip, LogarithmicFormat, UniformFormat
from rram_ode.training import hold_weights, madam

from ._f1 import falling


class Setting(NamedTuple):
    """What is tuned, as arrays: one program serves all.

    Args:
        rate: The learning rate at the start.
        bound: Largest weight in root mean squares at the start.
        bits: Bits of a stored weight.
        base_bits: Logarithm of the base factor; of LNS alone.
    """

    rate: Any
    bound: Any
    bits: Any
    base_bits: Any


def _logarithms(s: Setting) -> Callable[[Any], LogarithmicFormat]:
    return lambda most: LogarithmicFormat(s.bits, s.base_bits, FixedClip(most))


def _integers(s: Setting) -> Callable[[Any], UniformFormat]:
    return lambda most: UniformFormat(s.bits, FixedClip(most))


def _madam(s: Setting, steps: int) -> optax.GradientTransformation:
    inner = madam(falling(s.rate, steps), bound=s.bound)
    return hold_weights(inner, _logarithms(s), bound=s.bound)


def _adam(s: Setting, steps: int) -> optax.GradientTransformation:
    return hold_weights(optax.adam(falling(s.rate, steps)), _integers(s), bound=s.bound)


def _sgd(s: Setting, steps: int) -> optax.GradientTransformation:
    return hold_weights(optax.sgd(falling(s.rate, steps)), _integers(s), bound=s.bound)


def _single(s: Setting, steps: int) -> optax.GradientTransformation:
    return optax.adam(falling(s.rate, steps))


def _constant(s: Setting, steps: int) -> optax.GradientTransformation:
    """The paper's: a constant rate."""
    del steps
    return hold_weights(madam(s.rate, bound=s.bound), _logarithms(s), bound=s.bound)


OPTIMISERS = {
    "LNS-Madam": _madam,
    "constant": _constant,
    "Adam": _adam,
    "SGD": _sgd,
    "single": _single,
}
RATES = {
    "LNS-Madam": (1 / 32, 1 / 16, 1 / 8, 1 / 4),
    "Adam": (5e-3, 1e-2, 2e-2, 4e-2),
    "SGD": (0.3, 0.6, 1.2),
    "single": (3e-3, 5e-3, 1e-2, 2e-2),
}
BOUNDS = {"LNS-Madam": (10.0,), "Adam": (4.0, 8.0), "SGD": (4.0, 8.0), "single": (1.0,)}
# LNS: 4 octaves or 8 of range; integers have no base.
BASES = {"LNS-Madam": (3, 4), "Adam": (0,), "SGD": (0,), "single": (0,)}


def candidates(name: str, bits: int) -> Setting:
    """All settings that the tuning looks at, stacked."""
    grid = itertools.product(RATES[name], BOUNDS[name], BASES[name])
    rate, bound, base = (np.asarray(x) for x in zip(*grid, strict=True))
    ones = np.ones(len(rate), np.int32)
    base_bits = (bits - base if name == "LNS-Madam" else 0 * base).astype(np.int32)
    floating = lambda x: jnp.asarray(x, jnp.result_type(float))
    whole = jnp.asarray(bits * ones), jnp.asarray(base_bits)
    return Setting(floating(rate), floating(bound), *whole)
