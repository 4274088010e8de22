"""What a rewriting policy takes: samples between two programmings, time, endurance."""

import dataclasses

from ..chip import Chip, TEN_YEARS, typical_cycle
from ..config import RunConfig
from ..energy import CONSTANTS, nominals
from .build import build_ageing, build_cell, build_programming


@dataclasses.dataclass(frozen=True)
class Rewriting:
    """How a chip is rewritten in its life.

    Args:
        samples: Number of samples between two programmings; with a monitor a mean.
        period: Seconds from the first sample of a cycle to that of the next, at the
            nominal time of a pulse: sampling, writing and settling.
        settle: Time from a programming to the next sample, in seconds.
    """

    samples: float
    period: float
    settle: float

    @property
    def cycles(self) -> float:
        """Number of programmings in ten years of sampling without a rest."""
        return TEN_YEARS / self.period

    @property
    def worn(self) -> dict[str, float]:
        """Fraction of the cells' endurance that ten years take, at each of its ends."""
        stands = CONSTANTS["programming.endurance"]
        ends = {"nominal": stands.nominal, "best": stands.high, "worst": stands.low}
        return {name: self.cycles / value for name, value in ends.items()}


def find_rewriting(config: RunConfig, chip: Chip) -> Rewriting | None:
    """How `chip` is rewritten; `None` if it never is.

    Args:
        config: All settings of the run.
        chip: The hardware; a monitor's cycles are those of this chip.
    """
    rewrite = config.rewrite
    if config.fidelity == "ideal" or (rewrite.every is None and not rewrite.monitor):
        return None
    cell = build_cell(config.cell)
    ageing = build_ageing(config, cell)
    assert ageing is not None  # a policy without `cell.ageing` was refused
    key = chip.key if chip.origin is None else chip.origin
    samples = typical_cycle(ageing, cell, key)
    assert samples is not None  # there is a policy
    values = nominals(CONSTANTS)
    written = float(build_programming(config.cell).duration(values)) * chip.num_cells
    period = samples * ageing.period + written + rewrite.settle
    return Rewriting(float(samples), period, rewrite.settle)


def shared_samples(config: RunConfig, rewriting: Rewriting | None) -> float:
    """Number of samples that share the joules and seconds of one programming.

    Args:
        config: All settings of the run.
        rewriting: How the chip is rewritten, as `find_rewriting` found it.
    """
    if rewriting is None:
        return config.power.programming_samples
    return rewriting.samples


def trimmed_samples(config: RunConfig, rewriting: Rewriting | None) -> float:
    """Number of samples that share one stay on the test bench.

    A chip that is rewritten keeps the trims of its first writing for ten years.

    Args:
        config: All settings of the run.
        rewriting: How the chip is rewritten, as `find_rewriting` found it.
    """
    if rewriting is None:
        return shared_samples(config, rewriting)
    return rewriting.samples * rewriting.cycles


def policy_notes(config: RunConfig, rewriting: Rewriting | None) -> tuple[str, ...]:
    """What a policy makes of other settings, and what is not counted."""
    if rewriting is None:
        return ()
    notes = (
        f"one programming serves the {rewriting.samples:,.0f} samples of `rewrite.*`; "
        "`power.programming_samples` has no effect",
        "a chip is trimmed once, before its first sample, and keeps its trims when it "
        "is rewritten: the samples of ten years share them",
    )
    if config.rewrite.monitor is None:
        return notes
    return (*notes, "the column and the amplifier of `rewrite.monitor` are not counted")
