"""Rows and columns into layers, along the signal."""

from ._graph import Graph
from ._layout import Column, Layer, Row


def find_layers(
    graph: Graph, rows: dict[str, Row], columns: list[Column], states: set[str]
) -> tuple[Layer, ...]:
    """Layer by layer, from rows that take the states to columns that no row takes.

    A column belongs to the layer of most of its cells; a cell that hangs on a row of
    another layer breaks a rule, and so does a row or column that no layer reaches.

    Args:
        graph: Takes the violations.
        rows: By net.
        columns: With their cells.
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
        here = [c for c in left_columns if _share(c, nets) > 0.5]
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


def _share(column: Column, nets: set[str]) -> float:
    """Of its cells that hang on rows in `nets`; the constant row is anyone's."""
    on = {net for net, _ in column.cells}
    return len(on & nets) / max(len(on) - 1, 1)
