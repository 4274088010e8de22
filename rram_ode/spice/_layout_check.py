"""Layout versus schematic: comparison of a deck that was read back with the model."""

import dataclasses
import math

import numpy as np
from jaxtyping import Array, Float

from .._core._units import format_quantity
from ..blocks import IdealRectifier
from ..chip import AnalogNetwork, Chip, GuidedNetwork, SwitchedNetwork
from ..loop import CircuitSizes, DynamicLoop
from ._layout import conductance, Layout, Row, Value, weights
from ._place import place, Placed, PlacedLayer, SAME, wave_gap
from ._recognise import recognise
from ._schematic import Schematic, schematic, SchematicLayer


UNITS = {"unity": "rad/s", "slew": "V/s", "bias_current": "A", "gain": "", "scale": ""}


UNITS |= {"c_f": "F", "c_in": "F"}


UNITS |= dict.fromkeys(("relu_gain", "inverse_gain"), "")


PURE = ("gain", "signal", "a1", "a3", "b1", "b3")


UNITS |= {f"{x}_{key}": "" for x in ("state", "score") for key in PURE}


UNITS |= dict.fromkeys(("r_f", "r_w", "r_in", "r_leak"), "ohm")


@dataclasses.dataclass(frozen=True)
class ReadBack:
    """Comparison of a deck with the model.

    Args:
        layout: Blocks of the deck.
        weights: $(G_+ - G_-) R_f$ of each layer, rebuilt from the deck in the model's
            order, `(rows, cols)`.
        time_constants: R C of each integrator, rebuilt from the deck, in seconds.
        deviation: Largest deviation of a weight over the largest weight of its layer.
        differences: One sentence for each difference, with its element; empty if the
            deck agrees with the model.
    """

    layout: Layout
    weights: tuple[np.ndarray, ...]
    time_constants: np.ndarray
    deviation: float
    differences: tuple[str, ...]


def require_readable(loop: DynamicLoop, chip: Chip) -> None:
    """Refuse a circuit that the rules of structure do not cover.

    Raises:
        ValueError: If a stage guides, the arrays have wires, the multipliers have
            a bandwidth, the ReLUs are of diodes, or there is noise.
    """
    if loop.pole is not None:
        raise ValueError(
            "decks are read back with fast multipliers: leave out "
            "`multiplier.bandwidth`."
        )
    if isinstance(chip.score, GuidedNetwork | SwitchedNetwork):
        raise ValueError(
            "decks are read back with one array, and without holds: set "
            "`guidance.weight` to 0."
        )
    assert isinstance(chip.score, AnalogNetwork)  # a `DynamicLoop` takes no other
    if not isinstance(chip.score.rectifier, IdealRectifier):
        raise ValueError("decks are read back with `rectifier.kind` ideal.")
    if any(layer.crossbar.wiring is not None for layer in chip.score.layers):
        raise ValueError(
            "decks are read back without wires: leave out `crossbar.wires.*`."
        )
    if not all(layer.crossbar.is_linear for layer in chip.score.layers):
        raise ValueError(
            "decks are read back with linear cells: set `cell.iv.law` to linear, and "
            "`cell.access.saturates` to False."
        )
    noisy = (loop.plan.white, loop.plan.flicker, loop.plan.telegraph, loop.plan.thermal)
    has_noise = loop.noise is not None or loop.plan.circuit != CircuitSizes()
    if has_noise or any(law is not None for law in noisy):
        raise ValueError(
            "decks are read back without noise: leave out that of `cell.read.*`, "
            "`op_amp.e_n`, `op_amp.i_n`, `op_amp.resistor_noise`, `op_amp.flicker`, "
            "`multiplier.noise`, `multiplier.flicker` and `supply.*`."
        )


def read_back(
    text: str, loop: DynamicLoop, chip: Chip, x1: Float[Array, " dim"]
) -> ReadBack:
    """Recognise a deck and compare every value and wire with the model.

    Args:
        text: The deck.
        loop: The circuit around the chip.
        chip: The hardware that the deck should hold.
        x1: The start that it should have, dimensionless.

    Raises:
        ValueError: If the deck has other cards than `write_netlist` writes, or
            `require_readable` refuses the circuit.
    """
    require_readable(loop, chip)
    layout, model = recognise(text), schematic(loop, chip, x1)
    try:
        placed = place(layout, model)
    except ValueError as error:
        found = (*layout.violations, str(error))
        return ReadBack(layout, (), np.zeros(0), math.inf, found)
    differences = [*layout.violations]
    pairs = list(zip(placed.layers, model.layers, strict=True))
    for number, (ours, theirs) in enumerate(pairs, start=1):
        differences += _layer(number, ours, theirs, model.times)
    differences += [*_integrators(placed, model), *_spare(layout, placed)]
    rebuilt = tuple(weights(ours.rows, ours.columns) for ours, _ in pairs)
    deviation = max(
        float(np.abs(ours - theirs.weights).max() / np.abs(theirs.weights).max())
        for ours, (_, theirs) in zip(rebuilt, pairs, strict=True)
    )
    times = [math.nan if i is None else i.time_constant for i in placed.integrators]
    return ReadBack(layout, rebuilt, np.array(times), deviation, tuple(differences))


def _layer(
    number: int, ours: PlacedLayer, theirs: SchematicLayer, times: np.ndarray
) -> list[str]:
    found: list[str] = []
    for i, row in enumerate(ours.rows):
        what = f"layer {number}, row {i}"
        if row is None:
            found.append(f"{what}: no row is wired to where its signal comes from.")
            continue
        found += _values(what, row.values, theirs.rows[i])
    for j, column in enumerate(ours.columns):
        what = f"layer {number}, column {j}"
        if column is None:
            found.append(f"{what}: no amplifier is left for it.")
            continue
        wanted = {key: float(x[j]) for key, x in theirs.columns.items()}
        found += _values(what, column.values, wanted)
        for side, g in (("pos", theirs.g_pos), ("neg", theirs.g_neg)):
            for i, row in enumerate(ours.rows):
                found += _cell(what, i, side, row, column, float(g[i, j]))
        if theirs.waves is not None:
            off = wave_gap(column.wave, times, theirs.waves[:, j])
            if off > SAME:
                name = column.values.get("scale", Value(0.0, "")).element or "none"
                found.append(f"{what}: {name} plays another wave, {off:.3g} V off.")
    return found


def _cell(what: str, i: int, side: str, row: Row | None, column, g: float) -> list[str]:
    ours = 0.0 if row is None else conductance(column, row, side)
    if math.isclose(ours, g, rel_tol=SAME):
        return []
    cell = None if row is None else column.cells.get((row.net, side))
    name = "no element" if cell is None else cell.element
    siemens = " and the model ".join(format_quantity(x, "S", 6) for x in (ours, g))
    return [f"{what}, row {i}, {side}: {name} has {siemens}."]


def _values(what: str, ours: dict[str, Value], theirs: dict[str, float]) -> list[str]:
    found = []
    for key, wanted in theirs.items():
        value = ours.get(key, Value(0.0, ""))
        if not math.isclose(value.value, wanted, rel_tol=SAME):
            name = value.element or "no element"
            unit = UNITS.get(key, "V")
            both = [format_quantity(x, unit, 6) for x in (value.value, wanted)]
            found.append(
                f"{what}, {key}: {name} has {both[0]} and the model {both[1]}."
            )
    return found


def _integrators(placed: Placed, model: Schematic) -> list[str]:
    found: list[str] = []
    for k, integrator in enumerate(placed.integrators):
        what = f"state {k}"
        if integrator is None:
            found.append(f"{what}: no integrator takes output {k} of the network.")
            continue
        wanted = {key: float(x[k]) for key, x in model.integrators.items()}
        found += _values(what, integrator.values, wanted)
        for n, wave in enumerate(integrator.waves):
            off = wave_gap(wave, model.times, model.factors[:, n])
            if off > SAME:
                source = ("state", "score")[n]
                found.append(
                    f"{what}: at {integrator.multiplier} or the multiplier before it "
                    f"the factor of the {source} is {off:.3g} V off."
                )
    return found


def _spare(layout: Layout, placed: Placed) -> list[str]:
    """Rows, columns and integrators for which the model has no place."""
    found = []
    for number, (all_of, used) in enumerate(
        zip(layout.layers, placed.layers, strict=True), start=1
    ):
        spare = [r.values for r in all_of.rows if not any(r is u for u in used.rows)]
        spare += [
            c.values for c in all_of.columns if not any(c is u for u in used.columns)
        ]
        for values in spare:
            name = next(value.element for value in values.values() if value.element)
            found.append(f"layer {number}: {name} has no place in the model.")
    for integrator in layout.integrators:
        if not any(integrator is used for used in placed.integrators):
            name = integrator.values["c_f"].element
            found.append(f"states: {name} has no place in the model.")
    return found
