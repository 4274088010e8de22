"""Chips in the training loop, freshly programmed in each step."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Integer

from .._core._arrays import as_float, of_layer, scalar
from .._core._random import normal
from .._core._streams import ChipStream
from .._core._types import Key, Scalar
from ..blocks import DAC
from ..chip import (
    AnalogNetwork,
    Blueprint,
    Design,
    Ranges,
    with_scales,
    WrittenCells,
)
from ..crossbar import ReferenceColumn
from ..devices import AbstractConductanceError, ConductanceRange
from ..scores import FourierMLP, NetworkScore
from ._batch import Batch


class TrainingChips(eqx.Module):
    r"""The law of the chips in a training step, and the strength of their errors.

    At strength s a cell holds $g + s (\tilde g - g)$, with the target g and the result
    $\tilde g$ of the whole chain of its errors; read noise, wires, access transistors,
    the mismatch of references and the static errors of blocks are s times as strong. At
    0 the chip computes the network, at 1 it is the chip of the blueprint. Clamps, rails
    and non-linear cells are not errors, and stay. The integrators are outside the
    score, and left out.

    Args:
        design: Design of the chips.
        strength: s at the end of the ramp.
        ramp: Number of steps in which s rises evenly from 0; 0 for no ramp.
        dac: Converter of the embedding, of which only the resolution counts here.
        averaging: Factor on the errors of cells, of all layers or of each: one cell
            stands for n in parallel, of which each has errors of its own, if its errors
            are $1/\sqrt n$ as strong.
        rescaled: Whether the bench undoes the dies' common factor of R_f G, by the
            scales of the DACs: rows then see other voltages from die to die.

    Raises:
        ValueError: If the design has telegraph noise.
    """

    design: Design
    strength: Scalar = eqx.field(converter=scalar, default=1.0)
    ramp: Scalar = eqx.field(converter=scalar, default=0.0)
    dac: DAC = DAC()
    averaging: Scalar | Float[Array, " layers"] = eqx.field(
        converter=as_float, default=1.0
    )
    rescaled: bool = eqx.field(static=True, default=False)

    def __check_init__(self):
        if self.design.cell.read.telegraph is not None:
            raise ValueError(
                "`train.chips` draws no telegraph noise: set "
                "`cell.read.telegraph.amplitude` to 0 for the training."
            )

    def at(self, step: Integer[Array, ""]) -> Scalar:
        """The strength at `step`."""
        done = (step.astype(self.ramp.dtype) + 1) / jnp.maximum(self.ramp, 1.0)
        return self.strength * jnp.minimum(done, 1.0)

    def of_cells(self, strength: Scalar) -> Scalar | Float[Array, " layers"]:
        """The strength of errors that each cell has on its own, as `averaging`."""
        return self.averaging * strength

    def program(
        self, score: NetworkScore, ranges: Ranges, strength: Scalar, *, key: Key
    ) -> AnalogNetwork:
        """`score` on the chip of `key`, whose errors have the given `strength`.

        1/f noise is slower than a solve, and counts as an error of the chip.
        """
        cell = dataclasses.replace(self.design.cell, errors=(), numbers=())
        design = _faded(self.design, strength)
        perfect = dataclasses.replace(design, cell=cell, remap=False)
        wanted = Blueprint(score, perfect, ranges).write(key)
        blueprint = Blueprint(score, design, ranges)
        written = blueprint.write(key)
        own = self.of_cells(strength)
        pairs = zip(wanted.arrays, written.arrays, strict=True)
        layers = len(wanted.positive)
        faded = [
            to + of_layer(own, number % layers) * (got - to)
            for number, (to, got) in enumerate(pairs)
        ]
        # Without the barrier XLA repeats the draws wherever they are used.
        cells = jax.lax.optimization_barrier(
            WrittenCells(tuple(faded[:layers]), tuple(faded[layers:]))
        )
        die, chip = (made := blueprint.program(key, cells=cells)).die, made.score
        assert isinstance(chip, AnalogNetwork)  # a blueprint makes one
        if self.rescaled and die is not None:
            chip = with_scales(chip, [die.resistor] * len(chip.layers))
        if design.cell.read.flicker is None:
            return chip
        stream, drawn = jr.fold_in(key, ChipStream.TRAINING_FLICKER), []
        for number, layer in enumerate(chip.layers):
            g, std = layer.crossbar.g_pos, layer.crossbar.flicker_std
            draws = normal(jr.fold_in(stream, number), g.shape)
            drawn.append(g + of_layer(own, number) * std * draws)
        return eqx.tree_at(lambda s: [x.crossbar.g_pos for x in s.layers], chip, drawn)


def batch_ranges(network: FourierMLP, batch: Batch) -> Ranges:
    """Largest magnitudes of a batch in the network without noise.

    They replace the ranges while generating, which are known only after the training.
    Their gradient counts: the larger a peak, the fewer volts all other values have, and
    the more they suffer from the errors of biases.
    """
    run = jax.vmap(network.activations, in_axes=(0, 1, 0), out_axes=1)
    *hidden, out = run(batch.t, batch.x, batch.label)
    nodes = (batch.x, *hidden, network.output_factor * out)
    state, *peaks, last = (jnp.max(jnp.abs(x)) for x in nodes)
    # A layer whose units are all 0 for a whole batch still needs a finite scale.
    return Ranges(state, tuple(jnp.maximum(p, 1e-3) for p in peaks), last)


def without_idle(design: Design) -> Design:
    """`design` without the errors of strength zero, whose draws would cost time.

    The other errors keep their draws. The strengths must be concrete numbers.
    """
    cell = design.cell
    numbers = range(len(cell.errors)) if cell.numbers is None else cell.numbers
    kept = [(e, n) for e, n in zip(cell.errors, numbers, strict=True) if not _idle(e)]
    errors, order = tuple(e for e, _ in kept), tuple(n for _, n in kept)
    cell = dataclasses.replace(cell, errors=errors, numbers=order)
    return dataclasses.replace(design, cell=cell)


def _idle(error: AbstractConductanceError) -> bool:
    """Whether the error has strengths, unlike levels, and all are zero."""
    is_range = lambda leaf: isinstance(leaf, ConductanceRange)
    leaves = jax.tree.leaves(error, is_leaf=is_range)
    strengths = [leaf for leaf in leaves if not is_range(leaf)]
    return bool(strengths) and not any(jnp.any(leaf) for leaf in strengths)


def _faded(design: Design, strength: Scalar) -> Design:
    """`design` with wires, mismatch and static errors `strength` times as large."""
    mapping, wires = design.mapping, design.wires
    if isinstance(mapping, ReferenceColumn):
        mapping = ReferenceColumn(mapping.range, strength * mapping.mismatch)
    if wires is not None:
        wires = jax.tree.map(lambda ohms: strength * ohms, wires)
    access = None if design.access is None else design.access.scaled(strength)
    faded = dataclasses.replace(design, mapping=mapping, wires=wires, access=access)
    return faded.with_static(strength)
