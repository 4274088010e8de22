"""Random numbers by counter: each number is a function of (key, index, element) alone.

A noise path needs millions of draws that do not depend on how samples are batched.
A counter hash gives them at about a quarter of the cost of threefry:

1. two rounds of a 32-bit finaliser with full avalanche (C. Wellons, "Prospecting for
   Hash Functions", 2018: `lowbias32`, bias 0.17) mix the element's number with 64 bits
   that the same finaliser derives from key and index;
2. M. Giles' single-precision inverse error function ("Approximating the erfinv
   function", GPU Computing Gems, 2011) maps them to normals. Its argument is the tail's
   probability itself, not one minus it, so the tails are resolved to 6.3 sigma.

The generator is not cryptographic. `tests/_core/test_draws.py` checks moments, tails
and correlations along each axis.
"""

import functools
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, Integer, UInt32

from ._types import Key, Keys


_CENTRE = (
    2.81022636e-08,
    3.43273939e-07,
    -3.5233877e-06,
    -4.39150654e-06,
    0.00021858087,
    -0.00125372503,
    -0.00417768164,
    0.246640727,
    1.50140941,
)


_TAIL = (
    -0.000200214257,
    0.000100950558,
    0.00134934322,
    -0.00367342844,
    0.00573950773,
    -0.0076224613,
    0.00943887047,
    1.00167406,
    2.83297682,
)


# Called outside a program, a draw would be some 30 small ones to compile.
_one_program = functools.partial(jax.jit, static_argnames="shape")


@_one_program
def standard_normal(
    key: Key,
    indices: Integer[Array, " samples"],
    shape: tuple[int, ...],
    *,
    block: Integer[Array, ""] | int = 0,
) -> Float[Array, "*shape samples"]:
    """Standard normals: one block of shape `shape` for each of `indices`.

    A block depends on (key, index, number of the block) alone, not on the other indices
    of the call, so that results do not depend on the size of a chunk. Values have
    single precision and are cast to the default float. One (key, index) has 2^32
    values.
    """
    draws = _normal(_bits(key, indices, shape, block)).astype(jnp.result_type(float))
    return draws.reshape(*shape, indices.size)


@_one_program
def uniform(
    key: Key,
    indices: Integer[Array, " samples"],
    shape: tuple[int, ...],
    *,
    block: Integer[Array, ""] | int = 0,
) -> Float[Array, "*shape samples"]:
    """Uniform numbers on (0, 1]: one block of shape `shape` for each of `indices`.

    Near zero they lie 2^-32 apart, so that rare events have their right probability.
    """
    bits = _bits(key, indices, shape, block).astype(jnp.float32)
    draws = ((bits + 0.5) * jnp.float32(2.0**-32)).astype(jnp.result_type(float))
    return draws.reshape(*shape, indices.size)


def fold_in_each(key: Key, numbers: Integer[np.ndarray, " keys"]) -> Keys:
    """Keys from `fold_in` of each number, mapped so that the hash is compiled once."""
    return jax.vmap(lambda number: jr.fold_in(key, number))(numbers)


def normal(key: Key, shape: tuple[int, ...]) -> Float[Array, "*shape"]:
    """One block of standard normals, for a quantity that is drawn once.

    Its halves are drawn by a loop: XLA would else compile a draw again in everything
    that uses it.
    """
    return _drawn_once(key, shape)


def normals(keys: Keys, shapes: Sequence[tuple[int, ...]]) -> list[Float[Array, "..."]]:
    """`normal` of each key and shape, by one loop: its body is compiled once."""
    sizes = [math.prod(shape) for shape in shapes]
    if len(sizes) == 1:
        return [normal(keys[0], shapes[0])]
    zero = jnp.zeros(1, jnp.uint32)
    # The first numbers of a longer block are those of a shorter one.
    draw = lambda key: standard_normal(key, zero, (max(sizes),))[:, 0]
    found = jax.lax.map(draw, keys)
    return [
        found[n, :size].reshape(shape)
        for n, (size, shape) in enumerate(zip(sizes, shapes, strict=True))
    ]


@_one_program
def _drawn_once(key: Key, shape: tuple[int, ...]) -> Float[Array, "*shape"]:
    size, zero = math.prod(shape), jnp.zeros(1, jnp.uint32)
    half = -(-size // 2)
    draw = lambda block: standard_normal(key, zero, (half,), block=block)[:, 0]
    halves = jax.lax.map(draw, jnp.arange(2, dtype=jnp.uint32))
    return halves.reshape(-1)[:size].reshape(shape)


def _bits(
    key: Key,
    indices: Integer[Array, " samples"],
    shape: tuple[int, ...],
    block: Integer[Array, ""] | int,
) -> UInt32[Array, "size samples"]:
    first, second = jr.key_data(key)
    index = indices.astype(jnp.uint32)
    row = _mix(_mix(index ^ first) + second)
    other = _mix(row ^ second) + first
    size = math.prod(shape)
    counter = jnp.arange(size, dtype=jnp.uint32)
    counter = counter + jnp.asarray(block).astype(jnp.uint32) * jnp.uint32(size)
    return _mix(_mix(counter[:, None] ^ row[None]) + other[None])


def _mix(x: UInt32[Array, "..."]) -> UInt32[Array, "..."]:
    x = (x ^ (x >> jnp.uint32(16))) * jnp.uint32(0x7FEB352D)
    x = (x ^ (x >> jnp.uint32(15))) * jnp.uint32(0x846CA68B)
    return x ^ (x >> jnp.uint32(16))


def _normal(bits: UInt32[Array, "..."]) -> Float[Array, "..."]:
    r"""Normals: the lowest bit is the sign, the others the two-sided tail."""
    tail = ((bits >> jnp.uint32(1)).astype(jnp.float32) + 0.5) * jnp.float32(2.0**-31)
    centre = 1.0 - tail
    w = -jnp.log(tail * (1.0 + centre))
    near, far = w - 2.5, jnp.sqrt(w) - 3.0
    scale = jnp.where(w < 5.0, _horner(_CENTRE, near), _horner(_TAIL, far))
    magnitude = jnp.float32(math.sqrt(2.0)) * scale * centre
    return jnp.where((bits & jnp.uint32(1)) == 1, -magnitude, magnitude)


def _horner(coefficients: tuple[float, ...], x: Float[Array, "..."]):
    total = jnp.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + jnp.float32(coefficient)
    return total
