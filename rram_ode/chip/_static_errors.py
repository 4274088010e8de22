"""Static errors of a chip's blocks, drawn as the chip is programmed."""

import dataclasses
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._random import normal
from .._core._streams import CircuitStream
from .._core._types import Key, Scalar
from ..blocks import FeedbackIntegrator, TransimpedanceAmplifier
from ..crossbar import InverterErrors
from ._design import Design, STATIC
from ._layer import AnalogLayer
from ._network import AnalogNetwork
from ._op_amps import integrator_loads, Rails
from ._process import Die


Parts = tuple[AnalogNetwork, FeedbackIntegrator]


def with_static_errors(
    network: AnalogNetwork,
    integrator: FeedbackIntegrator,
    design: Design,
    *,
    circuit_key: Key,
    lab_key: Key,
    die: Die | None = None,
    supply_key: Key | None = None,
    load: Float[Array, " dim"] | None = None,
) -> Parts:
    """The network and the integrators with one chip's static errors of all blocks.

    What `design` has not, is not drawn, and its arithmetic stays as it is without.

    Args:
        network: As it was programmed.
        integrator: With the chip's offsets and mismatch.
        design: Spreads of the errors.
        circuit_key: Seeds the errors of drivers, inverters, rectifiers and supplies.
        lab_key: The `Chip.key`, which seeds the offsets of op-amps.
        die: What all parts of the chip share; `None` for the nominal values.
        supply_key: The circuit key of the chip whose supplies the network has; `None`
            for its own.
        load: Conductance of further arrays at the integrators, in siemens.
    """
    if all(getattr(design, name) is None for name in STATIC):
        return network, integrator
    units, reference = _draw(network, circuit_key), None
    if die is not None:
        reference = die.reference
    if design.supplies is not None:
        drawn = units.supplies
        if supply_key is not None:
            drawn = _draw(network, supply_key).supplies
        drawn, volts = design.supplies.fabricate(drawn)
        reference = drawn if reference is None else reference * drawn
        network, integrator = _supplied(network, integrator, volts)
    if reference is not None:
        network = _referred(network, reference)
    layers = tuple(
        _layer(layer, design, drawn)
        for layer, drawn in zip(network.layers, units.layers, strict=True)
    )
    op_amps = design.op_amps
    if op_amps is not None:
        op_amps = op_amps.on(die)
        widths = [layer.crossbar.g_pos.shape[1] for layer in layers]
        *each, last = op_amps.draw_all((*widths, network.dim), key=lab_key)
        loads = integrator_loads(layers[0])
        loads = loads if load is None else loads + load
        own = op_amps.of_integrators(integrator, loads, last)
        v_rail, v_low = op_amps.integrator_rails(integrator, loads, network.v_clamp)
        integrator = dataclasses.replace(
            integrator, op_amps=own, v_rail=v_rail, v_low=v_low
        )
        layers = tuple(
            dataclasses.replace(
                layer,
                op_amps=op_amps.of_layer(layer, draws),
                amplifier=_railed(layer.amplifier, op_amps.amplifier_rails(layer)),
            )
            for layer, draws in zip(layers, each, strict=True)
        )
    return dataclasses.replace(network, layers=layers), integrator


def _railed(
    amplifier: TransimpedanceAmplifier, rails: Rails
) -> TransimpedanceAmplifier:
    return dataclasses.replace(amplifier, v_rail=rails[0], v_low=rails[1])


class LayerUnits(NamedTuple):
    """Standard normals of one layer: of gains, then of offsets, `(2, blocks)`."""

    drivers: Float[Array, "2 rows"]
    inverters: Float[Array, "2 rows"]
    rectifiers: Float[Array, "2 cols"] | None


class Units(NamedTuple):
    """Standard normals of all blocks of a chip; `supplies` are those of both."""

    layers: tuple[LayerUnits, ...]
    supplies: Float[Array, "2"]


def _draw(network: AnalogNetwork, key: Key) -> Units:
    """By one draw, whatever blocks err: a program for each would compile longer."""
    shapes = [layer.crossbar.g_pos.shape for layer in network.layers]
    total = 1 + sum(2 * rows + cols for rows, cols in shapes)
    flat = normal(jr.fold_in(key, CircuitStream.STATIC), (2, total))
    layers, at = [], 1
    for number, (rows, cols) in enumerate(shapes, start=1):
        ends = at + rows, at + 2 * rows, at + 2 * rows + cols
        parts = [flat[:, a:b] for a, b in zip((at, *ends), ends, strict=False)]
        # No rectifiers follow the last layer.
        drivers, inverters, rectifiers = parts
        last = number == len(shapes)
        layers.append(LayerUnits(drivers, inverters, None if last else rectifiers))
        at = ends[-1]
    return Units(tuple(layers), flat[:, 0])


def _supplied(
    network: AnalogNetwork,
    integrator: FeedbackIntegrator,
    volts: Scalar,
) -> Parts:
    """With `volts` on top of the rails."""
    rails = lambda n: [layer.amplifier.v_rail for layer in n.layers]
    network = eqx.tree_at(rails, network, [v + volts for v in rails(network)])
    v_rail = integrator.v_rail + volts
    return network, dataclasses.replace(integrator, v_rail=v_rail)


def _referred(network: AnalogNetwork, reference: Scalar) -> AnalogNetwork:
    """With the chip's reference."""
    biases = lambda n: [layer.crossbar.v_bias for layer in n.layers]
    network = eqx.tree_at(biases, network, [reference * v for v in biases(network)])
    return dataclasses.replace(network, reference=reference)


def _layer(layer: AnalogLayer, design: Design, units: LayerUnits) -> AnalogLayer:
    """With the errors of its row drivers, inverters and rectifiers."""
    crossbar, drivers, rectifiers = layer.crossbar, None, None
    if design.inverters is not None:
        errors = design.inverters.fabricate(units.inverters)
        inverters = InverterErrors(errors.gain, errors.offset)
        crossbar = dataclasses.replace(crossbar, inverters=inverters)
    if design.drivers is not None:
        drivers = design.drivers.fabricate(units.drivers)
        rows = drivers.gain.shape[0]
        v_bias = drivers.at_output(jnp.full(rows, crossbar.v_bias))[-1]
        crossbar = dataclasses.replace(crossbar, v_bias=v_bias)
        drivers = drivers.head(rows - 1)
    if design.rectifiers is not None and units.rectifiers is not None:
        rectifiers = design.rectifiers.fabricate(units.rectifiers)
    return dataclasses.replace(
        layer, crossbar=crossbar, drivers=drivers, rectifiers=rectifiers
    )
