"""Two arrays on one chip: that of a class, and that of the null label."""

import dataclasses

import jax.numpy as jnp
import jax.random as jr
import jax.tree_util as jtu
from jaxtyping import Array, Float

from .._core._streams import ChipStream, CircuitStream, LabStream
from .._core._types import Key
from ..blocks import GuidanceSpread, GuidanceStage
from ..noise import Traps
from ..scores import NetworkScore
from ._bench import Bench
from ._chip import Chip
from ._guided import GuidedNetwork
from ._network import AnalogNetwork
from ._op_amps import integrator_loads
from ._program import OnDie
from ._trim_record import TrimRecord
from ._written import WrittenCells


def null_key(key: Key) -> Key:
    """The identity of the null label's array on the chip `key`."""
    return jr.fold_in(key, ChipStream.NULL_ARRAY)


def null_place(key: Key) -> OnDie:
    """The place of that array on the die of the chip `key`."""
    lab = jr.fold_in(key, ChipStream.LAB_TIME)
    return OnDie(key, jr.fold_in(lab, LabStream.NULL_ARRAY))


def null_score(score: NetworkScore) -> NetworkScore:
    """`score` without a class."""
    network = dataclasses.replace(score.network, shift=None)
    return dataclasses.replace(score, network=network)


def null_bench(bench: Bench | None) -> Bench | None:
    """What `bench` does with the null label's array: integrators are trimmed once."""
    if bench is None:
        return None
    inputs = bench.inputs
    if inputs.label is not None:
        inputs = inputs._replace(label=jnp.full_like(inputs.label, -1))
    return dataclasses.replace(bench, inputs=inputs, rc=None, multipliers=None)


def load_of(null: Chip) -> Float[Array, " dim"]:
    """Conductance of the null label's array at the integrators, in siemens."""
    return integrator_loads(_network(null).layers[0])


def with_guidance(
    chip: Chip, null: Chip, guidance: GuidanceSpread, *, key: Key
) -> Chip:
    """`chip` with the array of `null` beside its own, and a stage that guides.

    Args:
        chip: The chip with the array of the class, and all else.
        null: The array of the null label, as a chip.
        guidance: The spread of the stage.
        key: The chip's identity.
    """
    network, other = _network(chip), _network(null)
    return dataclasses.replace(
        chip,
        score=GuidedNetwork(
            network, other, fabricate_stage(chip, network, guidance, key=key)
        ),
        traps=joined_traps(chip.traps, null.traps),
        num_cells=chip.num_cells + null.num_cells,
        trims=_worst(chip.trims, null.trims),
    )


def fabricate_stage(
    chip: Chip, network: AnalogNetwork, guidance: GuidanceSpread, *, key: Key
) -> GuidanceStage:
    """The stage that guides on `chip` behind `network`.

    Args:
        chip: The chip, for its die.
        network: The array of the class.
        guidance: The spread of the stage.
        key: The chip's identity.
    """
    circuit = jr.fold_in(key, ChipStream.CIRCUIT)
    stage = guidance.fabricate(
        network.dim,
        network.layers[-1].amplifier.v_rail,
        key=jr.fold_in(circuit, CircuitStream.GUIDANCE),
    )
    if chip.die is None or stage.errors is None:
        return stage
    own = jr.fold_in(circuit, CircuitStream.GUIDANCE_DRIFT)
    errors = chip.die.multipliers(stage.errors, key=own)
    return dataclasses.replace(stage, errors=errors)


def arrays_of(chip: Chip) -> tuple[Chip, Chip]:
    """The chip with the array of the class alone, and that with the other alone."""
    score = chip.score
    assert isinstance(score, GuidedNetwork)  # by the caller
    return (
        dataclasses.replace(chip, score=score.network),
        dataclasses.replace(chip, score=score.null),
    )


def with_guided_cells(chip: Chip, own: Chip, null: Chip) -> Chip:
    """`chip` with the cells of both arrays, and no ageing of its own.

    Args:
        chip: The chip.
        own: It with the array of the class alone.
        null: It with the array of the null label alone.
    """
    score = chip.score
    assert isinstance(score, GuidedNetwork)  # by the caller
    score = GuidedNetwork(_network(own), _network(null), score.stage)
    traps = joined_traps(own.traps, null.traps)
    return dataclasses.replace(own, score=score, traps=traps)


def joined_traps(own: Traps | None, null: Traps | None) -> Traps | None:
    """The traps of both arrays on one axis."""
    if own is None or null is None:
        return None
    return jtu.tree_map(lambda *xs: jnp.concatenate(xs, -1), own, null)


def both_cells(own: WrittenCells, null: WrittenCells) -> WrittenCells:
    """The cells of both arrays, as layers that follow one another."""
    return WrittenCells(own.positive + null.positive, own.negative + null.negative)


def split_cells(cells: WrittenCells) -> tuple[WrittenCells, WrittenCells]:
    """The cells of the array of the class, and those of the null label's."""
    half = len(cells.positive) // 2
    return (
        WrittenCells(cells.positive[:half], cells.negative[:half]),
        WrittenCells(cells.positive[half:], cells.negative[half:]),
    )


def _network(chip: Chip) -> AnalogNetwork:
    network = chip.score
    assert isinstance(network, AnalogNetwork)  # as it was programmed
    return network


def _worst(own: TrimRecord | None, null: TrimRecord | None) -> TrimRecord | None:
    """What the trims of both arrays left: the worse residue, all cells and codes."""
    if own is None or null is None:
        return own
    found = dict(own.residues)
    for name, value in null.residues.items():
        join = jnp.add if name.startswith("clipped") else jnp.maximum
        found[name] = join(found[name], value)
    if own.stuck is None or null.stuck is None:
        return TrimRecord(found)
    assert own.rewritten is not None  # repair counts both
    assert null.rewritten is not None
    return TrimRecord(found, own.stuck + null.stuck, own.rewritten + null.rewritten)
