"""Random telegraph noise: traps that switch a cell between two conductances."""

import math
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Integer

from .._core._arrays import root, scalar
from .._core._checks import is_concrete, non_negative, positive
from .._core._random import uniform
from .._core._streams import TelegraphStream, TrapStream
from .._core._types import Key, ProcessValues, Scalar, Seconds
from ._base import AbstractReadNoise
from ._lab_time import check_taus, even_holds, LabClock
from ._laws import LogNormal, LogUniform
from ._ornstein_uhlenbeck import averaged_decay
from ._path import HeldPath
from ._traps import Traps


HOLDS_PER_CORNER = 16.0


class TelegraphReadNoise(AbstractReadNoise):
    r"""A few two-state traps per cell, each with its own amplitude and dwell times.

    A trap's jump is $\Delta = a\, g\, (g_r / g)^m$, at most $g$: the relative jump is
    $a$ at the reference conductance and grows towards low conductance where $m > 0$.
    $a$ is lognormal over traps (D. Veksler et al., IRPS 2013, find that of peak-to-peak
    amplitudes in HfO2); both dwell times are drawn independently. `traps` draws the
    traps of a chip once; their states run on in lab time.

    States are held for at most 1 / 16 of the period of the fastest possible trap's
    corner, $2 \pi / 16 / (1 / \tau_h + 1 / \tau_l)$, or for a whole solve if that is
    shorter; from hold to hold the transition is exact. Telegraph noise is not Gaussian
    and not fast, so it is drawn for each cell.

    Args:
        amplitude: Law of $a$, the relative jump at `g_ref`.
        high: Law of the mean dwell time in the high state, in seconds.
        low: Law of the mean dwell time in the low state, in seconds.
        num_traps: Number of sites for a trap in a cell.
        share: Probability that a site has a trap.
        exponent: $m$, from 0 (one relative jump at every conductance) to 1 (one jump).
        g_ref: $g_r$, in siemens.
    """

    amplitude: LogNormal
    high: LogUniform
    low: LogUniform
    num_traps: int = eqx.field(static=True, default=1)
    share: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    exponent: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    g_ref: Float[Array, ""] = eqx.field(converter=scalar, default=50e-6)

    def __check_init__(self):
        if self.num_traps < 1:
            raise ValueError(
                f"`read.telegraph.traps` must be 1 or more; got {self.num_traps}."
            )
        non_negative("read.telegraph.share", self.share, "of sites")
        for name in ("share", "exponent"):
            value = getattr(self, name)
            if is_concrete(value) and not 0 <= float(value) <= 1:
                raise ValueError(
                    f"`read.telegraph.{name}` must be from 0 to 1; got "
                    f"{float(value):g}."
                )
        positive("read.telegraph.g_ref", self.g_ref, "S")

    def step(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """The jump of a trap with $a = 1$ at conductance `g`, both in siemens."""
        positive = jnp.where(g > 0, g, 1.0)
        step = positive * (self.g_ref / positive) ** self.exponent
        return jnp.where(g > 0, step, 0.0)

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Root mean square over traps and time at conductance `g`, in siemens.

        That no jump exceeds `g` is left out.
        """
        variance = self.amplitude.mean_square * self._mean(_variance)
        return self.step(g) * root(self.num_traps * self.share * variance)

    def psd(self, f: Float[Array, " freq"]) -> Float[Array, " freq"]:
        """One-sided density of the unit process: the mean Lorentzian, in 1/Hz."""

        def lorentzian(high, low):
            time = 1 / (1 / high + 1 / low)
            turns = 2 * jnp.pi * f[:, None, None] * time[None]
            return _variance(high, low)[None] * 4 * time[None] / (1 + turns**2)

        return self._mean(lorentzian) / self._mean(_variance)

    def averaged(self, time: Scalar) -> Scalar:
        """Variance of the mean over `time` seconds, a mean over the traps."""

        def variance(high, low):
            return _variance(high, low) * averaged_decay(time * (1 / high + 1 / low))

        return self._mean(variance) / self._mean(_variance)

    def plan(self, clock: LabClock) -> tuple[int, int]:
        """Number of values per solve, and number of levels in lab time."""
        fastest = 1 / float(self.high.low) + 1 / float(self.low.low)
        slowest = 1 / float(self.high.high) + 1 / float(self.low.high)
        per_solve = HOLDS_PER_CORNER * fastest / (2 * math.pi) * clock.sized_for
        return even_holds(per_solve), clock.num_levels(slowest)

    def interval(self, clock: LabClock, plan: tuple[int, int]) -> Scalar:
        """The hold, in seconds."""
        return clock.duration / plan[0]

    def traps(self, g: Float[Array, "*cells"], *, key: Key) -> Traps:
        """The traps of cells of conductance `g`, in siemens, drawn once per chip."""
        shape = (self.num_traps, *g.shape)
        keys = {stream: jr.fold_in(key, stream) for stream in TrapStream}
        one = jnp.zeros(1, jnp.uint32)
        there = uniform(keys[TrapStream.PRESENCE], one, shape)[..., 0] <= self.share
        amplitude = self.amplitude.draw(keys[TrapStream.AMPLITUDE], shape)
        jump = jnp.minimum(amplitude * self.step(g)[None], g[None])
        return Traps(
            jnp.where(there, jump, 0.0),
            self.high.draw(keys[TrapStream.HIGH], shape),
            self.low.draw(keys[TrapStream.LOW], shape),
        )

    def sample_path(
        self,
        clock: LabClock,
        plan: tuple[int, int],
        shape: tuple[int, ...],
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Paths of unit variance of `shape` cells, their jumps not limited to `g`.

        A chip knows its cells, and asks their `Traps` for siemens instead.
        """
        traps = self._unit_traps(shape, jr.fold_in(key, TelegraphStream.TRAPS))
        return traps.sample_path(
            clock,
            plan,
            first=first,
            num_samples=num_samples,
            key=jr.fold_in(key, TelegraphStream.STATES),
        )

    def path(
        self, key: Key, taus: Seconds, shape: tuple[int, ...] = ()
    ) -> ProcessValues:
        """Values at `taus`, in seconds; each of `shape` cells draws its own traps."""
        check_taus(taus)
        traps = self._unit_traps(shape, jr.fold_in(key, TelegraphStream.TRAPS))
        return traps.path(jr.fold_in(key, TelegraphStream.STATES), taus)

    def _unit_traps(self, shape: tuple[int, ...], key: Key) -> Traps:
        one = jnp.ones(shape, self.g_ref.dtype)
        traps = self.traps(self.g_ref * one, key=key)
        spread = self.spread(self.g_ref)
        scale = jnp.where(spread > 0, 1 / jnp.where(spread > 0, spread, 1.0), 0.0)
        return Traps(scale * traps.jump, traps.high, traps.low)

    def _mean(self, function: Callable[[Array, Array], Array]) -> Float[Array, "..."]:
        """Mean of a function of both dwell times over their laws."""
        high, high_weights = self.high.quadrature()
        low, low_weights = self.low.quadrature()
        values = function(high[:, None], low[None])
        return values @ low_weights @ high_weights


def _variance(high, low):
    """Variance of a trap with a jump of 1: the product of both states' fractions."""
    return high * low / (high + low) ** 2
