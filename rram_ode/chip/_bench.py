"""The trims of a chip, as its test bench does them: once, fresh, at one temperature.

| trim | what it measures | what it sets |
| --- | --- | --- |
| RC | a ramp of the integrators | the multipliers' factors, or the clock of the solve |
| scale | a column of known cells against R_f, in each layer | scales of DACs |
| columns | amplifiers' outputs, at zero or at known inputs | offset, gain of each |
| multipliers | their outputs at known inputs | gain, feed-through, offset of each |
| repair | all cells | targets of a second writing |
"""

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._checks import positive
from .._core._compile import compiled_quickly
from .._core._streams import BenchStream, ChipStream
from .._core._types import Cells, Key, Scalar
from ..scores import NetworkScore
from ._chip import Chip
from ._columns import ColumnTrim, trim_columns
from ._design import Design
from ._known_inputs import KnownInputs
from ._multipliers import MultiplierTrim, with_trimmed_multipliers
from ._network import AnalogNetwork
from ._program import Assembled
from ._reads import Reads
from ._reference_columns import Found, measure, reference_cells, reference_rows
from ._repair import Mended, Moment, Repair
from ._targets import Targets
from ._trim_record import TrimRecord


class RCTrim(eqx.Module):
    """How R C is measured, and what then follows it.

    Args:
        resolution: Smallest relative step of the measured R C.
        by_clock: Whether the clock of the solve follows R C, and with it all times that
            it counts; else the multipliers' factors do.
    """

    resolution: Float[Array, ""] = eqx.field(converter=scalar)
    by_clock: bool = eqx.field(static=True, default=False)

    def __check_init__(self):
        positive("trim.rc_resolution", self.resolution, "s/s")

    def on(self, chip: Chip, rc: Scalar) -> Chip:
        """`chip` whose waveforms, or whose clock, are made for the measured `rc`."""
        nominal = chip.time_constant
        rc = nominal * _rounded(rc / nominal, self.resolution)
        clock = rc / nominal if self.by_clock else None
        return dataclasses.replace(chip, rc=rc, clock=clock)


class ScaleTrim(eqx.Module):
    r"""One reference column for each layer, read against the layer's $R_f$.

    It lies among the array's columns, so that the wires leave it the share of the
    median column, and is as long as those of the largest array: three cells alone would
    rule the first layer. Its cells hold the weight $\sum |w|^3 / \sum w^2$ of the
    layer: where a cell's temperature coefficient is linear in its conductance, that
    weight changes as the layer's outputs do, by least squares over weights. Their
    median gives the layer's common factor of $R_f G$. With ReLUs the factors $f_1,
    f_2, \dots$ of the layers are undone by scales of DACs: the wave of layer l times
    $f_1 \cdots f_l$, its constant row times $f_1 \cdots f_{l-1}$, and the multiplier's
    factor of the score over $f_1 \cdots f_L$. Activations are then $f_1 \cdots f_l$
    times as large, and meet clamps and rails so much sooner.

    Args:
        resolution: Smallest relative step of a DAC's scale.
    """

    resolution: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        positive("trim.scale_resolution", self.resolution, "V/V")


class Bench(eqx.Module):
    """A test bench, and the trims that it does.

    Args:
        design: Of the chips on the bench: fresh, at the temperature of the trims.
        inputs: Known inputs.
        rc: Trim of R C; `None` for none.
        scale: Trim of the common factor of R_f G; `None` for none.
        columns: Trim of each column; `None` for none.
        repair: Repair of stuck cells; `None` for none.
        multipliers: Trim of each multiplier; `None` for none.
        tracks: Whether R C, scale and multipliers are measured as the chip is used, at
            its temperature and at its age as a run begins, by circuits of its own.
        averaging: Time of a read, in seconds: its mean has the cells' noise.
    """

    design: Design
    inputs: KnownInputs
    rc: RCTrim | None = None
    scale: ScaleTrim | None = None
    columns: ColumnTrim | None = None
    repair: Repair | None = None
    multipliers: MultiplierTrim | None = None
    tracks: bool = eqx.field(static=True, default=False)
    averaging: Float[Array, ""] = eqx.field(converter=scalar, default=20e-6)

    @property
    def reads(self) -> Reads:
        """Reads of the cells on the bench."""
        return Reads(self.design.cell.read, self.averaging)

    def _read(
        self,
        one: Assembled,
        design: Design,
        targets: Targets,
        cells: list[Cells],
        *,
        key: Key,
    ) -> Found:
        """What is measured of a chip made of `design`, with the noise of cells."""
        reads = dataclasses.replace(self.reads, noise=design.cell.read)
        return measure(one, design, targets, reads.of_cells(cells, key=key))

    @eqx.filter_jit
    def moments(self, score: NetworkScore, targets: Targets) -> tuple[Moment, ...]:
        """Second moments of each layer's rows on the known inputs, in V^2."""
        *hidden, _ = self.inputs.activations(score.network)
        moments = []
        for number, rows in enumerate((self.inputs.x, *hidden)):
            v = targets.volts[number] * rows
            if targets.factors is not None and number > 0:
                v = targets.factors[number - 1][:, None] * v
            constant = jnp.broadcast_to(targets.v_bias[number], (1, v.shape[1]))
            v = jnp.concatenate([v, constant])
            moments.append(v @ v.T / v.shape[1])
        return tuple(moments)

    def num_cells(self, targets: Targets, design: Design) -> int:
        """Cells that the trims add: reference columns, and spare ones."""
        halves = 2 if design.mapping.has_negative_cells else 1
        counts, added = design.cell.parallel_of(len(targets.g)), 0
        for (g, _), parallel in zip(targets.g, counts, strict=True):
            if self.scale is not None:
                added += parallel * reference_rows(targets)
            if self.repair is not None:
                added += parallel * g.shape[0] * min(self.repair.spares, g.shape[1])
        return halves * added

    def trim(
        self,
        used: Assembled,
        tested: Assembled,
        score: NetworkScore,
        design: Design,
        targets: Targets,
        *,
        keys: tuple[Key, Key, Key],
        mended: Mended | None = None,
    ) -> Chip:
        """The chip as it is used, with the trims that were found on the bench.

        Args:
            used: The chip at the temperature and age of its use, without trims.
            tested: The same chip on the bench.
            score: The network that it holds.
            design: Of the chip as it is used.
            targets: Gives the nominal scales.
            keys: Of reference cells, of errors of the ADC, and of cells' noise.
            mended: What was repaired; `None` without repair.
        """
        chip, met, points = used.chip, tested.chip, self.inputs
        cells = reference_cells(chip, design, targets, key=keys[0])
        real = measure(used, design, targets, cells)
        fresh = reference_cells(met, self.design, targets, key=keys[0])
        own = jr.fold_in(keys[2], BenchStream.REFERENCE)
        asked = first = self._read(tested, self.design, targets, fresh, key=own)
        if self.tracks:
            own = jr.fold_in(keys[2], BenchStream.REFERENCE_IN_USE)
            asked = self._read(used, design, targets, cells, key=own)
        known = {}
        if self.rc is not None:
            chip, met = self.rc.on(chip, asked.rc), self.rc.on(met, first.rc)
            known["rc"] = real.rc / chip.time_constant - 1
        network, other = chip.score, met.score
        assert isinstance(network, AnalogNetwork)  # as it was programmed
        assert isinstance(other, AnalogNetwork)
        if self.scale is not None:
            step = self.scale.resolution
            factors = [_rounded(f, step) for f in asked.factors]
            network = with_scales(network, factors)
            other = with_scales(other, [_rounded(f, step) for f in first.factors])
            left = [u / f - 1 for u, f in zip(real.factors, factors, strict=True)]
            known["scale"] = jnp.max(jnp.abs(jnp.stack(left)))
        if self.columns is not None:
            found, residues = trim_columns(
                other,
                score,
                points,
                self.columns,
                key=keys[1],
                reads=self.reads,
                cell_key=keys[2],
            )
            network = found.on(network, other)
            known |= residues._asdict()
        chip = dataclasses.replace(chip, score=network)
        if self.multipliers is not None:
            own = jr.fold_in(keys[2], BenchStream.MULTIPLIERS)
            met = chip if self.tracks else dataclasses.replace(met, score=other)
            chip, left = with_trimmed_multipliers(
                chip, met, score, points, self.multipliers, key=own
            )
            known |= left
        record = TrimRecord(known)
        if mended is not None:
            known |= {"repair": mended.after, "before repair": mended.before}
            record = TrimRecord(known, mended.stuck, mended.rewritten)
        return dataclasses.replace(chip, trims=record)


@compiled_quickly
def trim_chip(
    bench: Bench,
    used: Assembled,
    tested: Assembled,
    score: NetworkScore,
    design: Design,
    targets: Targets,
    mended: Mended | None,
    *,
    key: Key,
) -> Chip:
    """The chip `used` with the trims of `bench`, and the cells that they take.

    See `Bench.trim`; `key` is the identity of the chip.
    """
    keys = (
        jr.fold_in(key, ChipStream.REFERENCE_CELLS),
        jr.fold_in(key, ChipStream.TEST_READS),
        jr.fold_in(key, ChipStream.TEST_CELLS),
    )
    trimmed = bench.trim(used, tested, score, design, targets, keys=keys, mended=mended)
    more = bench.num_cells(targets, design)
    return dataclasses.replace(trimmed, num_cells=used.chip.num_cells + more)


def with_scales(network: AnalogNetwork, factors: Sequence[Scalar]) -> AnalogNetwork:
    """`network` whose DACs undo the factors $f_l$ of the layers; see `ScaleTrim`."""
    state, *volts = network.volts_per_unit
    layers, scaled, so_far = [], [], jnp.ones(())
    for layer, unit, factor in zip(network.layers, volts, factors, strict=True):
        crossbar = layer.crossbar
        crossbar = dataclasses.replace(crossbar, v_bias=so_far * crossbar.v_bias)
        layers.append(dataclasses.replace(layer, crossbar=crossbar))
        so_far = so_far * factor
        scaled.append(so_far * unit)
    return dataclasses.replace(
        network, layers=tuple(layers), volts_per_unit=(state, *scaled)
    )


def _rounded(x: Scalar, step: Scalar) -> Scalar:
    return jnp.round(x / step) * step
