"""Numbers, seeds and data of a comparison, shared by all machines."""

import dataclasses
import math
from typing import Any

import numpy as np
from jaxtyping import Float

from ...chip import Chip
from ...metrics import compare_embeddings, Difference, Embedding
from ...system import Repeat, repeats, SavedChip, System, Yardstick


@dataclasses.dataclass(frozen=True)
class ComparisonPlan:
    """Numbers of chips, runs and samples of a comparison, their seeds, and the margin.

    Args:
        num_samples: Number of samples per run.
        num_chips: Number of chips to begin with; their seeds count up from `chip_seed`.
        num_seeds: Number of runs per chip; each run has its own starts, data and lab
            time.
        seed: Seed of the first run.
        chip_seed: Seed of the first chip.
        margin: Difference of two distances that one would just accept, in the
            just-noticeable distances of the data.
        most_chips: Most chips to go up to where a verdict needs more.
        saved: One chip in place of those of the seeds: "chip number n" is the n-th
            repeat on it, which begins at the lab time at which the one before ended.
            Its intervals are those of samples and of lab time, not of chips.
    """

    num_samples: int
    num_chips: int
    num_seeds: int
    seed: int
    chip_seed: int
    margin: float = 1.0
    most_chips: int = 40
    saved: SavedChip | None = None

    @property
    def kind(self) -> str:
        """What is repeated."""
        return "chips" if self.saved is None else "repeats"

    def chip(self, system: System, number: int = 0) -> Chip:
        """Chip number `number` of `system`."""
        if self.saved is None:
            return system.program(self.chip_seed + number)
        return self.saved.on(system)

    def runs(self, chip: int) -> list[Repeat]:
        """The runs of chip number `chip`, each with a seed that no other run has."""
        seed = self.seed + chip * self.num_seeds
        runs = repeats(self.num_samples, seed, self.num_seeds)
        if self.saved is None:
            return runs
        begin = chip * self.num_seeds * self.num_samples
        return [dataclasses.replace(run, first=begin + run.first) for run in runs]

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers for a report, without the cells."""
        plain = dataclasses.asdict(dataclasses.replace(self, saved=None))
        del plain["saved"]
        return {**plain, "repeats": self.kind}

    def more(self, difference: Difference) -> "ComparisonPlan":
        """This plan with the chips that `difference` needs, as far as it may go.

        Where all of its interval lies beyond the margin, the verdict stands as it is.
        """
        if difference.is_beyond:
            return self
        needed = math.ceil(min(self.num_chips * difference.factor, self.most_chips))
        return dataclasses.replace(self, num_chips=max(needed, self.num_chips))


class Referee:
    """Distances of samples to the data of a comparison, in just-noticeable distances.

    The data of each chip are drawn and summarised once, for all machines.

    Args:
        system: Its data set and yardstick are used.
        plan: Seeds and numbers of samples.
    """

    def __init__(self, system: System, plan: ComparisonPlan):
        self._system, self._plan = system, plan
        self._yardstick: Yardstick = system.yardstick
        self._data: dict[int, Embedding] = {}

    def __call__(
        self,
        chip: int,
        x: Float[np.ndarray, "samples dim"],
        num_blocks: int | None = None,
    ) -> float:
        """Distance of the samples of chip number `chip`, over all its runs.

        Args:
            chip: Number of the chip; its data are those of its runs.
            x: The samples of all its runs, one run after the other.
            num_blocks: Number of blocks of lab time; `None` for independent samples.
        """
        own = self._yardstick.embed(x, num_blocks)
        return self._yardstick.distance(own, self._target(chip))

    def difference(
        self,
        chip: int,
        a: Float[np.ndarray, "samples dim"],
        b: Float[np.ndarray, "samples dim"],
        num_blocks: int,
    ) -> Difference:
        """Distance of `a` less that of `b` for one chip, with its own interval.

        Args:
            chip: Number of the chip.
            a: The samples of all its runs, one run after the other.
            b: As many of another machine, from the same starts.
            num_blocks: Number of blocks of lab time.
        """
        first, second = (self._yardstick.embed(x, num_blocks) for x in (a, b))
        delta = self._plan.margin * self._yardstick.delta
        return compare_embeddings(first, second, self._target(chip), delta=delta)

    def _target(self, chip: int) -> Embedding:
        """The data of all runs of a chip."""
        if chip not in self._data:
            runs = self._plan.runs(chip)
            data = np.concatenate([run.data(self._system) for run in runs])
            self._data[chip] = self._yardstick.embed(data)
        return self._data[chip]
