"""Blocks that are found in a deck, with their values and wiring."""

import dataclasses
import math

import numpy as np


@dataclasses.dataclass(frozen=True)
class Value:
    """A number and the element of the deck that sets it."""

    value: float
    element: str


@dataclasses.dataclass(frozen=True)
class FoundOpAmp:
    """An op-amp of one pole whose + input is grounded, but for its offset.

    Args:
        name: Name of the source that drives its pole.
        summing: Net of its inverting input.
        output: Net of its output.
        pole: Net whose voltage is its state.
        values: `gain`, `unity` (rad/s), `slew` (V/s), `v_rail`, `v_low`, `offset` (V).
        elements: Names of its elements.
    """

    name: str
    summing: str
    output: str
    pole: str
    values: dict[str, Value]
    elements: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Row:
    """A word line with its inverse.

    Args:
        kind: `driver`, `relu` or `constant`.
        net: Net of the word line.
        inverse: Net that its inverter drives, or "" if it has none.
        input: Net in front of its driver, or "" for the constant row.
        values: `v_low` and `v_high` (V) of a row that is clipped, `gain` and `offset`
            (V) of its driver, `relu_gain` and `relu_offset` of its rectifier; `v_bias`
            of the constant row; `inverse_gain` and `inverse_offset` of the inverter.
    """

    kind: str
    net: str
    inverse: str
    input: str
    values: dict[str, Value]


@dataclasses.dataclass(frozen=True)
class Column:
    """A bit line with its cells, amplifier and embedding.

    Args:
        op_amp: Op-amp of its transimpedance amplifier.
        values: Values of the op-amp; `r_f` (ohms), `c_f`, `c_in` (F), `bias_current`
            (A); `scale` (V/V) and `r_w` (ohms) of the embedding.
        cells: Resistances in ohms by the net of a row and `pos` or `neg`; a positive
            cell is connected to the inverse of its row.
        wave: Times and volts that the DAC plays to the column, `(2, corners)`, or
            `None` without an embedding.
    """

    op_amp: FoundOpAmp
    values: dict[str, Value]
    cells: dict[tuple[str, str], Value]
    wave: np.ndarray | None


@dataclasses.dataclass(frozen=True)
class Layer:
    """A crossbar with its rows and columns, in the order of the deck.

    Args:
        rows: Rows, with the constant row last.
        columns: Columns with their amplifiers.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]


@dataclasses.dataclass(frozen=True)
class Integrator:
    """An integrator and the two multipliers in front of it.

    Args:
        op_amp: Op-amp of the integrator.
        values: Values of the op-amp; `r_in`, `r_leak` (ohms), `c_f` (F),
            `bias_current` (A); `start_output`, `start_summing` (V); errors of the
            multipliers as `state_gain`, `score_offset`, ... (V/V and V).
        score: Net that the second multiplier takes.
        multiplier: Name of the second multiplier.
        waves: Waves that the DAC plays to the multipliers of the state and of the
            score.
    """

    op_amp: FoundOpAmp
    values: dict[str, Value]
    score: str
    multiplier: str
    waves: tuple[np.ndarray, np.ndarray]

    @property
    def time_constant(self) -> float:
        """Time constant R C, in seconds."""
        return self.values["r_in"].value * self.values["c_f"].value


@dataclasses.dataclass(frozen=True)
class Layout:
    """Everything that `recognise` finds.

    Args:
        layers: Layers in the order of the signal.
        integrators: Integrators in the order of the deck.
        owners: Kind and name of the block that each element belongs to, by element.
        violations: One sentence for each rule that the deck breaks, with its elements.
    """

    layers: tuple[Layer, ...]
    integrators: tuple[Integrator, ...]
    owners: dict[str, tuple[str, str]]
    violations: tuple[str, ...]

    @property
    def blocks(self) -> dict[str, tuple[int, int]]:
        """Number of blocks, and of elements in them, by kind of block."""
        found: dict[str, tuple[int, int]] = {}
        for kind in sorted({kind for kind, _ in self.owners.values()}):
            names = [name for k, name in self.owners.values() if k == kind]
            found[kind] = len(set(names)), len(names)
        return found

    @property
    def weights(self) -> tuple[np.ndarray, ...]:
        r"""$(G_+ - G_-) R_f$ of each layer, `(rows, cols)`, in the deck's order."""
        return tuple(weights(layer.rows, layer.columns) for layer in self.layers)


def conductance(column: Column, row: Row, side: str) -> float:
    """Conductance of a cell in siemens; 0 if there is no cell."""
    cell = column.cells.get((row.net, side))
    return 0.0 if cell is None else 1 / cell.value if cell.value else math.inf


def weights(
    rows: tuple[Row | None, ...], columns: tuple[Column | None, ...]
) -> np.ndarray:
    """Volts at each column's output per volt at each row, `(rows, cols)`.

    An entry is 0 where its row or its column is missing.
    """
    found = np.zeros((len(rows), len(columns)))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            if row is not None and column is not None:
                pos, neg = (conductance(column, row, side) for side in ("pos", "neg"))
                found[i, j] = (pos - neg) * column.values["r_f"].value
    return found
