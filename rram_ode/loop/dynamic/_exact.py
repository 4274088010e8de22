"""One trajectory at a time through the dynamic circuit, by a stiff solver."""

import diffrax as dfx
import jax.numpy as jnp
import jax.tree_util as jtu
import numpy as np
from jaxtyping import Array

from ..._core._types import RealScalarLike, Scalar, Seconds
from ...blocks import StageNoise
from .._signals import Signals
from .._solve_each import solve_each
from .._term import LoopTerm
from ._circuit import Circuit
from ._ground import with_ground
from ._op_amp_paths import op_amp_noise, OpAmpPaths
from ._state import CircuitState


Control = tuple[Signals, tuple[StageNoise, ...] | None]


class CircuitTerm(dfx.AbstractTerm):
    """Slopes of every op-amp, driven by the realised paths of a `LoopTerm`.

    Args:
        circuit: The chip.
        signals: Makes the control of a step.
        op_amps: Noise of the op-amps; `None` for none.
    """

    circuit: Circuit
    signals: LoopTerm
    op_amps: OpAmpPaths | None = None

    def vf(
        self, t: RealScalarLike, y: CircuitState, args: object
    ) -> tuple[Scalar, CircuitState]:
        """The circuit time and the state: `prod` needs both, with the control."""
        del args
        return jnp.asarray(t), y

    def contr(self, t0: RealScalarLike, t1: RealScalarLike, **kwargs) -> Control:
        """Means over the step from `t0` to `t1`, in seconds."""
        control = self.signals.contr(t0, t1, **kwargs)
        stages = op_amp_noise(self.op_amps, self.circuit, t0, t1)
        return control, with_ground(stages, control.noise, control.ground)

    def prod(self, vf: tuple[Scalar, CircuitState], control: Control) -> CircuitState:
        """The change of all voltages over a step."""
        tau, u = vf
        signals, stages = control
        waveforms = self.signals.waveforms
        played = waveforms.play(tau, signals)
        injected = waveforms.noise(tau, signals)
        noise = played.noise, injected, stages
        of = played.waves, *noise, played.factors, signals.guidance
        rate = self.circuit.rate(u, *of)
        return jtu.tree_map(lambda slope: signals.dt * slope, rate)

    def is_vf_expensive(self, t0, t1, y, args) -> bool:
        """So that solvers never ask for `vf` alone."""
        del t0, t1, y, args
        return True


def solve_exactly(
    term: CircuitTerm, u: CircuitState, times: Seconds, at: np.ndarray, rtol: Scalar
) -> tuple[CircuitState, CircuitState, Array, Array]:
    """Kvaerno5 with adaptive steps, cut at `times`, one sequence for each sample.

    Returns:
        The last state, those at the times numbered `at` (a leading axis), the number of
        steps and whether the end was reached.
    """
    unit = term.circuit.network.volts_in
    controller = dfx.ClipStepSizeController(
        dfx.PIDController(rtol=rtol, atol=rtol * unit, pcoeff=0.3, icoeff=0.4),
        jump_ts=times[1:-1] if times.size > 2 else None,
    )
    signals = term.signals
    return solve_each(
        lambda paths: CircuitTerm(
            term.circuit, LoopTerm(signals.waveforms, signals.held, paths[0]), paths[1]
        ),
        dfx.Kvaerno5(),
        controller,
        (times[1] - times[0]) / 100,
        u,
        (signals.paths, term.op_amps),
        times,
        at,
        16**4,
    )
