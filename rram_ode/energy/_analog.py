r"""Energy of one analog sample, by part, from the circuit and its run.

What the cells dissipate, and what row drivers and transimpedance amplifiers draw from
the supply for the same currents, is integrated along the trajectories. Everything else
is static power over the solve, or energy for each conversion, word or cell.
"""

import abc
import dataclasses
import math

import equinox as eqx
import jax
from jaxtyping import Array

from ..chip import AbstractCrossbarNetwork, Chip
from ..loop import AbstractLoop
from ._constant import Value, Values


REJECTED = 2.0  # noise gain of an inverter or a rectifier with equal resistors


HALF = 0.5  # a current of either sign flows between one rail and ground


@dataclasses.dataclass(frozen=True)
class ArrayPower:
    """What a run saw of its arrays, means over samples and the solve.

    Args:
        cells: Dissipated in all cells, in watts.
        rows: Sum of the magnitudes of all cells' currents, in amperes.
        columns: Of all amplifiers' currents, in amperes.
    """

    cells: float
    rows: float
    columns: float


@dataclasses.dataclass(frozen=True)
class EnergyEstimate:
    """Energy of one sample by part, in joules.

    Args:
        duration: Of the solve, in seconds.
        reset: Between two solves, in seconds.
        breakdown: Parts; numbers, or arrays of draws.
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
        """Mean over the solve and the reset, in watts."""
        return self.energy / (self.duration + self.reset)


@dataclasses.dataclass(frozen=True)
class PartCounts:
    r"""Counts and sizes that energy depends on, as plain numbers.

    Args:
        duration: Of the solve, in seconds.
        reset: Between two solves, in seconds.
        noise_gains: Of each transimpedance amplifier, $1 + G_\text{total} / g_f$.
        rectifiers: Hidden columns.
        inverters: Rows, which the subtracted conductance needs at the opposite sign.
        dim: Integrators; two multipliers each.
        capacitance: Of an integrator, in farads.
        channels: Of the DAC.
        waveform_bits: Read from memory during a solve.
        cells: That were programmed.
        normals: Normal random numbers a sample: starts, and injected noise.
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

    @property
    def amplifiers(self) -> int:
        """Op-amps of all kinds."""
        return len(self.noise_gains) + self.rectifiers + self.inverters + self.dim


def count_parts(chip: Chip, loop: AbstractLoop) -> PartCounts:
    """Count the parts of `chip` in `loop`.

    A hidden column has a rectifier; a row, the constant one included, an inverter; a
    coordinate an integrator and two multipliers. The DAC has the channels of the
    score's embedding and one for each of the two factors.
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
    )


def _noise_gains(network: AbstractCrossbarNetwork) -> tuple[float, ...]:
    layers = jax.device_get(_gains(network))
    return tuple(float(gain) for layer in layers for gain in layer)


@eqx.filter_jit
def _gains(network: AbstractCrossbarNetwork) -> tuple[Array, ...]:
    return network.noise_gains


class AbstractAnalogRow(abc.ABC):
    """Where the static power and the conversions of a circuit come from."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Of the row."""

    @abc.abstractmethod
    def supply(self, values: Values) -> Value:
        """From rail to rail, in volts."""

    @abc.abstractmethod
    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""

    @abc.abstractmethod
    def events(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Energy of conversions and words of one sample by part, in joules."""


@dataclasses.dataclass(frozen=True)
class Integrated(AbstractAnalogRow):
    r"""A projection of one chip: op-amps as fast as the solve asks, nothing measured.

    An op-amp of noise gain N whose closed loop is $f = s / T$ wide needs the
    gain-bandwidth N f, hence $g_m = 2 \pi N f C$ and the power $m\,g_m V_\text{ov} V$.

    Args:
        adc_scale: Energy of a conversion at hand-over over that with 8 bits.
    """

    adc_scale: float = 1.0

    @property
    def name(self) -> str:
        """Of the row."""
        return "integrated"

    def supply(self, values: Values) -> Value:
        """From rail to rail, in volts."""
        return values["supply"]

    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""
        load = values["amplifier.load"]
        bandwidth = values["amplifier.speed"] / circuit.duration
        unit = 2 * math.pi * bandwidth * values["amplifier.overdrive"]
        unit = unit * values["amplifier.branches"] * values["supply"]
        return {
            "transimpedance amplifiers": unit * load * math.fsum(circuit.noise_gains),
            "rectifiers": unit * load * (REJECTED * circuit.rectifiers),
            "inverters": unit * load * (REJECTED * circuit.inverters),
            "integrators": unit * (load + circuit.capacitance) * circuit.dim,
            "multipliers": values["multiplier.power"] * (2 * circuit.dim),
            "dac": values["dac.power"] * circuit.channels,
            "references": values["reference.power"],
            "controller": values["controller.power"],
        }

    def events(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Energy of conversions and words of one sample by part, in joules."""
        return {
            "adc": values["adc.conversion"] * (self.adc_scale * circuit.dim),
            "waveform memory": values["memory.bit"] * circuit.waveform_bits,
        }


@dataclasses.dataclass(frozen=True)
class Board(AbstractAnalogRow):
    """Discrete parts on a board, as the paper's demonstrator may have been built."""

    @property
    def name(self) -> str:
        """Of the row."""
        return "board"

    def supply(self, values: Values) -> Value:
        """From rail to rail, in volts."""
        return values["board.supply"]

    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""
        amplifier = values["board.amplifier"]
        return {
            "transimpedance amplifiers": amplifier * len(circuit.noise_gains),
            "rectifiers": amplifier * circuit.rectifiers,
            "inverters": amplifier * circuit.inverters,
            "integrators": amplifier * circuit.dim,
            "multipliers": values["board.multiplier"] * (2 * circuit.dim),
            "dac": values["board.dac"] * circuit.channels,
            "references": values["board.reference"],
            "controller": values["board.controller"],
        }

    def events(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Energy of conversions and words of one sample by part, in joules."""
        return {"adc": values["board.conversion"] * circuit.dim}


def analog_energy(
    row: AbstractAnalogRow,
    circuit: PartCounts,
    power: ArrayPower,
    values: Values,
    *,
    num_samples: float,
) -> EnergyEstimate:
    """Energy of one sample by part.

    Args:
        row: `Board()` or `Integrated()`.
        circuit: Of `count_parts`.
        power: What the run saw of its arrays.
        values: Of the constants; numbers, or arrays of draws.
        num_samples: That share the energy of one programming.

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
        "programming": values["programming.cell"] * circuit.cells / num_samples,
    }
    return EnergyEstimate(duration, circuit.reset, parts)
