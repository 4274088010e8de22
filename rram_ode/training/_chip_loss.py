"""The training objective through a chip: volts in, volts out, noise of its reads."""

import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
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
    strength: Scalar,
    *,
    key: Key,
) -> tuple[Scalar, Scalar]:
    """`network_losses` of the network on `chip`.

    Args:
        chip: The network on crossbars.
        batch: Noised data.
        read: Which read noise the cells have. White and thermal noise are drawn for
            each sample: right in training, where each is at a time of its own.
        dac: Its resolution quantises the embedding.
        limit: Activation above which it counts as saturated.
        strength: Factor on the read noise.
        key: Of the read noise.
    """
    noise = _reads(chip, batch.t.size, read, strength, key=key)

    def run(t: Scalar, v: State, noise: tuple[CellNoise, ...]):
        wave = dac.quantise(chip.embedding(jax.lax.stop_gradient(t)), 1.0)
        out, nodes = chip.nodes(v, wave, noise)
        return out, tuple(node.v for node in nodes[1:-1])

    mapped = jax.vmap(run, in_axes=(0, 1, 1), out_axes=1)
    out, hidden = mapped(batch.t, chip.volts_in * batch.x, noise)
    factor = jax.vmap(chip.factor)(batch.t)
    scores = factor[None] * (out / chip.volts_out)
    units = chip.volts[1:-1]
    rectified = (_units(v, u) for v, u in zip(hidden, units, strict=True))
    return residual(scores, batch), saturation(tuple(rectified), limit)


def _units(v: Float[Array, "_ _"], volts: Array) -> Float[Array, "_ _"]:
    """Activations of the voltages behind a layer's rectifiers."""
    return v / (broadcast_columns(volts, v) if volts.ndim else volts)


def _reads(
    chip: AnalogNetwork, num: int, read: ReadNoise, strength: Scalar, *, key: Key
) -> tuple[CellNoise, ...]:
    indices = jnp.arange(num, dtype=jnp.uint32)

    def draw(law: object, number: int, stream: TrainingReadStream, cols: int):
        if law is None:
            return None
        own = jr.fold_in(jr.fold_in(key, stream), number)
        return strength * standard_normal(own, indices, (cols,))

    return tuple(
        CellNoise(
            white=draw(read.white, number, TrainingReadStream.WHITE, cols),
            thermal=draw(read.thermal, number, TrainingReadStream.THERMAL, cols),
        )
        for number, (_, cols) in enumerate(chip.arrays)
    )
