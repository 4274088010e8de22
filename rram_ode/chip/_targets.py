"""What is to be written onto a chip: its target conductances and their scales."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._compile import compiled_quickly
from .._core._types import Scalar, Weights
from ..crossbar import AbstractMapping
from ..scores import NetworkScore
from ._design import Design, Ranges
from ._rescale import Factors, rescale, row_factors


LEAST_BIAS = 1e-3  # of v_max, for the constant row where all biases are zero


class Targets(eqx.Module):
    """The conductances to be written, and the scales that gave them.

    Args:
        g: Conductances of each layer: those that add and that subtract, in siemens.
        siemens: Siemens per unit of weight, for each layer one per column.
        volts: Volts per unit of the state, each hidden layer and the output.
        v_bias: Voltage of each layer's constant row.
        factors: Factors of the volts per unit of each hidden layer's neurons, or
            `None` if all are 1.
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


@compiled_quickly
def target_conductances(score: NetworkScore, design: Design, ranges: Ranges) -> Targets:
    """The conductances that the chips of `design` are to hold of `score`.

    Args:
        score: The trained network.
        design: Gives the mapping and the largest voltages.
        ranges: Give the volts per unit.

    Raises:
        ValueError: If the cells per weight are those of another number of layers.
    """
    network, mapping = score.network, design.mapping
    design.cell.parallel_of(len(network.weights))  # one number, or one a layer
    peaks = (ranges.state, *ranges.hidden)
    volts = [design.v_max / (design.headroom * peak) for peak in peaks]
    volts.append(design.v_out / (design.headroom * ranges.output))
    weights, biases, factors = network.weights, network.biases, None
    if design.rescale:
        factors = row_factors(weights)
        weights, biases = rescale(weights, biases, factors)
    g, siemens, v_bias = [], [], []
    for number, (w, b) in enumerate(zip(weights, biases, strict=True)):
        fraction = _least_fraction(w, b, volts[number] / design.v_max)
        v_bias.append(design.v_max * fraction if design.fit_bias else design.v_max)
        # The constant row's "activation" is v_bias / u.
        full = jnp.concatenate([w, b[None] * (volts[number] / v_bias[-1])])
        if number + 1 == len(weights):
            full = network.output_factor * full
        siemens.append(mapping.full_scale / design.scale(full))
        g.append(mapping.to_conductance(full, siemens[-1]))
    return Targets(g, siemens, volts, v_bias, factors)


def _least_fraction(
    weights: Weights, biases: Float[Array, " cols"], u: Scalar
) -> Scalar:
    """Smallest fraction of `v_max` at which no bias is its column's largest cell.

    Args:
        weights: Weights of a layer.
        biases: Biases of the layer.
        u: Volts per unit over `v_max`.
    """
    top = jnp.max(jnp.abs(weights), axis=0)
    fractions = jnp.abs(biases) * u / jnp.where(top > 0, top, 1.0)
    fractions = jnp.where((top > 0) | (biases == 0), fractions, 1.0)
    return jnp.clip(jnp.max(fractions), LEAST_BIAS, 1.0)
