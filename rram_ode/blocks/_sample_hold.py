"""The holds of an array that two labels share: a switch and a capacitor for each."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer
from scipy.constants import Boltzmann

from .._core._arrays import broadcast_columns, scalar, scalar_or_none
from .._core._checks import non_negative, positive
from .._core._random import normal
from .._core._types import Key, Scalar, State


class SampleHold(eqx.Module):
    r"""A switch of resistance $R$ and a capacitor $C$ for each label and coordinate.

    While its switch is closed a hold follows the array's output $u$,
    $R C \dot h = u - h$: after the time $t$ it misses the fraction $e^{-t / R C}$ of a
    step. As the switch opens, it leaves a charge on the capacitor and samples thermal
    noise,

    $$h \leftarrow h + q / C + \sqrt{k T / C}\,\epsilon$$

    and then a leakage current $I$ lets it droop by $I / C$. A buffer behind the
    capacitor, without errors of its own, drives the stage that guides.

    Left out: the noise of a closed switch. It has the same $k T / C$, but forgets
    itself within $R C$, and a sampled value stays for half a period.

    Args:
        capacitance: $C$, in farads.
        resistance: $R$ of a closed switch, in ohms; 0 follows at once.
        charge: $q$ of each hold, `(2, dim)`, in coulombs; that of the class's holds
            first. `None` for none.
        leakage: $I$ out of each capacitor, in amperes.
        temperature: $T$ of the switches, in kelvin; `None` samples without noise.
    """

    capacitance: Float[Array, ""] = eqx.field(converter=scalar)
    resistance: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    charge: Float[Array, "2 dim"] | None = None
    leakage: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    temperature: Float[Array, ""] | None = eqx.field(
        converter=scalar_or_none, default=None
    )

    @property
    def time_constant(self) -> Scalar:
        """R C of a closed switch, in seconds."""
        return self.resistance * self.capacitance

    def follow(
        self, held: State, start: State, end: State, dt: Scalar
    ) -> tuple[State, tuple[State, State]]:
        r"""A closed hold over a step in which its input lies on a line.

        With $s$ the slope of the input, the hold is a line $s R C$ below it and a
        transient that falls from what is held. The transient is short, or it is a line
        itself, so that a solver may take its mean at both ends of the step.

        Args:
            held: As the step begins, in volts.
            start: The input as the step begins, in volts.
            end: The input as the step ends, in volts.
            dt: The step, in seconds.

        Returns:
            The hold as the step ends, and the ends of a line with its mean, in volts.
        """
        lag = self.time_constant
        is_slow = lag > 0
        # A step has many time constants of a fast switch: its exponential is 0.
        x = dt / jnp.where(is_slow, lag, 1.0)
        left = jnp.where(is_slow, jnp.exp(-x), 0.0)
        mean = jnp.where(is_slow, -jnp.expm1(-x) / x, 0.0)
        behind = (lag / dt) * (end - start)
        missed = held - start + behind
        after = end - behind + left * missed
        return after, (start - behind + mean * missed, end - behind + mean * missed)

    def drooped(self, held: State, time: Scalar) -> State:
        """An open hold `time` seconds later, in volts."""
        return held - (self.leakage / self.capacitance) * time

    def opened(
        self, held: State, label: Integer[Array, ""] | int, normals: State | None
    ) -> State:
        """What the holds of a label store of `held` as their switches open, in volts.

        Args:
            held: Before, in volts.
            label: 0 for the class, 1 for the null label.
            normals: Standard normals of the thermal noise; `None` for no noise.
        """
        if self.charge is not None:
            held = held + broadcast_columns(
                self.charge[label] / self.capacitance, held
            ).astype(held.dtype)
        if normals is None or self.temperature is None:
            return held
        spread = jnp.sqrt(Boltzmann * self.temperature / self.capacitance)
        return held + (spread * normals).astype(held.dtype)


class HoldSpread(eqx.Module):
    r"""The holds of a kind of chip.

    Args:
        capacitance: $C$, in farads.
        resistance: $R$ of a closed switch, in ohms.
        injection: Mean of the charge $q$ that an opening switch leaves, in coulombs: it
            is the same for both labels, and their difference does not see it.
        injection_std: Spread of $q$ over the holds of a chip, in coulombs.
        leakage: $I$ out of each capacitor, in amperes.
        temperature: $T$ of the switches, in kelvin; `None` samples without noise.
    """

    capacitance: Float[Array, ""] = eqx.field(converter=scalar)
    resistance: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    injection: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    injection_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    leakage: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    temperature: Float[Array, ""] | None = eqx.field(
        converter=scalar_or_none, default=None
    )

    def __check_init__(self):
        positive("guidance.hold_capacitance", self.capacitance, "F")
        non_negative("guidance.switch_resistance", self.resistance, "ohm")
        non_negative("guidance.injection", self.injection, "C")
        non_negative("guidance.injection_std", self.injection_std, "C")
        non_negative("guidance.leakage", self.leakage, "A")

    def scaled(self, by: Scalar | float) -> "HoldSpread":
        """Holds of the same capacitor with errors `by` times as large.

        The noise's power, and so the temperature, has the factor's square.
        """
        heat = None if self.temperature is None else by**2 * self.temperature
        return dataclasses.replace(
            self,
            resistance=by * self.resistance,
            injection=by * self.injection,
            injection_std=by * self.injection_std,
            leakage=by * self.leakage,
            temperature=heat,
        )

    def fabricate(self, dim: int, *, key: Key) -> SampleHold:
        """The holds of one chip."""
        charge = self.injection + self.injection_std * normal(key, (2, dim))
        return SampleHold(
            self.capacitance, self.resistance, charge, self.leakage, self.temperature
        )
