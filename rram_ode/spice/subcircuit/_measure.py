"""An op-amp measured in ngspice, and what the simulator's own op-amp takes of it."""

import dataclasses
import math

import numpy as np
from scipy.optimize import least_squares

from .._ngspice import SpiceError
from . import _benches as benches
from ._part import BARE, Part


UNLIMITED = 0.7  # of a linear step's slope: a slower one slews


LARGEST_CURRENT = 1.0  # amperes at the output that count as no limit


SMALLEST_CAPACITOR = 1e-16  # farads


TRIES = 6


@dataclasses.dataclass(frozen=True)
class Measurement:
    """What test benches find of an op-amp without a load.

    Args:
        gain: Open-loop gain at DC.
        gbw: Gain times frequency where the gain falls with it, in hertz.
        poles: First and second pole, in hertz; the second is infinite for none.
        slew_up: Slew rate of a rising output, in V/s; infinite for none.
        slew_down: That of a falling output.
        v_low: Lowest output, in volts.
        v_rail: Highest output, in volts.
        offset: Input-referred offset at the + input, in volts.
        bias_current: Current out of the - input, in amperes.
        bias_plus: Current out of the + input, in amperes.
        e_n: White voltage noise, in V/sqrt(Hz).
        flicker: Root of the density of 1/f noise at 1 Hz, in V.
        i_n: White current noise of the - input, in A/sqrt(Hz).
        supply_current: Supply current without a signal, in amperes.
        i_source: Largest current that the output gives; infinite above 1 A.
        i_sink: Largest current that it takes.
        r_out: By how much a load at the output divides the gain, in ohms.
        r_fast: By how much a load divides the gain-bandwidth, in ohms.
        c_in: Capacitance of the - input, in farads.
    """

    gain: float
    gbw: float
    poles: tuple[float, float]
    slew_up: float
    slew_down: float
    v_low: float
    v_rail: float
    offset: float
    bias_current: float
    bias_plus: float
    e_n: float
    flicker: float
    i_n: float
    supply_current: float
    i_source: float
    i_sink: float
    r_out: float
    r_fast: float
    c_in: float


def measure(part: Part) -> Measurement:
    """Run all test benches.

    Raises:
        ValueError: If the part is no op-amp with its pins in this order; the message
            names an order that is one.
        SpiceError: If ngspice does not complete a run.
    """
    require_order(part)
    point = benches.operating_point(part)
    bode = benches.open_loop(part)
    gain, poles = _poles(*bode)
    gbw = _gain_bandwidth(*bode, gain, poles[0])
    bode = benches.open_loop(part, benches.LOAD)
    loaded, (slowed, _) = _poles(*bode)
    left = _gain_bandwidth(*bode, loaded, slowed) / gbw
    low, high = benches.swing(part)
    down, up = _slews(part, gbw, 1.6 * min(-low, high))
    source, sink = benches.output_current(part)
    e_n, flicker = _white(benches.noise(part, min(gbw / 10, 1e8)))
    behind = benches.noise(part, 1e4, benches.SERIES)[1, -1]
    ahead = benches.noise(part, 1e4)[1, -1]
    i_n = math.sqrt(max(behind - ahead, 0.0)) / benches.SERIES
    c_in = benches.input_capacitance(part, min(1e6, gbw / 10))
    return Measurement(
        gain=gain,
        gbw=gbw,
        poles=poles,
        slew_up=up,
        slew_down=down,
        v_low=low,
        v_rail=high,
        offset=point["minus"] + point["out"] / gain,
        bias_current=-point["in_minus"],
        bias_plus=-point["in_plus"],
        e_n=e_n,
        flicker=flicker,
        i_n=0.0 if behind < 1.001 * ahead else i_n,
        supply_current=point["supply"],
        i_source=source if source < LARGEST_CURRENT else math.inf,
        i_sink=sink if sink < LARGEST_CURRENT else math.inf,
        r_out=benches.LOAD * max(gain / loaded - 1, 0.0),
        r_fast=benches.LOAD * max(1 / left - 1, 0.0),
        c_in=c_in if c_in > SMALLEST_CAPACITOR else 0.0,
    )


def require_order(part: Part) -> None:
    """Refuse a part that does not follow with its pins in this order.

    Raises:
        ValueError: With an order in which it does, if there is one.
    """
    if benches.follows(part):
        return
    named = ", ".join(
        f"{net} = {pin}" for net, pin in zip(part.nets, part.pins, strict=True)
    )
    for order in part.likely:
        if benches.follows(dataclasses.replace(part, pins=order)):
            raise ValueError(
                f"`{part.title}` is no op-amp with the pins {named}: it follows its "
                f'input with `op_amp.pins` = "{" ".join(order)}".'
            )
    more = "" if part.pins == BARE else f", at {part.supply:g} V of `op_amp.supply`"
    raise ValueError(
        f"`{part.title}` follows its input with the pins {named} in no order that was "
        f"tried{more}: say what each pin is by `op_amp.pins`."
    )


def _gain_bandwidth(f: np.ndarray, gain: np.ndarray, a0: float, pole: float) -> float:
    """Gain times frequency half-way, in decades, from the first pole to a gain of 1."""
    at = pole * math.sqrt(a0)
    size = math.exp(np.interp(math.log(at), np.log(f), np.log(np.abs(gain))))
    return size * math.hypot(at, pole)


def _poles(f: np.ndarray, gain: np.ndarray) -> tuple[float, tuple[float, float]]:
    r"""Gain at DC, first and second pole of $A_0 (1 + s/z) / ((1 + s/p_1)(1 + s/p_2))$.

    Least squares of magnitude and phase down to a gain of 0.3.
    """
    size = np.abs(gain)
    used = np.flatnonzero(size < 0.3)
    end = used[0] if used.size else size.size
    f, gain, size = f[:end], gain[:end], size[:end]
    a0 = float(size[0])
    corner = np.flatnonzero(size < a0 / math.sqrt(2))
    p1 = float(f[corner[0]]) if corner.size else float(f[-1])
    seen = np.log(gain)
    seen = np.real(seen) + 1j * np.unwrap(np.imag(seen))

    def apart(x: np.ndarray) -> np.ndarray:
        s = 1j * f
        model = x[0] + np.log1p(s * x[3])
        model = model - np.log1p(s / np.exp(x[1])) - np.log1p(s * np.exp(-x[2]))
        gap = model - seen
        return np.concatenate([np.real(gap), np.imag(gap)])

    start = np.array([math.log(a0), math.log(p1), math.log(a0 * p1 * 3), 0.0])
    scale = np.array([1.0, 1.0, 1.0, 1 / (a0 * p1)])
    found = least_squares(apart, start, x_scale=scale).x
    second = float(np.exp(found[2]))
    if second > 30 * f[-1] or abs(found[3] * second - 1) < 1e-3:
        second = math.inf
    return float(np.exp(found[0])), (float(np.exp(found[1])), second)


def _slews(part: Part, gbw: float, height: float) -> tuple[float, float]:
    """Slew rates of a falling and of a rising output, in V/s."""
    duration, (times, out) = _settled(part, 20 / gbw, height)
    starts = duration / 10, 1.1 * duration
    found = []
    for sign, start in zip((1, -1), starts, strict=True):
        within = (times >= start) & (times < start + duration)
        # From 1 to 0, as the output goes from one end to the other.
        left = 0.5 + sign * out[within] / height
        t = times[within]
        first, last = (t[np.argmax(left < level)] for level in (0.8, 0.5))
        slope = 0.3 * height / (last - first)
        linear = 0.3 * height * math.pi * gbw / math.log(0.8 / 0.5)
        found.append(math.inf if slope > UNLIMITED * linear else float(slope))
    return found[0], found[1]


def _settled(
    part: Part, duration: float, height: float
) -> tuple[float, tuple[np.ndarray, np.ndarray]]:
    """Steps that take as long as the output needs, and how long that is."""
    for _ in range(TRIES):
        times, out = benches.steps(part, height, duration)
        fallen, risen = np.interp([1.09 * duration, 2.19 * duration], times, out)
        if fallen < -0.45 * height and risen > 0.45 * height:
            return duration, (times, out)
        duration *= 4
    raise SpiceError(
        f"`{part.title}` does not settle within {duration / 4:.3g} s on a step of "
        f"{height:.3g} V as an inverter."
    )


def _white(density: np.ndarray) -> tuple[float, float]:
    r"""$e_n$ and $\sqrt{K}$ of $e_n^2 + K / f$, by relative least squares."""
    f, seen = density
    if not np.any(seen > 0):
        return 0.0, 0.0
    basis = np.stack([np.ones_like(f), 1 / f], axis=1) / seen[:, None]
    found = np.linalg.lstsq(basis, np.ones_like(f), rcond=None)[0]
    white, slow = np.sqrt(np.maximum(found, 0.0))
    return float(white), float(slow)
