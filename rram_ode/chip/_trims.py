"""A network on crossbars whose amplifiers and waveforms were trimmed."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .._core._arrays import broadcast_columns
from .._core._types import Scalar, State, Times
from ..scores import for_width
from ._base import Node
from ._crossbar_network import AbstractCrossbarNetwork
from ._network import AnalogNetwork


class Trims(eqx.Module):
    """What can be changed of a programmed chip without writing a cell.

    Args:
        gains: On each amplifier's feedback resistance, `(cols,)` a layer.
        offsets: Waveforms that are added to each column, in units of the activation or
            output, at `times`: `(times, cols)` a layer, linear between them.
        times: Rising diffusion times.
    """

    gains: tuple[Float[Array, " _"], ...]
    offsets: tuple[Float[Array, "times _"], ...]
    times: Times

    def peaks(self, own: Scalar | float = 1.0) -> tuple[Scalar, ...]:
        """Full scale of each layer's waveforms, that of the embedding included.

        Args:
            own: Full scale of the embedding.
        """
        tops = [jnp.max(jnp.abs(x)) for x in self.offsets]
        return (*(own + top for top in tops[:-1]), jnp.maximum(tops[-1], 1e-9))


def no_trims(network: AnalogNetwork, times: Times) -> Trims:
    """Trims that change nothing."""
    widths = [cols for _, cols in network.arrays]
    gains = tuple(jnp.ones(cols) for cols in widths)
    return Trims(gains, tuple(jnp.zeros((times.size, c)) for c in widths), times)


class TrimmedNetwork(AbstractCrossbarNetwork):
    r"""`network` with other gains, and with waveforms of its own for each column.

    The DAC plays $e_j(t) + o_{lj}(t)$ to column j of layer l, and $o(t)$ alone to the
    output's, where an untrimmed network shares $e_j$ between the layers: it has as many
    channels as columns. Each layer's reference is raised to its largest wave.

    Args:
        network: As it was programmed, with or without a correction.
        trims: Found by calibration.
    """

    network: AnalogNetwork
    trims: Trims

    @property
    def chains(self) -> tuple[AnalogNetwork, ...]:
        """The network with its amplifiers trimmed."""
        where = lambda s: [layer.amplifier.feedback_resistance for layer in s.layers]
        pairs = zip(where(self.network), self.trims.gains, strict=True)
        return (eqx.tree_at(where, self.network, [r * gain for r, gain in pairs]),)

    @property
    def turns(self) -> int:
        """One label has the array."""
        return 1

    def join(self, ends: tuple[State, ...]) -> tuple[State, tuple[Node, ...]]:
        """The output of the one chain."""
        (out,) = ends
        return out, ()

    def of_class(self, label: Int[Array, "*samples"]) -> "TrimmedNetwork":
        """The network that generates the class `label`, as `AnalogNetwork` has it."""
        return dataclasses.replace(self, network=self.network.of_class(label))

    @property
    def volts(self) -> tuple[Float[Array, "..."], ...]:
        """Volts per unit of state, each hidden layer and output."""
        return self.network.volts

    @property
    def _peaks(self) -> tuple[Scalar, ...]:
        own = self.network.peak
        return self.trims.peaks() if own is None else self.trims.peaks(own)

    def embedding(self, t: Scalar) -> Float[Array, "embedding ..."]:
        """The waves of all layers over their full scales, one after the other."""
        base, times = self.network.embedding(t), self.trims.times
        base = base if self.network.peak is None else self.network.peak * base
        waves = []
        for number, (offsets, peak) in enumerate(
            zip(self.trims.offsets, self._peaks, strict=True)
        ):
            wave = jax.vmap(lambda o: jnp.interp(t, times, o), in_axes=1)(offsets)
            wave = broadcast_columns(wave, base)
            if number + 1 < len(self.trims.offsets):
                wave = wave + for_width(base, wave.shape[0])
            waves.append(jnp.broadcast_to(wave / peak, wave.shape[:1] + base.shape[1:]))
        return jnp.concatenate(waves)

    def waves(
        self, embedding: Float[Array, "embedding ..."]
    ) -> tuple[Float[Array, "_ ..."] | None, ...]:
        """The waveforms of each layer's columns, in volts."""
        waves, start = [], 0
        embedding = self.network.referred(embedding)
        for (_, cols), peak, volts in zip(
            self.arrays, self._peaks, self.volts[1:], strict=True
        ):
            scale = peak * volts
            own = embedding[start : start + cols]
            waves.append(own * broadcast_columns(scale, own, scale.ndim))
            start += cols
        return tuple(waves)

    @property
    def num_classes(self) -> int:
        """That of the network."""
        return self.network.num_classes

    @property
    def num_channels(self) -> int:
        """One for each column of each layer."""
        return sum(cols for _, cols in self.arrays)
