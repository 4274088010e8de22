"""Noise of a circuit's op-amps: its law and its realised values."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Integer

from .._draws import standard_normal
from .._misc import columns
from .._types import RealScalarLike, State
from ..blocks import OpAmpNoise, StageNoise
from ..scores import Circuit
from ._drawn_path import DrawnPath


NUMBERS = 20, 21  # of the chip's key: noise, starts; others are 0 to 3 and 10


class OpAmpPaths(eqx.Module):
    """Noise of all op-amps of consecutive samples, a function of chip and lab time.

    Args:
        law: Its spread.
        path: Standard normals.
        starts: Others, for the pre-charged integrators, `(dim, *samples)`.
    """

    law: OpAmpNoise
    path: DrawnPath
    starts: State

    def start(self, circuit: Circuit) -> State:
        """What the switch leaves on the integrators' capacitors, in volts."""
        spread = self.law.start(circuit.integrator.c_f)
        return columns(spread, self.starts) * self.starts


def op_amp_paths(
    law: OpAmpNoise | None,
    circuit: Circuit,
    first: int | Integer[Array, ""],
    num_samples: int,
) -> OpAmpPaths | None:
    """Those of samples `first` and following on the circuit's chip."""
    if law is None:
        return None
    indices = jnp.asarray(first, jnp.uint32) + jnp.arange(num_samples, dtype=jnp.uint32)
    key, start = (jr.fold_in(circuit.chip.key, number) for number in NUMBERS)
    path = DrawnPath(key, indices, law.interval, circuit.channels)
    dim = circuit.integrator.c_f.shape[0]
    return OpAmpPaths(law, path, standard_normal(start, indices, (dim,)))


def over(
    paths: OpAmpPaths | None, circuit: Circuit, t0: RealScalarLike, t1: RealScalarLike
) -> tuple[StageNoise, ...] | None:
    """Noise of every stage during a step that crosses no edge of a hold."""
    if paths is None:
        return None
    unit = paths.path.within(jnp.asarray(t0), jnp.asarray(t1))
    return circuit.fluctuate(paths.law, unit)
