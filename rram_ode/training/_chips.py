"""Chips in the training loop: those that a blueprint programs, fresh in each step."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Integer

from .._core._arrays import scalar
from .._core._random import normal
from .._core._streams import ChipStream
from .._core._types import Key, Scalar
from ..blocks import DAC
from ..chip import AnalogNetwork, Blueprint, Design, Ranges
from ..crossbar import ReferenceColumn
from ..devices import AbstractConductanceError, ConductanceRange
from ..scores import FourierMLP, NetworkScore
from ._batch import Batch


class TrainingChips(eqx.Module):
    r"""How chips are drawn in a step, and how strong their errors are.

    At strength s a cell holds $g + s (\tilde g - g)$, g the target and
    $\tilde g$ what the whole chain of its errors made of it; read noise, wires
    and the reference's mismatch are s times as strong. At 0 the chip computes the
    network, at 1 it is the chip of the blueprint. Clamps, rails and bent cells are no
    errors: they stay. The integrators are outside the score, and left out.

    Args:
        design: Of the chips.
        strength: s at the end.
        ramp: Steps in which s rises evenly from 0; 0 for none.
        dac: Plays the embedding; its resolution alone counts here.

    Raises:
        ValueError: If the design has telegraph noise.
    """

    design: Design
    strength: Scalar = eqx.field(converter=scalar, default=1.0)
    ramp: Scalar = eqx.field(converter=scalar, default=0.0)
    dac: DAC = DAC()

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

    def program(
        self, score: NetworkScore, ranges: Ranges, strength: Scalar, *, key: Key
    ) -> AnalogNetwork:
        """`score` on the chip `key`, its errors faded to `strength`.

        1/f noise is slower than a solve: here it is one more error of the chip.
        """
        cell = dataclasses.replace(self.design.cell, errors=(), numbers=())
        design = _faded(self.design, strength)
        perfect = dataclasses.replace(design, cell=cell, remap=False)
        wanted = Blueprint(score, perfect, ranges).write(key)
        blueprint = Blueprint(score, design, ranges)
        written = blueprint.write(key)
        fade = lambda to, got: to + strength * (got - to)
        # Without the barrier XLA repeats the draws in everything that uses them.
        cells = jax.lax.optimization_barrier(jax.tree.map(fade, wanted, written))
        chip = blueprint.program(key, cells=cells).score
        assert isinstance(chip, AnalogNetwork)  # what a blueprint makes
        if design.cell.read.flicker is None:
            return chip
        stream, drawn = jr.fold_in(key, ChipStream.TRAINING_FLICKER), []
        for number, layer in enumerate(chip.layers):
            g, std = layer.crossbar.g_pos, layer.crossbar.flicker_std
            draws = normal(jr.fold_in(stream, number), g.shape)
            drawn.append(g + strength * std * draws)
        return eqx.tree_at(lambda s: [x.crossbar.g_pos for x in s.layers], chip, drawn)


def batch_ranges(network: FourierMLP, batch: Batch) -> Ranges:
    """Largest magnitudes of a batch in the unperturbed network.

    They stand for those of generating, which are known after the training alone.
    Their gradient counts: the larger a peak, the fewer volts have all other values, and
    the more they suffer from the biases' errors.
    """
    run = jax.vmap(network.activations, in_axes=(0, 1), out_axes=1)
    *hidden, out = run(batch.t, batch.x)
    nodes = (batch.x, *hidden, network.output_factor * out)
    state, *peaks, last = (jnp.max(jnp.abs(x)) for x in nodes)
    # A layer that is silent for a whole batch still needs a finite scale.
    return Ranges(state, tuple(jnp.maximum(p, 1e-3) for p in peaks), last)


def without_idle(design: Design) -> Design:
    """`design` without the errors of strength zero, whose draws would cost time.

    The others keep their draws. Needs concrete numbers.
    """
    cell = design.cell
    numbers = range(len(cell.errors)) if cell.numbers is None else cell.numbers
    kept = [(e, n) for e, n in zip(cell.errors, numbers, strict=True) if not _idle(e)]
    errors, order = tuple(e for e, _ in kept), tuple(n for _, n in kept)
    cell = dataclasses.replace(cell, errors=errors, numbers=order)
    return dataclasses.replace(design, cell=cell)


def _idle(error: AbstractConductanceError) -> bool:
    """Whether all its strengths are zero; levels have none."""
    is_range = lambda leaf: isinstance(leaf, ConductanceRange)
    leaves = jax.tree.leaves(error, is_leaf=is_range)
    strengths = [leaf for leaf in leaves if not is_range(leaf)]
    return bool(strengths) and not any(jnp.any(leaf) for leaf in strengths)


def _faded(design: Design, strength: Scalar) -> Design:
    """`design` with wires and mismatch `strength` times as large."""
    mapping, wires = design.mapping, design.wires
    if isinstance(mapping, ReferenceColumn):
        mapping = ReferenceColumn(mapping.range, strength * mapping.mismatch)
    if wires is not None:
        wires = jax.tree.map(lambda ohms: strength * ohms, wires)
    return dataclasses.replace(design, mapping=mapping, wires=wires)
