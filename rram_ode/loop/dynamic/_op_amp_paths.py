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


class WhitePaths(eqx.Module):
    """White noise of op-amps and resistors of consecutive samples.

    Args:
        law: Its spread.
        path: Standard normals.
        starts: Others, for the pre-charged integrators, `(dim, *samples)`.
    """

    law: OpAmpNoise
    path: LazyPath
    starts: State

    def start(self, circuit: Circuit) -> State:
        """What the switch leaves on the integrators' capacitors, in volts."""
        spread = self.law.start(circuit.integrator.c_f)
        return broadcast_columns(spread, self.starts) * self.starts


class OpAmpPaths(eqx.Module):
    """Noise of all op-amps of consecutive samples, a function of chip and lab time.

    Args:
        held: Volts that auto-zeroing leaves for a solve, `(op-amps, *samples)`, or
            `None`.
        white: Noise that changes within a solve, or `None`.
    """

    held: Voltages | None
    white: WhitePaths | None

    def start(self, circuit: Circuit) -> State | float:
        """What the switch leaves on the integrators' capacitors, in volts."""
        return 0.0 if self.white is None else self.white.start(circuit)

    def at_rest(self, circuit: Circuit) -> tuple[StageNoise, ...] | None:
        """Noise in which the circuit has settled before a solve; `None` for none.

        White noise starts with the solve, and what is held with it starts there, too.
        """
        if self.white is not None or self.held is None:
            return None
        return circuit.hold(self.held)


def op_amp_paths(
    law: OpAmpNoise | None,
    circuit: Circuit,
    first: int | Integer[Array, ""],
    num_samples: int,
    auto_zero: AutoZero | None = None,
) -> OpAmpPaths | None:
    """Those of samples `first` and following on the circuit's chip; `None` for none."""
    samples = auto_zero is not None and (auto_zero.is_noisy or law is not None)
    if law is None and not samples:
        return None
    indices = jnp.asarray(first, jnp.uint32) + jnp.arange(num_samples, dtype=jnp.uint32)
    key, start, zero = (jr.fold_in(circuit.chip.key, stream) for stream in STREAMS)
    held = white = None
    if auto_zero is not None and samples:
        die = circuit.chip.die
        auto_zero = auto_zero if die is None else die.auto_zero(auto_zero)
        assert auto_zero is not None  # of the same die
        spread = auto_zero.sampled(circuit.integrator.op_amp, law)
        held = spread * standard_normal(zero, indices, (circuit.channels // 2,))
    if law is not None:
        path = LazyPath(key, indices, law.interval, circuit.channels)
        dim = circuit.integrator.c_f.shape[0]
        white = WhitePaths(law, path, standard_normal(start, indices, (dim,)))
    return OpAmpPaths(held, white)


def op_amp_noise(
    paths: OpAmpPaths | None, circuit: Circuit, t0: RealScalarLike, t1: RealScalarLike
) -> tuple[StageNoise, ...] | None:
    """Noise of every stage during a step that crosses no edge of a hold."""
    if paths is None:
        return None
    white = paths.white
    if white is None:
        assert paths.held is not None  # by `op_amp_paths`
        return circuit.hold(paths.held)
    unit = white.path.within(jnp.asarray(t0), jnp.asarray(t1))
    return circuit.fluctuate(white.law, unit, paths.held)


def of_first_sample(
    circuit: Circuit, law: OpAmpNoise | None, auto_zero: AutoZero | None
) -> Circuit:
    """`circuit` whose offsets hold what auto-zeroing leaves for its first sample.

    With a `law`, it is played with the law's noise instead.
    """
    paths = None if law is not None else op_amp_paths(None, circuit, 0, 1, auto_zero)
    rest = None if paths is None else paths.at_rest(circuit)
    if rest is None:
        return circuit
    stages = lambda circuit: (*circuit.layers, circuit.integrator)
    offsets = lambda circuit: [stage.offset for stage in stages(circuit)]
    pairs = zip(offsets(circuit), rest, strict=True)
    return eqx.tree_at(offsets, circuit, [a + b.volts[:, 0] for a, b in pairs])
