"""Rules of structure: an op-amp, of which each element has its place."""

import math
import re

from ._deck import Element
from ._graph import Graph, only, RuleBroken
from ._layout import FoundOpAmp, Value


NUMBER = r"([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)"


CLIP = rf"max\(min\(\$,{NUMBER}\),{NUMBER}\)"


_LINEAR = rf"{NUMBER}\*\$-\$\*{NUMBER}"


_SLEWED = rf"max\(min\({_LINEAR},{NUMBER}\),{NUMBER}\)"


_DRIVE = re.compile(rf"i=(?:{_LINEAR}|{_SLEWED})-{NUMBER}\*\(\$-(?:\$|{CLIP})\)")


_OUTPUT = re.compile(rf"v=(?:\$|{CLIP})")


def find_op_amp(graph: Graph, drive: Element) -> FoundOpAmp:
    r"""The op-amp whose pole `drive` feeds.

    $C_x \dot v_x = g_m (v_p - v_m) - v_x / R_x$: the gain is $g_m R_x$, the
    gain-bandwidth $g_m / C_x$ in radians per second.

    Raises:
        RuleBroken: If a part is missing or is there twice.
    """
    name, pole = drive.name, drive.nets[1]
    if drive.kind == "g":
        plus, minus = drive.nets[2:]
        gm, slew, low, high = drive.value, math.inf, -math.inf, math.inf
        resistor = only(graph.between("r", pole, "0"), name, "resistor at its pole")
        loss, parts = 1 / resistor.value, [resistor]
    else:
        gm, loss, slew, low, high = _drive(drive)
        plus, minus = drive.senses[0]
        parts = []
    follows = [e for e in graph.watchers[pole] if e is not drive]
    output = only(follows, name, "source that follows its pole")
    if drive.nets[0] != "0" or _ends(output) != (low, high):
        raise RuleBroken(
            f"{name}: its pole is held from {low:g} to {high:g} V by a current from "
            f"ground; {output.name} does not follow that."
        )
    capacitor = only(graph.between("c", pole, "0"), name, "capacitor at its pole")
    dc = [e for e in graph.between("v", plus, "0") if e.wave is None]
    offset = only(dc, name, "offset source at its + input")
    if len(graph.at[plus]) != 1 or offset.nets[0] != plus:
        raise RuleBroken(f"{name}: its + input has an offset source to ground alone.")
    parts += [drive, output, capacitor, offset]
    values = {
        "gain": Value(gm / loss, parts[0].name),
        "unity": Value(gm / capacitor.value, capacitor.name),
        "slew": Value(slew / capacitor.value, drive.name),
        "v_rail": Value(high, output.name),
        "v_low": Value(low, output.name),
        "offset": Value(offset.value, offset.name),
    }
    elements = tuple(part.name for part in parts)
    return FoundOpAmp(name, minus, output.nets[0], pole, values, elements)


def _drive(drive: Element) -> tuple[float, float, float, float, float]:
    """Transconductance, loss, largest current, lowest and highest voltage."""
    found = _DRIVE.fullmatch(drive.rule)
    pole = (drive.nets[1], "0")
    if found is None or any(sense != pole for sense in drive.senses[1:]):
        raise RuleBroken(
            f"{drive.name}: this is not the drive of an op-amp's pole: {drive.rule}."
        )
    g1, g2, g3, g4, most, least, pull, high, low = (
        None if group is None else float(group) for group in found.groups()
    )
    gm, loss = g1 or g3, g2 or g4
    assert pull is not None  # by the expression
    if gm is None or loss is None or pull != gm or (most or 0) != -(least or 0):
        raise RuleBroken(
            f"{drive.name}: one transconductance pulls up, down and back from the "
            f"rails, with one limit; got {drive.rule}."
        )
    return (
        gm,
        loss,
        math.inf if most is None else most,
        -math.inf if low is None else low,
        math.inf if high is None else high,
    )


def _ends(output: Element) -> tuple[float, float] | None:
    """Lowest and highest voltage of an op-amp's output; `None` for another source."""
    if output.nets[1] != "0":
        return None
    if output.kind == "e" and output.value == 1 and output.nets[3] == "0":
        return -math.inf, math.inf
    found = _OUTPUT.fullmatch(output.rule)
    if found is None or output.senses[0][1] != "0":
        return None
    high, low = found.groups()
    return (-math.inf, math.inf) if low is None else (float(low), float(high))
