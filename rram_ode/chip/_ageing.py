"""How a chip ages while it samples: blocks of age, read disturb, rewriting.

Within a block the cells are constant. The edges of blocks are functions of the sample's
number alone, so that results depend neither on the size of a chunk nor on where a run
begins.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._types import Cells, Scalar
from ..devices import AbstractConductanceDrift, Cell


WIDEST = 100.0  # e-folds of a block: wider than any life


@dataclasses.dataclass(frozen=True)
class CellState:
    """How far the cells of a chip have come since it was made.

    Args:
        age: Seconds since they were written.
        samples: Number of samples since they were written, which disturb them.
        cycle: Number of times that the chip was rewritten.
    """

    age: float
    samples: int = 0
    cycle: int = 0


@dataclasses.dataclass(frozen=True)
class AgeBlock:
    """Consecutive samples that meet the same cells.

    Args:
        first: Number of the first sample.
        stop: Number of the first sample that is no longer of the block.
        state: The cells; their age is the middle of the block's on a logarithmic axis.
    """

    first: int
    stop: int
    state: CellState


class Cycle(NamedTuple):
    """Samples between two writings.

    Args:
        number: How often the chip was rewritten before.
        first: Number of the first sample.
        stop: Number of the first sample of the next cycle; `None` if there is none.
    """

    number: int
    first: int
    stop: int | None


CycleOf = Callable[[int], Cycle]  # the cycle of a sample, by the sample's number


@dataclasses.dataclass(frozen=True)
class Ageing:
    r"""How the chips of a kind age while they sample.

    Sample n after a writing has the age $a_n = a_0 + n P$, with P the period of the
    samples. The ages $a_0 e^{(j - 1/2) w}$ to $a_0 e^{(j + 1/2) w}$ are block j, whose
    cells have the age $a_0 e^{j w}$: they are off by w / 2 e-folds at most. Where reads
    disturb cells, a block also ends after `reads` samples, with the dose of its middle.
    The first block has the age $a_0$ and no dose.

    Args:
        age: Age at sample 0, in seconds.
        period: Time from sample to sample, in seconds.
        width: w, in e-folds of age.
        acceleration: Age that the law of drift sees, over the age in seconds.
        disturb: Relative change of a conductance per $V^2$ and second of a read, in
            the direction of the voltage; see `disturb_cells`.
        duration: Time of a sample for which its rows are driven, in seconds.
        reads: Samples of a block of reads; `None` where no read disturbs.
        every: Number of samples between two writings; `None` for no such rule.
        monitor: Relative change of the mean of a column of cells in the middle of the
            range at which the chip is rewritten; `None` for no such rule.
        settle: Age at the first sample after a rewriting, in seconds.
    """

    age: float
    period: float
    width: float
    acceleration: float = 1.0
    disturb: float = 0.0
    duration: float = 0.0
    reads: int | None = None
    every: int | None = None
    monitor: float | None = None
    settle: float = 1.0

    @property
    def start(self) -> CellState:
        """The cells of the first block."""
        return CellState(self.age)

    def age_at(self, sample: int, cycle: Cycle) -> float:
        """Age of the cells at a sample of a cycle, in seconds."""
        return self.first_age(cycle.number) + (sample - cycle.first) * self.period

    def first_age(self, cycle: int) -> float:
        """Age at the first sample of a cycle, in seconds."""
        return self.age if cycle == 0 else self.settle

    def edge(self, first_age: float, j: int) -> int:
        """Number of the first sample of block `j`, counted from the writing."""
        if j <= 0:
            return 0
        efolds = min((j - 0.5) * self.width, WIDEST)
        return math.ceil(first_age * math.expm1(efolds) / self.period * (1 - 1e-12))

    def blocks(self, first: int, num: int, cycle_of: CycleOf) -> Iterator[AgeBlock]:
        """The blocks of samples `first` to `first + num - 1`, cut to them.

        Args:
            first: Number of the first sample.
            num: Number of samples.
            cycle_of: The cycle of a sample, from `find_cycles`.
        """
        if first < 0:
            raise ValueError(
                f"`first` must be 0 or more: an age cannot run backwards; got {first}."
            )
        now, end = first, first + num
        while now < end:
            block = self._block_of(now, cycle_of(now))
            yield dataclasses.replace(block, first=now, stop=min(block.stop, end))
            now = block.stop

    def _block_of(self, sample: int, cycle: Cycle) -> AgeBlock:
        number, begun, stop = cycle
        first_age, n = self.first_age(number), sample - begun
        ratio = 1 + n * self.period / first_age
        j = math.floor(math.log(ratio) / self.width + 0.5)
        edge = lambda j: self.edge(first_age, j)
        # Rounding of the logarithm must not move an edge.
        while edge(j) > n:
            j -= 1
        while edge(j + 1) <= n:
            j += 1
        low, high, samples = edge(j), edge(j + 1), 0
        if self.reads is not None:
            m = (n + self.reads // 2) // self.reads
            samples = m * self.reads
            low = max(low, samples - self.reads // 2)
            high = min(high, samples + self.reads - self.reads // 2)
        last = begun + high if stop is None else min(begun + high, stop)
        age = first_age * math.exp(j * self.width)
        return AgeBlock(begun + low, last, CellState(age, samples, number))


def aged_cell(cell: Cell, age: Scalar | float, cycle: int = 0) -> Cell:
    """The cell at an age of its law of drift, in seconds, after `cycle` rewritings."""
    errors = tuple(
        error.at(age) if isinstance(error, AbstractConductanceDrift) else error
        for error in cell.errors
    )
    return dataclasses.replace(cell, errors=errors, cycle=cell.cycle + cycle)


Stress = tuple[Float[Array, " _"], ...]  # by layer, (rows,), the constant row last


@eqx.filter_jit
def disturb_cells(
    cells: list[Cells],
    stuck: list[Cells],
    stress: Stress,
    dose: Scalar,
    top: Scalar,
) -> list[Cells]:
    r"""Cells after reads: $g \leftarrow g\,e^{\pm k \tau \langle v |v| \rangle}$.

    A cell that adds sees its row's voltage v, one that subtracts sees -v. A positive
    voltage across a cell is taken as that of SET: it moves the cell towards LRS, at
    most to the top of the range; a negative one towards HRS. Wires and the swing of
    virtual grounds are left out: rows bound what a cell sees.

    That the change is linear in the square of the voltage and in time is an assumption.
    A measurement of reads (P. Yao et al., Nature 577, 641, 2020, Extended Data Fig. 7:
    10^6 reads at 0.2 V) shows no change that its authors name.

    Args:
        cells: Of each array, those that add first.
        stuck: What cells are stuck at, in siemens; NaN where they move.
        stress: $\langle v |v| \rangle$ of each layer's rows, in V^2.
        dose: $k \tau$ of all samples so far, in 1/V^2.
        top: Conductance in LRS, in siemens.
    """
    moved = []
    for number, (g, held) in enumerate(zip(cells, stuck, strict=True)):
        sign = 1.0 if number < len(stress) else -1.0
        rows = sign * dose * stress[number % len(stress)]
        new = g * jnp.exp(rows)[None, :, None]
        new = jnp.where(new > g, jnp.maximum(g, jnp.minimum(new, top)), new)
        moved.append(jnp.where(jnp.isnan(held), new, g))
    return moved
