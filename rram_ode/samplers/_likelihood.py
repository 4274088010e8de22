"""Exact log-likelihood along a probability flow, digital or through the closed loop."""

import dataclasses
from collections.abc import Callable

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._types import Key, Scalar, State
from ..chip import Chip, GuidedNetwork, SwitchedNetwork
from ..loop import ClosedLoop
from ..scores import AbstractScore, GuidedScore, LabelledScore
from ..sdes import AbstractProcess, AbstractScoreProcess, ReverseSDE
from ._divergence import AbstractDivergence, ExactDivergence, with_divergence


LogDensity = Callable[[State], Float[Array, "*samples"]]


Field = Callable[[Scalar, Float[Array, " dim"]], Float[Array, " dim"]]


def log_likelihood(
    process: AbstractProcess,
    score: AbstractScore,
    base: LogDensity,
    x0: State,
    t0: float,
    t1: float,
    *,
    divergence: AbstractDivergence = ExactDivergence(),
    tolerance: float = 1e-6,
    key: Key | None = None,
) -> Float[Array, " samples"]:
    r"""$\log p(x_0) = \log p_1(x_1) + \int_{t_0}^{t_1} \nabla\cdot v(t, x_t)\,dt$.

    $v$ is the flow's velocity and $x_t$ its path through `x0`; both are solved together
    by Tsit5, each sample with steps of its own.

    Source: Chen et al. 2018, arXiv 1806.07366, eq. 8; Song et al. 2021, arXiv
    2011.13456, eq. 39.

    Args:
        process: The probability flow, or that of a velocity.
        score: The score, or the velocity, that it follows.
        base: Log density at `t1`, in nats, `(dim, samples)` to `(samples,)`. With a
            unit normal in place of the marginal the result is that of another model.
        x0: Where, `(dim, samples)`, at `t0`.
        t0: Last diffusion time, that of `x0`.
        t1: First diffusion time.
        divergence: Exact, or Hutchinson's estimate.
        tolerance: rtol and atol of state and integral.
        key: Key of the probes of an estimate.

    Returns:
        In nats, of the samples' density, `(samples,)`.

    Raises:
        ValueError: For a process that injects noise, or has a `beta_factor`, or with
            guidance.
    """
    guided = score.score if isinstance(score, LabelledScore) else score
    if isinstance(guided, GuidedScore):
        require_unguided(float(guided.guidance))
    if isinstance(process, ReverseSDE):
        raise ValueError(
            "a likelihood follows a flow without injected noise: take "
            "`ProbabilityFlow`, not `ReverseSDE`."
        )
    if isinstance(process, AbstractScoreProcess) and not process.is_true_schedule:
        raise ValueError(
            f"a likelihood needs a `beta_factor` of 1; got {float(process.beta_factor)}"
            ": with another the drift is the probability flow of no process."
        )
    return _along_flow(
        process, score, base, x0, scalar(t0), scalar(t1), divergence, tolerance, key
    )


def loop_log_likelihood(
    loop: ClosedLoop,
    chip: Chip,
    base: LogDensity,
    x0: State,
    *,
    divergence: AbstractDivergence = ExactDivergence(),
    tolerance: float = 1e-6,
    key: Key | None = None,
) -> Float[Array, " samples"]:
    r"""$\log p(x_T) = \log p(x_0) - \int_0^T \nabla\cdot F\,d\tau$ of a chip's samples.

    $F$ is the loop's own rate of the state, its clamps, leak and offsets included, so
    this is the density of what the chip puts out. A clamped state has a flow that
    cannot be reversed, and no density here.

    Args:
        loop: The circuit.
        chip: The hardware.
        base: Log density of the starts, in nats.
        x0: Samples that the chip could put out, dimensionless, `(dim, samples)`.
        divergence: Exact, or Hutchinson's estimate.
        tolerance: rtol and atol of state (dimensionless) and integral.
        key: Key of the probes of an estimate.

    Raises:
        ValueError: If the loop has live noise, or a converter with steps, or the chip
            guides.
    """
    if isinstance(chip.score, GuidedNetwork | SwitchedNetwork):
        require_unguided(float(chip.score.stage.weight))
    plan = loop.plan
    live = ("white", "flicker", "telegraph", "thermal", "injected")
    found = [name for name in live if getattr(plan, name) is not None]
    if found:
        raise ValueError(
            f"a likelihood needs a flow without live noise; the loop has {found[0]} "
            "noise: set its strength to 0, or close the loop with `read=SILENT`."
        )
    if plan.waves is not None or loop.dac.bits is not None:
        raise ValueError(
            "a likelihood needs a continuous DAC: set `dac.bits` and "
            "`dac.update_rate` to None."
        )
    converters = loop.converters
    if converters.adc.bits is not None or converters.start.bits is not None:
        raise ValueError(
            "a likelihood needs continuous starts and ends: set `start.bits` and "
            "`adc.bits` to None."
        )
    return _along_loop(loop, chip, base, x0, divergence, tolerance, key)


def require_unguided(weight: float) -> None:
    """Refuse guidance, where a flow has to be that of a process.

    Raises:
        ValueError: If the weight is not 0.
    """
    if weight:
        raise ValueError(
            f"a likelihood needs `guidance.weight` 0; got {weight:g}: no diffusion has "
            "these scores, so that the flow is the probability flow of no process."
        )


@eqx.filter_jit
def _along_flow(process, score, base, x0, t0, t1, divergence, tolerance, key):
    field = lambda t, x: process.velocity(score, t, x)
    return _follow(field, base, x0, t0, t1, divergence, tolerance, key)


@eqx.filter_jit
def _along_loop(loop, chip, base, x0, divergence, tolerance, key):
    term, unit = loop.term(chip, x0), chip.score.volts_in

    def field(s: Scalar, x: Float[Array, " dim"]) -> Float[Array, " dim"]:
        """Rate over the share s of the solve that is left."""
        tau = (1 - s) * loop.clock.duration
        second = dataclasses.replace(term.contr(tau, tau), dt=jnp.ones_like(tau))
        rate = term.prod((tau, unit * x), second)
        return -loop.clock.duration * rate / unit

    zero = jnp.zeros_like(loop.clock.duration)
    return _follow(field, base, x0, zero, zero + 1, divergence, tolerance, key)


def _follow(
    field: Field,
    base: LogDensity,
    x0: State,
    start: Scalar,
    end: Scalar,
    divergence: AbstractDivergence,
    tolerance: float,
    key: Key | None,
) -> Float[Array, " samples"]:
    """`base` at the end of each path, and the integral of the divergence along it."""
    probes = divergence.probes(x0, key=key)

    def one(x: Float[Array, " dim"], own: Float[Array, "probes dim"]):
        def rate(t, state, args):
            del args
            return with_divergence(lambda y: field(t, y), state[:-1], own)

        solution = dfx.diffeqsolve(
            dfx.ODETerm(rate),
            dfx.Tsit5(),
            start,
            end,
            (end - start) / 100,
            jnp.append(x, 0.0),
            stepsize_controller=dfx.PIDController(rtol=tolerance, atol=tolerance),
            max_steps=16**4,
        )
        ys = solution.ys
        assert ys is not None  # the end is saved by default
        return ys[0]

    ends = jax.vmap(one, in_axes=(1, 0), out_axes=1)(x0, probes)
    return base(ends[:-1]) + ends[-1]
