"""1/f^a read noise between two corner frequencies."""

import math

import equinox as eqx
import jax.numpy as jnp
import jax.scipy.special as jss
import numpy as np
from jaxtyping import Array, Float, Integer

from .._core._arrays import scalar, scalar_or_none
from .._core._checks import is_concrete, non_negative
from .._core._types import Key, ProcessValues, Scalar, Seconds
from ._base import AbstractReadNoise
from ._holds import centres, fewest_holds
from ._lab_time import check_taus, LabClock
from ._ornstein_uhlenbeck import averaged_decay, walk
from ._path import HeldPath
from ._sum_of_states import sum_of_states


SPACING = 4.0


NODES = 64  # of the quadrature over the band: several per e-fold


EXPONENTS = (0.8, 1.4)  # beyond these the ends of the band dominate


class FlickerReadNoise(AbstractReadNoise):
    r"""1/f read noise as a sum of Ornstein-Uhlenbeck states, each held at its own rate.

    The law is the even mixture over ln f_c of one-pole spectra between the corners
    (McWhorter's spectrum), with $A = \sigma_e^2$ the variance per e-fold of frequency:

    $$S(f) = \frac{2A}{\pi f} \left(\arctan\frac{f_2}{f} - \arctan\frac{f_1}{f}\right),
      \qquad \int_0^\infty S\,df = A \ln\frac{f_2}{f_1},$$

    which is $A / f$ between the corners. The corners of neighbouring states are a
    factor 4 or less apart (0.3 % ripple). Each state is held for as long as the density
    stays within 4.5 % of the law over the band: for a part of a solve, or for several
    solves, see `fewest_holds`. Where the exponent is above 1, states a factor 4 apart
    leave up to 3.4 % themselves, and the density may be off by 9 % near one frequency.
    All states run on through lab time, from sample to sample, and each has its whole
    variance at any time.

    With an exponent $a \ne 1$ the weight of a state is proportional to $f_c^{1 - a}$.
    The density is proportional to $f^{-a}$ between the corners, with the same variance
    $A \ln(f_2 / f_1)$; with $z_i = f_i^2 / (f_i^2 + f^2)$ and the regularised
    incomplete beta function I,

    $$S(f) = \frac{A \ln(f_2 / f_1)\,(1 - a)}{f_2^{1 - a} - f_1^{1 - a}}
      \frac{I_{z_2}(1 - \frac a2, \frac a2) - I_{z_1}(1 - \frac a2, \frac a2)}
      {f^a \sin(\pi a / 2)} .$$

    $\sigma_e(g) = \max(\sigma_0 + k \log_{10}(g / 1\,\mu S), 0)$: the form of the
    CMO/HfOx fit (Lombardo et al., DRC 2024), constant for k = 0.

    Args:
        std: $\sigma_0$, in siemens per root e-fold (the mean over the band).
        f_min: Lower corner $f_1$, in hertz.
        f_max: Upper corner $f_2$, in hertz.
        slope: $k$, in siemens per root e-fold, per decade of conductance.
        exponent: $a$, from 0.8 to 1.4; `None` for 1.
    """

    std: Float[Array, ""] = eqx.field(converter=scalar)
    f_min: Float[Array, ""] = eqx.field(converter=scalar)
    f_max: Float[Array, ""] = eqx.field(converter=scalar)
    slope: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    exponent: Float[Array, ""] | None = eqx.field(
        converter=scalar_or_none, default=None
    )

    def __check_init__(self):
        non_negative("read.flicker.std", self.std, "S")
        if not is_concrete(self.f_min, self.f_max):
            return
        if not 0 < float(self.f_min) < float(self.f_max):
            raise ValueError(
                "`read.flicker.f_min` must be positive and below `f_max`, in hertz; "
                f"got {float(self.f_min):g} and {float(self.f_max):g}."
            )
        if self.exponent is None or not is_concrete(self.exponent):
            return
        low, high = EXPONENTS
        # Single precision rounds the limits, too.
        if not low - 1e-6 <= float(self.exponent) <= high + 1e-6:
            raise ValueError(
                f"`read.flicker.exponent` must be from {low} to {high}; got "
                f"{float(self.exponent):g}."
            )

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Standard deviation over the whole band at conductance `g`, in siemens."""
        decades = jnp.log10(jnp.maximum(g * 1e6, 1e-12))
        per_efold = jnp.maximum(self.std + self.slope * decades, 0.0)
        return per_efold * jnp.sqrt(jnp.log(self.f_max / self.f_min))

    def psd(self, f: Float[Array, " freq"]) -> Float[Array, " freq"]:
        """One-sided density of the unit process, in 1/Hz."""
        if self.exponent is not None:
            return self._power_law(f, self.exponent)
        band = jnp.arctan(self.f_max / f) - jnp.arctan(self.f_min / f)
        return 2 * band / (jnp.pi * f * jnp.log(self.f_max / self.f_min))

    def averaged(self, time: Scalar) -> Scalar:
        """Variance of the mean over `time` seconds: that of all one-pole parts."""
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        part = jnp.asarray((nodes + 1) / 2, self.f_min.dtype)
        f = self.f_min * (self.f_max / self.f_min) ** part
        weights = jnp.asarray(weights / 2, f.dtype)
        if self.exponent is not None:
            weights = weights * (f / self.f_max) ** (1 - self.exponent)
            weights = weights / jnp.sum(weights)
        return jnp.sum(weights * averaged_decay(2 * jnp.pi * f * time))

    def plan(self, clock: LabClock) -> tuple:
        """Values per solve of each state, slowest first, and its levels in lab time.

        Consecutive solves share a value of a state that has less than one per solve.
        """
        low, high = float(self.f_min), float(self.f_max)
        exponent = 1.0 if self.exponent is None else float(self.exponent)
        num, duration = _num_states(low, high), clock.sized_for
        period = duration + float(clock.reset)
        holds = fewest_holds(low, high, exponent, num, duration, period)
        corners = centres(low, high, num)
        return holds, tuple(clock.num_levels(2 * math.pi * f) for f in corners)

    def interval(self, clock: LabClock, plan: tuple) -> Scalar:
        """The hold of the fastest state, or the duration if that is shorter."""
        return clock.duration / max(plan[0][-1], 1.0)

    def sample_path(
        self,
        clock: LabClock,
        plan: tuple,
        shape: tuple[int, ...],
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Paths of consecutive samples, correlated: `(holds, *shape, num_samples)`."""
        num = len(plan[0])
        values = sum_of_states(
            2 * jnp.pi * self._corners(num),
            self._scale(num),
            clock,
            plan,
            shape,
            first=first,
            num_samples=num_samples,
            key=key,
        )
        return HeldPath(values, self.interval(clock, plan))

    def path(
        self, key: Key, taus: Seconds, shape: tuple[int, ...] = ()
    ) -> ProcessValues:
        """Values at `taus`, in seconds; all states are exact at any spacing of times.

        The corners must be concrete: close over the noise under `jit`.
        """
        check_taus(taus)
        num = _num_states(float(self.f_min), float(self.f_max))
        theta = 2 * jnp.pi * self._corners(num)
        return walk(key, theta, self._scale(num), taus, shape)

    def _power_law(
        self, f: Float[Array, " freq"], a: Float[Array, ""]
    ) -> Float[Array, " freq"]:
        """The density with the exponent `a`; `growth` is 1 for `a` = 1."""
        log = jnp.log(self.f_max / self.f_min)
        x = (1 - a) * log
        small = jnp.abs(x) < 1e-3
        safe = jnp.where(small, 1.0, x)
        growth = jnp.where(small, 1 + x / 2 + x**2 / 6, jnp.expm1(safe) / safe)
        fractions = (
            jss.betainc(1 - a / 2, a / 2, corner**2 / (corner**2 + f**2))
            for corner in (self.f_max, self.f_min)
        )
        upper, lower = fractions
        level = (upper - lower) / jnp.sin(jnp.pi * a / 2)
        return level * (f / self.f_min) ** (1 - a) / (f * log * growth)

    def _scale(self, num: int) -> Float[Array, " num"]:
        """Standard deviation of each state; the variances add up to 1."""
        even = jnp.full(num, 1 / math.sqrt(num), self.f_min.dtype)
        if self.exponent is None:
            return even
        weight = (self._corners(num) / self.f_max) ** (1 - self.exponent)
        return even * jnp.sqrt(weight / jnp.mean(weight))

    def _corners(self, num: int) -> Float[Array, " num"]:
        """Centres of `num` even parts of the band on a logarithmic axis, in hertz."""
        part = (jnp.arange(num, dtype=self.f_min.dtype) + 0.5) / num
        return self.f_min * (self.f_max / self.f_min) ** part


def _num_states(low: float, high: float) -> int:
    return math.ceil(math.log(high / low) / math.log(SPACING))
