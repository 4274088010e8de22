"""Write a trained network onto a chip."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import jax.tree_util as jtu
import numpy as np
from jaxtyping import Array, Float, Int

from .._core._checks import is_concrete
from .._core._identity import Identity
from .._core._streams import ChipStream, CircuitStream, LabStream
from .._core._types import Cells, Conductances, Key, Scalar, Weights
from ..blocks import TransimpedanceAmplifier
from ..crossbar import AbstractMapping
from ..scores import NetworkScore
from ._array import make_array
from ._chip import Chip
from ._design import Design, Ranges
from ._network import AnalogLayer, AnalogNetwork
from ._remap import assign_rows
from ._rescale import Factors, rescale, row_factors
from ._written import WrittenCells


# Assumption: with less than a tenth of its current left an array does not compute.
LEAST_SHARE = 0.1


LEAST_BIAS = 1e-3  # of v_max, for the constant row where all biases are zero


def program(
    score: NetworkScore,
    design: Design,
    ranges: Ranges,
    *,
    key: Key,
    cells: WrittenCells | None = None,
    identity: Identity | None = None,
) -> Chip:
    r"""Write `score` onto a new chip.

    Volts per unit follow from the ranges: state and hidden activations reach `v_max`
    over `headroom` on the rows, the output `v_out` over `headroom`. Biases are cells on
    a row at `v_max`, or lower with `fit_bias`. With s siemens per unit of weight in a
    column, its feedback resistance is $R_f = u_{l+1} / (u_l s)$.

    Args:
        score: The trained network.
        design: What all chips of the kind share.
        ranges: Of the network, from its checkpoint.
        key: The chip's identity: write noise, faults, mismatch and noise in lab time.
        cells: What is on the chip, measured or loaded; `None` writes it.
        identity: Of the system that the chip is made for; `None` fits any loop.

    Raises:
        ValueError: If the wires leave less than `LEAST_SHARE` of an array's current.
    """
    targets = aim(score, design, ranges)
    # Three programs: in one, XLA would repeat the draws in everything that uses them.
    if cells is None:
        arrays = _write(targets, design, key=jr.fold_in(key, ChipStream.CELLS))
    else:
        arrays = cells.arrays
    chip, share = _assemble(score, design, targets, arrays, key=key)
    _require_current(share)
    return dataclasses.replace(chip, identity=identity)


def write(
    score: NetworkScore, design: Design, ranges: Ranges, *, key: Key
) -> WrittenCells:
    """The cells that `program` writes for the same arguments, in the network's rows."""
    own = jr.fold_in(key, ChipStream.CELLS)
    return _written(_write(aim(score, design, ranges), design, key=own), design)


def stuck(
    score: NetworkScore, design: Design, ranges: Ranges, *, key: Key
) -> WrittenCells:
    """What cells are stuck at, in siemens, NaN where they move; as `write` has them."""
    targets = aim(score, design, ranges)
    faults = _stuck(targets, design, key=jr.fold_in(key, ChipStream.CELLS))
    if design.remap:
        faults = _back(faults, _places(targets, faults))
    return _written(faults, design)


def _written(arrays: list[Cells], design: Design) -> WrittenCells:
    if not design.mapping.has_negative_cells:
        return WrittenCells(tuple(arrays))
    half = len(arrays) // 2
    return WrittenCells(tuple(arrays[:half]), tuple(arrays[half:]))


class Targets(eqx.Module):
    """What is to be written: for each layer conductances, siemens per unit, volts.

    `v_bias` are those of the constant rows. `factors` are those of the volts of each
    hidden neuron; `None` is 1.
    """

    g: list[tuple[Float[Array, "_ _"], Float[Array, "_ _"]]]
    siemens: list[Float[Array, " _"]]
    volts: list[Scalar]
    v_bias: list[Scalar]
    factors: Factors | None

    def cells(self, mapping: AbstractMapping) -> list[Float[Array, "_ _"]]:
        """The arrays that are made of cells."""
        positive = [g_pos for g_pos, _ in self.g]
        negative = [g_neg for _, g_neg in self.g]
        return positive + negative if mapping.has_negative_cells else positive


@eqx.filter_jit
def aim(score: NetworkScore, design: Design, ranges: Ranges) -> Targets:
    """What the chips of `design` are to hold of `score`."""
    network, mapping = score.network, design.mapping
    peaks = (ranges.state, *ranges.hidden)
    volts = [design.v_max / (design.headroom * peak) for peak in peaks]
    volts.append(design.v_out / (design.headroom * ranges.output))
    weights, biases, factors = network.weights, network.biases, None
    if design.rescale:
        factors = row_factors(weights)
        weights, biases = rescale(weights, biases, factors)
    g, siemens, v_bias = [], [], []
    for number, (w, b) in enumerate(zip(weights, biases, strict=True)):
        share = _least_share(w, b, volts[number] / design.v_max)
        v_bias.append(design.v_max * share if design.fit_bias else design.v_max)
        # The constant row's "activation" is v_bias / u.
        full = jnp.concatenate([w, b[None] * (volts[number] / v_bias[-1])])
        if number + 1 == len(weights):
            full = network.output_factor * full
        siemens.append(mapping.full_scale / design.scale(full))
        g.append(mapping.to_conductance(full, siemens[-1]))
    return Targets(g, siemens, volts, v_bias, factors)


def _least_share(weights: Weights, biases: Float[Array, " cols"], u: Scalar) -> Scalar:
    """Smallest share of `v_max` at which no bias is its column's largest cell.

    Args:
        weights: Of a layer.
        biases: Of the layer.
        u: Volts per unit over `v_max`.
    """
    top = jnp.max(jnp.abs(weights), axis=0)
    shares = jnp.abs(biases) * u / jnp.where(top > 0, top, 1.0)
    shares = jnp.where((top > 0) | (biases == 0), shares, 1.0)
    return jnp.clip(jnp.max(shares), LEAST_BIAS, 1.0)


@eqx.filter_jit
def _write(targets: Targets, design: Design, *, key: Key) -> list[Cells]:
    """Program all cells of the chip, one row of them for each of a weight's cells.

    Returns:
        Each array `(parallel, rows, cols)`, with rows in the order of the network.
    """
    cell, arrays, places = design.cell, targets.cells(design.mapping), None
    if design.remap:
        places = _places(targets, _stuck(targets, design, key=key))
        arrays = [g[jnp.argsort(p)] for g, p in zip(arrays, places, strict=True)]
    flat = jnp.concatenate([g.reshape(1, -1) for g in arrays], axis=1)
    shape = cell.parallel, flat.shape[1]
    written = cell.program(jnp.broadcast_to(flat, shape), key=key)
    cells = _split(written, arrays)
    return cells if places is None else _back(cells, places)


def _stuck(targets: Targets, design: Design, *, key: Key) -> list[Cells]:
    """What the cells of each array are stuck at, with rows as they lie on the chip."""
    arrays = targets.cells(design.mapping)
    shape = design.cell.parallel, sum(g.size for g in arrays)
    return _split(design.cell.stuck(shape, key=key), arrays)


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


def _split(flat: Conductances, arrays: list[Float[Array, "_ _"]]) -> list[Cells]:
    ends = np.cumsum([g.size for g in arrays])[:-1]
    parts = jnp.split(flat, ends, axis=1)
    return [p.reshape(-1, *g.shape) for p, g in zip(parts, arrays, strict=True)]


@eqx.filter_jit
def _assemble(
    score: NetworkScore,
    design: Design,
    targets: Targets,
    cells: list[Cells],
    *,
    key: Key,
) -> tuple[Chip, Scalar]:
    """The chip, and the smallest share of an array's current that its wires leave."""
    mapping, network = design.mapping, score.network
    parallel, noise_key = design.cell.parallel, jr.fold_in(key, ChipStream.LAB_TIME)
    circuit_key = jr.fold_in(key, ChipStream.CIRCUIT)
    reference_key = jr.fold_in(key, ChipStream.REFERENCES)
    trap_key = jr.fold_in(noise_key, LabStream.TRAPS)
    layers, arrays = [], []
    for number, (_, g_neg) in enumerate(targets.g):
        own = cells[number :: len(targets.g)]
        if mapping.has_negative_cells:
            g_neg = jnp.sum(own[1], axis=0)
        else:
            own_key = jr.fold_in(reference_key, number)
            g_neg = parallel * mapping.with_mismatch(g_neg, key=own_key)
        own_key = jr.fold_in(trap_key, number)
        arrays.append(
            make_array(own, g_neg, design, targets.v_bias[number], key=own_key)
        )
        u_in, u_out = targets.volts[number : number + 2]
        resistance = u_out / (u_in * parallel * targets.siemens[number])
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
    )
    integrator = design.integrator.fabricate(
        network.dim, design.offset_std, design.mismatch_std, key=circuit_key
    )
    multipliers = None
    if design.multiplier is not None:
        own = jr.fold_in(circuit_key, CircuitStream.MULTIPLIERS)
        multipliers = design.multiplier.fabricate(network.dim, key=own)
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
    return chip, jnp.min(jnp.stack([array.share for array in arrays]))


def _require_current(share: Scalar) -> None:
    """Raise a `ValueError` if the wires take nearly all of an array's current."""
    if is_concrete(share) and not float(share) >= LEAST_SHARE:
        raise ValueError(
            f"the wires must leave at least {LEAST_SHARE:.0%} of the current of every "
            f"array's median column; got {float(share):.2g}: lower `crossbar.wires.*`, "
            "`cell.g_min` and `cell.g_max`, or the size of the arrays."
        )


def _volts_per_unit(targets: Targets) -> tuple[Float[Array, "..."], ...]:
    """Of the state, each hidden layer (with `rescale` each neuron) and the output."""
    if targets.factors is None:
        return tuple(targets.volts)
    first, *hidden, last = targets.volts
    own = (u * a for u, a in zip(hidden, targets.factors, strict=True))
    return (first, *own, last)
