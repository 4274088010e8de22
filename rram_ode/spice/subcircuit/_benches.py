"""Test benches of an op-amp in ngspice."""

import numpy as np

from .._ngspice import run_text, SpiceError
from .._text import number
from ._part import Part


SERIES = 1e6  # ohms ahead of the - input, which input currents and capacitors move


LOAD = 10e3  # ohms at the output


POINTS = 40  # of a decade


OVERDRIVE = 0.5  # volts at the - input, where an output gives its largest current


# The op-amp as a follower at DC, and open at every other frequency.
SERVO = ("lfb out s 1e9", "cfb s a 1e3", "va a 0 dc 0 ac 1")


PARTS = ("real(v(out))", "imag(v(out))", "real(v(m))", "imag(v(m))")


OPTIONS = ".options reltol=1e-6 abstol=1e-16 vntol=1e-10"


TIMEOUT = 120.0  # seconds of a bench


QUICK = 10.0  # seconds of a bench that asks for the order of the pins


def _run(
    part: Part,
    cards: list[str],
    commands: list[str],
    plus: str = "0",
    timeout: float = TIMEOUT,
) -> np.ndarray:
    at = {"plus": plus, "minus": "m", "high": "vcc", "low": "vee", "out": "out"}
    control = ["set wr_singlescale", "set wr_vecnames", "set numdgt=12", *commands]
    lines = ["* a test bench", *part.cards, *part.supplies, part.instance(at), *cards]
    lines += [OPTIONS, ".control", *control, "quit 0", ".endc", ".end"]
    return run_text("\n".join(lines) + "\n", timeout=timeout)[0]


def operating_point(part: Part, timeout: float = TIMEOUT) -> dict[str, float]:
    """Voltages `out` and `minus`, and currents `supply`, `in_plus` and `in_minus`.

    The output drives the - input. Currents flow into the part, in amperes; that of the
    supply is the larger one of both supplies.
    """
    shown = "v(out) v(m) i(vvcc) i(vvee) i(vplus) i(vm)"
    cards = [*SERVO, "vm s m 0", "vplus p 0 0"]
    run = ["op", f"wrdata waves.txt {shown}"]
    found = _run(part, cards, run, plus="p", timeout=timeout)[-1]
    out, minus, high, low, plus, into = found[-6:].tolist()
    return {
        "out": out,
        "minus": minus,
        "supply": max(-high, low),
        "in_plus": -plus,
        "in_minus": into,
    }


def open_loop(
    part: Part,
    load: float | None = None,
    fastest: float = 1e10,
    timeout: float = TIMEOUT,
) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies in hertz, and the complex gain from the + input to the output."""
    cards = [*SERVO, "vm s m 0"]
    if load is not None:
        cards.append(f"rl out 0 {number(load)}")
    shown = "wrdata waves.txt re im mre mim"
    parts = [f"let {n}={of}" for n, of in zip(shown.split()[2:], PARTS, strict=True)]
    run = f"ac dec {POINTS} 0.01 {number(fastest)}"
    found = _run(part, cards, [run, *parts, shown], timeout=timeout)
    re, im, minus_re, minus_im = found[:, -4:].T
    return found[:, 0], -(re + 1j * im) / (minus_re + 1j * minus_im)


def input_capacitance(part: Part, frequency: float) -> float:
    """Capacitance of the - input with the output held at DC, in farads."""
    cards = [*SERVO, f"rs s m {number(SERIES)}"]
    parts = ["let y=(v(s)-v(m))/v(m)", "let re=real(y)", "let im=imag(y)"]
    run = f"ac lin 1 {number(frequency)} {number(frequency)}"
    found = _run(part, cards, [run, *parts, "wrdata waves.txt re im"])
    return float(found[0, -1]) / SERIES / (2 * np.pi * frequency)


def noise(part: Part, fastest: float, series: float = 0.0) -> np.ndarray:
    """Frequencies, and the input-referred density in V^2/Hz, `(2, frequencies)`.

    Args:
        part: The op-amp.
        fastest: Largest frequency, in hertz.
        series: Noiseless resistance ahead of the - input, in ohms.
    """
    between = f"rs s m {number(series)} noisy=0" if series else "vm s m 0"
    run = [f"noise v(out) va dec 10 0.1 {number(fastest)}", "setplot noise1"]
    found = _run(part, [*SERVO, between], [*run, "wrdata waves.txt inoise_spectrum"])
    return np.stack([found[:, 0], found[:, -1] ** 2])


def swing(part: Part) -> tuple[float, float]:
    """Lowest and highest output without a load, in volts."""
    most = number(0.55 * part.supply)
    cards = ["bm m 0 v=(10*v(in)+v(out))/11", "vin in 0 0"]
    run = f"dc vin -{most} {most} {number(part.supply / 400)}"
    out = _run(part, cards, [run, "wrdata waves.txt v(out)"])[:, -1]
    return float(out.min()), float(out.max())


def output_current(part: Part) -> tuple[float, float]:
    """Largest currents that the output gives and takes at 0 V, in amperes."""
    cards = ["vm m 0 0", "rs out o 1", "vo o 0 0"]
    run = f"dc vm -{OVERDRIVE} {OVERDRIVE} {2 * OVERDRIVE}"
    out = _run(part, cards, [run, "wrdata waves.txt i(vo)"])[:, -1]
    return float(out[0]), float(-out[-1])


def steps(part: Part, height: float, duration: float) -> tuple[np.ndarray, np.ndarray]:
    """Times and outputs of an inverter that is stepped down and up, in s and V.

    The output starts at half of `height`, falls from `duration` / 10 on, and rises
    from 11/10 of `duration` on. Its feedback is a source and loads nothing.
    """
    edge, half = duration / 1e4, height / 2
    corners = [0, duration / 10, duration / 10 + edge]
    corners += [1.1 * duration, 1.1 * duration + edge]
    values = [-half, -half, half, half, -half]
    wave = " ".join(f"{t:.9g} {v:.9g}" for t, v in zip(corners, values, strict=True))
    cards = ["bm m 0 v=0.5*(v(in)+v(out))", f"vin in 0 pwl({wave})"]
    step = number(duration / 2000)
    run = f"tran {step} {number(2.2 * duration)} 0 {step}"
    found = _run(part, cards, [run, "wrdata waves.txt v(out)"])
    return found[:, 0], found[:, -1]


def follows(part: Part) -> bool:
    """Whether pins are what they are said to be: the output drives the - input to 0.

    The supply current enters at `high`, and the gain to the output is positive.
    """
    try:
        point = operating_point(part, QUICK)
        settled = abs(point["out"]) < part.supply / 4 and point["supply"] >= 0
        if not settled or abs(point["minus"]) > 0.2:
            return False
        return bool(open_loop(part, fastest=0.1, timeout=QUICK)[1][0].real > 10)
    except SpiceError:
        return False
