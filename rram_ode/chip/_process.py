"""What all parts of a die share: process corner, and temperature since the trims."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from .._core._arrays import as_float, scalar
from .._core._checks import non_negative
from .._core._random import fold_in_each, normal, normals
from .._core._streams import CircuitStream
from .._core._types import Cells, Key, Scalar
from ..blocks import AutoZero, FeedbackIntegrator, MultiplierErrors
from ..crossbar import Wires
from ..devices import ConductanceRange


# Foundries accept dies within the tolerance, taken as three standard deviations.
SIGMAS = 3.0


# Signs of the deviations of resistors and capacitors.
CORNERS: dict[str, tuple[int, int] | None] = {
    "typical": (0, 0),
    "slow": (1, 1),
    "fast": (-1, -1),
    "slow-fast": (1, -1),
    "fast-slow": (-1, 1),
    "monte-carlo": None,
}


def _two(xs: tuple[ArrayLike, ArrayLike]) -> tuple[Scalar, Scalar]:
    return scalar(xs[0]), scalar(xs[1])


def _signs(signs: ArrayLike | tuple[int, int] | None) -> Float[Array, "2"] | None:
    return None if signs is None else as_float(jnp.asarray(signs))


class TemperatureLaw(eqx.Module):
    r"""What changes between the temperature of the trims and that of use.

    A value goes as $1 + \alpha \Delta T$. The coefficient of a cell is linear in its
    conductance, from `cells[0]` at g_min to `cells[1]` at g_max, with a spread.

    Args:
        kelvin: $\Delta T$, kelvin above the temperature of the trims.
        resistors: $\alpha$ of all resistors, in 1/K.
        capacitors: $\alpha$ of all capacitors, in 1/K.
        reference: $\alpha$ of the reference voltage, in 1/K.
        cells: $\alpha$ of cells at g_min and at g_max, in 1/K.
        cell_std: Spread of $\alpha$ over cells, in 1/K.
        wires: $\alpha$ of wires, in 1/K.
        offset_drift: Spread of the drift of op-amps' offsets, in V/K.
        leak_rate: Doublings of the integrators' leak per kelvin.
        multiplier_drift: Spread of the drift of multipliers' offsets, in V/K.
    """

    kelvin: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    resistors: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    capacitors: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    reference: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    cells: tuple[Float[Array, ""], Float[Array, ""]] = eqx.field(
        converter=_two, default=(0.0, 0.0)
    )
    cell_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    wires: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    offset_drift: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    leak_rate: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    multiplier_drift: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("process.cell_tc_std", self.cell_std, "1/K")
        non_negative("process.offset_drift", self.offset_drift, "V/K")
        non_negative("process.multiplier_drift", self.multiplier_drift, "V/K")

    def factor(self, coefficient: Float[Array, "..."]) -> Float[Array, "..."]:
        r"""$1 + \alpha \Delta T$."""
        return 1 + coefficient * self.kelvin


class Die(eqx.Module):
    """The values that all parts of one die share, over the nominal ones.

    Args:
        resistor: Factor of all resistors as the chip is used.
        capacitor: Factor of all capacitors as the chip is used.
        law: What temperature changes besides.
        key: Seeds the temperature coefficients of cells.
    """

    resistor: Scalar
    capacitor: Scalar
    law: TemperatureLaw
    key: Key

    @property
    def reference(self) -> Scalar:
        """Factor of the reference voltage."""
        return self.law.factor(self.law.reference)

    @property
    def drift(self) -> Scalar:
        """What op-amps' offsets moved since the trims, for a normal of 1, in volts."""
        return self.law.offset_drift * self.law.kelvin

    def multipliers(self, errors: MultiplierErrors, *, key: Key) -> MultiplierErrors:
        """The multipliers as the chip is used, with the drift of their offsets."""
        std = self.law.multiplier_drift * self.law.kelvin
        moved = std * normal(key, errors.offset.shape)
        return dataclasses.replace(errors, offset=errors.offset + moved)

    def cells(
        self, arrays: list[Cells], over: ConductanceRange, first: int = 0
    ) -> list[Cells]:
        """Conductances of `arrays` as the chip is used, in siemens.

        Args:
            arrays: As they were verified at the temperature of the trims.
            over: The range between whose ends the coefficient is linear.
            first: Number of the first array; its number chooses an array's draws.
        """
        low, high = self.law.cells
        keys = fold_in_each(self.key, first + np.arange(len(arrays)))
        units, used = normals(keys, [g.shape for g in arrays]), []
        for g, unit in zip(arrays, units, strict=True):
            place = jnp.clip((g - over.g_min) / over.span, 0.0, 1.0)
            coefficient = low + (high - low) * place + self.law.cell_std * unit
            used.append(jnp.maximum(g * self.law.factor(coefficient), 0.0))
        return used

    def wires(self, wires: Wires | None) -> Wires | None:
        """Wires as the chip is used; drivers and sense resistances stay."""
        if wires is None:
            return None
        factor = self.law.factor(self.law.wires)
        return dataclasses.replace(
            wires, word_line=factor * wires.word_line, bit_line=factor * wires.bit_line
        )

    def integrator(self, integrator: FeedbackIntegrator) -> FeedbackIntegrator:
        """The integrators with this die's R, C and leak."""
        leak = integrator.leak * 2 ** (self.law.kelvin * self.law.leak_rate)
        return dataclasses.replace(
            integrator,
            resistance=self.resistor * integrator.resistance,
            capacitance=self.capacitor * integrator.capacitance,
            leak=leak,
        )

    def auto_zero(self, zero: AutoZero | None) -> AutoZero | None:
        """Auto-zero with this die's capacitors."""
        if zero is None:
            return None
        capacitance = self.capacitor * zero.capacitance
        return dataclasses.replace(zero, capacitance=capacitance)


class Process(eqx.Module):
    r"""The law of all dies: tolerances, a corner or Monte Carlo, and temperature.

    A corner puts resistors and capacitors at $1 \pm$ tolerance. Monte Carlo draws both
    as normals whose three standard deviations are the tolerance, without a cut.

    Args:
        resistor: Tolerance of all resistors, relative.
        capacitor: Tolerance of all capacitors, relative.
        signs: Of a corner's deviations, one of `CORNERS`; `None` draws them.
        law: What temperature changes.
    """

    resistor: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    capacitor: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    signs: Float[Array, "2"] | None = eqx.field(converter=_signs, default=(0, 0))
    law: TemperatureLaw = TemperatureLaw()

    def __check_init__(self):
        non_negative("process.resistor_tolerance", self.resistor, "ohm/ohm")
        non_negative("process.capacitor_tolerance", self.capacitor, "F/F")

    def scaled(self, by: Scalar | float) -> "Process":
        """The process with deviations `by` times as large."""
        law = dataclasses.replace(self.law, kelvin=by * self.law.kelvin)
        return Process(by * self.resistor, by * self.capacitor, self.signs, law)

    def at_trim(self) -> "Process":
        """The same dies at the temperature of their trims."""
        return dataclasses.replace(
            self, law=dataclasses.replace(self.law, kelvin=scalar(0.0))
        )

    def fabricate(self, *, key: Key) -> Die:
        """One die; `key` is that of the chip's circuit."""
        if self.signs is None:
            draws = normal(jr.fold_in(key, CircuitStream.DIE), (2,)) / SIGMAS
        else:
            draws = self.signs
        resistor = (1 + self.resistor * draws[0]) * self.law.factor(self.law.resistors)
        capacitor = 1 + self.capacitor * draws[1]
        return Die(
            resistor,
            capacitor * self.law.factor(self.law.capacitors),
            self.law,
            jr.fold_in(key, CircuitStream.CELL_TEMPERATURE),
        )
