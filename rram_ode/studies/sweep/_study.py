"""What a sweep asks: settings and their values, chips, samples, seeds."""

import dataclasses
import itertools
import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from ..._core._versions import versions
from ...config import Axis, from_dict, RunConfig
from ...system import hash_inputs, System


# Samples of a task, with as many more for each chip as its own work takes: some 30 s
# of a core for a network like that of `ring` (assumed).
TASK_SAMPLES, CHIP_SAMPLES = 160_000, 500


MOST_TRIED = 64  # points at which a value is tried that is refused beside the base


FEWEST_TASKS = 16  # of a point with as many chips, so that several workers share it


@dataclasses.dataclass(frozen=True)
class Task:
    """Chips `first` to `stop - 1` at one point of a grid: one worker runs them.

    Args:
        point: Number of the point, the last axis varying fastest.
        first: Number of the first chip.
        stop: Number after that of the last chip.
    """

    point: int
    first: int
    stop: int

    @property
    def num(self) -> int:
        """Number of chips."""
        return self.stop - self.first


@dataclasses.dataclass(frozen=True)
class Study:
    """Chips at every point of a grid of settings.

    Chip k has the seed `chip_seed + k`, its samples and data the seed `seed + k`, at
    every point: points are compared chip by chip, and `rram_ode.sample` with these two
    seeds repeats a chip.

    Args:
        preset: Name of the preset, for figures and reports.
        config: All settings beside those of the axes.
        axes: The settings that are swept, with their values; none for one point.
        num_chips: Chips at every point.
        num_samples: Samples of a chip.
        seed: Seed of the samples of chip 0.
        chip_seed: Seed of chip 0.
    """

    preset: str
    config: RunConfig
    axes: tuple[Axis, ...]
    num_chips: int
    num_samples: int
    seed: int = 0
    chip_seed: int = 0

    def __post_init__(self):
        names = [axis.name for axis in self.axes]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"`{min(twice)}` is swept twice: join its values.")

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def num_points(self) -> int:
        """Number of points of the grid."""
        return math.prod(self.shape)

    @property
    def block(self) -> int:
        """Chips of a task: it depends on the study alone, not on who runs it."""
        work = TASK_SAMPLES // (self.num_samples + CHIP_SAMPLES)
        return max(1, min(work, self.num_chips // FEWEST_TASKS))

    @property
    def num_blocks(self) -> int:
        """Number of tasks of a point."""
        return -(-self.num_chips // self.block)

    def index(self, point: int) -> tuple[int, ...]:
        """The number of the value on each axis."""
        found = []
        for size in reversed(self.shape):
            point, place = divmod(point, size)
            found.append(place)
        return tuple(reversed(found))

    def settings(self, point: int) -> dict[str, Any]:
        """The values of the swept settings, by dotted name."""
        places = zip(self.axes, self.index(point), strict=True)
        return {axis.name: axis.values[place] for axis, place in places}

    def tasks(self) -> Iterator[Task]:
        """All tasks, point by point."""
        for point, block in itertools.product(
            range(self.num_points), range(self.num_blocks)
        ):
            first = block * self.block
            yield Task(point, first, min(first + self.block, self.num_chips))

    def system(self, point: int) -> System:
        """The system of a point.

        Raises:
            ValueError: If the builder refuses its settings.
        """
        return System.from_config(self.config).replace(self.settings(point))

    def first_system(self, points: Iterable[int]) -> tuple[int, System] | None:
        """The first of some points that the builder accepts, and its system."""
        for point in points:
            try:
                return point, self.system(point)
            except ValueError:
                continue
        return None

    def points_with(self, place: int, number: int) -> Iterator[int]:
        """The points with value `number` of the axis `place`."""
        size, after = self.shape[place], math.prod(self.shape[place + 1 :])
        for before in range(self.num_points // (size * after)):
            first = (before * size + number) * after
            yield from range(first, first + after)

    def as_text(self) -> str:
        """The study as JSON, for a worker and for the store."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @staticmethod
    def from_text(text: str) -> "Study":
        """The study that `as_text` gave."""
        plain = json.loads(text)
        plain["config"] = from_dict(RunConfig, plain["config"])
        plain["axes"] = tuple(
            Axis(each["name"], tuple(map(_frozen, each["values"])))
            for each in plain["axes"]
        )
        return Study(**plain)


def identify(study: Study) -> dict[str, Any]:
    """What the results of a study depend on, as plain data.

    Every value of every axis is tried, with the others as they are in `config`, or else
    as they are at points of the grid.

    Raises:
        ValueError: If the builder refuses a value everywhere; the text names it.
    """
    base = System.from_config(study.config)
    systems = [base]
    for place, axis in enumerate(study.axes):
        for number, value in enumerate(axis.values):
            try:
                systems.append(base.replace({axis.name: value}))
            except ValueError:
                systems.append(_system_with(study, place, number))
    files: dict[str, str] = {}
    for number, system in enumerate(systems):
        for name, sha256 in hash_inputs(system.config).items():
            if sha256 not in files.values():
                files[f"{name} {number}"] = sha256
    return {
        "study": json.loads(study.as_text()),
        "versions": versions(),
        "checkpoints": sorted({each.checkpoint.record["sha256"] for each in systems}),
        "files": files,
    }


def _system_with(study: Study, place: int, number: int) -> System:
    """The first system of the grid with value `number` of the axis `place`.

    Raises:
        ValueError: If the builder refuses all; the text is of the first one.
    """
    points = list(itertools.islice(study.points_with(place, number), MOST_TRIED))
    if (found := study.first_system(points)) is not None:
        return found[1]
    axis = study.axes[place]
    try:
        return study.system(points[0])
    except ValueError as error:
        value = axis.values[number]
        raise ValueError(f"`--over {axis.name}` at {value}: {error}") from error


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
