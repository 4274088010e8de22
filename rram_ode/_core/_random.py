"""Random numbers by counter: each number is a function of (key, index, element) alone.

A noise path needs millions of draws that do not depend on how samples are batched.
A counter hash gives them at a tenth of the cost of threefry:

1. two rounds of a 32-bit finaliser with full avalanche (C. Wellons, "Prospecting for
   Hash Functions", 2018: `lowbias32`, bias 0.17) mix the element's number with 64 bits
   that the same finaliser derives from key and index;
2. one polynomial maps them to normals. With t the probability of both tails, x = 1 - t
   and l = -log2(1 - x^2), the normal is x g(l): the ratio g is smooth over all l, so
   that it needs no second branch for the tails, and no root. g is a minimax fit of
   degree 10 (its relative error is 4e-6 at its centre and rises to 8e-5 beyond
   3 sigma), the logarithm one of degree 5 to the fraction of a float (1.3e-5). Its
   argument is the tail's probability itself, so the tails are resolved to 6.3 sigma.

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


# g of l - 10, highest power first. The fit's tolerance is exp(z^2 / 4) times that at
# the centre, and 20 times at most: rare normals need fewer digits.
_RATIO = (
    -2.7437885e-13,
    1.4767821e-11,
    -1.7200741e-10,
    -3.576243e-09,
    9.9111176e-08,
    -6.58403e-07,
    -2.7903816e-06,
    0.000134808768,
    -0.00395572372,
    0.18428807,
    3.488482952,
)


# log2(1 + m) - m for m from 0 to 1, highest power first.
_LOGARITHM = (
    0.044873588,
    -0.19219558,
    0.41363007,
    -0.70799261,
    0.441684544,
    1.2538781e-05,
)


_as = jax.lax.bitcast_convert_type


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
    # Once for each sample; XLA would do it again for each value.
    row, other = jax.lax.optimization_barrier((row, _mix(row ^ second) + first))
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
    count = (bits >> jnp.uint32(1)).astype(jnp.int32).astype(jnp.float32)
    tail = (count + jnp.float32(0.5)) * jnp.float32(2.0**-31)
    centre = 1.0 - tail
    ratio = _horner(_RATIO, -_log2(tail * (1.0 + centre)) - jnp.float32(10.0))
    magnitude = _as(ratio * centre, jnp.uint32)
    return _as(magnitude ^ (bits << jnp.uint32(31)), jnp.float32)


def _log2(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Of positive normal numbers: exponent and fraction are read from the bits."""
    bits = _as(x, jnp.int32)
    one = jnp.int32(0x3F800000)
    fraction = _as((bits & jnp.int32(0x007FFFFF)) | one, jnp.float32) - 1.0
    whole = bits.astype(jnp.float32) * jnp.float32(2.0**-23) - jnp.float32(127.0)
    return whole + _horner(_LOGARITHM, fraction)


def _horner(coefficients: tuple[float, ...], x: Float[Array, "..."]):
    total = jnp.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + jnp.float32(coefficient)
    return total
