"""Four ReLUs and clamps of diodes, driven by one ramp."""

import jax.numpy as jnp
import numpy as np

from ..blocks import Diode, DiodeClamp, DiodeRectifier
from ._bench import Bench, Nodes, POINTS
from ._netlist import analysis, Netlist
from ._text import card, number, pwl


SATURATION, RESISTANCE, GAIN, V_CLAMP = 1e-14, 10e3, 1e3, 0.2


TIMES = np.array([0, 1, 9, 11, 19, 20]) * 1e-6


RAMP = np.array([-1, -1, 1, 1, -0.2, 0.6])


def rectifier_bench() -> Bench:
    """A diode into a resistor, the same in an op-amp's loop, a clamp, one turned over.

    The diode is Shockley's at 27 degrees Celsius, ngspice's default.
    """
    ohms = number(RESISTANCE)
    cards = [
        f".model dm d(is={number(SATURATION)} n=1)",
        *card("va", "a", "0", *pwl(TIMES, RAMP)),
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
    netlist = Netlist(what, tuple(cards), analysis(TIMES[-1], POINTS), nodes)

    def ours() -> tuple[np.ndarray, Nodes]:
        return _taus(), dict(zip(nodes, _ours(), strict=True))

    return Bench(what, netlist, ours)


def _taus() -> np.ndarray:
    even = np.linspace(0, TIMES[-1], 801)
    return np.union1d(np.round(even, 12), np.round(TIMES, 12))


def _ours() -> list[np.ndarray]:
    """Outputs `(times, 1)`, in the order of the deck."""
    v, diode = jnp.asarray(np.interp(_taus(), TIMES, RAMP)), Diode(SATURATION)
    ground = DiodeClamp(diode, RESISTANCE)
    found = (
        DiodeRectifier(diode, RESISTANCE)(v),
        DiodeRectifier(diode, RESISTANCE, GAIN)(v),
        DiodeClamp(diode, RESISTANCE, V_CLAMP)(v),
        -ground(-v),
    )
    return [np.asarray(each)[:, None] for each in found]
