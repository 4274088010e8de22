"""Repeats of a run: how the same chip is run again, on samples of its own."""

import dataclasses
from collections.abc import Callable

import numpy as np

from .._core._types import Times
from ..chip import Chip
from ..formats import IntegerFormat
from ._run import Run
from ._store import Store
from ._system import System


@dataclasses.dataclass(frozen=True)
class Repeat:
    """One repeat of a run: what the chip, its digital twin and the data are drawn from.

    Sample number i of a chip runs at lab time i (duration + reset), and its start is a
    function of seed and number. So the twin takes the chip's starts only if it is given
    the same numbers, and two repeats that share numbers share the chip's slow noise.

    Args:
        num: Number of samples.
        seed: Seed of the starts, the injected noise and the data.
        first: Number of the first sample.
    """

    num: int
    seed: int
    first: int = 0

    def analog(
        self,
        system: System,
        chip: Chip,
        *,
        store: Store | None = None,
        progress: Callable[[int], object] = lambda num: None,
    ) -> Run:
        """Samples of `chip`; `store` and `progress` are those of `System.sample`."""
        return system.sample(
            chip,
            self.num,
            seed=self.seed,
            first=self.first,
            store=store,
            progress=progress,
        )

    def digital(
        self,
        system: System,
        ts: Times | None = None,
        form: IntegerFormat | None = None,
    ) -> np.ndarray:
        """Samples of the digital twin from the same starts, `(num, dim)`.

        Args:
            system: Its sampler, process and network are those of the twin.
            ts: Falling diffusion times; `None` for those of the loop.
            form: Number format of the twin; `None` for floating point.
        """
        run = system.sample_digital(
            self.num, seed=self.seed, first=self.first, ts=ts, form=form
        )
        return run.x

    def data(self, system: System) -> np.ndarray:
        """The data that this repeat is judged against, `(num, dim)`.

        Of pictures these are the test pictures, the same for all repeats, and at most
        as many as there are: intervals over repeats are those given these pictures.
        """
        return system.data(self.num, seed=self.seed)

    def fresh_data(self, system: System) -> np.ndarray:
        """Other data, `(num, dim)`: against `data` they give the floor."""
        return system.data(self.num, seed=self.seed, stream=1, split="train")

    def head(self, num: int) -> "Repeat":
        """The first `num` samples of this repeat, or all where it has fewer."""
        return dataclasses.replace(self, num=min(num, self.num))


def repeats(
    num: int, seed: int, count: int, *, extra: int | None = None
) -> list[Repeat]:
    """`count` repeats of a run on one chip, with no seed and no lab time in common.

    Each begins at the sample number, and so at the lab time, at which the one before
    ended.

    Args:
        num: Samples of the first repeat, which is the run itself.
        seed: Seed of the first repeat; the others count on from it.
        count: Number of repeats.
        extra: Samples of each other repeat; `None` for `num`.

    Example:
        >>> import rram_ode as rr
        >>> [(each.num, each.seed, each.first) for each in rr.repeats(100, 7, 3)]
        [(100, 7, 0), (100, 8, 100), (100, 9, 200)]
    """
    if min(num, count) < 1:
        raise ValueError(f"`num` and `count` must be 1 or more; got {num} and {count}.")
    more = num if extra is None else extra
    first = Repeat(num, seed)
    return [
        first,
        *(Repeat(more, seed + k, num + (k - 1) * more) for k in range(1, count)),
    ]
