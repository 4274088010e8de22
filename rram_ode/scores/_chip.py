"""A trained network written onto one chip."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._misc import root, scalar
from .._types import Key, Scalar, Weights
from ..blocks import FeedbackIntegrator, TransimpedanceAmplifier
from ..crossbar import AbstractMapping, AbstractScale, ColumnScale, Crossbar
from ..devices import Cell, ReadNoise
from ._analog import AnalogLayer, AnalogNetwork
from ._analog_base import AbstractAnalogScore
from ._network import NetworkScore


class Ranges(eqx.Module):
    """Largest magnitudes that a network meets while it generates, dimensionless.

    Args:
        state: Of the state.
        hidden: Of each hidden layer's activations.
        output: Of the network's output.
    """

    state: Float[Array, ""] = eqx.field(converter=scalar)
    hidden: tuple[Float[Array, ""], ...] = eqx.field(
        converter=lambda xs: tuple(scalar(x) for x in xs)
    )
    output: Float[Array, ""] = eqx.field(converter=scalar)


class Design(eqx.Module):
    """What all chips of one kind share.

    Args:
        cell: The resistive cell.
        mapping: Weights to conductances.
        integrator: Its nominal values.
        scale: What shares one ratio of weight to conductance.
        v_max: Largest safe cell voltage, in volts.
        headroom: Of `v_max` and the rails over the expected ranges; 1 or more.
        v_rail: Of the transimpedance amplifiers, in volts; infinite for no limit.
        v_clamp: Of row drivers and ReLUs, in volts; infinite for no clamp.
        v_out: Voltage that the largest output is given, in volts.
        offset_std: Of the integrators' input-referred offset, in volts.
        mismatch_std: Of the integrators' R C, relative.
    """

    cell: Cell
    mapping: AbstractMapping
    integrator: FeedbackIntegrator
    scale: AbstractScale = ColumnScale()
    v_max: Float[Array, ""] = eqx.field(converter=scalar, default=0.2)
    headroom: Float[Array, ""] = eqx.field(converter=scalar, default=1.1)
    v_rail: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    v_clamp: Float[Array, ""] = eqx.field(converter=scalar, default=jnp.inf)
    v_out: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    offset_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    mismatch_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)


class Chip(eqx.Module):
    """One piece of hardware: what was drawn at programming, and its noise's key.

    Args:
        score: The network on crossbars.
        integrator: With this chip's offsets and mismatch.
        read: Laws of the cells' read noise.
        key: Of all noise in lab time.
    """

    score: AbstractAnalogScore
    integrator: FeedbackIntegrator
    read: ReadNoise
    key: Key


def program(score: NetworkScore, design: Design, ranges: Ranges, *, key: Key) -> Chip:
    r"""Write `score` onto a new chip.

    Volts per unit follow from the ranges: state and hidden activations reach `v_max`
    over `headroom` on the rows, the output `v_out` over `headroom`. Biases are cells on
    a row at `v_max`. With s siemens per unit of weight in a column, its feedback
    resistance is $R_f = u_{l+1} / (u_l s)$.

    Args:
        score: The trained network.
        design: What all chips of the kind share.
        ranges: Of the network, from its checkpoint.
        key: The chip's identity: write noise, faults, mismatch and noise in lab time.
    """
    network = score.network
    peaks = (ranges.state, *ranges.hidden)
    volts = [design.v_max / (design.headroom * peak) for peak in peaks]
    volts.append(design.v_out / (design.headroom * ranges.output))
    layers, last = [], len(network.weights) - 1
    for number, (w, b) in enumerate(zip(network.weights, network.biases, strict=True)):
        factor = network.output_factor if number == last else jnp.ones(())
        layers.append(
            _program_layer(
                factor * w,
                factor * b,
                (volts[number], volts[number + 1]),
                design,
                key=jr.fold_in(key, number),
            )
        )
    analog = AnalogNetwork(
        tuple(layers), network.frequencies, score.readout, tuple(volts), design.v_clamp
    )
    integrator = design.integrator.fabricate(
        network.dim,
        design.offset_std,
        design.mismatch_std,
        key=jr.fold_in(key, last + 1),
    )
    return Chip(analog, integrator, design.cell.read, jr.fold_in(key, last + 2))


def _program_layer(
    weights: Weights,
    biases: Float[Array, " cols"],
    volts: tuple[Scalar, Scalar],
    design: Design,
    *,
    key: Key,
) -> AnalogLayer:
    u_in, u_out = volts
    # The constant row's "activation" is v_max / u_in.
    full = jnp.concatenate([weights, biases[None] * (u_in / design.v_max)])
    siemens = design.mapping.full_scale / design.scale(full)
    targets = design.mapping.to_conductance(full, siemens)
    g_pos, g_neg = design.mapping.program(design.cell, targets, key=key)
    crossbar = Crossbar(
        g_pos,
        g_neg,
        design.v_max,
        *(
            _pair_spread(noise, g_pos, g_neg, design.mapping)
            for noise in (design.cell.read.white, design.cell.read.flicker)
        ),
    )
    amplifier = TransimpedanceAmplifier(u_out / (u_in * siemens), design.v_rail)
    return AnalogLayer(crossbar, amplifier)


def _pair_spread(noise, g_pos, g_neg, mapping):
    """Spread of `g_pos - g_neg`, in siemens."""
    if noise is None:
        return jnp.zeros_like(g_pos)
    if not mapping.has_noisy_negative:
        return noise.spread(g_pos)
    return root(noise.spread(g_pos) ** 2 + noise.spread(g_neg) ** 2)
