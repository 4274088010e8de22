"""The training objective on a chip, in volts and with read noise."""

import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int

from .._core._arrays import broadcast_columns, of_layer
from .._core._random import standard_normal
from .._core._streams import TrainingReadStream
from .._core._types import Key, Scalar, State
from ..blocks import DAC
from ..chip import AnalogNetwork
from ..crossbar import CellNoise
from ..noise import ReadNoise
from ._batch import Batch
from ._loss import residual, saturation


def chip_losses(
    chip: AnalogNetwork,
    batch: Batch,
    read: ReadNoise,
    dac: DAC,
    limit: float,
    strength: Scalar | Float[Array, " layers"],
    *,
    key: Key,
) -> tuple[Scalar, Scalar]:
    """The `network_losses` of the network on `chip`.

    Args:
        chip: The network on crossbars.
        batch: Noised data.
        read: Read noise of the cells. White and thermal noise are drawn for each
            sample, since in training each sample is at a time of its own.
        dac: Converter of the embedding, whose resolution quantises it.
        limit: Activation above which a unit counts as saturated.
        strength: Factor on the read noise, of all layers or of each.
        key: Key of the read noise.
    """
    noise = _reads(chip, batch.t.size, read, strength, key=key)

    def run(
        t: Scalar, v: State, label: Int[Array, ""] | None, noise: tuple[CellNoise, ...]
    ):
        own = chip if label is None else chip.of_class(label)
        wave = dac.quantise(own.embedding(jax.lax.stop_gradient(t)), 1.0)
        out, nodes = own.nodes(v, wave, noise)
        return out, tuple(node.v for node in nodes[1:-1])

    mapped = jax.vmap(run, in_axes=(0, 1, 0, 1), out_axes=1)
    out, hidden = mapped(batch.t, chip.volts_in * batch.x, batch.label, noise)
    factor = jax.vmap(chip.readout.factor)(batch.t)
    scores = factor[None] * (out / chip.volts_out)
    units = chip.volts[1:-1]
    rectified = (_units(v, u) for v, u in zip(hidden, units, strict=True))
    return residual(scores, batch), saturation(tuple(rectified), limit)


def _units(v: Float[Array, "_ _"], volts: Array) -> Float[Array, "_ _"]:
    """Activations of the voltages behind a layer's rectifiers."""
    return v / (broadcast_columns(volts, v) if volts.ndim else volts)


def _reads(
    chip: AnalogNetwork,
    num: int,
    read: ReadNoise,
    strength: Scalar | Float[Array, " layers"],
    *,
    key: Key,
) -> tuple[CellNoise, ...]:
    indices = jnp.arange(num, dtype=jnp.uint32)

    def draw(law: object, number: int, stream: TrainingReadStream, cols: int):
        if law is None:
            return None
        own = jr.fold_in(jr.fold_in(key, stream), number)
        drawn = standard_normal(own, indices, (cols,))
        return of_layer(strength, number) * drawn

    return tuple(
        CellNoise(
            white=draw(read.white, number, TrainingReadStream.WHITE, cols),
            thermal=draw(read.thermal, number, TrainingReadStream.THERMAL, cols),
        )
        for number, (_, cols) in enumerate(chip.arrays)
    )
