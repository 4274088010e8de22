"""The paper's network on a board of discrete parts, as its public firmware plays it.

The firmware gives the time of a solve, the rate and bits of its DACs, and the hold of
injected noise. Parts, cells and the rest of the circuit are not published: all other
values are assumptions, and `PARTS` and `BAND` say which. Network, schedule, starts and
volts per unit are those of `ring-fresh`.
"""

import math
from typing import Any

from ..config import override_all, RunConfig
from ._ring import fresh_ring


BAND = 640.0  # Hz: assumed, one value a step; 0.75 s of R C average faster noise


FIRMWARE: dict[str, Any] = {
    "solve.duration": 1.0,  # 200 ticks of 5 ms
    "solve.reset": 0.2,  # the firmware plays up to t = 1.2
    "solve.noise_hold": 5e-3,  # where `solve.process` injects noise: a tick
    "dac.bits": 12,
    "dac.update_rate": 200.0,
    "start.bits": 12,
    "adc.bits": 12,  # assumed: the converter of its microcontroller, an STM32F407
}


# Assumed. A film capacitor of 10 uF holds its charge for 1,000 s. The bias current of
# the op-amps' class in 75 kohm is an offset of 1 mV, which no trim of columns reaches.
# Multipliers are of the class AD633, whose 5 mV of offset and 3 mV of feed-through are
# nulled by hand. Resistors have 1 %, capacitors 5 %, ground 10 mohm at 1 mA.
PARTS: dict[str, Any] = {
    "power.row": "board",
    "op_amp.kind": "board",
    "op_amp.static_errors": True,
    "integrator.resistance": 75e3,
    "integrator.capacitance": 10e-6,
    "integrator.leak": 100e6,
    "integrator.offset_std": 100e-6,
    "integrator.mismatch_std": 0.01,
    "start.resistance": 1e3,
    "start.memory": 1e-3,
    "driver.offset_std": 100e-6,
    "driver.gain_std": 1e-4,
    "inverter.offset_std": 200e-6,
    "inverter.gain_std": 1e-3,
    "rectifier.offset_std": 100e-6,
    "rectifier.gain_std": 1e-3,
    "multiplier.offset_std": 0.2e-3,
    "multiplier.gain_std": 2.5e-3,
    "multiplier.signal_std": 1e-3,
    "multiplier.factor_std": 0.2e-3,
    "multiplier.signal_bend_std": 1e-3,
    "multiplier.factor_bend_std": 4e-3,
    "supply.reference_std": 1e-3,
    "supply.std": 0.01,
    "process.corner": "monte-carlo",
    "process.resistor_tolerance": 0.01,
    "process.capacitor_tolerance": 0.05,
    "crossbar.bias": "fitted",
}


# Cells keep the density of their white noise, and so have less of it in the band.
NOISE: dict[str, Any] = {
    "solve.num_steps": round(2 * BAND),
    "cell.read.white.bandwidth": BAND,
    "cell.read.white.std": 0.1e-6 * math.sqrt(BAND / 1e6),
    "cell.read.flicker.f_max": 100.0,
    "op_amp.flicker": 0.11e-6,
    "op_amp.flicker_max": 100.0,
    "multiplier.noise": 0.8e-6,
    "multiplier.flicker": 16e-6,
    "supply.noise": 100e-6,
    "supply.ground_noise": 10e-6,
    "supply.bandwidth": BAND,
    "dac.glitch": 12e-9,
    "dac.skew": 10e-9,
    "dac.jitter": 1e-6,  # assumed: ticks are interrupts of the microcontroller
    "solve.jitter": 1e-6,
}


# Written one second before the first sample, and older by 1.2 s with each.
AGE: dict[str, Any] = {
    "cell.age": 1.0,
    "cell.ageing": 0.05e-6,  # an eighth of the relaxation's spread after one second
    "cell.drift.disturb": 1e-3,
}


TRIMS: dict[str, Any] = {"trim.columns": "offsets", "trim.averaging": 0.1}


def ring_board() -> RunConfig:
    """The run of `ring-board`: infinitely fast op-amps, since a solve takes a second.

    The firmware's own volts per unit of activation (50 to 200 mV, as its code reads)
    would clip the network of `ring-fresh` at `crossbar.v_max`; they are not taken.
    """
    base = fresh_ring()
    for settings in (FIRMWARE, PARTS, NOISE, AGE, TRIMS):
        base = override_all(base, settings)
    return base
