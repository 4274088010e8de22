"""Benches of blocks without a state: diode rectifiers, and multipliers with errors."""

import jax
import jax.numpy as jnp
import numpy as np

from ..blocks import Diode, DiodeClamp, DiodeRectifier, MultiplierErrors
from . import _blocks as blocks
from ._bench import Bench, even_times, Nodes, POINTS
from ._netlist import analysis
from ._text import card, Netlist, number, pwl


SATURATION, RESISTANCE, GAIN, V_CLAMP = 1e-14, 10e3, 1e3, 0.2


RAMP_TIMES = np.array([0, 1, 9, 11, 19, 20]) * 1e-6


RAMP = np.array([-1, -1, 1, 1, -0.2, 0.6])


def rectifier_bench() -> Bench:
    """Four ReLUs and clamps of diodes that one ramp drives.

    A diode into a resistor, the same in an op-amp's loop, a clamp, and a clamp whose
    diode is turned over. The diode is Shockley's at 27 degrees Celsius, ngspice's
    default.
    """
    ohms = number(RESISTANCE)
    cards = [
        f".model dm d(is={number(SATURATION)} n=1)",
        *card("va", "a", "0", *pwl(RAMP_TIMES, RAMP)),
        "d0 a o0 dm",
        f"r0 o0 0 {ohms}",
        f"e1 q 0 a o1 {number(GAIN)}",
        "d1 q o1 dm",
        f"r1 o1 0 {ohms}",
        f"r2 a o2 {ohms}",
        "d2 o2 h dm",
        f"vh h 0 {number(V_CLAMP)}",
        f"r3 a o3 {ohms}",
        "d3 0 o3 dm",
    ]
    what = "rectifiers and clamps of diodes, a ramp"
    names = ("diode", "diode in a loop", "clamp", "clamp as a ReLU")
    nodes = {name: (f"o{n}",) for n, name in enumerate(names)}
    run = analysis(RAMP_TIMES[-1], POINTS)

    def ours() -> tuple[np.ndarray, Nodes]:
        taus, diode = even_times(RAMP_TIMES), Diode(SATURATION)
        v = jnp.asarray(np.interp(taus, RAMP_TIMES, RAMP))
        found = (
            DiodeRectifier(diode, RESISTANCE)(v),
            DiodeRectifier(diode, RESISTANCE, GAIN)(v),
            DiodeClamp(diode, RESISTANCE, V_CLAMP)(v),
            -DiodeClamp(diode, RESISTANCE)(-v),
        )
        columns = [np.asarray(each)[:, None] for each in found]
        return taus, dict(zip(nodes, columns, strict=True))

    return Bench(what, Netlist(what, tuple(cards), run, nodes), ours)


WAVE_TIMES = np.array([0.0, 2e-6, 4e-6, 6e-6, 8e-6])


WAVES = {
    "kx": np.array([-1.0, 1.0, 0.5, 0.0, 0.0]),
    "x": np.array([0.2, 0.2, -0.2, 0.2, -0.2]),
    "ks": np.array([0.0, 0.5, 1.0, 1.0, -1.0]),
    "s": np.array([1.0, -1.0, 0.5, 0.0, 0.0]),
}


ERRORS = {  # of the state's multiplier and of the score's; large, so that each shows
    "gain": (0.03, -0.02),
    "signal": (0.02, 0.01),
    "factor": (0.01, -0.02),
    "offset": (5e-3, -2e-3),
}


def multiplier_bench() -> Bench:
    """The multipliers of one coordinate, with errors of a few percent.

    Factors and signals are lines; each is zero for a while, so that the leakage of the
    other shows. The output is that of the loop's multipliers, minus the sum of both.
    """
    cards = [*blocks.erring_multiplier("multiplier")]
    for node, wave in WAVES.items():
        cards += card(f"v{node}", node, "0", *pwl(WAVE_TIMES, wave))
    for n, (name, pins) in enumerate((("xmx", "kx x 0 p"), ("xms", "ks s p d"))):
        values = {key: both[n] for key, both in ERRORS.items()}
        values["gain"] += 1
        given = " ".join(f"{key}={number(value)}" for key, value in values.items())
        cards.append(f"{name} {pins} multiplier {given}")
    what = "two multipliers with errors, lines"
    run = analysis(WAVE_TIMES[-1], POINTS)

    def ours() -> tuple[np.ndarray, Nodes]:
        taus = even_times(WAVE_TIMES)
        at = {k: jnp.asarray(np.interp(taus, WAVE_TIMES, x)) for k, x in WAVES.items()}
        gain, signal, factor, offset = (
            jnp.array(ERRORS[k])[:, None]
            for k in ("gain", "signal", "factor", "offset")
        )
        errors = MultiplierErrors(gain, signal, factor, offset)
        each = jax.vmap(errors)  # over times, each with its own factors
        factors = jnp.stack([at["kx"], at["ks"]], axis=1)
        found = each(factors, at["x"][:, None], at["s"][:, None])
        return taus, {"output": -np.asarray(found)}

    return Bench(what, Netlist(what, tuple(cards), run, {"output": ("d",)}), ours)
