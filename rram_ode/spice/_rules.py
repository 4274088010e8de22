"""Rules of structure: the blocks that are one source each."""

import dataclasses
import math
import re

import numpy as np

from ._deck import Element
from ._graph import Graph, is_voltage, RuleBroken
from ._layout import Row, Value
from ._op_amp_rules import NUMBER


# What a driver or a ReLU clips: its input, or an erring rectifier's product.
_SIGNAL = rf"(?:\$|{NUMBER}\*\(\$\+{NUMBER}\))"


_CLIPS = (
    (rf"max\(min\({_SIGNAL},{NUMBER}\),{NUMBER}\)", "v_high", "v_low"),
    (rf"max\({_SIGNAL},{NUMBER}\)", "v_low"),
    (rf"min\({_SIGNAL},{NUMBER}\)", "v_high"),
    (_SIGNAL,),
)


_ROWS = tuple(
    (re.compile(rf"v=(?:{clip}|{NUMBER}\*{clip}\+{NUMBER})"), names)
    for clip, *names in _CLIPS
)


_INVERTER = re.compile(rf"v={NUMBER}-{NUMBER}\*\$")


_ERRING = re.compile(rf"v=\$-{NUMBER}\*\$\*\$-{NUMBER}\*\$-{NUMBER}\*\$-{NUMBER}")


_ERRORS = {"gain": 1.0, "signal": 0.0, "factor": 0.0, "offset": 0.0}


_BENT = re.compile(
    rf"v=\$-{NUMBER}"
    + rf"\*\$\*\({NUMBER}-{NUMBER}\*\$\*\$\)" * 2
    + rf"-{NUMBER}\*\$-{NUMBER}\*\$-{NUMBER}"
)


_BENDS = {"a1": 1.0, "a3": 0.0, "b1": 1.0, "b3": 0.0}


@dataclasses.dataclass(frozen=True)
class Multiplier:
    """A multiplier: `z - a b / 1 V` at its output, with the errors of its product.

    Args:
        name: Name of its source.
        output: Net of its output.
        adds: Net of z, or "0" if it adds nothing.
        factor: Net of the factor that the DAC drives.
        takes: Net of the other factor.
        errors: `gain` (1 if ideal), `signal` (V/V), `factor`, `offset` (V), as in
            `MultiplierErrors`; `a1`, `a3` (1 and 0 if straight) of its factor and `b1`,
            `b3` (1/V^2) of its signal, as in `MultiplierBend`.
    """

    name: str
    output: str
    adds: str
    factor: str
    takes: str
    errors: dict[str, float]


@dataclasses.dataclass(frozen=True)
class Sources:
    """Blocks of one source each, by the net that they drive.

    Args:
        waves: Times and volts of the DAC's channels.
        rows: Word lines with their inverses.
        scalers: Controlled sources that scale a wave.
        multipliers: Multipliers.
    """

    waves: dict[str, np.ndarray]
    rows: dict[str, Row]
    scalers: dict[str, Element]
    multipliers: dict[str, Multiplier]


def find_sources(graph: Graph) -> Sources:
    """Find all blocks of one source; the op-amps have claimed their sources already."""
    for net, drivers in graph.drivers.items():
        if len(drivers) > 1 or net == "0":
            names = ", ".join(element.name for element in drivers)
            graph.violations.append(f"{names}: net {net!r} is driven by one source.")
    free = [e for e in graph.elements if e.name not in graph.owners and is_voltage(e)]
    waves = {e.nets[0]: e.wave for e in free if e.wave is not None}
    for element in free:
        if element.wave is not None:
            graph.claim("DAC channel", element.name, [element.name])
    rows: dict[str, Row] = {}
    multipliers: dict[str, Multiplier] = {}
    for element in free:
        if element.kind == "v" and element.wave is None:
            row = Row("constant", element.nets[0], "", "", {"v_bias": _own(element)})
            rows[row.net] = row
            graph.claim("constant row", element.name, [element.name])
        elif element.rule.startswith("v=$-"):
            for multiplier in graph.all_of(
                lambda _, e: _multiplier(e, waves), [element]
            ):
                multipliers[multiplier.output] = multiplier
                graph.claim("multiplier", element.name, [element.name])
        elif element.kind == "b" and not _INVERTER.fullmatch(element.rule):
            for row in graph.all_of(lambda _, e: _row(e), [element]):
                rows[row.net] = row
                graph.claim(_KINDS[row.kind], element.name, [element.name])
    scalers: dict[str, Element] = {}
    for element in free:
        if element.kind == "e" and element.nets[2] in waves and element.nets[3] == "0":
            scalers[element.nets[0]] = element
        elif element.kind == "e" or _INVERTER.fullmatch(element.rule):
            graph.all_of(lambda g, e: _invert(g, e, rows), [element])
    return Sources(waves, rows, scalers, multipliers)


_KINDS = {"driver": "row driver", "relu": "ReLU"}


def _own(element: Element) -> Value:
    return Value(element.value, element.name)


def _multiplier(element: Element, waves: dict[str, np.ndarray]) -> Multiplier:
    nets = [a for a, b in element.senses if b == "0"]
    errors, erring = _ERRORS | _BENDS, _ERRING.fullmatch(element.rule)
    bent = _BENT.fullmatch(element.rule)
    if erring is not None and len(nets) == 5:
        values = zip(_ERRORS, erring.groups(), strict=True)
        errors |= {key: float(value) for key, value in values}
        if nets[3:] != nets[2:0:-1] or nets[1] not in waves:
            raise RuleBroken(
                f"{element.name}: a multiplier's errors are those of its own signal, "
                f"then of its factor from the DAC; got {nets[1:]}."
            )
        nets = nets[:3]
    elif bent is not None and len(nets) == 9:
        gain, *others = bent.groups()
        names = ("gain", *_BENDS, *list(_ERRORS)[1:])
        values = zip(names, (gain, *others), strict=True)
        errors = {key: float(value) for key, value in values}
        z, a, b = nets[0], nets[1], nets[4]
        if nets != [z, a, a, a, b, b, b, b, a] or a not in waves:
            raise RuleBroken(
                f"{element.name}: a bent multiplier takes its factor from the DAC, its "
                f"signal, and the errors of both; got {nets[1:]}."
            )
        nets = [z, a, b]
    elif element.rule != "v=$-$*$":
        raise RuleBroken(f"{element.name}: no multiplier has the rule {element.rule}.")
    known = [net for net in nets[1:] if net in waves]
    if len(nets) != 3 or len(known) != 1:
        raise RuleBroken(
            f"{element.name}: a multiplier takes one factor from the DAC; got {known}."
        )
    factor = known[0]
    takes = nets[2] if nets[1] == factor else nets[1]
    return Multiplier(element.name, element.nets[0], nets[0], factor, takes, errors)


def _row(element: Element) -> Row:
    values = _clip(element)
    low, high = values["v_low"], values["v_high"]
    if low not in (0, -high) or element.senses[0][1] != "0" or element.nets[1] != "0":
        raise RuleBroken(
            f"{element.name}: a driver clips at equal voltages and a ReLU at 0; got "
            f"{low:g} and {high:g} V."
        )
    kind = "relu" if low == 0 else "driver"
    if kind == "driver" and (values["relu_gain"], values["relu_offset"]) != (1, 0):
        raise RuleBroken(f"{element.name}: a row driver has no rectifier's errors.")
    found = {name: Value(value, element.name) for name, value in values.items()}
    return Row(kind, element.nets[0], "", element.senses[0][0], found)


def _clip(element: Element) -> dict[str, float]:
    """Limits and errors of a source that clips one voltage."""
    values = {"v_low": -math.inf, "v_high": math.inf, "gain": 1.0, "offset": 0.0}
    values |= {"relu_gain": 1.0, "relu_offset": 0.0}
    for pattern, names in _ROWS:
        found = pattern.fullmatch(element.rule)
        if found is None:
            continue
        own = ("relu_gain", "relu_offset", *names)
        every = (*own, "gain", *own, "offset")
        given = zip(every, found.groups(), strict=True)
        return values | {k: float(x) for k, x in given if x is not None}
    raise RuleBroken(f"{element.name}: no block has the rule {element.rule}.")


def _invert(graph: Graph, element: Element, rows: dict[str, Row]) -> None:
    net, gain, offset = _inverter(element)
    row = rows.get(net)
    if row is None or element.nets[1] != "0":
        raise RuleBroken(
            f"{element.name}: a gain of {-gain:g} from net {net!r} is no inverter of a "
            "row and no scaled wave of the DAC."
        )
    if row.inverse:
        raise RuleBroken(f"{element.name}: row {net!r} has two inverters.")
    errors = {
        "inverse_gain": Value(gain, element.name),
        "inverse_offset": Value(offset, element.name),
    }
    rows[net] = dataclasses.replace(
        row, inverse=element.nets[0], values=row.values | errors
    )
    graph.claim("inverter", element.name, [element.name])


def _inverter(element: Element) -> tuple[str, float, float]:
    """The net that a source inverts, its gain and its offset; an ideal one has -1."""
    found = _INVERTER.fullmatch(element.rule)
    if found is not None:
        offset, gain = map(float, found.groups())
        net, low = element.senses[0]
    else:
        (net, low), gain, offset = element.nets[2:], -element.value, 0.0
    if low != "0" or (found is None and gain != 1):
        return "", gain, offset
    return net, gain, offset
