r"""Energy of one analog sample, by part, from the circuit and its run.

The power of the cells, and the power that row drivers and transimpedance amplifiers
take from the supply for the same currents, are integrated along the trajectories.
Everything else is static power over the solve, or energy per conversion, word or cell.
"""

import abc
import dataclasses
import math

from ._constant import Value, Values
from ._nodes import regulate
from ._parts import PartCounts
from ._programming import Programming
from ._trimming import Trimming


HALF = 0.5  # a current of either sign flows between one rail and ground


DRIVERS = ("rectifiers", "inverters", "integrators")  # of the rows


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
        solve_time_s: Duration of the solve, in seconds.
        reset: Time between two solves, in seconds.
        breakdown: Energy of each part in joules, a number or an array of samples.
        notes: What the energy takes for granted that was not simulated.
        pause: Time of rewriting the cells and of their settling, in seconds a sample.
    """

    solve_time_s: float
    reset: float
    breakdown: dict[str, Value]
    notes: tuple[str, ...] = ()
    pause: Value = 0.0

    @property
    def period_s(self) -> Value:
        """Seconds per sample: the solve, the reset, and a part of each rewriting."""
        return self.solve_time_s + self.reset + self.pause

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
        return self.energy / self.period_s


class AbstractAnalogRow(abc.ABC):
    """A machine of analog parts: their supply, static power and conversions."""

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Name of the row."""

    @property
    @abc.abstractmethod
    def is_regulated(self) -> bool:
        """Whether regulators come on top: not where a meter saw the whole power."""

    @abc.abstractmethod
    def supply(self, values: Values) -> Value:
        """Supply voltage from rail to rail, in volts."""

    @abc.abstractmethod
    def static(self, circuit: PartCounts, values: Values) -> dict[str, Value]:
        """Static power by part, in watts."""

    @abc.abstractmethod
    def takes_load(self, circuit: PartCounts) -> bool:
        """Whether currents of loads come on top of the op-amps' (class AB)."""

    @abc.abstractmethod
    def notes(self, circuit: PartCounts, values: Values) -> tuple[str, ...]:
        """What the row takes for granted that was not simulated."""

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
    settle: float | None = None,
    trimming: Trimming = Trimming(),
    num_trimmed: float | None = None,
) -> EnergyEstimate:
    """Energy of one sample by part.

    Args:
        row: `Board()` or `Integrated()`.
        circuit: The counts that `count_parts` returns.
        power: Power and currents of the run's arrays.
        values: Value of each constant, a number or an array of samples.
        num_samples: Number of samples that share the energy of one programming.
        programming: What the cells are written to.
        settle: Time from a programming to the next sample, in seconds, of a chip that
            is rewritten in its life; `None` if it is not. The circuit takes its static
            power meanwhile as in a reset.
        trimming: What the trims take.
        num_trimmed: Number of samples that share one stay on the bench; `None` for
            those that share a programming.

    Raises:
        ValueError: If `num_samples` is not positive.
    """
    if not num_samples > 0:
        raise ValueError(
            "`power.programming_samples` must be positive, the samples that share one "
            f"programming; got {num_samples:g}."
        )
    supply, duration = row.supply(values), circuit.duration
    static = row.static(circuit, values)
    one = static["transimpedance amplifiers"] / max(len(circuit.noise_gains), 1)
    static = static | trimming.static(supply, one, values)
    total = sum(static.values())
    if row.takes_load(circuit):
        rows, columns = HALF * supply * power.rows, HALF * supply * power.columns
        drivers = rows - power.cells
    else:  # the cells take what their drivers carry at all times
        drivers, columns = supply * circuit.constant_current, 0.0
        static = _without(static, power.cells)
    parts: dict[str, Value] = {
        "cells": power.cells * duration,
        "row drivers": drivers * duration,
        "column currents": columns * duration,
        **{part: watts * duration for part, watts in static.items()},
        "reset": total * values["reset.share"] * circuit.reset,
        **row.events(circuit, values),
        "random numbers": values["random.normal"] * circuit.normals,
        "programming": programming.energy(values) * circuit.cells / num_samples,
    }
    pause: Value = 0.0
    if settle is not None:
        # One cell after the other.
        written = programming.duration(values) * circuit.cells
        pause = (written + settle) / num_samples
        parts["rewriting pause"] = total * values["reset.share"] * pause
    parts |= trimming.events()
    if not trimming.is_none:
        once = trimming.once(total, programming.energy(values))
        parts["trimming"] = once / (num_samples if num_trimmed is None else num_trimmed)
    if row.is_regulated:
        parts = regulate(parts, values)
    notes = row.notes(circuit, values)
    return EnergyEstimate(duration, circuit.reset, parts, notes, pause)


def _without(static: dict[str, Value], cells: float) -> dict[str, Value]:
    """Static power of the parts without what the drivers of rows pass to cells."""
    own = {part: static[part] for part in DRIVERS}
    left = 1 - cells / sum(own.values())
    return {**static, **{part: left * watts for part, watts in own.items()}}
