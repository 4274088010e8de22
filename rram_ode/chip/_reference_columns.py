"""Reference columns of known cells, and what a bench measures of R C and R_f G."""

from typing import NamedTuple

import jax.numpy as jnp

from .._core._types import Cells, Conductances, Key, Scalar
from ._chip import Chip
from ._design import Design
from ._program import Assembled, program_arrays
from ._targets import Targets


class Found(NamedTuple):
    """What was measured of a chip: R C in seconds, and the factor of each layer."""

    rc: Scalar
    factors: tuple[Scalar, ...]


def reference_rows(targets: Targets) -> int:
    """Rows of each layer's reference column: those of the largest array."""
    return max(g.shape[0] for g, _ in targets.g)


def _reference_weights(design: Design, targets: Targets) -> list[Scalar]:
    """The weight of each layer's reference cells, over the largest; see `ScaleTrim`."""
    nets = [jnp.abs(g - other) / design.mapping.full_scale for g, other in targets.g]
    return [jnp.sum(w**3) / jnp.sum(w**2) for w in nets]


def _pairs(design: Design, targets: Targets) -> list[tuple[Conductances, Conductances]]:
    """Targets of each layer's reference column: the same weight in every row."""
    mapping, full = design.mapping, jnp.broadcast_to(design.mapping.full_scale, (1,))
    rows = reference_rows(targets)
    return [
        mapping.to_conductance(jnp.full((rows, 1), weight), full)
        for weight in _reference_weights(design, targets)
    ]


def reference_cells(
    chip: Chip, design: Design, targets: Targets, *, key: Key
) -> list[Cells]:
    """Cells of all reference columns of `chip`, those that add first."""
    pairs, die = _pairs(design, targets), chip.die
    arrays = [pair[0] for pair in pairs]
    if design.mapping.has_negative_cells:
        arrays += [pair[1] for pair in pairs]
    cells = program_arrays(design.cell, arrays, len(pairs), key=key)
    if die is None:
        return cells
    return die.cells(cells, design.cell.range, first=2 * len(pairs))


def measure(
    one: Assembled, design: Design, targets: Targets, cells: list[Cells]
) -> Found:
    """R C, and the common factor of each layer's R_f G by its reference column.

    Args:
        one: The chip, of `design`.
        design: Gives the mapping.
        targets: Of the network's cells.
        cells: Of the reference columns: as they are, or as one read finds them.
    """
    (chip, shares), mapping = one, design.mapping
    block = chip.integrator
    rc = block.time_constant * jnp.mean(1 + block.mismatch)
    factors, die, pairs = [], chip.die, _pairs(design, targets)
    weights = _reference_weights(design, targets)
    for number, (_, reference) in enumerate(pairs):
        halves = [jnp.mean(g, axis=0) for g in cells[number :: len(pairs)]]
        if not mapping.has_negative_cells:
            halves.append(reference if die is None else reference / die.resistor)
        wanted = weights[number] * mapping.full_scale
        net = shares[number] * jnp.median(halves[0] - halves[1]) / wanted
        factors.append(net if die is None else die.resistor * net)
    return Found(rc, tuple(factors))
