"""One layer of a network in hardware: an array and its amplifiers."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._types import ColumnVoltages, SupplyCurrents, Voltages
from ..blocks import TransimpedanceAmplifier
from ..crossbar import CellNoise, Crossbar, LowRank


class AnalogLayer(eqx.Module):
    """Crossbar and transimpedance amplifiers: row voltages in, column voltages out.

    Args:
        crossbar: The layer's cells.
        amplifier: The amplifiers of its columns.
        correction: Cells that join their currents to the columns'; `None` for none.
    """

    crossbar: Crossbar
    amplifier: TransimpedanceAmplifier
    correction: LowRank | None = None

    def __call__(self, v: Voltages, noise: CellNoise = CellNoise()) -> ColumnVoltages:
        """Outputs before the rails, in volts."""
        i = self.crossbar(v, noise)
        return self.amplifier(i if self.correction is None else i + self.correction(v))

    def power(self, v: Voltages) -> Float[Array, "*samples"]:
        """Dissipated in the cells, in watts."""
        own = self.crossbar.power(v)
        return own if self.correction is None else own + self.correction.power(v)

    def supplied(self, v: Voltages) -> SupplyCurrents:
        """Currents of the row drivers, and of the amplifiers, in amperes."""
        own = self.crossbar.supplied(v)
        return own if self.correction is None else own + self.correction.supplied(v)

    def noise_gains(self, embedding: float = 0.0) -> Float[Array, " _"]:
        """Of the amplifiers of the columns, then of those of the correction.

        Args:
            embedding: Conductance of the embedding's resistor at each column's summing
                node over that of the feedback resistor.
        """
        g = jnp.sum(self.crossbar.g_pos + self.crossbar.g_neg, axis=0)
        alone = 1 + embedding
        if self.correction is None:
            return alone + self.amplifier.feedback_resistance * g
        own = alone + self.amplifier.feedback_resistance * (g + self.correction.load)
        return jnp.concatenate([own, self.correction.noise_gains])

    @property
    def num_rows(self) -> int:
        """Driven rows, the constant one and those of the correction included."""
        own = self.crossbar.g_pos.shape[0]
        return own if self.correction is None else own + self.correction.rank
