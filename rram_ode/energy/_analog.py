r"""Energy of one analog sample, by part, from the circuit and its run.

The power of the cells, and the power that row drivers and transimpedance amplifiers
take from the supply for the same currents, are integrated along the trajectories.
Everything else is static power over the solve, or energy per conversion, word or cell.
"""

import abc
import dataclasses
import math

import equinox as eqx
import jax
from jaxtyping import Array

from ..chip import AbstractCrossbarNetwork, Chip
from ..loop import AbstractLoop, ClosedLoop, DynamicLoop
from ._constant import Value, Values
from ._programming import Programming


HALF = 0.5  # a current of either sign flows between one rail and ground


@dataclasses.dataclass(frozen=True)
class ArrayPower:
    """Power and currents of a run's arrays, means over samples and the solve.

    Args:
        cells: Power that all cells dissipate, in watts.
        rows: Sum of the magnitudes of all cells' currents, in amperes.
        columns: Sum of the magnitudes of all amplifiers' currents, in amperes.
    """

    cells: float
    rows: float
    columns: float


@dataclasses.dataclass(frozen=True)
class EnergyEstimate:
    """Energy of one sample by part, in joules.

    Args:
        duration: Duration of the solve, in seconds.
        reset: Time between two solves, in seconds.
        breakdown: Energy of each part in joules, a number or an array of samples.
    """

    duration: float
    reset: float
    breakdown: dict[str, Value]

    @property
    def energy(self) -> Value:
        """The sum of the parts, in joules."""
        parts = list(self.breakdown.values())
        if all(isinstance(part, float) for part in parts):
            return math.fsum(parts)
        return sum(parts[1:], parts[0])

    @property
    def power(self) -> Value:
        """Mean power over the solve and the reset, in watts."""
        return self.energy / (self.duration + self.reset)


@dataclasses.dataclass(frozen=True)
class PartCounts:
    r"""Counts and sizes that energy depends on, as plain numbers.

    Args:
        duration: Duration of the solve, in seconds.
        reset: Time between two solves, in seconds.
        noise_gains: Noise gain of each transimpedance amplifier,
            $1 + G_\text{total} / g_f$.
        rectifiers: Number of rectifiers, one per hidden column.
        inverters: Number of inverters, one per row: the subtracted conductance needs
            the row's voltage at the opposite sign.
        dim: Number of integrators, each with two multipliers.
        capacitance: Capacitance of an integrator, in farads.
        channels: Number of channels of the DAC.
        waveform_bits: Bits that are read from memory during a solve.
        cells: Number of programmed cells.
        normals: Normal random numbers per sample, for starts and injected noise.
        full_scale: Largest factor of a multiplier, which takes that many times the
            current of one with a factor of 1.
    """

    duration: float
    reset: float
    noise_gains: tuple[float, ...]
    rectifiers: int
    inverters: int
    dim: int
    capacitance: float
    channels: int
    waveform_bits: int
    cells: int
    normals: int
    full_scale: float = 1.0

    @property
    def amplifiers(self) -> int:
        """Number of op-amps of all kinds."""
        return len(self.noise_gains) + self.rectifiers + self.inverters + self.dim

    @property
    def multipliers(self) -> float:
        """Number of multipliers with a factor of 1 that take the same power."""
        return 2 * self.dim * self.full_scale


def count_parts(chip: Chip, loop: AbstractLoop) -> PartCounts:
    """Count the parts of `chip` in `loop`.

    Each hidden column has a rectifier; each row, the constant one included, has an
    inverter; each coordinate has an integrator and two multipliers. The DAC has the
    channels of the score's embedding and one for each of the two factors.
    """
    network, dim, dac = chip.crossbars, chip.score.dim, loop.dac
    hidden = [cols for _, cols in chip.arrays[:-1]]
    channels = 2 + (0 if network is None else network.num_channels)
    duration = float(loop.clock.duration)
    updates = 0 if dac.update_rate is None else dac.num_holds(duration)
    return PartCounts(
        duration=duration,
        reset=float(loop.clock.reset),
        noise_gains=() if network is None else _noise_gains(network),
        rectifiers=sum(hidden),
        inverters=0 if network is None else network.num_rows,
        dim=dim,
        capacitance=float(chip.integrator.capacitance),
        channels=channels,
        waveform_bits=updates * channels * (dac.bits or 0),
        cells=chip.num_cells,
        normals=dim * (1 + (loop.plan.injected or 0)),
        full_scale=full_scale(loop),
    )


def full_scale(loop: AbstractLoop) -> float:
    """Largest factor of the multipliers of `loop`."""
    base = loop.loop if isinstance(loop, DynamicLoop) else loop
    return float(base.multiplier.full_scale) if isinstance(base, ClosedLoop) else 1.0


def _noise_gains(network: AbstractCrossbarNetwork) -> tuple[float, ...]:
    layers = jax.device_get(_gains(network))
    return tuple(float(gain) for layer in layers for gain in layer)


@eqx.filter_jit
def _gains(network: AbstractCrossbarNetwork) -> tuple[Array, ...]:
    return network.noise_gains


class AbstractAnalogRow(abc.ABC):
    """A machine of analog parts: their supply, static power and conversions."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Name of the row."""

    @abc.abstractmethod
    def supply(self, values: Values) -> Value:
        """Supply voltage from rail to rail, in volts."""

    @abc.abstractmethod
    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""

    @abc.abstractmethod
    def events(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Energy of conversions and words of one sample by part, in joules."""


def analog_energy(
    row: AbstractAnalogRow,
    circuit: PartCounts,
    power: ArrayPower,
    values: Values,
    *,
    num_samples: float,
    programming: Programming = Programming(),
) -> EnergyEstimate:
    """Energy of one sample by part.

    Args:
        row: `Board()` or `Integrated()`.
        circuit: The counts that `count_parts` returns.
        power: Power and currents of the run's arrays.
        values: Value of each constant, a number or an array of samples.
        num_samples: Number of samples that share the energy of one programming.
        programming: What the cells are written to.

    Raises:
        ValueError: If `num_samples` is not positive.
    """
    if not num_samples > 0:
        raise ValueError(
            "`power.programming_samples` must be positive, the samples that share one "
            f"programming; got {num_samples:g}."
        )
    half, duration = HALF * row.supply(values), circuit.duration
    static = row.static(circuit, values)
    total = sum(static.values())
    parts: dict[str, Value] = {
        "cells": power.cells * duration,
        "row drivers": (half * power.rows - power.cells) * duration,
        "column currents": half * power.columns * duration,
        **{part: watts * duration for part, watts in static.items()},
        "reset": total * values["reset.share"] * circuit.reset,
        **row.events(circuit, values),
        "random numbers": values["random.normal"] * circuit.normals,
        "programming": programming.energy(values) * circuit.cells / num_samples,
    }
    return EnergyEstimate(duration, circuit.reset, parts)
