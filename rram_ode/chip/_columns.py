"""Trims of each column: an offset and a gain, from reads of known inputs."""

import dataclasses
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, scalar
from .._core._checks import non_negative, positive
from .._core._random import normal
from .._core._types import ColumnVoltages, Key, Scalar, Voltages
from ..crossbar import CellNoise
from ..scores import NetworkScore
from ._known_inputs import KnownInputs
from ._layer import AnalogLayer
from ._network import AnalogNetwork
from ._reads import Reads


class ColumnTrim(eqx.Module):
    r"""A DAC of each column's offset, and of its gain, set from the bench's reads.

    With `gain_bits` the bench plays known inputs and regresses, column by column and
    layer after layer, what the chip has at an amplifier's output on what the digital
    twin has there: of the two only the first has noise, which would make the gain of
    the other regression too small. The column's resistor takes one over the slope

    $$b = 1 + \frac{\operatorname{cov}(w, r - w)}{\operatorname{var}(w) + \sigma^2}$$

    of reads r on wanted values w; with $\sigma$ of one read a column whose values
    hardly move stays as it is. Without, rows are grounded, and one read of what is left
    at each output is taken off. Rectifiers are read through: their offsets count, those
    of multipliers and integrators lie behind the columns and are not trimmed. A read
    has the error of the bench's ADC, and the cells' noise as `Reads` has it.

    Args:
        offset_range: Largest offset at an amplifier's output, in volts.
        gain_range: Largest relative change of a feedback resistor.
        read_std: Spread of the error of a read, in volts.
        offset_bits: Resolution of the DAC of a column's offset.
        gain_bits: Resolution of a feedback resistor; `None` for fixed ones.
    """

    offset_range: Float[Array, ""] = eqx.field(converter=scalar)
    gain_range: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    read_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    offset_bits: int = eqx.field(static=True, default=10)
    gain_bits: int | None = eqx.field(static=True, default=None)

    def __check_init__(self):
        positive("trim.offset_range", self.offset_range, "V")
        non_negative("trim.gain_range", self.gain_range, "ohm/ohm")
        non_negative("trim.read_std", self.read_std, "V")

    def offset(self, v: Float[Array, "*parts"]) -> Float[Array, "*parts"]:
        """The code of each offset."""
        return _code(v, self.offset_range, self.offset_bits)

    def gain(self, gain: Float[Array, "*parts"]) -> Float[Array, "*parts"]:
        """The factor of each resistor that its code stands for."""
        if self.gain_bits is None:
            return jnp.ones_like(gain)
        return 1 + _code(gain - 1, self.gain_range, self.gain_bits)

    def num_at_end(self, gain: Array, offset: Array) -> Scalar:
        """Number of these codes that lie at an end of their range.

        A gain is rounded as 1 and a code, so that its end is met to 1e-5, far less than
        a code.
        """
        near = lambda x, full: jnp.sum(jnp.abs(x) > full * (1 - 1e-5))
        ends = near(offset, self.offset_range)
        if self.gain_bits is not None:
            has_range = self.gain_range > 0
            ends = ends + jnp.where(has_range, near(gain - 1, self.gain_range), 0)
        return ends.astype(offset.dtype)


class ColumnCodes(NamedTuple):
    """What the DACs of all columns play: factors, and volts at the outputs."""

    gains: tuple[Float[Array, " _"], ...]
    offsets: tuple[Float[Array, " _"], ...]

    def on(self, network: AnalogNetwork, tested: AnalogNetwork) -> AnalogNetwork:
        """`network` with these codes.

        The DAC of an offset gives a current that stays; its volts go as the feedback
        resistor, which may differ from that on the bench.

        Args:
            network: The network as it is used.
            tested: The same on the bench.
        """
        layers = []
        for number, layer in enumerate(network.layers):
            gain, offset = self.gains[number], self.offsets[number]
            on_bench = tested.layers[number].amplifier.feedback_resistance
            grown = layer.amplifier.feedback_resistance / on_bench
            layers.append(with_column_trim(layer, gain, grown * offset))
        return dataclasses.replace(network, layers=tuple(layers))


class Residues(NamedTuple):
    """Root mean square errors of all columns against the twin, in units of its values.

    Args:
        before_columns: Before the columns were trimmed.
        columns: After.
        clipped_columns: Number of codes at an end of their range.
    """

    before_columns: Scalar
    columns: Scalar
    clipped_columns: Scalar


def with_column_trim(
    layer: AnalogLayer, gain: Float[Array, " cols"], offset: Voltages
) -> AnalogLayer:
    """`layer` with its feedback resistors times `gain`, and an added `offset`."""
    amplifier = layer.amplifier
    amplifier = dataclasses.replace(
        amplifier, feedback_resistance=gain * amplifier.feedback_resistance
    )
    return dataclasses.replace(layer, amplifier=amplifier, trim=offset)


def trim_columns(
    network: AnalogNetwork,
    score: NetworkScore,
    points: KnownInputs,
    trim: ColumnTrim,
    *,
    key: Key,
    reads: Reads | None = None,
    cell_key: Key | None = None,
) -> tuple[ColumnCodes, Residues]:
    """Codes of all columns of `network` on the bench, and what they leave.

    Args:
        network: The chip on the bench.
        score: The digital twin.
        points: The known inputs.
        trim: What the bench and the DACs can do.
        key: Of the errors of the ADC.
        reads: The cells' noise in reads; `None` for none.
        cell_key: Of that noise.
    """
    (t, x, label), twin = points, score.network
    *hidden, _ = points.activations(twin)
    played = jax.vmap(network.played)(t, label)
    exact = dataclasses.replace(network, reference=None)
    ours, theirs = jax.vmap(network.waves)(played), jax.vmap(exact.waves)(played)
    last = len(network.layers) - 1
    gains, offsets, before, after = [], [], [], []
    ends = jnp.zeros(())
    noises: list[CellNoise | None] = [None] * len(network.layers)
    if reads is not None:
        assert cell_key is not None  # whoever has noise has its key
        sizes = (layer.crossbar.g_pos.shape for layer in network.layers)
        shapes = [(rows, cols) for rows, cols in sizes]
        noises = reads.of_columns(shapes, t.size, key=cell_key)
    v = jnp.clip(network.volts[0] * x, -network.v_clamp, network.v_clamp)
    for number, (layer, rows) in enumerate(
        zip(network.layers, (x, *hidden), strict=True)
    ):
        unit = jnp.reshape(network.volts[number + 1], (-1, 1))
        wanted = twin.weights[number].T @ rows + twin.biases[number][:, None]
        if number == last:
            wanted, waves, ideal = twin.output_factor * wanted, None, 0.0
        else:
            waves, exactly = ours[number], theirs[number]
            ideal = 0.0 if exactly is None else exactly.T
        # The digital twin's own values at each output, in the chip's volts.
        wanted = unit * wanted + ideal
        read = _through(layer, _outputs(layer, v, waves))
        wave = 0.0 if waves is None else waves.T
        noise, seen = noises[number], read
        if noise is not None:
            seen = _through(layer, _outputs(layer, v, waves, noise))
        own = jr.fold_in(key, number)
        gain, offset = _found(layer, trim, wanted - wave, seen - wave, own, noise)
        trimmed = with_column_trim(layer, gain, offset)
        gains.append(gain)
        offsets.append(offset)
        ends = ends + trim.num_at_end(gain, offset)
        out = _outputs(trimmed, v, waves)
        size = jnp.mean(wanted**2)
        before.append(jnp.mean((read - wanted) ** 2) / size)
        after.append(jnp.mean((_through(layer, out) - wanted) ** 2) / size)
        if number < last:
            v = network.hidden_node(number + 1, out).clipped
    rms = lambda xs: jnp.sqrt(jnp.mean(jnp.stack(xs)))
    codes = ColumnCodes(tuple(gains), tuple(offsets))
    return codes, Residues(rms(before), rms(after), ends)


def _found(
    layer: AnalogLayer,
    trim: ColumnTrim,
    wanted: Array,
    read: Array,
    key: Key,
    noise: CellNoise | None,
) -> tuple[Float[Array, " cols"], Voltages]:
    """Gain and offset of each column; both without the wave's part.

    Offsets alone take one read of grounded rows, the first of `noise`.
    """
    if trim.gain_bits is None:
        grounded = dataclasses.replace(
            layer,
            crossbar=dataclasses.replace(
                layer.crossbar, v_bias=jnp.zeros_like(layer.crossbar.v_bias)
            ),
        )
        once = (
            CellNoise() if noise is None else jax.tree.map(lambda x: x[..., 0], noise)
        )
        rest = grounded(jnp.zeros(layer.crossbar.g_pos.shape[0] - 1), once)
        rest = _through(layer, rest)
        error = trim.read_std * normal(key, rest.shape)
        return jnp.ones_like(rest), trim.offset(-rest - error)
    read = read + trim.read_std * normal(key, read.shape)
    mean, aim = jnp.mean(read, axis=1), jnp.mean(wanted, axis=1)
    centred = wanted - aim[:, None]
    power = jnp.mean(centred**2, axis=1) + trim.read_std**2
    power = jnp.maximum(power, jnp.finfo(read.dtype).tiny)
    slope = 1 + jnp.mean(centred * (read - wanted), axis=1) / power
    gain = trim.gain(1 / jnp.where(slope > 0, slope, 1.0))
    return gain, trim.offset(aim - gain * mean)


def _outputs(
    layer: AnalogLayer,
    v: Voltages,
    waves: Array | None,
    noise: CellNoise = CellNoise(),
) -> Array:
    """Outputs of a layer for inputs `(rows, inputs)`, each with a wave of its own."""
    axes = (1, -1, None if waves is None else 0)
    return jax.vmap(layer, in_axes=axes, out_axes=1)(v, noise, waves)


def _through(layer: AnalogLayer, out: ColumnVoltages) -> ColumnVoltages:
    """Outputs of a layer as they are read behind its rectifiers, which pass them."""
    if layer.rectifiers is None:
        return out
    return out + broadcast_columns(layer.rectifiers.offset, out)


def _code(x: Array, full: Scalar, bits: int) -> Array:
    """The nearest code of a DAC from `-full` to `full`; 0 where that is 0."""
    step = 2 * full / 2**bits
    step = jnp.where(full > 0, step, 1.0)
    return jnp.clip(jnp.round(x / step) * step, -full, full)
