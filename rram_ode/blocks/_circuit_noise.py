"""Noise of a circuit's blocks with any speed of op-amps: 1/f, supply, multipliers."""

import math
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._core._arrays import scalar
from .._core._checks import is_concrete, non_negative, positive
from .._core._random import standard_normal
from .._core._types import Key, Scalar
from ..noise import (
    AbstractHeldNoise,
    FEWEST_HOLDS,
    FlickerReadNoise,
    HeldPath,
    LabClock,
)


class AbstractFlickerVoltage(eqx.Module):
    r"""1/f noise of many copies of a circuit, each a voltage with $S(f) = e_1^2 / f$.

    Its process is that of `FlickerReadNoise`, one for each copy, and runs on through
    lab time.
    """

    setting: eqx.AbstractClassVar[str]

    volts: eqx.AbstractVar[Float[Array, ""]]
    f_min: eqx.AbstractVar[Float[Array, ""]]
    f_max: eqx.AbstractVar[Float[Array, ""]]

    def __check_init__(self):
        non_negative(self.setting, self.volts, "V")
        if not is_concrete(self.f_min, self.f_max):
            return
        if not 0 < float(self.f_min) < float(self.f_max):
            raise ValueError(
                "`op_amp.flicker_min` must be positive and below `op_amp.flicker_max`, "
                f"in hertz; got {float(self.f_min):g} and {float(self.f_max):g}."
            )

    @property
    def process(self) -> FlickerReadNoise:
        """The process, of unit variance."""
        return FlickerReadNoise(0.0, self.f_min, self.f_max)

    @property
    def spread(self) -> Scalar:
        """Standard deviation of one voltage over the whole band, in volts."""
        return self.volts * jnp.sqrt(jnp.log(self.f_max / self.f_min))

    def interval(self, clock: LabClock, plan: tuple) -> Scalar:
        """The hold of the fastest state, in seconds."""
        return self.process.interval(clock, plan)


class InputFlicker(AbstractFlickerVoltage):
    r"""1/f noise of op-amps, a voltage at the + input of each, $S(f) = e_1^2 / f$.

    With auto-zero the capacitor of each op-amp has stored the value at the moment at
    which the solve starts, and $e(\tau) - e(0)$ is left: below one over the duration
    the density falls as $f$, above it the variance is doubled.
    The follower that stores it is taken as fast; white noise that the switch samples
    is `AutoZero`'s.

    Args:
        volts: $e_1$, the root of the density at 1 Hz, in volts.
        f_min: Lower corner, in hertz.
        f_max: Upper corner, in hertz, below the amplifiers' poles.
        is_zeroed: Whether each op-amp has stored its value as a solve starts.
    """

    setting: ClassVar[str] = "op_amp.flicker"

    volts: Float[Array, ""] = eqx.field(converter=scalar)
    f_min: Float[Array, ""] = eqx.field(converter=scalar)
    f_max: Float[Array, ""] = eqx.field(converter=scalar)
    is_zeroed: bool = eqx.field(static=True, default=False)

    def plan(self, clock: LabClock) -> tuple:
        """As `FlickerReadNoise.plan`; with auto-zero all states change in a solve.

        Without, a state that hardly moves within a solve is held for all of it: nothing
        of it would be left of the difference.
        """
        holds, levels = self.process.plan(clock)
        if self.is_zeroed:
            holds = (max(holds[-1], float(FEWEST_HOLDS)),) * len(holds)
        return holds, levels

    def sample_path(
        self,
        clock: LabClock,
        plan: tuple,
        count: int,
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Volts of `count` op-amps, `(holds, count, num_samples)`."""
        path = self.process.sample_path(
            clock, plan, (count,), first=first, num_samples=num_samples, key=key
        )
        values = path.values - path.values[:1] if self.is_zeroed else path.values
        return HeldPath(self.spread * values, path.interval)


class CommonNoise(AbstractHeldNoise):
    r"""Noise of supply and ground: one voltage at the + inputs of all op-amps.

    Its variance is $e_g^2 + (e_s / r)^2$, with the voltage $e_g$ of the amplifiers'
    ground against that of the row drivers, and $e_s$ of the supply, of which an op-amp
    rejects the factor $r$. Every column multiplies it by its noise gain. It is held for
    $1 / (2B)$. With auto-zero the capacitors have stored the value of the hold before
    the solve, which then acts on all of it, with the opposite sign.

    Args:
        supply: $e_s$, in volts rms.
        ground: $e_g$, in volts rms.
        rejection: $r$, a pure number, the same over the band.
        bandwidth: $B$ of decoupled supply and ground, in hertz.
        is_zeroed: Whether each op-amp has stored a value as a solve starts.
    """

    slot: ClassVar[str] = "supply"
    follows_steps: ClassVar[bool] = False

    supply: Float[Array, ""] = eqx.field(converter=scalar)
    ground: Float[Array, ""] = eqx.field(converter=scalar)
    rejection: Float[Array, ""] = eqx.field(converter=scalar)
    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)
    is_zeroed: bool = eqx.field(static=True, default=False)

    def __check_init__(self):
        non_negative("supply.noise", self.supply, "V")
        non_negative("supply.ground_noise", self.ground, "V")
        positive("supply.rejection", self.rejection, "V/V")
        positive("supply.bandwidth", self.bandwidth, "Hz")

    @property
    def std(self) -> Scalar:
        """Standard deviation at the + inputs, in volts."""
        return jnp.hypot(self.ground, self.supply / self.rejection)

    def volts(
        self,
        clock: LabClock,
        plan: tuple[int],
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
        stored: Key,
    ) -> HeldPath:
        """At the + inputs of all op-amps, `(holds, 1, num_samples)`, in volts.

        `stored` is the key of what auto-zero stores.
        """
        path = self.sample_path(
            clock, plan, (1,), first=first, num_samples=num_samples, key=key
        )
        values = path.values
        if self.is_zeroed:
            indices = first + jnp.arange(num_samples, dtype=first.dtype)
            values = values - standard_normal(stored, indices, (1,))[None]
        return HeldPath(self.std * values, path.interval)


class MultiplierNoise(AbstractHeldNoise):
    r"""White noise at the outputs of multipliers, `num` for each coordinate.

    It enters the integrators' inputs, and so the state, linearly: any bandwidth above
    that of the loop gives the same law of the state. Held for $1 / (2B)$, the sum of
    n outputs of density $e^2$ has the variance $n e^2 B$. The two multipliers ahead of
    an integrator join there; that of a guidance stage is alone.

    Args:
        density: $e$ of one multiplier, in V/sqrt(Hz).
        bandwidth: $B$, in hertz.
        num: n.
    """

    slot: ClassVar[str] = "multiplier.noise"
    follows_steps: ClassVar[bool] = True

    density: Float[Array, ""] = eqx.field(converter=scalar)
    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)
    num: int = eqx.field(static=True, default=2)

    def __check_init__(self):
        non_negative("multiplier.noise", self.density, "V/sqrt(Hz)")
        positive("multiplier.noise.bandwidth", self.bandwidth, "Hz")

    @property
    def std(self) -> Scalar:
        """Standard deviation of the held sum of `num` outputs, in volts."""
        return self.density * jnp.sqrt(self.num * self.bandwidth)


class MultiplierFlicker(AbstractFlickerVoltage):
    r"""1/f noise at the outputs of multipliers, $S(f) = e_1^2 / f$ of each.

    The `num` of a coordinate join: the sum of n independent processes of one law is one
    with n times the density. No auto-zero stores it.

    Args:
        volts: $e_1$ of one multiplier, the root of its density at 1 Hz, in volts.
        f_min: Lower corner, in hertz.
        f_max: Upper corner, in hertz.
        num: n: 2 ahead of an integrator, 1 in a guidance stage.
    """

    setting: ClassVar[str] = "multiplier.flicker"

    volts: Float[Array, ""] = eqx.field(converter=scalar)
    f_min: Float[Array, ""] = eqx.field(converter=scalar)
    f_max: Float[Array, ""] = eqx.field(converter=scalar)
    num: int = eqx.field(static=True, default=2)

    def plan(self, clock: LabClock) -> tuple:
        """As `FlickerReadNoise.plan`."""
        return self.process.plan(clock)

    def sample_path(
        self,
        clock: LabClock,
        plan: tuple,
        count: int,
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Volts of `count` coordinates, `(holds, count, num_samples)`."""
        path = self.process.sample_path(
            clock, plan, (count,), first=first, num_samples=num_samples, key=key
        )
        return HeldPath(math.sqrt(self.num) * self.spread * path.values, path.interval)


class CircuitNoise(eqx.Module):
    """Noise of the blocks around the arrays; `None` is off.

    `OpAmpNoise` is the white noise of op-amps, which only fidelity `dynamic` has.

    Args:
        flicker: 1/f noise of each op-amp.
        common: Noise of supply and ground.
        multiplier: White noise of the multipliers.
        products: 1/f noise of the multipliers.
        guidance: White noise of the multiplier of the guidance stage.
        guided: 1/f noise of the same.
    """

    flicker: InputFlicker | None = None
    common: CommonNoise | None = None
    multiplier: MultiplierNoise | None = None
    products: MultiplierFlicker | None = None
    guidance: MultiplierNoise | None = None
    guided: MultiplierFlicker | None = None
