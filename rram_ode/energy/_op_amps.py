"""The op-amps of a chip: what each must do and drive, and what they take."""

import collections
import dataclasses
import functools
import math

import numpy as np

from ..blocks import OpAmpDesign
from ._constant import Value, Values


REJECTED = 2.0  # noise gain of an inverter or a rectifier with equal resistors


@dataclasses.dataclass(frozen=True)
class OpAmpDuty:
    """Op-amps of one kind and what each of them must do.

    Args:
        noise_gains: Noise gain of each op-amp.
        loads: Conductance at each output, in siemens.
        v_peak: Largest voltage at that conductance, in volts.
        c_more: Load capacitance beside that of every op-amp, in farads.
    """

    noise_gains: tuple[float, ...]
    loads: tuple[float, ...]
    v_peak: float
    c_more: float = 0.0


@dataclasses.dataclass(frozen=True)
class OpAmpTerms:
    """What the op-amps of a run are made of.

    Args:
        design: Currents of an op-amp without a load.
        gbw: Gain-bandwidth that was simulated, in hertz; `None` where op-amps were
            infinitely fast, and each is as fast as its noise gain needs.
        c_in: Capacitance of an op-amp's input, in farads.
        is_part: Whether the samples come from op-amps of the board's class.
        supply_current: Supply current of each without a signal, in amperes, as a data
            sheet or a measurement says; `None` for that of `design`.
        supply: Supply voltage of a part on a board, in volts; `None` for the row's.
    """

    design: OpAmpDesign = OpAmpDesign(gbw=100e6, slew=100e6)
    gbw: float | None = None
    c_in: float = 0.0
    is_part: bool = False
    supply_current: float | None = None
    supply: float | None = None

    def of(self, duty: OpAmpDuty, bandwidth: Value) -> OpAmpDesign:
        """The op-amps of a kind, with an axis of op-amps ahead of that of `bandwidth`.

        Args:
            duty: What they must do.
            bandwidth: Closed-loop bandwidth that infinitely fast op-amps stand for,
                in hertz. Slewing never limits a swing of `v_peak` in it.
        """
        column = lambda x: np.asarray(x, float)[:, None]
        gbw, slew = column(np.full(len(duty.loads), self.gbw or 0.0)), self.design.slew
        if self.gbw is None:
            gbw = column(duty.noise_gains) * bandwidth
            slew = 2 * math.pi * bandwidth * duty.v_peak
        found = dataclasses.replace(
            self.design,
            gbw=gbw,
            slew=slew,
            g_load=column(duty.loads),
            v_peak=duty.v_peak,
            c_load=self.design.c_load + duty.c_more,
        )
        if self.gbw is None:  # what the load takes is paid for
            found = dataclasses.replace(found, gbw=gbw / found.gbw_left)
        return found

    def current(self, duty: OpAmpDuty, bandwidth: Value) -> Value:
        """Supply current of all op-amps of a kind without a signal, in amperes.

        Op-amps of one noise gain and one load are computed once: a chip that follows
        from a scaling law has thousands of them.
        """
        if self.supply_current is not None:
            return self.supply_current * len(duty.loads)
        gains, loads, counts = _distinct(duty.noise_gains, duty.loads)
        alike = dataclasses.replace(duty, noise_gains=gains, loads=loads)
        currents = self.of(alike, bandwidth).supply_current
        found = np.sum(counts[:, None] * currents, axis=0)
        return float(found[0]) if found.size == 1 else found


@functools.lru_cache(maxsize=64)
def _distinct(gains: tuple[float, ...], loads: tuple[float, ...]):
    """Pairs of a noise gain and a load, and the number of op-amps of each."""
    counts = collections.Counter(zip(gains, loads, strict=True))
    if not counts:
        return (), (), np.zeros(0)
    one, other = zip(*counts, strict=True)
    return one, other, np.array([*counts.values()], float)


def needed_bandwidth(duration: float, values: Values) -> Value:
    """Closed-loop bandwidth for which a solve takes op-amps as infinitely fast."""
    return values["amplifier.speed"] / duration
