"""1/f read noise between two corner frequencies."""

import math

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Integer

from .._draws import standard_normal
from .._misc import is_concrete, non_negative, scalar
from .._types import Key, Scalar
from ._base import AbstractReadNoise
from ._clock import LabClock
from ._ornstein_uhlenbeck import add_bridge, anchors, num_levels
from ._path import HeldPath


SPACING = 4.0
HOLDS_PER_CORNER = 16.0


class FlickerReadNoise(AbstractReadNoise):
    r"""A sum of Ornstein-Uhlenbeck states, each held and realised at its own rate.

    The law is the even mixture over ln f_c of one-pole spectra between the corners
    (McWhorter's spectrum), with $A = \sigma_e^2$ the variance per e-fold of frequency:

    $$S(f) = \frac{2A}{\pi f} \left(\arctan\frac{f_2}{f} - \arctan\frac{f_1}{f}\right),
      \qquad \int_0^\infty S\,df = A \ln\frac{f_2}{f_1},$$

    which is $A / f$ between the corners. It is realised by states a factor 4 or less
    apart (0.3 % ripple), each held at most 1 / 16 of its corner's period (or a whole
    solve, if that is shorter), which keeps the density within 5 % of the law over the
    band. All states run on through lab time, from sample to sample.

    $\sigma_e(g) = \max(\sigma_0 + k \log_{10}(g / 1\,\mu S), 0)$: the form of the
    CMO/HfOx fit (Lombardo et al., DRC 2024), constant for k = 0.

    Args:
        std: $\sigma_0$, in siemens per root e-fold.
        f_min: Lower corner $f_1$, in hertz.
        f_max: Upper corner $f_2$, in hertz.
        slope: $k$, in siemens per root e-fold and decade.
    """

    std: Float[Array, ""] = eqx.field(converter=scalar)
    f_min: Float[Array, ""] = eqx.field(converter=scalar)
    f_max: Float[Array, ""] = eqx.field(converter=scalar)
    slope: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("read.flicker.std", self.std, "S")
        if not is_concrete(self.f_min, self.f_max):
            return
        if not 0 < float(self.f_min) < float(self.f_max):
            raise ValueError(
                "`read.flicker.f_min` must be positive and below `f_max`, in hertz; "
                f"got {float(self.f_min):g} and {float(self.f_max):g}."
            )

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Standard deviation over the whole band at conductance `g`, in siemens."""
        decades = jnp.log10(jnp.maximum(g * 1e6, 1e-12))
        per_efold = jnp.maximum(self.std + self.slope * decades, 0.0)
        return per_efold * jnp.sqrt(jnp.log(self.f_max / self.f_min))

    def psd(self, f: Float[Array, " freq"]) -> Float[Array, " freq"]:
        """One-sided density of the unit process, in 1/Hz."""
        band = jnp.arctan(self.f_max / f) - jnp.arctan(self.f_min / f)
        return 2 * band / (jnp.pi * f * jnp.log(self.f_max / self.f_min))

    def plan(self, clock: LabClock) -> tuple:
        """Number of values in a solve for each state, slowest first, and the depth."""
        low, high = float(self.f_min), float(self.f_max)
        num = math.ceil(math.log(high / low) / math.log(SPACING))
        corners = [low * (high / low) ** ((k + 0.5) / num) for k in range(num)]
        duration, reset = float(clock.duration), float(clock.reset)
        holds = (_holds(HOLDS_PER_CORNER * f * duration) for f in corners)
        return tuple(holds), num_levels(2 * math.pi * corners[0] * (duration + reset))

    def interval(self, clock: LabClock, plan: tuple) -> Scalar:
        """The hold of the fastest state, in seconds."""
        return clock.duration / plan[0][-1]

    def path(
        self,
        clock: LabClock,
        plan: tuple,
        shape: tuple[int, ...],
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Correlated paths of consecutive samples, `(holds, *shape, num_samples)`."""
        holds, levels = plan
        theta = 2 * jnp.pi * self._corners(len(holds))
        starts = anchors(
            key,
            theta,
            clock.period,
            levels,
            shape,
            first=first,
            num=num_samples + 1,
        )
        slow = sum(count == 1 for count in holds)
        total = jnp.sum(starts[:slow, ..., :-1], axis=0)[None]
        samples = first + jnp.arange(num_samples, dtype=first.dtype)
        for count in sorted({c for c in holds if c > 1}):
            some = [k for k, c in enumerate(holds) if c == count]
            group = slice(some[0], some[-1] + 1)
            inner = jr.fold_in(jr.fold_in(key, levels + 1), count)
            total = add_bridge(
                total,
                starts[group, ..., :-1],
                starts[group, ..., 1:],
                theta[group],
                clock.duration / count,
                clock.period,
                count,
                lambda n, inner=inner, num=len(some): standard_normal(
                    inner, samples, (num, *shape), block=n
                ),
            )
        return HeldPath(total / math.sqrt(len(holds)), self.interval(clock, plan))

    def _corners(self, num: int) -> Float[Array, " num"]:
        """Centres of `num` even parts of the band on a logarithmic axis, in hertz."""
        part = (jnp.arange(num, dtype=self.f_min.dtype) + 0.5) / num
        return self.f_min * (self.f_max / self.f_min) ** part


def _holds(least: float) -> int:
    """The first of 1, 5, 10, 20, 40, ... that is at least `least`.

    Each divides the next, and those to 40 divide 200 steps, so that edges fall on them.
    """
    return 1 if least <= 1 else 5 * 2 ** max(0, math.ceil(math.log2(least / 5)))
