"""Assignment of a deck's rows and columns to those of the model."""

import dataclasses

import numpy as np
from scipy.optimize import linear_sum_assignment

from ._layout import Column, conductance, Integrator, Layer, Layout, Row
from ._schematic import Schematic, SchematicLayer


SAME = 1e-9  # relative; a deck has 12 digits


@dataclasses.dataclass(frozen=True)
class PlacedLayer:
    """Rows and columns of a deck in the model's order; `None` marks a missing one."""

    rows: tuple[Row | None, ...]
    columns: tuple[Column | None, ...]


@dataclasses.dataclass(frozen=True)
class Placed:
    """A layout in the model's order."""

    layers: tuple[PlacedLayer, ...]
    integrators: tuple[Integrator | None, ...]


def place(layout: Layout, schematic: Schematic) -> Placed:
    """The layout in the order of the model.

    Rows take the order of the previous layer's columns, by their wires. Columns are
    assigned (Hungarian method) so that the fewest numbers differ; in the first layer
    the order of the states is not known yet, so their cells are compared as a set. The
    multipliers at the last columns then give the order of the integrators, and with it
    that of the first rows.

    Raises:
        ValueError: If the deck has another number of layers.
    """
    found, wanted = len(layout.layers), len(schematic.layers)
    if found != wanted:
        raise ValueError(f"the deck has {found} layers; the model has {wanted}.")
    before: list[str] = []
    layers: list[PlacedLayer] = []
    for layer, model in zip(layout.layers, schematic.layers, strict=True):
        rows = _rows(layer, before, model.g_pos.shape[0] - 1)
        columns = _columns(layer, model, schematic.times, None if not layers else rows)
        layers.append(PlacedLayer(rows, columns))
        before = ["" if c is None else c.op_amp.output for c in columns]
    integrators = tuple(
        next((i for i in layout.integrators if i.score == net), None) for net in before
    )
    states = ["" if i is None else i.op_amp.output for i in integrators]
    first = _rows(layout.layers[0], states, len(states))
    return Placed(
        (dataclasses.replace(layers[0], rows=first), *layers[1:]), integrators
    )


def _rows(layer: Layer, before: list[str], num: int) -> tuple[Row | None, ...]:
    """Rows in the order of their inputs, with the constant row last."""
    states, constant = _split(layer)
    of = {row.input: row for row in states}
    return (*(of.get(net) for net in before or [""] * num), constant)


def _columns(
    layer: Layer,
    model: SchematicLayer,
    times: np.ndarray,
    rows: tuple[Row | None, ...] | None,
) -> tuple[Column | None, ...]:
    keys = list(model.columns)
    theirs = np.concatenate(
        [
            np.stack([model.columns[key] for key in keys], axis=1),
            *(_sides(model, known=rows is not None)),
        ],
        axis=1,
    )
    ours = np.array(
        [_fingerprint(column, keys, layer, rows) for column in layer.columns]
    )
    with np.errstate(invalid="ignore"):
        gap = np.abs(ours[:, None] - theirs[None]) > SAME * np.abs(theirs[None])
    differ = gap | ~(np.isfinite(ours[:, None]) == np.isfinite(theirs[None]))
    cost = differ.sum(axis=2)
    if model.waves is not None:
        played = np.stack([_sampled(column.wave, times) for column in layer.columns])
        apart = [np.abs(played - wave).max(axis=1) for wave in model.waves.T]
        cost = cost + (np.stack(apart, axis=1) > SAME)
    found: list[Column | None] = [None] * theirs.shape[0]
    for mine, his in zip(*linear_sum_assignment(cost), strict=True):
        found[his] = layer.columns[mine]
    return tuple(found)


def wave_gap(wave: np.ndarray | None, times: np.ndarray, values: np.ndarray) -> float:
    """Largest difference of a wave of the deck from `values` at `times`, in volts."""
    if wave is None:
        return float(np.abs(values).max())
    at = np.union1d(times, wave[0])
    return float(np.abs(np.interp(at, *wave) - np.interp(at, times, values)).max())


def _sampled(wave: np.ndarray | None, times: np.ndarray) -> np.ndarray:
    return np.zeros_like(times) if wave is None else np.interp(times, *wave)


def _sides(model: SchematicLayer, *, known: bool) -> list[np.ndarray]:
    """Conductances of each column, `(cols, rows)`; rows of unknown order are sorted."""
    sides = [model.g_pos.T, model.g_neg.T]
    if known:
        return sides
    return [np.hstack([np.sort(g[:, :-1], axis=1), g[:, -1:]]) for g in sides]


def _fingerprint(
    column: Column, keys: list[str], layer: Layer, rows: tuple[Row | None, ...] | None
) -> list[float]:
    values = [column.values[k].value if k in column.values else 0.0 for k in keys]
    for side in ("pos", "neg"):
        if rows is None:
            states, constant = _split(layer)
            known = sorted(conductance(column, row, side) for row in states)
            bias = 0.0 if constant is None else conductance(column, constant, side)
            values += [*known, bias]
        else:
            values += [0.0 if r is None else conductance(column, r, side) for r in rows]
    return values


def _split(layer: Layer) -> tuple[list[Row], Row | None]:
    """Rows of states, and the constant row."""
    constant = next((row for row in layer.rows if row.kind == "constant"), None)
    return [row for row in layer.rows if row.kind != "constant"], constant
