"""The multipliers of one coordinate with errors of a few percent, for ngspice."""

import jax
import jax.numpy as jnp
import numpy as np

from ..blocks import MultiplierErrors
from . import _blocks as blocks
from ._bench import Bench, Nodes, POINTS
from ._netlist import analysis, Netlist
from ._text import card, number, pwl


TIMES = np.array([0.0, 2e-6, 4e-6, 6e-6, 8e-6])


WAVES = {
    "kx": np.array([-1.0, 1.0, 0.5, 0.0, 0.0]),
    "x": np.array([0.2, 0.2, -0.2, 0.2, -0.2]),
    "ks": np.array([0.0, 0.5, 1.0, 1.0, -1.0]),
    "s": np.array([1.0, -1.0, 0.5, 0.0, 0.0]),
}


ERRORS = {  # large, so that each shows; of the state's multiplier, of the score's
    "gain": (0.03, -0.02),
    "signal": (0.02, 0.01),
    "factor": (0.01, -0.02),
    "offset": (5e-3, -2e-3),
}


def multiplier_bench() -> Bench:
    """Factors and signals as lines; each is zero for a while, so that the other leaks.

    The output is that of the loop's multipliers, minus the sum of both.
    """
    cards = [*blocks.erring_multiplier("multiplier")]
    for node, wave in WAVES.items():
        cards += card(f"v{node}", node, "0", *pwl(TIMES, wave))
    for n, (name, pins) in enumerate((("xmx", "kx x 0 p"), ("xms", "ks s p d"))):
        values = {key: both[n] for key, both in ERRORS.items()}
        values["gain"] += 1
        given = " ".join(f"{key}={number(value)}" for key, value in values.items())
        cards.append(f"{name} {pins} multiplier {given}")
    what = "two multipliers with errors, lines"
    run = analysis(TIMES[-1], POINTS)
    netlist = Netlist(what, tuple(cards), run, {"output": ("d",)})

    def ours() -> tuple[np.ndarray, Nodes]:
        even = np.linspace(0, TIMES[-1], 801)
        taus = np.union1d(np.round(even, 12), np.round(TIMES, 12))
        at = {k: jnp.asarray(np.interp(taus, TIMES, x)) for k, x in WAVES.items()}
        errors = MultiplierErrors(*(jnp.array(ERRORS[k])[:, None] for k in ERRORS))
        each = jax.vmap(errors)  # over times, each with its own factors
        factors = jnp.stack([at["kx"], at["ks"]], axis=1)
        found = each(factors, at["x"][:, None], at["s"][:, None])
        return taus, {"output": -np.asarray(found)}

    return Bench(what, netlist, ours)
