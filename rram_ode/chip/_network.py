"""The score network on crossbars, in volts, siemens and amperes."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .._core._arrays import broadcast_columns, scalar
from .._core._types import Scalar
from ..blocks import AbstractRectifier, IdealRectifier
from ..scores import AbstractReadout, embedding_of, for_width
from ._crossbar_network import AbstractChain
from ._layer import AnalogLayer


class AnalogNetwork(AbstractChain):
    r"""Layers of crossbar, amplifier and clamped ReLU.

    With $u_l$ volts per unit of activation at layer l, row voltages $u_l h_l$ give
    $u_{l+1} (W^T h_l + b)$ at the amplifiers, to which the DAC's $u_{l+1} e(t)$ is
    added; the ReLU clips at `v_clamp`, the largest voltage that is safe on a row. So
    does the driver of the first layer's rows. The last amplifiers clip at their rails.
    A `rectifier` of diodes may put out negative voltages: it is clipped on both sides.
    The errors of rectifiers and row drivers are those of the layers.

    Args:
        layers: Crossbars with their amplifiers.
        frequencies: Frequencies of the time embedding.
        readout: What the output stands for.
        volts_per_unit: $u_l$ of the state, each hidden layer and the output, in volts;
            of a hidden layer one for all neurons, or each its own.
        v_clamp: Clamp of the rows, in volts; infinite for no clamp.
        v_disturb: Above it a read disturbs a cell, in volts; only counted.
        rectifier: The rectifier of each hidden column.
        reference: Factor of this chip's reference on all that its DACs play; `None` for
            an exact reference.
        classes: The embedding of each class; `None` for an unconditional network.
        shift: The embedding of the class that is generated, of all samples or of each;
            `None` for none.
    """

    layers: tuple[AnalogLayer, ...]
    frequencies: Float[Array, " freq"]
    readout: AbstractReadout
    volts_per_unit: tuple[Float[Array, "..."], ...]
    v_clamp: Scalar
    v_disturb: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    rectifier: AbstractRectifier = IdealRectifier()
    reference: Scalar | None = None
    classes: Float[Array, "classes embedding"] | None = None
    shift: Float[Array, "embedding ..."] | None = None

    def of_class(self, label: Int[Array, "*samples"]) -> "AnalogNetwork":
        """The network whose DAC plays the embedding of the class `label`, too."""
        if self.classes is None:
            raise ValueError(
                "this network is unconditional and knows no labels; leave `label` out."
            )
        return dataclasses.replace(self, shift=embedding_of(self.classes, label))

    def played(
        self, t: Scalar, label: Int[Array, ""] | None = None
    ) -> Float[Array, "embedding ..."]:
        """The embedding at `t` of a class; `None` takes the network's own."""
        return (self if label is None else self.of_class(label)).embedding(t)

    @property
    def peak(self) -> Scalar | None:
        """Full scale of the embedding, for all classes alike; `None` for 1."""
        if self.classes is None:
            return None
        return 1 + jnp.max(jnp.abs(self.classes))

    @property
    def volts(self) -> tuple[Float[Array, "..."], ...]:
        """Volts per unit of state, each hidden layer and output."""
        return self.volts_per_unit

    def embedding(self, t: Scalar) -> Float[Array, "embedding ..."]:
        """The digital network's embedding, with the class's part, over `peak`."""
        phase = 2 * jnp.pi * self.frequencies * t
        wave = jnp.concatenate([jnp.sin(phase), jnp.cos(phase)])
        if self.shift is not None:
            wave = broadcast_columns(wave, self.shift) + self.shift
        return wave if self.peak is None else wave / self.peak

    def waves(
        self, embedding: Float[Array, "embedding ..."]
    ) -> tuple[Float[Array, "_ ..."] | None, ...]:
        """The embedding on the columns of each hidden layer; the output has none.

        A network without frequencies has no embedding, and no resistors for it.
        """
        if not self.frequencies.size:
            return (None,) * len(self.layers)
        hidden = zip(self.arrays[:-1], self.volts[1:-1], strict=True)
        embedding = self.referred(embedding)
        embedding = embedding if self.peak is None else self.peak * embedding
        waves = [
            for_width(embedding, cols) * broadcast_columns(volts, embedding, volts.ndim)
            for (_, cols), volts in hidden
        ]
        return (*waves, None)

    def referred(self, wave: Float[Array, "..."]) -> Float[Array, "..."]:
        """What a DAC with the chip's reference puts out for the nominal `wave`."""
        return wave if self.reference is None else self.reference * wave

    @property
    def num_classes(self) -> int:
        """One for each row of `classes`."""
        return 0 if self.classes is None else self.classes.shape[0]

    @property
    def num_channels(self) -> int:
        """One for each unit of the widest hidden layer; 0 without frequencies."""
        if not self.frequencies.size:
            return 0
        return max((cols for _, cols in self.arrays[:-1]), default=0)
