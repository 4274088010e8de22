"""What the chips of a configuration are made from, and the loop at a chip's clock."""

from ..._core._identity import Identity
from ..._core._memory import require_memory
from ...chip import Blueprint, Chip
from ...config import RunConfig
from ...loop import AbstractLoop
from ...training import Checkpoint
from ._ageing import build_ageing
from ._classes import ALL, NONE
from ._design import build_design
from ._loop import build_loop, paced
from ._trim import build_bench


STEP = 64  # bytes of the times of a step


CELL = 16  # bytes of the two cells of a pair, as written and as read


def build_blueprint(
    config: RunConfig, checkpoint: Checkpoint, identity: Identity
) -> Blueprint:
    """Network, design and test bench of all chips of the configuration.

    Raises:
        ValueError: If there is guidance, and no class to guide to.
    """
    _require_room(config, checkpoint)
    design = build_design(config)
    if design.guidance is not None and checkpoint.score.network.classes is None:
        raise ValueError(
            "`guidance.weight` needs the score of a class, and the network of "
            f"`{config.checkpoint}` is unconditional; got {config.guidance.weight:g}: "
            "set it to 0, or take a checkpoint with `network.classes`."
        )
    if design.guidance is not None and config.solve.label == NONE:
        raise ValueError(
            f"`guidance.weight` {config.guidance.weight:g} guides to a class, and "
            f"`solve.label` is {NONE}: set the weight to 0, or ask for a class or "
            f"{ALL}."
        )
    return Blueprint(
        checkpoint.score,
        design,
        checkpoint.ranges,
        identity,
        ageing=build_ageing(config, design.cell),
        bench=build_bench(config, checkpoint),
    )


def _require_room(config: RunConfig, checkpoint: Checkpoint) -> None:
    """Refuse so many cells a weight that the conductances alone cannot be held."""
    network, devices = checkpoint.score.network, config.cell.devices_per_weight
    sizes = (network.dim, *network.widths, network.dim)
    weights = sum((a + 1) * b for a, b in zip(sizes[:-1], sizes[1:], strict=True))
    most = max(devices) if isinstance(devices, tuple) else devices
    require_memory(
        "cell.devices_per_weight", most, CELL * weights, "conductances of a chip"
    )
    require_memory("solve.num_steps", config.solve.num_steps, STEP, "times of a solve")


def build_loop_of(
    config: RunConfig,
    checkpoint: Checkpoint,
    blueprint: Blueprint,
    chip: Chip | None = None,
) -> AbstractLoop:
    """The circuit around `chip` at the clock that its trims gave it.

    `None`, or a chip whose clock was not trimmed, has the nominal clock.
    """
    pace = 1.0 if chip is None or chip.clock is None else float(chip.clock)
    return build_loop(
        config if pace == 1 else paced(config, pace),
        checkpoint.sde,
        blueprint.design.cell.read,
        readout=checkpoint.score.readout,
        identity=blueprint.identity,
        pace=pace,
    )
