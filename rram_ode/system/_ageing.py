"""Samples of a chip that ages while it samples."""

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any, TYPE_CHECKING

import numpy as np

from .._core._types import Key
from ..chip import AgeBlock, CellState, Chip, CycleOf, find_cycles, Stress
from ..loop import chunk_of_blocks, draw, draw_blocks, row_stress, Trajectory
from ._keys import run_key
from .build import row_limit


if TYPE_CHECKING:
    from ._system import System


NUM_CALIBRATION = 256  # samples of the run that tells what rows drive cells with


NUM_OBSERVED = 33  # times of a solve at which nodes are looked at


CALIBRATION_SEED = 0  # of its starts


def age_chip(
    system: "System", chip: Chip, state: CellState, stress: Stress | None = None
) -> Chip:
    """A chip of a system with `cell.ageing`, with its cells at `state`: it stays there.

    Args:
        system: What the chip belongs to.
        chip: A chip that `system.program` made of its seed; it keeps its trims.
        state: Age of the cells, samples that disturbed them, and number of rewritings.
        stress: From `find_stress`; `None` finds it if there are samples.

    Example:
        >>> import rram_ode as rr
        >>> from rram_ode.chip import CellState
        >>> from rram_ode.system import age_chip
        >>> settings = {"cell.age": "1s", "cell.ageing": "0.01uS"}
        >>> system = rr.System.from_preset("ring", settings)
        >>> old = age_chip(system, system.program(3), CellState(3.15e8))
        >>> old.origin is None
        True
    """
    if state.samples and stress is None:
        stress = find_stress(system, chip)
    return system.blueprint.aged(chip, state, stress)


def cycles_of(system: "System", chip: Chip) -> CycleOf:
    """When `chip`, which ages, is rewritten."""
    ageing = system.blueprint.ageing
    assert ageing is not None  # with it, a chip has an origin
    assert chip.origin is not None
    return find_cycles(ageing, system.blueprint.design.cell, chip.origin)


def ages_of(system: "System", chip: Chip, num: int, first: int = 0) -> dict[str, Any]:
    """Whether a chip ages, and its age at the first and the last sample of a run.

    Args:
        system: What the chip belongs to.
        chip: The hardware.
        num: Number of samples of the run.
        first: Number of its first sample.
    """
    ageing = system.blueprint.ageing
    if ageing is None or chip.origin is None:
        age = system.config.cell.age or 0.0
        return {"ageing": False, "first_s": age, "last_s": age}
    cycle_of, last = cycles_of(system, chip), first + num - 1
    return {
        "ageing": True,
        "first_s": ageing.age_at(first, cycle_of(first)),
        "last_s": ageing.age_at(last, cycle_of(last)),
        "blocks": sum(1 for _ in ageing.blocks(first, num, cycle_of)),
        "rewritten": cycle_of(last).number,
    }


def find_stress(system: "System", chip: Chip) -> Stress | None:
    """What rows of `chip` drive its cells with; `None` where no read disturbs.

    The run has its own samples, at the first age: what cells see as they age is taken
    as the same, so that no sample depends on those before it.

    Raises:
        ValueError: If a row passes `row_limit`, for which blocks of reads are made.
    """
    ageing = system.blueprint.ageing
    if ageing is None or ageing.reads is None:
        return None
    stress = row_stress(
        system.loop_of(chip),
        chip,
        system.prior,
        NUM_CALIBRATION,
        key=run_key(CALIBRATION_SEED),
    )
    largest = max(float(np.abs(rows).max()) for rows in stress)
    limit = row_limit(system.config)
    if largest > limit**2 * (1 + 1e-6):
        raise ValueError(
            f"rows must be driven below {limit:.4g} V, which is `crossbar.v_max` with "
            "the spread of reference and drivers, where reads disturb cells; the root "
            f"mean square of one is {largest**0.5:.4g} V: set `amplifier.clamp`."
        )
    return stress


def draw_run(
    system: "System",
    chip: Chip,
    num: int,
    key: Key,
    first: int,
    done: int,
) -> Iterator[Trajectory]:
    """Samples `first + done` to `first + num - 1` of a chip, in chunks.

    A chip with an origin ages from sample to sample; its cells are at the first age.

    Args:
        system: What the chip belongs to.
        chip: The hardware.
        num: Number of samples of the run.
        key: Seeds the starts and the injected noise.
        first: Number of the first sample of the run.
        done: Samples at its beginning that were drawn before.

    Raises:
        ValueError: If the cells of a chip that ages are not those that its seed wrote.
    """
    how: dict[str, Any] = {
        "key": key,
        "prior": system.prior,
        "num_observed": NUM_OBSERVED,
    }
    loop = system.loop_of(chip)
    if chip.origin is None:
        return draw(loop, chip, num, first=first, skip=done, **how)
    ageing = system.blueprint.ageing
    if ageing is None:
        raise ValueError(
            "`chip` ages, but `cell.ageing` of this system is None: program it anew."
        )
    cycle_of = cycles_of(system, chip)
    blocks = list(ageing.blocks(first + done, num - done, cycle_of))
    # Those of a run from sample 0, so that repeats of a run share a program.
    sizes = [each.stop - each.first for each in ageing.blocks(0, num, cycle_of)]
    chunk = chunk_of_blocks(loop, chip, sizes)
    fresh = all(block.state == ageing.start for block in blocks)
    if not fresh:
        _require_own_cells(system, chip)
    stress = functools.cache(lambda: find_stress(system, chip))

    def chip_of(block: AgeBlock) -> Chip:
        if block.state == ageing.start:
            return _still(chip)
        return age_chip(system, chip, block.state, stress())

    return draw_blocks(loop, blocks, chip_of, chunk, **how)


def _still(chip: Chip) -> Chip:
    """The chip without its origin, as all aged chips are: one program serves both."""
    return dataclasses.replace(chip, origin=None)


def _require_own_cells(system: "System", chip: Chip) -> None:
    ageing = system.blueprint.ageing
    assert ageing is not None  # by the caller
    again = system.blueprint.aged(chip, ageing.start)
    assert chip.crossbars is not None  # only cells age
    assert again.crossbars is not None
    pairs = zip(chip.crossbars.all_layers, again.crossbars.all_layers, strict=True)
    for own, written in pairs:
        for half in ("g_pos", "g_neg"):
            a, b = (np.asarray(getattr(x.crossbar, half)) for x in (own, written))
            if not np.allclose(a, b, rtol=1e-4, atol=0):
                raise ValueError(
                    "the cells of `chip` are not those that its seed wrote at "
                    "`cell.age`, so that their ageing is not known: set `cell.ageing` "
                    "to None, or change trims alone."
                )
