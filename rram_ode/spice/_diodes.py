"""ReLUs as subcircuits."""

from ..blocks import (
    AbstractRectifier,
    ClampRectifier,
    Diode,
    DiodeRectifier,
    IdealRectifier,
)
from . import _blocks as blocks
from ._text import number


SPICE_KELVIN = 300.15  # ngspice's temperature, 27 degrees Celsius


def rectifier(name: str, block: AbstractRectifier, v_clamp: float) -> list[str]:
    """`a out`: a ReLU and the clamp of its row, of `v_clamp` volts.

    An ideal op-amp drives `a`; the diode's node `o` is followed by a source, which
    clips.

    Raises:
        ValueError: If the block has no circuit here.
    """
    if isinstance(block, IdealRectifier):
        return blocks.limiter(name, 0.0, v_clamp)
    if not isinstance(block, DiodeRectifier | ClampRectifier):
        raise ValueError(f"a netlist has no {type(block).__name__}.")
    ohms = number(block.resistance)
    if isinstance(block, ClampRectifier):
        body = [f"r0 a o {ohms}", "d0 0 o dm"]
    elif block.gain is None:
        body = ["d0 a o dm", f"r0 o 0 {ohms}"]
    else:
        body = [f"e0 q 0 a o {number(block.gain)}", "d0 q o dm", f"r0 o 0 {ohms}"]
    _, *inside, end = blocks.limiter(name, -v_clamp, v_clamp)
    inside = [line.replace("v(a)", "v(o)") for line in inside]
    return [f".subckt {name} a out", _model(block.diode), *body, *inside, end]


def _model(diode: Diode) -> str:
    """A hotter diode is a less ideal one at SPICE's temperature."""
    ideality = float(diode.ideality * diode.temperature) / SPICE_KELVIN
    return f".model dm d(is={number(diode.saturation)} n={number(ideality)})"
