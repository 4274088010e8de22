"""The cells of a chip as they are written, and the chip that they make."""

import dataclasses
from typing import NamedTuple

import jax.numpy as jnp
import jax.random as jr
import jax.tree_util as jtu
import numpy as np
from jaxtyping import Array, Float, Int

from .._core._checks import is_concrete
from .._core._compile import compiled_quickly
from .._core._streams import ChipStream, CircuitStream, LabStream
from .._core._types import Cells, Conductances, Key
from ..blocks import TransimpedanceAmplifier
from ..devices import Cell
from ..scores import NetworkScore
from ._array import make_array
from ._chip import Chip
from ._design import Design
from ._layer import AnalogLayer
from ._network import AnalogNetwork
from ._remap import assign_rows
from ._static_errors import with_static_errors
from ._targets import Targets


# Assumption: with less than a tenth of its current left an array does not compute.
LEAST_FRACTION = 0.1


@compiled_quickly
def write_cells(
    targets: Targets, design: Design, *, key: Key, placed: Targets | None = None
) -> list[Cells]:
    """Program all cells of the chip, one row of them for each of a weight's cells.

    Args:
        targets: The conductances to write.
        design: Gives the cell and the mapping.
        key: Seeds all errors of programming.
        placed: Targets that chose the rows' places before, with `remap`; `None` for
            those that are written.

    Returns:
        Each array `(parallel, rows, cols)`, with rows in the order of the network.
    """
    cell, arrays, places = design.cell, targets.cells(design.mapping), None
    if design.remap:
        chosen = targets if placed is None else placed
        places = _places(chosen, _stuck(chosen, design, key=key))
        arrays = [g[jnp.argsort(p)] for g, p in zip(arrays, places, strict=True)]
    cells = program_arrays(cell, arrays, len(targets.g), key=key)
    return cells if places is None else _back(cells, places)


def program_arrays(
    cell: Cell, arrays: list[Float[Array, "_ _"]], layers: int, *, key: Key
) -> list[Cells]:
    """Cells of all `arrays`, `(parallel, rows, cols)` each, by one draw of each error.

    A draw for each array would compile for longer. A layer with fewer cells per weight
    than another one has the first of those that it would have with as many.

    Args:
        cell: The resistive cell.
        arrays: Targets of all layers, those that add first.
        layers: Number of layers.
        key: Seeds all errors.
    """
    flat = jnp.concatenate([g.reshape(1, -1) for g in arrays], axis=1)
    shape = max(cell.numbers_of_cells), flat.shape[1]
    written = cell.program(jnp.broadcast_to(flat, shape), key=key)
    return _split(written, arrays, cell.parallel_of(layers))


def stuck_cells(targets: Targets, design: Design, *, key: Key) -> list[Cells]:
    """The conductances that cells are stuck at, in siemens, and NaN where they move.

    Returns:
        Each array `(parallel, rows, cols)`, with rows in the order of the network.
    """
    faults = _stuck(targets, design, key=key)
    return _back(faults, _places(targets, faults)) if design.remap else faults


def _stuck(targets: Targets, design: Design, *, key: Key) -> list[Cells]:
    """What the cells of each array are stuck at, with rows as they lie on the chip."""
    arrays = targets.cells(design.mapping)
    shape = max(design.cell.numbers_of_cells), sum(g.size for g in arrays)
    counts = design.cell.parallel_of(len(targets.g))
    return _split(design.cell.stuck(shape, key=key), arrays, counts)


def _back(cells: list[Cells], places: list[Int[Array, " _"]]) -> list[Cells]:
    """`cells` with rows in the order of the network."""
    return [g[:, p] for g, p in zip(cells, places, strict=True)]


def _places(targets: Targets, stuck: list[Cells]) -> list[Int[Array, " _"]]:
    """The physical row of each logical one, for each array: the same within a layer."""
    places = []
    for number, (pair, siemens) in enumerate(
        zip(targets.g, targets.siemens, strict=True)
    ):
        faults = stuck[number :: len(targets.g)]
        parallel = faults[0].shape[0]
        wanted = [jnp.broadcast_to(g[None], (parallel, *g.shape)) for g in pair]
        together = jnp.concatenate(wanted[: len(faults)]), jnp.concatenate(faults)
        places.append(assign_rows(*together, siemens))
    return places * (len(stuck) // len(places))


def _split(
    flat: Conductances, arrays: list[Float[Array, "_ _"]], counts: tuple[int, ...]
) -> list[Cells]:
    """The cells of each array, of which each layer has its own number per weight."""
    ends = np.cumsum([g.size for g in arrays])[:-1]
    parts = jnp.split(flat, ends, axis=1)
    counts = counts * (len(arrays) // len(counts))
    return [
        part[:count].reshape(-1, *g.shape)
        for part, g, count in zip(parts, arrays, counts, strict=True)
    ]


Shares = Float[Array, " layers"]


def cell_key(key: Key) -> Key:
    """Seeds the cells of the chip `key`."""
    return jr.fold_in(key, ChipStream.CELLS)


def spare_key(key: Key) -> Key:
    """Seeds the cells of its spare columns."""
    return jr.fold_in(key, ChipStream.SPARE_COLUMNS)


class OnDie(NamedTuple):
    """The place of arrays that lie on the die of another chip, as cells beside its own.

    Args:
        chip: The identity of that chip, whose die and supplies they share.
        lab: Seeds their own noise in lab time, and what is drawn of their op-amps.
    """

    chip: Key
    lab: Key


class Assembled(NamedTuple):
    """A chip that is not trimmed yet.

    Args:
        chip: The chip.
        shares: Fraction of its current that the wires leave the median column of each
            layer's arrays.
    """

    chip: Chip
    shares: Shares


@compiled_quickly
def assemble_chip(
    score: NetworkScore,
    design: Design,
    targets: Targets,
    cells: list[Cells],
    *,
    key: Key,
    place: OnDie | None = None,
    load: Float[Array, " dim"] | None = None,
) -> Assembled:
    """The chip of cells that are written, as its temperature makes them.

    Args:
        score: The network that the cells hold.
        design: What all chips of the kind share.
        targets: As `target_conductances` made them of both.
        cells: Cells of each array, those that add first.
        key: The chip's identity, or that of the null label's array.
        place: The chip on whose die that array is; `None` for a chip.
        load: Conductance of that array at the integrators of a chip, in siemens.
    """
    mapping, network = design.mapping, score.network
    counts = design.cell.parallel_of(len(targets.g))
    noise_key = jr.fold_in(key, ChipStream.LAB_TIME)
    circuit_key, supply_key = jr.fold_in(key, ChipStream.CIRCUIT), None
    if place is not None:
        noise_key = place.lab
        supply_key = jr.fold_in(place.chip, ChipStream.CIRCUIT)
    reference_key = jr.fold_in(key, ChipStream.REFERENCES)
    trap_key = jr.fold_in(noise_key, LabStream.TRAPS)
    access_key = jr.fold_in(key, ChipStream.ACCESS)
    layers, arrays, die = [], [], None
    if design.process is not None:
        die = design.process.fabricate(
            key=circuit_key if supply_key is None else supply_key
        )
        if supply_key is not None:  # its cells have coefficients of their own
            own = jr.fold_in(circuit_key, CircuitStream.CELL_TEMPERATURE)
            die = dataclasses.replace(die, key=own)
        over, wires = design.cell.range, die.wires(design.wires)
        cells = die.cells(cells, over)
        design = dataclasses.replace(design, wires=wires)
    for number, (_, g_neg) in enumerate(targets.g):
        own, parallel = cells[number :: len(targets.g)], counts[number]
        if mapping.has_negative_cells:
            g_neg = jnp.sum(own[1], axis=0)
        else:
            own_key = jr.fold_in(reference_key, number)
            g_neg = parallel * mapping.with_mismatch(g_neg, key=own_key)
            g_neg = g_neg if die is None else g_neg / die.resistor
        keys = jr.fold_in(trap_key, number), jr.fold_in(access_key, number)
        wires = None if design.wires is None else design.wires.in_parallel(parallel)
        mine, v_bias = dataclasses.replace(design, wires=wires), targets.v_bias[number]
        arrays.append(
            make_array(own, g_neg, mine, v_bias, key=keys[0], access_key=keys[1])
        )
        u_in, u_out = targets.volts[number : number + 2]
        resistance = u_out / (u_in * parallel * targets.siemens[number])
        resistance = resistance if die is None else die.resistor * resistance
        amplifier = TransimpedanceAmplifier(resistance, design.v_rail)
        layers.append(AnalogLayer(arrays[-1].crossbar, amplifier))
    analog = AnalogNetwork(
        layers=tuple(layers),
        frequencies=network.frequencies,
        readout=score.readout,
        volts_per_unit=_volts_per_unit(targets),
        v_clamp=design.v_clamp,
        v_disturb=design.v_disturb,
        rectifier=design.rectifier,
        classes=None if network.classes is None else network.classes.table,
        shift=network.shift,
    )
    integrator = design.integrator.fabricate(
        network.dim, design.offset_std, design.mismatch_std, key=circuit_key
    )
    nominal = integrator.time_constant
    if die is not None:
        integrator = die.integrator(integrator)
    analog, integrator = with_static_errors(
        analog,
        integrator,
        design,
        circuit_key=circuit_key,
        lab_key=noise_key,
        die=die,
        supply_key=supply_key,
        load=load,
    )
    multipliers = None
    if design.multiplier is not None:
        own = jr.fold_in(circuit_key, CircuitStream.MULTIPLIERS)
        multipliers = design.multiplier.fabricate(network.dim, key=own)
        if die is not None:
            own = jr.fold_in(circuit_key, CircuitStream.MULTIPLIER_DRIFT)
            multipliers = die.multipliers(multipliers, key=own)
    start = None
    if design.start is not None:
        own = jr.fold_in(circuit_key, CircuitStream.START)
        start = design.start.fabricate(integrator, network.dim, key=own)
    traps = None
    if arrays[0].traps is not None:
        join = lambda *xs: jnp.concatenate(xs, -1)
        traps = jtu.tree_map(join, *(array.traps for array in arrays))
    num_cells = sum(g.size for g in cells)
    read = design.cell.read
    chip = Chip(
        analog, integrator, read, noise_key, traps, num_cells, multipliers, start
    )
    if die is not None:
        chip = dataclasses.replace(chip, die=die, rc=nominal)
    return Assembled(chip, jnp.stack([array.share for array in arrays]))


def require_current(shares: Shares) -> None:
    """Raise a `ValueError` if the wires take nearly all of an array's current."""
    if not is_concrete(shares):
        return
    fraction = float(np.min(np.asarray(shares)))
    if not fraction >= LEAST_FRACTION:
        raise ValueError(
            f"the wires must leave at least {LEAST_FRACTION:.0%} of the current of "
            f"every array's median column; got {fraction:.2g}: lower "
            "`crossbar.wires.*`, `cell.g_min` and `cell.g_max`, or the size of the "
            "arrays."
        )


def _volts_per_unit(targets: Targets) -> tuple[Float[Array, "..."], ...]:
    """Of the state, each hidden layer (with `rescale` each neuron) and the output."""
    if targets.factors is None:
        return tuple(targets.volts)
    first, *hidden, last = targets.volts
    own = (u * a for u, a in zip(hidden, targets.factors, strict=True))
    return (first, *own, last)
