"""The closed loop as a term of diffrax."""

import diffrax as dfx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool

from .._core._arrays import broadcast_columns
from .._core._types import RealScalarLike, Scalar, State
from ..noise import HeldPath
from ._signals import SamplePaths, Signals
from ._waveforms import Waveforms


class LoopTerm(dfx.AbstractTerm):
    """dv/dtau of the state's voltages, `(dim, *samples)`, driven by realised paths.

    Where op-amps have noise, the voltages are those across the integrators' capacitors,
    and outputs have the noise at the + inputs on top.

    The control over a step is `Signals`: its length, and the means of paths over it.
    They act inside the nonlinear vector field, so `vf` only carries its arguments to
    `prod`, where field and control meet; solvers call `vf_prod` (`is_vf_expensive`).

    Args:
        waveforms: What the DAC plays, and the chip that it drives.
        held: The same waveforms held between updates; `None` for a continuous DAC.
        paths: The noise of each sample.
    """

    waveforms: Waveforms
    held: HeldPath | None
    paths: SamplePaths

    def vf(self, t: RealScalarLike, y: State, args: object) -> tuple[Scalar, State]:
        """The circuit time and the state's voltages."""
        del args
        return jnp.asarray(t), y

    def contr(self, t0: RealScalarLike, t1: RealScalarLike, **kwargs) -> Signals:
        """Means over the step from `t0` to `t1`, in seconds."""
        del kwargs
        t0, t1 = jnp.asarray(t0), jnp.asarray(t1)
        return self.paths.signals(t0, t1, self.held)

    def prod(self, vf: tuple[Scalar, State], control: Signals) -> State:
        """The change of voltage that this evaluation of the field gives over a step."""
        tau, v = vf
        played = self.waveforms.play(tau, control)
        out = v if control.ground is None else v + control.ground
        score = self.waveforms.chip.score
        v_score, _ = score.nodes(out, played.embedding, played.noise)
        return self.change(tau, v, control, v_score)

    def change(self, tau: Scalar, v: State, control: Signals, v_score: State) -> State:
        """The change of voltage over a step by the score `v_score`, in volts."""
        chip = self.waveforms.chip
        factors = self.waveforms.play(tau, control).factors
        out = v if control.ground is None else v + control.ground
        v_in = chip.multiply(factors, out, control.of_score(v_score))
        noise = self.waveforms.noise(tau, control)
        if noise is not None:
            v_in = v_in + noise
        if control.ground is not None:
            v_in = v_in + control.ground
        return control.dt * chip.integrator.rate(v_in, v)

    def limited(self) -> Bool[Array, "nodes samples"]:
        """Which values of the injected noise pass the limit, of each sample."""
        path, limit = self.paths.injected, self.waveforms.noise_limit
        assert path is not None  # by the caller, and so is the limit
        assert limit is not None
        middles = jnp.arange(0.5, path.values.shape[0]) * path.interval
        gains = jax.vmap(self.waveforms.injection)(middles)
        volts = jnp.abs(broadcast_columns(gains, path.values) * path.values)
        return (volts > limit).reshape(-1, path.values.shape[-1])

    def is_vf_expensive(self, t0, t1, y, args) -> bool:
        """So that solvers never ask for `vf` alone."""
        del t0, t1, y, args
        return True
