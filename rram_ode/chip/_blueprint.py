"""What all chips of one kind are made from, and how they are made of it."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._identity import Identity
from .._core._streams import ChipStream
from .._core._types import Cells, Key, Keys
from ..scores import NetworkScore
from ._ageing import aged_cell, Ageing, CellState, disturb_cells, Stress
from ._bench import Bench, trim_chip
from ._chip import Chip, with_cells_of
from ._design import Design, Ranges
from ._pair import (
    arrays_of,
    both_cells,
    load_of,
    null_bench,
    null_key,
    null_place,
    null_score,
    split_cells,
    with_guidance,
    with_guided_cells,
)
from ._program import (
    assemble_chip,
    Assembled,
    cell_key,
    OnDie,
    require_current,
    spare_key,
    stuck_cells,
    write_cells,
)
from ._repair import mend, Mended, write_mended
from ._switched import array_of, with_switch, with_switched_cells
from ._targets import target_conductances, Targets
from ._written import WrittenCells


class Blueprint(eqx.Module):
    r"""What all chips of one kind are made from.

    Volts per unit follow from the ranges: state and hidden activations reach `v_max`
    over `headroom` on the rows, the output `v_out` over `headroom`. Biases are cells on
    a row at `v_max`, or lower with `fit_bias`. With s siemens per unit of weight in a
    column, its feedback resistance is $R_f = u_{l+1} / (u_l s)$.

    Args:
        score: The trained network.
        design: What all chips of the kind share in hardware.
        ranges: The largest values that the network meets, from its checkpoint.
        identity: The system that the chips are made for; a chip of `None` fits any
            loop.
        ageing: How the chips age while they sample; `None` keeps them at one age.
        bench: The test bench that trims each chip; `None` for chips as fabricated.

    Example:
        >>> import jax.random as jr
        >>> import rram_ode as rr
        >>> blueprint = rr.System.from_preset("ring-fresh").blueprint
        >>> chip = blueprint.program(jr.key(0))
        >>> chip.num_cells == 2 * sum(rows * cols for rows, cols in chip.arrays)
        True
    """

    score: NetworkScore
    design: Design
    ranges: Ranges
    identity: Identity | None = None
    ageing: Ageing | None = eqx.field(static=True, default=None)
    bench: Bench | None = None

    def program(
        self, key: Key, *, cells: WrittenCells | None = None, trim: bool = True
    ) -> Chip:
        """Write the network onto a new chip, and trim it if there is a bench.

        Args:
            key: The chip's identity: it seeds write noise, faults, mismatch and the
                noise in lab time.
            cells: The cells that are on the chip, measured or loaded; `None` writes
                them. They are not repaired, and the bench sees them as they are.
            trim: Whether the bench trims the chip; without, it is as fabricated.

        Raises:
            ValueError: If the wires leave too small a fraction of an array's current.
        """
        guidance = self.design.guidance
        if guidance is None:
            return self._program(key, cells, trim)
        if not self.design.has_two_arrays:
            return with_switch(self._program(key, cells, trim), guidance, key=key)
        own, other = (None, None) if cells is None else split_cells(cells)
        null = self.null._program(null_key(key), other, trim, place=null_place(key))
        chip = self._program(key, own, trim, load=load_of(null))
        return with_guidance(chip, null, guidance, key=key)

    def program_beside(self, key: Key, place: OnDie) -> Chip:
        """The arrays of a kind without guidance, on the die of another chip."""
        return self._program(key, None, True, place=place)

    @property
    def null(self) -> "Blueprint":
        """What the null label's array is made from, as a chip."""
        return dataclasses.replace(
            self,
            score=null_score(self.score),
            design=dataclasses.replace(self.design, guidance=None),
            bench=null_bench(self.bench),
        )

    def _program(
        self,
        key: Key,
        cells: WrittenCells | None,
        trim: bool,
        *,
        place: OnDie | None = None,
        load: Float[Array, " dim"] | None = None,
    ) -> Chip:
        """A chip of one array; see `program` and `assemble_chip`."""
        around = {"place": place, "load": load}
        targets, mended = self.targets, None
        bench = self.bench if trim else None
        # Three programs: in one, XLA would repeat the draws in everything that uses
        # them.
        if cells is None:
            mended = self._mended(key, targets) if trim else None
            arrays = self._write(key, targets, mended, self.design)
        else:
            arrays = cells.arrays
        used = self._assembled(key, targets, arrays, self.design, **around)
        require_current(used.shares)
        origin = key if self.ageing is not None and cells is None else None
        chip = dataclasses.replace(used.chip, identity=self.identity, origin=origin)
        if bench is None:
            return chip
        if cells is None:
            arrays = self._write(key, targets, mended, bench.design)
        tested = self._assembled(key, targets, arrays, bench.design, **around)
        own = self.score, self.design, targets, mended
        return trim_chip(bench, used._replace(chip=chip), tested, *own, key=key)

    def program_many(self, keys: Keys) -> Chip:
        """A batch of chips, one for each of `keys`, in one program.

        Chip n equals `program(keys[n])`, to rounding. All arrays of the result have a
        leading axis of chips, so `eqx.filter_vmap` maps a solve over it, and `chip_at`
        takes one out.
        """
        return eqx.filter_vmap(lambda key: self.program(key))(keys)

    def write(self, key: Key, state: CellState | None = None) -> WrittenCells:
        """The cells that `program` writes with `key`, in the rows of the network.

        Args:
            key: The chip's identity.
            state: How far the cells have come, reads aside; `None` for the age of the
                design.
        """
        design = self.design if state is None else self._design_at(state)
        targets = self.targets
        mended = self._mended(key, targets)
        own = self._halves(self._write(key, targets, mended, design))
        if not self.design.has_two_arrays:
            return own
        return both_cells(own, self.null.write(null_key(key), state))

    def aged(self, chip: Chip, state: CellState, stress: Stress | None = None) -> Chip:
        """A chip of this kind whose cells have come to `state`; it stays there.

        The cells are written again, with the repairs of a trimmed chip, and folded
        with their wires; all else is that of `chip`: its trims, too, and what follows
        temperature stays as it was at the age of `chip`. Ages enter as arrays: no age
        compiles anew.

        Args:
            chip: A chip that ages, of any age.
            state: Age, reads and cycle of the cells.
            stress: Signed mean square voltage of each layer's rows; `None` for reads
                that disturb nothing.

        Raises:
            ValueError: If the chip stays at its age, or has cells that have no law.
        """
        key = chip.origin
        if self.ageing is None or key is None:
            raise ValueError(
                "this chip stays at one age: set `cell.ageing`, and program the chip "
                "from its seed."
            )
        if self.design.guidance is None:
            return with_cells_of(chip, self._aged(key, chip, state, stress))
        if not self.design.has_two_arrays:
            found = self._aged(key, chip, state, stress)
            return with_switched_cells(chip, with_cells_of(array_of(chip), found))
        class_only, null_only = arrays_of(chip)
        half = len(stress or ()) // 2
        own, other = (stress[:half], stress[half:]) if stress else (None, None)
        found = self._aged(key, chip, state, own)
        place = null_place(key)
        null = self.null._aged(null_key(key), chip, state, other, place=place)
        aged = with_cells_of(class_only, found)
        return with_guided_cells(chip, aged, with_cells_of(null_only, null))

    def _aged(
        self,
        key: Key,
        chip: Chip,
        state: CellState,
        stress: Stress | None,
        place: OnDie | None = None,
    ) -> Chip:
        """The chip of one array whose cells have come to `state`, without trims."""
        targets, design = self.targets, self._design_at(state)
        mended = None if chip.trims is None else self._mended(key, targets)
        arrays = self._write(key, targets, mended, design)
        if stress is not None and self.ageing is not None:
            dose = self.ageing.disturb * self.ageing.duration * state.samples
            stuck = stuck_cells(targets, design, key=cell_key(key))
            top = self.design.cell.range.g_max
            arrays = disturb_cells(arrays, stuck, stress, jnp.asarray(dose), top)
        found, shares = self._assembled(key, targets, arrays, design, place=place)
        require_current(shares)
        return found

    def _design_at(self, state: CellState) -> Design:
        """The design with cells at `state`."""
        speed = 1.0 if self.ageing is None else self.ageing.acceleration
        cell = aged_cell(self.design.cell, speed * state.age, state.cycle)
        return dataclasses.replace(self.design, cell=cell)

    def stuck(self, key: Key) -> WrittenCells:
        """The conductances that cells are stuck at, in siemens, NaN where they move.

        They lie in the rows of the network, as those of `write`.
        """
        own = self._halves(stuck_cells(self.targets, self.design, key=cell_key(key)))
        if not self.design.has_two_arrays:
            return own
        return both_cells(own, self.null.stuck(null_key(key)))

    @property
    def targets(self) -> Targets:
        """The conductances that every array of the kind is to hold."""
        return target_conductances(self.score, self.design, self.ranges)

    def _mended(self, key: Key, targets: Targets) -> Mended | None:
        """What the bench has repaired of chip `key`; `None` without repair."""
        bench = self.bench
        if bench is None or bench.repair is None:
            return None
        moments = bench.moments(self.score, targets)
        return mend(
            targets,
            bench.design,
            bench.repair,
            moments,
            key=cell_key(key),
            spare_key=spare_key(key),
            reads=bench.reads,
            read_key=jr.fold_in(key, ChipStream.TEST_CELLS),
        )

    def _write(
        self, key: Key, targets: Targets, mended: Mended | None, design: Design
    ) -> list[Cells]:
        if mended is None:
            return write_cells(targets, design, key=cell_key(key))
        keys = {"key": cell_key(key), "spare_key": spare_key(key)}
        return write_mended(targets, mended, design, **keys)

    def _assembled(
        self,
        key: Key,
        targets: Targets,
        arrays: list[Cells],
        design: Design,
        *,
        place: OnDie | None = None,
        load: Float[Array, " dim"] | None = None,
    ) -> Assembled:
        """The chip of cells that are written, by one program for all their errors."""
        written = dataclasses.replace(design.cell, errors=(), numbers=None)
        design = dataclasses.replace(design, cell=written)
        around = {"place": place, "load": load}
        return assemble_chip(self.score, design, targets, arrays, key=key, **around)

    def _halves(self, arrays: list[Cells]) -> WrittenCells:
        """The arrays that add, and those that subtract if they are made of cells."""
        if not self.design.mapping.has_negative_cells:
            return WrittenCells(tuple(arrays))
        half = len(arrays) // 2
        return WrittenCells(tuple(arrays[:half]), tuple(arrays[half:]))
