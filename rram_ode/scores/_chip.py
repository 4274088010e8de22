"""A trained network written onto one chip."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import jax.tree_util as jtu
import numpy as np
from jaxtyping import Array, Float

from .._misc import root, scalar
from .._types import Conductances, Key, Scalar
from ..blocks import FeedbackIntegrator, TransimpedanceAmplifier
from ..crossbar import AbstractMapping, AbstractScale, ColumnScale, Crossbar
from ..devices import (
    AbstractReadNoise,
    Cell,
    ReadNoise,
    TelegraphReadNoise,
    Traps,
    WhiteReadNoise,
)
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
        traps: Of the pairs of all crossbars on one axis, for telegraph noise.
    """

    score: AbstractAnalogScore
    integrator: FeedbackIntegrator
    read: ReadNoise
    key: Key
    traps: Traps | None = None


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
    targets = _aim(score, design, ranges)
    # Three programs: in one, XLA would repeat the draws in everything that uses them.
    cells = _write(targets, design, key=jr.fold_in(key, 0))
    return _assemble(score, design, targets, cells, key=key)


class _Targets(eqx.Module):
    """What is to be written: for each layer conductances, siemens per unit, volts."""

    g: list[tuple[Float[Array, "_ _"], Float[Array, "_ _"]]]
    siemens: list[Float[Array, " _"]]
    volts: list[Scalar]

    def cells(self, mapping: AbstractMapping) -> list[Float[Array, "_ _"]]:
        """The arrays that are made of cells."""
        positive = [g_pos for g_pos, _ in self.g]
        negative = [g_neg for _, g_neg in self.g]
        return positive + negative if mapping.has_negative_cells else positive


@eqx.filter_jit
def _aim(score: NetworkScore, design: Design, ranges: Ranges) -> _Targets:
    network, mapping = score.network, design.mapping
    peaks = (ranges.state, *ranges.hidden)
    volts = [design.v_max / (design.headroom * peak) for peak in peaks]
    volts.append(design.v_out / (design.headroom * ranges.output))
    g, siemens = [], []
    for number, (w, b) in enumerate(zip(network.weights, network.biases, strict=True)):
        # The constant row's "activation" is v_max / u.
        full = jnp.concatenate([w, b[None] * (volts[number] / design.v_max)])
        if number + 1 == len(network.weights):
            full = network.output_factor * full
        siemens.append(mapping.full_scale / design.scale(full))
        g.append(mapping.to_conductance(full, siemens[-1]))
    return _Targets(g, siemens, volts)


@eqx.filter_jit
def _write(targets: _Targets, design: Design, *, key: Key) -> Conductances:
    """Program all cells of the chip as one array of one row."""
    arrays = targets.cells(design.mapping)
    flat = jnp.concatenate([g.reshape(1, -1) for g in arrays], axis=1)
    return design.cell.program(flat, key=key)


@eqx.filter_jit
def _assemble(
    score: NetworkScore,
    design: Design,
    targets: _Targets,
    flat: Conductances,
    *,
    key: Key,
) -> Chip:
    mapping, read, network = design.mapping, design.cell.read, score.network
    arrays = targets.cells(mapping)
    ends = np.cumsum([g.size for g in arrays])[:-1]
    parts = jnp.split(flat, ends, axis=1)
    cells = [part.reshape(g.shape) for part, g in zip(parts, arrays, strict=True)]
    layers, traps = [], []
    for number, (_, g_neg) in enumerate(targets.g):
        g_pos = cells[number]
        if mapping.has_negative_cells:
            g_neg = cells[len(targets.g) + number]
        else:
            g_neg = mapping.with_mismatch(g_neg, key=jr.fold_in(key, 3 + number))
        crossbar = Crossbar(
            g_pos,
            g_neg,
            design.v_max,
            _pair_spread(read.white, g_pos, g_neg, mapping),
            _pair_spread(read.flicker, g_pos, g_neg, mapping),
            read.thermal,
        )
        if read.telegraph is not None:
            own = jr.fold_in(jr.fold_in(key, 2), 4 + number)
            traps.append(_pair_traps(read.telegraph, g_pos, g_neg, mapping, key=own))
        u_in, u_out = targets.volts[number : number + 2]
        resistance = u_out / (u_in * targets.siemens[number])
        amplifier = TransimpedanceAmplifier(resistance, design.v_rail)
        layers.append(AnalogLayer(crossbar, amplifier))
    analog = AnalogNetwork(
        layers=tuple(layers),
        frequencies=network.frequencies,
        readout=score.readout,
        volts_per_unit=tuple(targets.volts),
        v_clamp=design.v_clamp,
    )
    integrator = design.integrator.fabricate(
        network.dim, design.offset_std, design.mismatch_std, key=jr.fold_in(key, 1)
    )
    joined = (
        jtu.tree_map(lambda *xs: jnp.concatenate(xs, -1), *traps) if traps else None
    )
    return Chip(analog, integrator, read, jr.fold_in(key, 2), joined)


def _pair_spread(
    noise: AbstractReadNoise | None,
    g_pos: Conductances,
    g_neg: Conductances,
    mapping: AbstractMapping,
) -> Float[Array, "rows _"]:
    """Spread of `g_pos - g_neg`, in siemens."""
    if noise is None:
        return jnp.zeros_like(g_pos)
    if isinstance(noise, WhiteReadNoise) and noise.std_rel is None:
        # The same in all cells, so one column of it serves all columns.
        g_pos, g_neg = g_pos[:, :1], g_neg[:, :1]
    if not mapping.has_negative_cells:
        return noise.spread(g_pos)
    return root(noise.spread(g_pos) ** 2 + noise.spread(g_neg) ** 2)


def _pair_traps(
    noise: TelegraphReadNoise,
    g_pos: Conductances,
    g_neg: Conductances,
    mapping: AbstractMapping,
    *,
    key: Key,
) -> Traps:
    """Of both cells of each pair, `(traps, pairs)`; the negative cell's subtract."""
    positive = noise.traps(g_pos.reshape(-1), key=jr.fold_in(key, 0))
    if not mapping.has_negative_cells:
        return positive
    negative = noise.traps(g_neg.reshape(-1), key=jr.fold_in(key, 1))
    return Traps(
        jnp.concatenate([positive.jump, -negative.jump]),
        jnp.concatenate([positive.high, negative.high]),
        jnp.concatenate([positive.low, negative.low]),
    )
