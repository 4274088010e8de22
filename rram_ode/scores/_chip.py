"""A trained network written onto one chip."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import jax.tree_util as jtu
import numpy as np
from jaxtyping import Array, Float

from .._misc import is_concrete, root, scalar
from .._types import Conductances, Key, Scalar
from ..blocks import FeedbackIntegrator, TransimpedanceAmplifier
from ..crossbar import (
    AbstractMapping,
    AbstractScale,
    ColumnScale,
    Crossbar,
    fold,
    FoldedArray,
    Wires,
)
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


# Assumption: with less than a tenth of its current left an array does not compute.
LEAST_SHARE = 0.1


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
        wires: Of each array, the negative cells' being one of its own; `None` for none.
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
    wires: Wires | None = None


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

    Raises:
        ValueError: If the wires leave less than `LEAST_SHARE` of an array's current.
    """
    targets = _aim(score, design, ranges)
    # Three programs: in one, XLA would repeat the draws in everything that uses them.
    cells = _write(targets, design, key=jr.fold_in(key, 0))
    chip, share = _assemble(score, design, targets, cells, key=key)
    _require_current(share)
    return chip


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
) -> tuple[Chip, Scalar]:
    mapping, read, network = design.mapping, design.cell.read, score.network
    arrays = targets.cells(mapping)
    ends = np.cumsum([g.size for g in arrays])[:-1]
    parts = jnp.split(flat, ends, axis=1)
    cells = [part.reshape(g.shape) for part, g in zip(parts, arrays, strict=True)]
    layers, traps, shares = [], [], [jnp.ones(())]
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
        slopes = None
        if design.wires is not None:
            crossbar, share, slopes = _with_wires(crossbar, design.wires, read, mapping)
            shares.append(share)
        if read.telegraph is not None:
            own = jr.fold_in(jr.fold_in(key, 2), 4 + number)
            pair = g_pos, g_neg, mapping, slopes
            traps.append(_pair_traps(read.telegraph, *pair, key=own))
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
    chip = Chip(analog, integrator, read, jr.fold_in(key, 2), joined)
    return chip, jnp.min(jnp.stack(shares))


def _with_wires(
    crossbar: Crossbar, wires: Wires, read: ReadNoise, mapping: AbstractMapping
) -> tuple[Crossbar, Scalar, Float[Array, "2 rows cols"]]:
    """`crossbar` folded, the share of current that is left, and the cells' slopes."""
    g_pos, g_neg = crossbar.g_pos, crossbar.g_neg
    both: FoldedArray = jax.vmap(fold, in_axes=(0, None))(
        jnp.stack([g_pos, g_neg]), wires
    )
    white = _pair_spread(read.white, g_pos, g_neg, mapping, both.slope)
    gain = None
    if crossbar.white_std.shape[1] == 1:
        white, gain = _separate(white)
    folded = eqx.tree_at(
        lambda c: (
            c.g_pos,
            c.g_neg,
            c.white_std,
            c.flicker_std,
            c.input,
            c.white_gain,
        ),
        crossbar,
        (
            *both.g,
            white,
            _pair_spread(read.flicker, g_pos, g_neg, mapping, both.slope),
            both.input[0] + both.input[1],
            gain,
        ),
        is_leaf=lambda x: x is None,
    )
    return folded, jnp.min(both.share), both.slope


def _separate(
    std: Conductances,
) -> tuple[Float[Array, "rows 1"], Float[Array, " cols"]]:
    r"""$\sigma_{ij} \approx r_i c_j$: a read then needs no second product.

    The spread of every column is exact for rows of equal voltage; wires take from a
    cell's current by its place along both lines, which is nearly such a product.
    """
    rows, cols = (jnp.mean(std**2, axis=k, keepdims=True) for k in (1, 0))
    return root(rows), root(cols / jnp.mean(rows))[0]


def _require_current(share: Scalar) -> None:
    """Raise a `ValueError` if the wires take nearly all of an array's current."""
    if is_concrete(share) and not float(share) >= LEAST_SHARE:
        raise ValueError(
            f"the wires must leave at least {LEAST_SHARE:.0%} of the current of every "
            f"array's median column; got {float(share):.2g}: lower `crossbar.wires.*`, "
            "`cell.g_min` and `cell.g_max`, or the size of the arrays."
        )


def _pair_spread(
    noise: AbstractReadNoise | None,
    g_pos: Conductances,
    g_neg: Conductances,
    mapping: AbstractMapping,
    slopes: Float[Array, "2 rows cols"] | None = None,
) -> Float[Array, "rows _"]:
    """Spread of `g_pos - g_neg`, in siemens; of what wires of these slopes let pass."""
    if noise is None:
        return jnp.zeros_like(g_pos)
    if slopes is not None:
        spreads = slopes * noise.spread(jnp.stack([g_pos, g_neg]))
        return (
            root(jnp.sum(spreads**2, 0)) if mapping.has_negative_cells else spreads[0]
        )
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
    slopes: Float[Array, "2 rows cols"] | None = None,
    *,
    key: Key,
) -> Traps:
    """Of both cells of each pair, `(traps, pairs)`; the negative cell's subtract."""
    passed = jnp.ones((2, g_pos.size)) if slopes is None else slopes.reshape(2, -1)
    positive = noise.traps(g_pos.reshape(-1), key=jr.fold_in(key, 0))
    if not mapping.has_negative_cells:
        return Traps(passed[0] * positive.jump, positive.high, positive.low)
    negative = noise.traps(g_neg.reshape(-1), key=jr.fold_in(key, 1))
    return Traps(
        jnp.concatenate([passed[0] * positive.jump, -passed[1] * negative.jump]),
        jnp.concatenate([positive.high, negative.high]),
        jnp.concatenate([positive.low, negative.low]),
    )
