"""A low-rank analog correction of what a chip's arrays miss."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._streams import LabStream
from .._core._types import Conductances, Key, State, Times, Weights
from ..crossbar import Crossbar, LowRank
from ._blueprint import Blueprint
from ._chip import Chip
from ._design import Design
from ._guided import GuidedNetwork
from ._network import AnalogNetwork
from ._switched import SwitchedNetwork


RIDGE = 1e-6  # of the mean square voltage, so that silent rows stay harmless


@eqx.filter_jit
def compensate(
    chip: Chip,
    blueprint: Blueprint,
    rank: int,
    points: tuple[Times, State],
) -> Chip:
    r"""`chip` with `rank` more columns and rows in each layer, against its error.

    With $E$ what the net conductances of a layer miss, in siemens, $M$ the second
    moment of its row voltages at `points` and $D$ the amplifiers' ohms, the singular
    vectors V of $M^{1/2} E D$ say where the error reaches the outputs most. The
    correction $-(E D V_r)(V_r^T D^{-1})$ is written to cells of the same kind by the
    same `design`, and misses its own targets as they do. No training, and no other
    knowledge of the chip than its conductances: one read of each cell.

    Effective conductances of wires count: their loss is part of $E$. The correction
    itself has none.

    Args:
        chip: As `blueprint` programmed it.
        blueprint: What the chip was made from.
        rank: Columns and rows to add to each layer; 0 adds none. At most the layer's
            smaller side is used.
        points: Diffusion times `(samples,)` and states `(dim, samples)` that the
            solver meets.

    Raises:
        ValueError: If `rank` is negative, the chip has no arrays of its own or a
            correction already, its cells are not linear, or its op-amps, row drivers
            or inverters have static errors.

    Example:
        >>> import jax.numpy as jnp
        >>> import jax.random as jr
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-fresh")
        >>> points = jnp.linspace(0.1, 1.0, 64), jr.normal(jr.key(0), (2, 64))
        >>> chip = rr.compensate(system.program(), system.blueprint, 1, points)
        >>> chip.score.layers[0].correction.rank
        1
    """
    network, design = chip.score, blueprint.design
    if rank < 0:
        raise ValueError(f"`rank` must be 0 or more; got {rank}.")
    if isinstance(network, GuidedNetwork | SwitchedNetwork):
        raise ValueError(
            "a correction needs a network without guidance: set `guidance.weight` to 0."
        )
    if not isinstance(network, AnalogNetwork):
        raise ValueError(
            "a correction needs a network on crossbars; got "
            f"{type(network).__name__}: correct first, calibrate then."
        )
    if any(layer.correction is not None for layer in network.layers):
        raise ValueError("the chip has a correction already; take it as programmed.")
    if not design.is_linear:
        raise ValueError(
            "a correction needs linear cells: set `cell.iv.law` to `linear`, and "
            "`cell.access.saturates` to False."
        )
    if design.access is not None:
        raise ValueError(
            "a correction's own cells have no transistors: set "
            "`cell.access.resistance` to 0; or trim the chip by `calibrate`."
        )
    if rank == 0:
        return chip
    _require_ideal_rows(network)
    times_cells = 2 if design.mapping.has_negative_cells else 1
    run = jax.vmap(blueprint.score.network.activations, in_axes=(0, 1), out_axes=1)
    *hidden, _ = run(*points)
    layers, added = [], 0
    targets = blueprint.targets
    counts = design.cell.parallel_of(len(targets.g))
    for number, (layer, rows) in enumerate(
        zip(network.layers, (points[1], *hidden), strict=True)
    ):
        g_pos, g_neg = targets.g[number]
        crossbar, parallel = layer.crossbar, counts[number]
        missed = crossbar.g_pos - crossbar.g_neg - parallel * (g_pos - g_neg)
        v = jnp.reshape(network.volts[number], (-1, 1)) * rows
        constant = jnp.broadcast_to(crossbar.v_bias, (1, v.shape[1]))
        gain = layer.amplifier.feedback_resistance / network.volts[number + 1]
        factors = _factors(missed, jnp.concatenate([v, constant]), gain, rank)
        key = jr.fold_in(jr.fold_in(chip.key, LabStream.CORRECTIONS), number)
        made = _write(*factors, design, parallel, crossbar.v_bias, key=key)
        if chip.die is not None:
            ohms = chip.die.resistor * made.resistance
            made = dataclasses.replace(made, resistance=ohms)
        layers.append(dataclasses.replace(layer, correction=made))
        added += times_cells * parallel * made.num_cells
    corrected = eqx.tree_at(lambda s: s.layers, network, tuple(layers))
    return dataclasses.replace(chip, score=corrected, num_cells=chip.num_cells + added)


def _require_ideal_rows(network: AnalogNetwork) -> None:
    """Refuse static errors that the blocks of a correction would have, too."""
    for layer in network.layers:
        errors = layer.op_amps, layer.drivers, layer.crossbar.inverters
        if any(each is not None for each in errors):
            raise ValueError(
                "a correction's own op-amps, row drivers and inverters have no static "
                "errors: set `op_amp.static_errors` to False, and `driver.*` and "
                "`inverter.*` to 0; or trim the chip by `calibrate`."
            )


def _factors(
    missed: Conductances,
    v: Float[Array, "rows samples"],
    gain: Float[Array, " cols"],
    rank: int,
) -> tuple[Float[Array, "rows _"], Float[Array, "_ cols"]]:
    """The two factors of the correction; their product is in siemens.

    Args:
        missed: By the net conductances.
        v: Voltages of all rows, in volts.
        gain: Units of the next layer for an ampere of each column.
        rank: Rank of the correction.
    """
    moment = v @ v.T / v.shape[1]
    floor = RIDGE * jnp.trace(moment) / v.shape[0]
    square_root = jnp.linalg.cholesky(moment + floor * jnp.eye(v.shape[0]))
    weighed = square_root.T @ missed * gain[None]
    _, _, vectors = jnp.linalg.svd(weighed, full_matrices=False)
    leading = vectors[:rank]
    return -(missed * gain[None]) @ leading.T, leading / gain[None]


def _write(
    left: Float[Array, "rows rank"],
    right: Float[Array, "rank cols"],
    design: Design,
    parallel: int,
    v_bias: Float[Array, ""],
    *,
    key: Key,
) -> LowRank:
    """Both factors on cells, each added column and row using the whole range."""
    full = design.mapping.full_scale
    tops = jnp.max(jnp.abs(left), axis=0), jnp.max(jnp.abs(right), axis=1)
    first, second = (jnp.where(top > 0, top, 1.0) for top in tops)
    column_key, row_key = jr.split(key)
    columns = _array(left / first[None], design, parallel, v_bias, key=column_key)
    # The last row is the constant one of `Crossbar`: here it has no cells.
    rows = _array(right / second[:, None], design, parallel, jnp.zeros(()), key=row_key)
    rows = eqx.tree_at(
        lambda c: (c.g_pos, c.g_neg, c.white_std, c.flicker_std),
        rows,
        replace_fn=lambda g: jnp.concatenate([g, jnp.zeros_like(g[:1])]),
    )
    # A correction of nothing has no gain, whatever its cells miss.
    return LowRank(columns, tops[0] * tops[1] / (parallel * full) ** 2, rows)


def _array(
    weights: Weights,
    design: Design,
    parallel: int,
    v_bias: Float[Array, ""],
    *,
    key: Key,
) -> Crossbar:
    """Weights between -1 and 1 as net conductances of the full range, and v_bias."""
    mapping, cell = design.mapping, design.cell
    scale = jnp.broadcast_to(mapping.full_scale, weights.shape[1:])
    g_pos, g_neg = mapping.to_conductance(weights, scale)
    write_key, reference_key = jr.split(key)

    def program(g: Conductances, key: Key) -> Conductances:
        flat = jnp.broadcast_to(g.reshape(1, -1), (parallel, g.size))
        return jnp.sum(cell.program(flat, key=key), axis=0).reshape(g.shape)

    written = program(g_pos, write_key)
    if mapping.has_negative_cells:
        negative = program(g_neg, reference_key)
    else:
        negative = parallel * mapping.with_mismatch(g_neg, key=reference_key)
    none = jnp.zeros_like(written)
    return Crossbar(written, negative, v_bias, none, none)
