"""Static errors of a chip's blocks, drawn as the chip is programmed."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr

from .._core._streams import CircuitStream
from .._core._types import Key
from ..blocks import BlockErrors, BlockSpread, FeedbackIntegrator
from ..crossbar import InverterErrors
from ._design import Design
from ._layer import AnalogLayer
from ._network import AnalogNetwork


Parts = tuple[AnalogNetwork, FeedbackIntegrator]


def with_static_errors(
    network: AnalogNetwork,
    integrator: FeedbackIntegrator,
    design: Design,
    *,
    circuit_key: Key,
    lab_key: Key,
) -> Parts:
    """The network and the integrators with one chip's static errors of all blocks.

    What `design` has not, is not drawn, and its arithmetic stays as it is without.

    Args:
        network: As it was programmed.
        integrator: With the chip's offsets and mismatch.
        design: Spreads of the errors.
        circuit_key: Seeds the errors of drivers, inverters, rectifiers and supplies.
        lab_key: The `Chip.key`, which seeds the offsets of op-amps.
    """
    network, integrator = _supplied(network, integrator, design, circuit_key)
    last = len(network.layers) - 1
    layers = tuple(
        _layer(layer, number, design, circuit_key, has_rectifiers=number < last)
        for number, layer in enumerate(network.layers)
    )
    op_amps = design.op_amps
    if op_amps is not None:
        own = op_amps.of_integrators(integrator, layers, key=lab_key)
        v_rail = op_amps.integrator_rails(integrator, layers, network.v_clamp)
        integrator = dataclasses.replace(integrator, op_amps=own, v_rail=v_rail)
        layers = tuple(
            dataclasses.replace(
                layer,
                op_amps=op_amps.of_layer(layer, number, key=lab_key),
                amplifier=dataclasses.replace(
                    layer.amplifier, v_rail=op_amps.amplifier_rails(layer)
                ),
            )
            for number, layer in enumerate(layers)
        )
    return dataclasses.replace(network, layers=layers), integrator


def _supplied(
    network: AnalogNetwork, integrator: FeedbackIntegrator, design: Design, key: Key
) -> Parts:
    """With the chip's reference, and its rails."""
    if design.supplies is None:
        return network, integrator
    own = jr.fold_in(key, CircuitStream.SUPPLIES)
    reference, volts = design.supplies.fabricate(key=own)
    biases = lambda n: [layer.crossbar.v_bias for layer in n.layers]
    rails = lambda n: [layer.amplifier.v_rail for layer in n.layers]
    network = eqx.tree_at(biases, network, [reference * v for v in biases(network)])
    network = eqx.tree_at(rails, network, [v + volts for v in rails(network)])
    integrator = dataclasses.replace(integrator, v_rail=integrator.v_rail + volts)
    return dataclasses.replace(network, reference=reference), integrator


def _layer(
    layer: AnalogLayer, number: int, design: Design, key: Key, *, has_rectifiers: bool
) -> AnalogLayer:
    """With the errors of its row drivers, inverters and rectifiers."""
    crossbar, (rows, cols) = layer.crossbar, layer.crossbar.g_pos.shape

    def draw(spread: BlockSpread | None, stream: int, num: int) -> BlockErrors | None:
        if spread is None:
            return None
        own = jr.fold_in(jr.fold_in(key, stream), number)
        return spread.fabricate(num, key=own)

    drivers = draw(design.drivers, CircuitStream.DRIVERS, rows)
    inverters = draw(design.inverters, CircuitStream.INVERTERS, rows)
    rectifiers = None
    if has_rectifiers:
        rectifiers = draw(design.rectifiers, CircuitStream.RECTIFIERS, cols)
    if inverters is not None:
        errors = InverterErrors(inverters.gain, inverters.offset)
        crossbar = dataclasses.replace(crossbar, inverters=errors)
    if drivers is not None:
        v_bias = drivers.at_output(jnp.full(rows, crossbar.v_bias))[-1]
        crossbar = dataclasses.replace(crossbar, v_bias=v_bias)
        drivers = drivers.head(rows - 1)
    return dataclasses.replace(
        layer, crossbar=crossbar, drivers=drivers, rectifiers=rectifiers
    )
