"""Linear systems, of which a batch is solved one after another.

jaxlib 0.10 divides a large batch of LAPACK calls over the threads of XLA's pool, and
waits for them on one of these threads. Two such batches at a time, of two layers or of
both halves of an array, stop a machine of two cores for ever: all threads wait, and
none is left to work. Single systems are solved on the thread that asks.
"""

import jax
import jax.scipy as jsp
from jax.custom_batching import sequential_vmap
from jaxtyping import Array, Float


def solve(
    a: Float[Array, "n n"], b: Float[Array, "n ..."], *, is_positive: bool = False
) -> Float[Array, "n ..."]:
    """The solution x of `a` x = `b`; `jax.vmap` solves one system after another.

    Args:
        a: The matrix.
        b: One right-hand side, or one in each column.
        is_positive: Whether `a` is symmetric and positive definite.
    """
    direct = _positive if is_positive else _general
    return jax.lax.custom_linear_solve(
        lambda x: a @ x,
        b,
        lambda _, b: direct(a, b),
        lambda _, b: direct(a.T, b),
        symmetric=is_positive,
    )


@sequential_vmap
def _positive(a: Array, b: Array) -> Array:
    return jsp.linalg.solve(a, b, assume_a="pos")


@sequential_vmap
def _general(a: Array, b: Array) -> Array:
    return jsp.linalg.solve(a, b)
