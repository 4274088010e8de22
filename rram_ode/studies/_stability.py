r"""Rates of the loop and its phase margin: is it slow enough for its amplifiers?

Around a point of the flow the state obeys $\dot v = \alpha v + J v$, with $\alpha$ the
direct path of the multiplier and $J$ the Jacobian of the path through the network. The
layers' amplifiers delay the second path alone, so that for each eigenvalue $\lambda$ of
$J$

$$L(s) = -\frac{\lambda}{s - \alpha} \prod_l \frac{1}{1 + s / p_l}$$

is the open loop. The flow ends, so a loop without margin does not diverge at once: the
margin says where ringing begins.
"""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, Num
from scipy.optimize import elementwise

from .._core._types import Seconds
from ..chip import Chip
from ..loop import ClosedLoop, DynamicLoop, SwitchedLoop
from ..system import Run, System


class LoopRates(eqx.Module):
    r"""Rates of the loop along a trajectory, in 1/s.

    Args:
        direct: $\alpha$ at each time.
        score: $\lambda$ at each time, `(times, dim)`.
    """

    direct: Float[Array, "*runs times"]
    score: Complex[Array, "*runs times dim"]


def loop_rates(
    loop: ClosedLoop, chip: Chip, v: Float[Array, "*runs times dim"], taus: Seconds
) -> LoopRates:
    """Rates of the loop at the states `v`, in volts, at the times `taus`.

    They are the rates of the circuit with infinitely fast op-amps and no read noise.
    """
    runs = v.reshape(-1, *v.shape[-2:])
    direct, slopes = _slopes(loop, chip, runs, taus)
    # On the host: not every device of JAX has the eigenvalues of such matrices.
    score = np.linalg.eigvals(slopes) + 0j
    direct = direct.reshape(v.shape[:-1])
    return LoopRates(direct, jnp.asarray(score).reshape(v.shape))


@eqx.filter_jit
def _slopes(
    loop: ClosedLoop, chip: Chip, v: Float[Array, "runs times dim"], taus: Seconds
) -> tuple[Float[Array, "runs times"], Float[Array, "runs times dim dim"]]:
    """Rates of the direct path, and the Jacobians of the path through the network."""
    waveforms = loop.waveforms(chip)

    def at(v, tau):
        waves = waveforms(tau)
        still = jnp.zeros_like(v)
        direct = jax.jacfwd(lambda v: chip.integrator.rate(waves[-2] * v, v))(v)

        def network(v):
            v_score, _ = chip.score.nodes(v, waves[:-2])
            return chip.integrator.rate(waves[-1] * v_score, still)

        alpha = jnp.trace(direct) / v.size
        return alpha, jax.jacfwd(network)(v)

    return jax.vmap(jax.vmap(at), in_axes=(0, None))(v, taus)


def phase_margin(
    score: Num[np.ndarray, "*shape"],
    direct: Float[np.ndarray, "*#shape"],
    poles: Float[np.ndarray, " layers"],
) -> Float[np.ndarray, "*shape"]:
    r"""$180° + \arg L(j\omega)$ where $|L| = 1$, from -180 to 180 degrees.

    The margin is infinite where $|L|$ stays below 1, so that the network is too weak to
    make the loop ring, and where $\lambda$ has a positive real part: there the flow
    itself grows, whatever the amplifiers do.

    Args:
        score: Eigenvalues $\lambda$, in 1/s.
        direct: Direct path $\alpha$, in 1/s.
        poles: Poles $p_l$ of the amplifiers in the path, in 1/s.
    """
    lam, alpha = np.broadcast_arrays(np.asarray(score), np.asarray(direct, float))
    size = np.abs(lam)
    is_strong = (size > np.abs(alpha)) & (np.real(lam) < 0)

    def excess(w, size, alpha):
        lags = sum(np.log1p((w / p) ** 2) for p in poles)
        return np.log(w**2 + alpha**2) + lags - 2 * np.log(size)

    # The root finder needs a crossing: a weak loop gets a path that has one.
    safe = np.where(is_strong, size, 1.0)
    weak = np.where(is_strong, alpha, 0.0)
    bracket = (1e-9 * safe, safe)
    crossing = elementwise.find_root(excess, bracket, args=(safe, weak)).x
    path = np.prod([1 + 1j * crossing / p for p in poles], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        opened = -lam / (1j * crossing - alpha) / path
    margin = (np.degrees(np.angle(opened)) + 360.0) % 360.0 - 180.0
    return np.where(is_strong, margin, np.inf)


@dataclasses.dataclass(frozen=True)
class Stability:
    """The loop where it rings first: its fastest contraction against its poles.

    Args:
        rate_hz: Rate of the fastest contraction of all trajectories and times, in Hz.
        poles_hz: Slowest pole of each layer's amplifiers, in Hz; none where they are
            infinitely fast.
        margin_deg: Phase margin there, in degrees; infinite without poles.
    """

    rate_hz: float
    poles_hz: tuple[float, ...]
    margin_deg: float


def find_stability(system: System, chip: Chip, run: Run) -> Stability:
    """The phase margin of the loop around `chip`, along what `run` saw of its state.

    Rates are those of the circuit without read noise; they go as 1 / duration, and the
    poles of the amplifiers do not. An array that is switched between labels is taken as
    if its turns were infinitely fast.
    """
    loop = system.chip_loop
    loop = loop.loop if isinstance(loop, SwitchedLoop) else loop
    assert isinstance(loop, ClosedLoop | DynamicLoop)  # there is no other loop
    poles = np.zeros(0)
    if isinstance(loop, DynamicLoop):
        poles, loop = np.asarray(_poles(loop, chip)), loop.loop
    taus = jnp.asarray(run.trajectory.taus)
    states = jnp.moveaxis(jnp.asarray(run.trajectory.v), -1, 0)
    rates = loop_rates(loop, chip, states, taus)
    score, direct = np.asarray(rates.score), np.asarray(rates.direct)[..., None]
    fastest = np.unravel_index(np.argmin(np.real(score)), score.shape)
    lam = np.asarray(score[fastest])
    alpha = np.asarray(direct[fastest[:-1]][0])
    margin = float(phase_margin(lam, alpha, poles)) if len(poles) else np.inf
    to_hz = lambda rate: float(np.abs(rate) / 2 / np.pi)
    return Stability(to_hz(lam), tuple(map(to_hz, poles)), margin)


def loop_delay(loop: DynamicLoop, chip: Chip) -> float:
    r"""Delay of the path through the network, $\sum_l \tau_l$ over layers, in seconds.

    Without capacitors $\tau_l$ is the noise gain over $2 \pi f_\text{GBW}$, else the
    sum of the time constants of a column; the mean over columns counts. Slow signals
    are late by it. `train.lead` and `solve.lead` make up for it.
    """
    stages = eqx.filter_jit(lambda loop, chip: loop.circuit(chip).layers)(loop, chip)
    found = 0.0
    for stage in stages:
        modes = stage.modes
        constants = modes.decay / (modes.decay**2 + modes.ring**2)
        found += float(constants.sum()) / len(stage.g_f)
    return found


def _poles(loop: DynamicLoop, chip: Chip) -> list[float]:
    """The slowest pole of each layer's amplifiers, in 1/s."""
    stages = eqx.filter_jit(lambda loop, chip: loop.circuit(chip).layers)(loop, chip)
    return [float(stage.modes.decay.min()) for stage in stages]
