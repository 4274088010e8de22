"""Rules of the blocks that are one source: rectifier, driver, inverter, multiplier."""

import dataclasses
import math
import re

import numpy as np

from ._deck import Element
from ._found_op_amp import NUMBER
from ._graph import Graph, is_voltage, RuleBroken
from ._layout import Row, Value


_LIMITS = (
    (re.compile(rf"v=max\(min\(\$,{NUMBER}\),{NUMBER}\)"), "high", "low"),
    (re.compile(rf"v=max\(\$,{NUMBER}\)"), "low", ""),
    (re.compile(rf"v=min\(\$,{NUMBER}\)"), "high", ""),
    (re.compile(r"v=\$"), "", ""),
)


_ERRING = re.compile(rf"v=\$-{NUMBER}\*\$\*\$-{NUMBER}\*\$-{NUMBER}\*\$-{NUMBER}")


_ERRORS = {"gain": 1.0, "signal": 0.0, "factor": 0.0, "offset": 0.0}


@dataclasses.dataclass(frozen=True)
class Multiplier:
    """`z - a b / 1 V` at `output`, or that with the errors of `MultiplierErrors`.

    Args:
        name: Of its source.
        output: Net.
        adds: Net of z; "0" for none.
        factor: Net that the DAC drives.
        takes: Net of the other factor.
        errors: `gain` (1 if ideal), `signal` (V/V), `factor`, `offset` (V).
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
        waves: What the DAC plays.
        rows: Word lines with their inverses.
        scalers: Net to the controlled source that scales a wave.
        multipliers: By output.
    """

    waves: dict[str, np.ndarray]
    rows: dict[str, Row]
    scalers: dict[str, Element]
    multipliers: dict[str, Multiplier]


def find_sources(graph: Graph) -> Sources:
    """All of them but those of op-amps, which have claimed their own."""
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
        elif element.kind == "b":
            for row in graph.all_of(lambda _, e: _row(e), [element]):
                rows[row.net] = row
                graph.claim(_KINDS[row.kind], element.name, [element.name])
    scalers: dict[str, Element] = {}
    for element in free:
        if element.kind == "e" and element.nets[2] in waves and element.nets[3] == "0":
            scalers[element.nets[0]] = element
        elif element.kind == "e":
            graph.all_of(lambda g, e: _invert(g, e, rows), [element])
    return Sources(waves, rows, scalers, multipliers)


_KINDS = {"driver": "row driver", "relu": "ReLU"}


def _own(element: Element) -> Value:
    return Value(element.value, element.name)


def _multiplier(element: Element, waves: dict[str, np.ndarray]) -> Multiplier:
    nets = [a for a, b in element.senses if b == "0"]
    errors, erring = dict(_ERRORS), _ERRING.fullmatch(element.rule)
    if erring is not None and len(nets) == 5:
        errors = {k: float(x) for k, x in zip(_ERRORS, erring.groups(), strict=True)}
        if nets[3:] != nets[2:0:-1] or nets[1] not in waves:
            raise RuleBroken(
                f"{element.name}: the errors of a multiplier are of its own signal, "
                f"then of its factor from the DAC; got {nets[1:]}."
            )
        nets = nets[:3]
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
    limits = {"low": -math.inf, "high": math.inf}
    for pattern, *names in _LIMITS:
        found = pattern.fullmatch(element.rule)
        if found is not None:
            given = zip(names, found.groups(), strict=False)
            limits |= {name: float(value) for name, value in given}
            break
    else:
        raise RuleBroken(f"{element.name}: no block has the rule {element.rule}.")
    low, high = limits["low"], limits["high"]
    if low not in (0, -high) or element.senses[0][1] != "0" or element.nets[1] != "0":
        raise RuleBroken(
            f"{element.name}: a driver clips at equal voltages and a ReLU at 0; got "
            f"{low:g} and {high:g} V."
        )
    values = {f"v_{name}": Value(v, element.name) for name, v in limits.items()}
    kind = "relu" if low == 0 else "driver"
    return Row(kind, element.nets[0], "", element.senses[0][0], values)


def _invert(graph: Graph, element: Element, rows: dict[str, Row]) -> None:
    output, ground, net, low = element.nets
    row = rows.get(net)
    if row is None or element.value != -1 or (ground, low) != ("0", "0"):
        raise RuleBroken(
            f"{element.name}: a gain of {element.value:g} from net {net!r} is no "
            "inverter of a row and no scaled wave of the DAC."
        )
    if row.inverse:
        raise RuleBroken(f"{element.name}: row {net!r} has two inverters.")
    rows[net] = dataclasses.replace(row, inverse=output)
    graph.claim("inverter", element.name, [element.name])
