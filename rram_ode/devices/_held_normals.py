r"""White noise within a bandwidth B: independent normals held $\Delta = 1 / (2B)$.

Unit variance is the one-sided density $\mathrm{sinc}^2(f \Delta) / B$: white below B,
gone above.
"""

import math

import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._draws import standard_normal
from .._misc import is_concrete
from .._types import Key, ProcessValues, Scalar, Seconds
from ._clock import LabClock
from ._path import HeldPath
from ._taus import check_taus


FEWEST_HOLDS = 20


def check_bandwidth(name: str, bandwidth: Scalar) -> None:
    """Raise a `ValueError` if `bandwidth` is concrete and not positive."""
    if is_concrete(bandwidth) and not float(bandwidth) > 0:
        raise ValueError(
            f"`{name}` must be positive, in hertz; got {float(bandwidth):g}."
        )


def held_psd(f: Float[Array, " freq"], bandwidth: Scalar) -> Float[Array, " freq"]:
    """One-sided density at `f` hertz, in 1/Hz."""
    return jnp.sinc(f / (2 * bandwidth)) ** 2 / bandwidth


def num_holds(name: str, bandwidth: Scalar, clock: LabClock, remedy: str) -> int:
    """The number of holds in a solve.

    Raises:
        ValueError: If there are fewer than 20; `remedy` ends the message.
    """
    holds = 2 * float(bandwidth) * float(clock.duration)
    if holds < FEWEST_HOLDS * (1 - 1e-6):
        raise ValueError(
            f"`{name}` = {float(bandwidth):g} Hz leaves "
            f"{holds:.3g} holds in a solve of {float(clock.duration):g} s, fewer "
            f"than {FEWEST_HOLDS}: take "
            f"{FEWEST_HOLDS / 2 / float(clock.duration):g} Hz or more{remedy}."
        )
    return math.ceil(holds * (1 - 1e-6))


def held_samples(
    key: Key,
    bandwidth: Scalar,
    shape: tuple[int, ...],
    *,
    first: Integer[Array, ""],
    num_samples: int,
) -> HeldPath:
    """Independent standard normals, `shape` with holds first, for each sample."""
    indices = first + jnp.arange(num_samples, dtype=first.dtype)
    return HeldPath(standard_normal(key, indices, shape), 0.5 / bandwidth)


def held_at(
    key: Key, bandwidth: Scalar, taus: Seconds, shape: tuple[int, ...]
) -> ProcessValues:
    """The values that hold at `taus`; a time within rounding of an edge is behind it.

    The first hold begins at `taus[0]`.
    """
    check_taus(taus)
    slack = 4 * jnp.finfo(taus.dtype).eps * jnp.abs(taus)
    holds = jnp.floor(2 * bandwidth * (taus - taus[0] + slack)).astype(jnp.uint32)
    values = standard_normal(key, holds, shape)
    return jnp.moveaxis(values, -1, 0)
