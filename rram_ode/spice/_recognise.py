"""A deck read back: blocks found by exact rules of structure, never by names."""

import math

import numpy as np

from ._deck import Deck, Element, parse
from ._graph import Graph, only, optional, RuleBroken
from ._layout import Column, FoundOpAmp, Integrator, Layer, Layout, Row, Value
from ._op_amp_rules import find_op_amp
from ._rules import find_sources, Multiplier, Sources


TIA = "transimpedance amplifier"


def recognise(text: str) -> Layout:
    """Find the blocks of a deck of `write_netlist`, whatever its names and order.

    | block | rule |
    | --- | --- |
    | op-amp | a current into a capacitor's net; a source that follows that net |
    | transimpedance amplifier | an op-amp with a resistor from output to summing node |
    | integrator | an op-amp with a capacitor there, driven by a multiplier |
    | row | a net behind a clip of two sides (driver), of one (ReLU), or a constant |
    | column | all resistors at the summing node of a transimpedance amplifier |
    | differential pair | two resistors of a column, at a row and at its inverse |
    | embedding | a resistor of a column at a scaled wave of the DAC |
    | multiplier | z - a b, with a or b from the DAC; or the same with errors |

    A resistor or capacitor may have its ends exchanged. An element that follows no rule
    is a violation; the layout then has the blocks that could be found.

    Args:
        text: The deck, without noise.

    Raises:
        ValueError: If `write_netlist` writes no such card.
    """
    deck = parse(text)
    graph = Graph(deck.elements)
    drives = [e for e in graph.elements if e.kind == "g" or e.rule.startswith("i=")]
    op_amps = graph.all_of(find_op_amp, drives)
    for op_amp in op_amps:
        graph.claim("op-amp", op_amp.name, op_amp.elements)
    sources = find_sources(graph)
    columns: list[Column] = []
    integrators: list[Integrator] = []
    for op_amp in op_amps:
        try:
            made = _with_feedback(graph, deck, sources, op_amp)
        except RuleBroken as broken:
            graph.violations.append(str(broken))
            continue
        if isinstance(made, Column):
            columns.append(made)
        else:
            integrators.append(made)
    states = {i.op_amp.output for i in integrators}
    layers = _find_layers(graph, sources.rows, columns, states)
    for element in graph.elements:
        if element.name not in graph.owners:
            at = ", ".join(repr(net) for net in element.nets)
            graph.violations.append(f"{element.name} (at {at}) belongs to no block.")
    return Layout(
        layers, tuple(integrators), dict(graph.owners), tuple(graph.violations)
    )


def _with_feedback(
    graph: Graph, deck: Deck, sources: Sources, op_amp: FoundOpAmp
) -> Column | Integrator:
    m, out = op_amp.summing, op_amp.output
    if [e.name for e in graph.watchers[m]] != [op_amp.name]:
        raise RuleBroken(f"{op_amp.name}: net {m!r} is the summing node of no other.")
    back = graph.between("r", m, out)
    inputs = [e for e in graph.at[m] if e.kind == "r" and e not in back]
    values = dict(op_amp.values)
    bias = [e for e in graph.at[m] if e.kind == "i" and e.nets == ("0", m)]
    values["bias_current"] = _value(graph, op_amp, bias, "bias current")
    caps = graph.between("c", m, out)
    values["c_in"] = _value(graph, op_amp, graph.between("c", m, "0"), "capacitor")
    driven = [e for e in inputs if _other(e, m) in sources.multipliers]
    if driven:
        return _integrator(graph, deck, sources, op_amp, values, inputs, back, caps)
    values["c_f"] = _value(graph, op_amp, caps, "feedback capacitor")
    resistor = only(back, op_amp.name, "resistor from its output to its summing node")
    values["r_f"] = Value(resistor.value, resistor.name)
    graph.hand_over(TIA, op_amp.name, (*op_amp.elements, resistor.name))
    return _column(graph, sources, op_amp, values, inputs)


def _column(
    graph: Graph,
    sources: Sources,
    op_amp: FoundOpAmp,
    values: dict[str, Value],
    inputs: list[Element],
) -> Column:
    """A column, whose resistors `inputs` are its cells and its embedding."""
    m, amplifier = op_amp.summing, values["r_f"].element
    cells: dict[tuple[str, str], Value] = {}
    wave: np.ndarray | None = None
    side = {row.net: (row.net, "neg") for row in sources.rows.values()}
    side |= {row.inverse: (row.net, "pos") for row in sources.rows.values()}
    for element in inputs:
        net = _other(element, m)
        if net in sources.scalers and wave is None:
            scaler = sources.scalers[net]
            wave = sources.waves[scaler.nets[2]]
            values["scale"] = Value(scaler.value, scaler.name)
            values["r_w"] = Value(element.value, element.name)
            graph.claim("embedding", scaler.name, [scaler.name, element.name])
            continue
        if net not in side or net == "":
            graph.violations.append(
                f"{element.name}: from the summing node of {amplifier} to net "
                f"{net!r}, which is not a row, so that it is not a cell."
            )
        elif side[net] in cells:
            graph.violations.append(
                f"{element.name} and {cells[side[net]].element}: two cells of one row, "
                "column and sign."
            )
        else:
            cells[side[net]] = Value(element.value, element.name)
            pair = f"{side[net][0]} {op_amp.name}"
            graph.claim("differential pair", pair, [element.name])
    return Column(op_amp, values, cells, wave)


def _integrator(
    graph: Graph,
    deck: Deck,
    sources: Sources,
    op_amp: FoundOpAmp,
    values: dict[str, Value],
    inputs: list[Element],
    back: list[Element],
    caps: list[Element],
) -> Integrator:
    m, out = op_amp.summing, op_amp.output
    resistor = only(inputs, op_amp.name, "resistor from a multiplier")
    capacitor = only(caps, op_amp.name, "capacitor from its output to its summing node")
    leak = optional(back, op_amp.name, "leak")
    values["r_in"] = Value(resistor.value, resistor.name)
    values["c_f"] = Value(capacitor.value, capacitor.name)
    values["r_leak"] = (
        Value(math.inf, "") if leak is None else Value(leak.value, leak.name)
    )
    parts = [e.name for e in (resistor, capacitor, leak) if e is not None]
    bias = [values[key].element for key in ("bias_current", "c_in")]
    bias = [name for name in bias if name]
    graph.hand_over("integrator", op_amp.name, (*op_amp.elements, *parts, *bias))
    for key, net in (("start_output", op_amp.pole), ("start_summing", m)):
        values[key] = Value(deck.starts.get(net, math.nan), f".ic v({net})")
    last = sources.multipliers[_other(resistor, m)]
    first = sources.multipliers.get(last.adds, Multiplier("none", "", "", "", "", {}))
    if first.takes != out or first.adds != "0":
        raise RuleBroken(
            f"{last.name}: adds what {first.name} takes from net {first.takes!r}; its "
            f"integrator's own output is {out!r}."
        )
    for source, multiplier in (("state", first), ("score", last)):
        for key, value in multiplier.errors.items():
            values[f"{source}_{key}"] = Value(value, multiplier.name)
    waves = sources.waves[first.factor], sources.waves[last.factor]
    return Integrator(op_amp, values, last.takes, last.name, waves)


def _value(graph: Graph, op_amp: FoundOpAmp, found: list[Element], what: str) -> Value:
    """Value of the only element of a list, which is claimed; 0 if the list is empty."""
    element = optional(found, op_amp.name, what)
    if element is None:
        return Value(0.0, "")
    graph.claim(TIA, op_amp.name, [element.name])
    return Value(element.value, element.name)


def _other(element: Element, net: str) -> str:
    return element.nets[1] if element.nets[0] == net else element.nets[0]


def _find_layers(
    graph: Graph, rows: dict[str, Row], columns: list[Column], states: set[str]
) -> tuple[Layer, ...]:
    """Layers in the order of the signal: it starts at rows that take the states.

    A column belongs to the layer of most of its cells. A cell that is connected to a
    row of another layer breaks a rule, and so does a row or column that no layer
    reaches.

    Args:
        graph: Graph that records the violations.
        rows: Rows by net.
        columns: Columns with their cells.
        states: Outputs of the integrators.
    """
    left_rows = dict(rows)
    left_columns = list(columns)
    fed = states
    layers: list[Layer] = []
    while True:
        kind = "relu" if layers else "driver"
        mine = [r for r in left_rows.values() if r.input in fed and r.kind == kind]
        nets = {row.net for row in mine}
        here = [c for c in left_columns if _fraction(c, nets) > 0.5]
        if not here:
            break
        touched = {net for column in here for net, _ in column.cells}
        constants = [r for r in left_rows.values() if r.kind == "constant"]
        mine += [r for r in constants if r.net in touched]
        nets = {row.net for row in mine}
        for column in here:
            for (net, _), cell in column.cells.items():
                if net not in nets:
                    graph.violations.append(
                        f"{cell.element}: row {net!r} is not of the layer of its "
                        f"column, at {column.values['r_f'].element}."
                    )
        layers.append(Layer(tuple(mine), tuple(here)))
        left_rows = {net: row for net, row in left_rows.items() if net not in nets}
        left_columns = [c for c in left_columns if c not in here]
        fed = {column.op_amp.output for column in here}
    for row in left_rows.values():
        name = next(iter(row.values.values())).element
        graph.violations.append(f"{name}: no layer reaches its row {row.net!r}.")
    for column in left_columns:
        name = column.values["r_f"].element
        graph.violations.append(f"{name}: no layer reaches its amplifier.")
    return tuple(layers)


def _fraction(column: Column, nets: set[str]) -> float:
    """Fraction of a column's cells on rows in `nets`, without the constant row."""
    on = {net for net, _ in column.cells}
    return len(on & nets) / max(len(on) - 1, 1)
