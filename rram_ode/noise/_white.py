"""Noise of held values, and white read noise as such noise."""

import math
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._arrays import root, scalar, scalar_or_none
from .._core._checks import non_negative, positive
from .._core._random import standard_normal
from .._core._types import Key, ProcessValues, Scalar, Seconds
from ._base import AbstractNoise, AbstractReadNoise
from ._lab_time import check_taus, LabClock
from ._path import HeldPath


FEWEST_HOLDS = 20


class AbstractHeldNoise(AbstractNoise):
    r"""A process of unit variance with the density $\mathrm{sinc}^2(f \Delta) / B$.

    It is white below B and vanishes above. A solve must have at least 20 holds. Where
    `follows_steps`, B is that of the solver's steps, of which all durations have as
    many.
    """

    slot: eqx.AbstractClassVar[str]
    follows_steps: eqx.AbstractClassVar[bool]
    bandwidth: eqx.AbstractVar[Float[Array, ""]]

    def psd(self, f: Float[Array, " freq"]) -> Float[Array, " freq"]:
        """One-sided density of the unit process, in 1/Hz."""
        return jnp.sinc(f / (2 * self.bandwidth)) ** 2 / self.bandwidth

    def averaged(self, time: Scalar) -> Scalar:
        r"""Variance of the mean over `time` seconds, of $x = 2 B t$ holds.

        $1 / x - 1 / 3 x^2$, and $1 - x / 3$ within one hold.
        """
        x = 2 * self.bandwidth * time
        return jnp.where(x > 1, 1 / x - 1 / (3 * x**2), 1 - x / 3)

    def plan(self, clock: LabClock) -> tuple[int]:
        """The number of holds per solve.

        Raises:
            ValueError: If there are fewer than 20 holds.
        """
        bandwidth, duration = float(self.bandwidth), float(clock.duration)
        holds = 2 * bandwidth * duration
        if holds < FEWEST_HOLDS * (1 - 1e-6):
            of_cells = self.slot.startswith("read.")
            name = f"cell.{self.slot}" if of_cells else self.slot
            slower = (
                f", with `{name}.std` larger by the root for the same density, or "
                "describe the noise by `cell.read.flicker` or `cell.read.fixed`"
            )
            raise ValueError(
                f"`{name}.bandwidth` = {bandwidth:g} Hz leaves {holds:.3g} holds "
                f"in a solve of {duration:g} s, fewer than {FEWEST_HOLDS}: take "
                f"{FEWEST_HOLDS / 2 / duration:g} Hz or more"
                f"{slower if of_cells else ''}."
            )
        seconds = duration if self.follows_steps else clock.sized_for
        return (math.ceil(2 * bandwidth * seconds * (1 - 1e-6)),)

    def interval(self, clock: LabClock, plan: tuple[int]) -> Scalar:
        """The hold, 1 / (2 bandwidth), in seconds."""
        del clock, plan
        return 0.5 / self.bandwidth

    def sample_path(
        self,
        clock: LabClock,
        plan: tuple[int],
        shape: tuple[int, ...],
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Independent standard normals, `(holds, *shape, num_samples)`."""
        indices = first + jnp.arange(num_samples, dtype=first.dtype)
        values = standard_normal(key, indices, (*plan, *shape))
        return HeldPath(values, self.interval(clock, plan))

    def path(
        self, key: Key, taus: Seconds, shape: tuple[int, ...] = ()
    ) -> ProcessValues:
        """The held values at `taus`, in seconds; the first hold begins at `taus[0]`.

        A time within rounding of an edge belongs to the hold that begins there.
        """
        check_taus(taus)
        slack = 4 * jnp.finfo(taus.dtype).eps * jnp.abs(taus)
        holds = jnp.floor(2 * self.bandwidth * (taus - taus[0] + slack))
        values = standard_normal(key, holds.astype(jnp.uint32), shape)
        return jnp.moveaxis(values, -1, 0)


class WhiteReadNoise(AbstractHeldNoise, AbstractReadNoise):
    r"""White read noise: independent values, each held for $\Delta = 1 / (2B)$.

    Their variance is $\sigma^2 = \sigma_0^2 + (\sigma_r g)^2 = S / (2\Delta) = S B$,
    with the one-sided density $S \,\mathrm{sinc}^2(f \Delta)$.

    The noise is much faster than the voltages of a column, so that one draw per column
    and hold, with the variance $\sum_i v_i^2 \sigma_i^2$, has the law of one draw per
    cell. This needs at least 20 holds per solve; for slower noise take
    `FlickerReadNoise`.

    With `own_pole` the noise is wider than any amplifier, with the density
    $S = \sigma^2 / B$, and a loop sees it through each amplifier's own pole, as
    `OwnPoles` has it: $B$ is then only the band in which $\sigma$ is told.

    Args:
        std: $\sigma_0$, in siemens.
        bandwidth: $B$, in hertz.
        std_rel: $\sigma_r$, relative to the conductance. `None` leaves it out, which is
            cheaper than 0: all columns then have one spread.
        own_pole: Whether the amplifiers limit the noise, and not `bandwidth`.
    """

    slot: ClassVar[str] = "read.white"
    follows_steps: ClassVar[bool] = False

    std: Float[Array, ""] = eqx.field(converter=scalar)
    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)
    std_rel: Float[Array, ""] | None = eqx.field(converter=scalar_or_none, default=None)
    own_pole: bool = eqx.field(static=True, default=False)

    def __check_init__(self):
        non_negative("read.white.std", self.std, "S")
        if self.std_rel is not None:
            non_negative("read.white.std_rel", self.std_rel, "of g")
        positive("read.white.bandwidth", self.bandwidth, "Hz")

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Standard deviation at conductance `g`, both in siemens."""
        if self.std_rel is None:
            return jnp.broadcast_to(self.std, g.shape)
        return root(self.std**2 + (self.std_rel * g) ** 2)

    def within(self, bandwidth: Scalar | float) -> "WhiteReadNoise":
        """This noise with its density in another band in hertz, and no more."""
        factor = jnp.sqrt(bandwidth / self.bandwidth)
        std_rel = None if self.std_rel is None else factor * self.std_rel
        return WhiteReadNoise(factor * self.std, bandwidth, std_rel)


def with_own_pole(law: AbstractNoise | None) -> WhiteReadNoise | None:
    """`law` if it is white noise that the amplifiers' own poles limit, or `None`."""
    if isinstance(law, WhiteReadNoise) and law.own_pole:
        return law
    return None
