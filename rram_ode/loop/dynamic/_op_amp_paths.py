"""Noise of a circuit's op-amps: its law and its realised values."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Integer

from ..._core._arrays import broadcast_columns
from ..._core._random import standard_normal
from ..._core._streams import LabStream
from ..._core._types import RealScalarLike, State, Voltages
from ...blocks import AutoZero, OpAmpNoise, StageNoise
from ...noise import LazyPath
from ._circuit import Circuit


STREAMS = (
    LabStream.OP_AMP_NOISE,
    LabStream.OP_AMP_STARTS,
    LabStream.AUTO_ZERO_SAMPLES,
)


class OpAmpPaths(eqx.Module):
    """Noise of all op-amps of consecutive samples, a function of chip and lab time.

    Args:
        law: Its spread.
        path: Standard normals.
        starts: Others, for the pre-charged integrators, `(dim, *samples)`.
        held: Volts that auto-zeroing leaves for a solve, `(op-amps, *samples)`, or
            `None`.
    """

    law: OpAmpNoise
    path: LazyPath
    starts: State
    held: Voltages | None

    def start(self, circuit: Circuit) -> State:
        """What the switch leaves on the integrators' capacitors, in volts."""
        spread = self.law.start(circuit.integrator.c_f)
        return broadcast_columns(spread, self.starts) * self.starts


def op_amp_paths(
    law: OpAmpNoise | None,
    circuit: Circuit,
    first: int | Integer[Array, ""],
    num_samples: int,
    auto_zero: AutoZero | None = None,
) -> OpAmpPaths | None:
    """Those of samples `first` and following on the circuit's chip."""
    if law is None:
        return None
    indices = jnp.asarray(first, jnp.uint32) + jnp.arange(num_samples, dtype=jnp.uint32)
    key, start, zero = (jr.fold_in(circuit.chip.key, stream) for stream in STREAMS)
    path = LazyPath(key, indices, law.interval, circuit.channels)
    dim = circuit.integrator.c_f.shape[0]
    held = None
    if auto_zero is not None:
        die = circuit.chip.die
        auto_zero = auto_zero if die is None else die.auto_zero(auto_zero)
        assert auto_zero is not None  # of the same die
        spread = auto_zero.sampled(circuit.integrator.op_amp, law)
        held = spread * standard_normal(zero, indices, (circuit.channels // 2,))
    return OpAmpPaths(law, path, standard_normal(start, indices, (dim,)), held)


def op_amp_noise(
    paths: OpAmpPaths | None, circuit: Circuit, t0: RealScalarLike, t1: RealScalarLike
) -> tuple[StageNoise, ...] | None:
    """Noise of every stage during a step that crosses no edge of a hold."""
    if paths is None:
        return None
    unit = paths.path.within(jnp.asarray(t0), jnp.asarray(t1))
    return circuit.fluctuate(paths.law, unit, paths.held)
