r"""Noise of reads at their lab times, by the laws of a loop around the same chip.

Read k of an array happens at the lab time $(i N + k) T$ of sample i, with N steps of
the length T, and lasts as long as the converter integrates. Slow noise (1/f noise of
cells and op-amps, telegraph noise) runs on from read to read: its states are exact at
these times, in single steps of T, as a mean over a read lasts much less than they do.
Fast noise (white, thermal, of supply and ground) enters as its mean over a read, whose
variance the law gives. Such means are independent, since reads of a column lie further
apart than a value is held; where they do not, the timing is refused. Keys are those of
the loop: it is the noise of the same cells.
"""

import math
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, Int32, Integer

from .._core._arrays import root, scalar
from .._core._random import standard_normal
from .._core._streams import LabStream
from .._core._types import Scalar
from ..blocks import CircuitNoise, InputFlicker
from ..chip import Chip
from ..crossbar import CellNoise
from ..noise import (
    AbstractHeldNoise,
    AbstractNoise,
    FlickerReadNoise,
    LabClock,
    with_own_pole,
)


PATH_BYTES = 2**26  # of the slow noise of a chunk of samples


LARGEST_CHUNK = 4096  # samples


LARGEST_PHASE = 1.0  # reads times bandwidth up to which noise stands still in a read


class StepTiming(NamedTuple):
    """How long the parts of a step take, in seconds.

    Args:
        settle: Rows and amplifiers, from the DAC's update on.
        read: The converter integrates a column.
        convert: The converter finds its code; the array is off.
        digital: Numbers between two arrays.
    """

    settle: float = 0.5e-6
    read: float = 0.5e-6
    convert: float = 0.2e-6
    digital: float = 0.05e-6

    @property
    def active(self) -> float:
        """How long an array is on in a step."""
        return self.settle + self.read

    @property
    def layer(self) -> float:
        """From an array's update to that of the next."""
        return self.active + self.convert + self.digital

    def step(self, layers: int) -> float:
        """A whole step of a network of so many layers, one after the other."""
        return layers * self.layer + self.digital


class StepPaths(NamedTuple):
    """Noise that samples have for their own; the first axis of values is the step.

    Args:
        flicker: 1/f noise of pairs of cells, of unit variance; and so on.
        telegraph: Telegraph noise of pairs of cells, in siemens.
        grounds: 1/f noise at the op-amps' inputs, in volts.
        stored: What auto-zero stored of the noise of supply and ground, of unit
            variance.
        indices: Number of each sample.
    """

    flicker: Float[Array, "steps cells samples"] | None
    telegraph: Float[Array, "steps cells samples"] | None
    grounds: Float[Array, "steps columns samples"] | None
    stored: Float[Array, "1 samples"] | None
    indices: Integer[Array, " samples"]


class StepNoise(eqx.Module):
    """The noise of all reads of a chip, as functions of its key and of lab time.

    Args:
        chip: The hardware.
        circuit: Noise of op-amps and supply; multipliers and integrators are absent.
        timing: How long a step's parts take.
        num_steps: Number of steps of a sample.
        flicker: Sizes of the path of the cells' 1/f noise; `None` for none.
        telegraph: Sizes of the path of telegraph noise; `None` for none.
        grounds: Sizes of the path of the op-amps' 1/f noise; `None` for none.
    """

    chip: Chip
    circuit: CircuitNoise
    timing: StepTiming = eqx.field(static=True)
    num_steps: int = eqx.field(static=True)
    flicker: tuple | None = eqx.field(static=True)
    telegraph: tuple | None = eqx.field(static=True)
    grounds: tuple | None = eqx.field(static=True)

    @staticmethod
    def of(
        chip: Chip, circuit: CircuitNoise, timing: StepTiming, num_steps: int
    ) -> "StepNoise":
        """The noise of samples of `num_steps` steps (not under `jit`).

        Raises:
            ValueError: If fast noise is slower than the reads are apart, or 1/f noise
                moves within a read.
        """
        read, layers = chip.read, len(chip.arrays)
        clock = LabClock(num_steps * timing.step(layers))
        _require_apart(read.white, timing.read, timing.step(layers))
        _require_apart(read.thermal, timing.read, timing.step(layers))
        _require_apart(circuit.common, timing.read, timing.layer)
        for law in (read.flicker, circuit.flicker):
            if not isinstance(law, FlickerReadNoise | InputFlicker):
                continue
            if float(law.f_max) * timing.read > LARGEST_PHASE:
                raise ValueError(
                    f"1/f noise up to {float(law.f_max):g} Hz moves within a read of "
                    f"{timing.read:g} s: take a `read` of "
                    f"{LARGEST_PHASE / float(law.f_max):g} s or less."
                )
        telegraph, grounds = None, None
        if read.telegraph is not None and chip.traps is not None:
            telegraph = num_steps, read.telegraph.plan(clock)[1]
        if circuit.flicker is not None:  # all of it changes: auto-zero takes a start
            holds, levels = circuit.flicker.plan(clock)
            grounds = (num_steps,) * len(holds), levels
        flicker = None
        if read.flicker is not None:
            holds, levels = read.flicker.plan(clock)
            flicker = tuple(n if n <= 1 else num_steps for n in holds), levels
        return StepNoise(chip, circuit, timing, num_steps, flicker, telegraph, grounds)

    @property
    def clock(self) -> LabClock:
        """Lab time of consecutive samples, without a pause between them."""
        return LabClock(self.num_steps * self.timing.step(len(self.chip.arrays)))

    @property
    def largest_chunk(self) -> int:
        """Samples at once, so that slow noise takes about 64 MB."""
        cells = sum(rows * cols for rows, cols in self.chip.arrays)
        values = cells * ((self.flicker is not None) + (self.telegraph is not None))
        values += self._columns * (self.grounds is not None)
        found = PATH_BYTES // (4 * max(values * self.num_steps, 1))
        return min(max(found, 8), LARGEST_CHUNK)

    def paths(self, first: Integer[Array, ""], num: int) -> StepPaths:
        """Those of samples `first`, `first + 1`, ..., as many as `num`."""
        chip, clock, circuit = self.chip, self.clock, self.circuit
        which = {"first": first, "num_samples": num}
        cells = sum(rows * cols for rows, cols in chip.arrays)
        key = lambda stream: jr.fold_in(chip.key, stream)
        flicker = telegraph = grounds = stored = None
        if self.flicker is not None and chip.read.flicker is not None:
            path = chip.read.flicker.sample_path(
                clock, self.flicker, (cells,), **which, key=key(LabStream.FLICKER)
            )
            flicker = self._each_step(path.values)
        if self.telegraph is not None and chip.traps is not None:
            path = chip.traps.sample_path(
                clock, self.telegraph, **which, key=key(LabStream.TELEGRAPH)
            )
            telegraph = path.values
        if self.grounds is not None and circuit.flicker is not None:
            own = key(LabStream.OP_AMP_FLICKER)
            path = circuit.flicker.sample_path(
                clock, self.grounds, self._columns, **which, key=own
            )
            grounds = self._each_step(path.values)
        indices = first + jnp.arange(num, dtype=first.dtype)
        if circuit.common is not None and circuit.common.is_zeroed:
            stored = standard_normal(key(LabStream.COMMON_STORED), indices, (1,))
        return StepPaths(flicker, telegraph, grounds, stored, indices)

    def at(self, step: Int32[Array, ""], paths: StepPaths) -> tuple[CellNoise, ...]:
        """The noise of the reads of each array in a step."""
        chip, indices, read = self.chip, paths.indices, self.timing.read
        key = lambda stream: jr.fold_in(chip.key, stream)
        now = lambda path: None if path is None else path[step]

        def fast(law: AbstractNoise | None, stream: LabStream) -> Array | None:
            if law is None:
                return None
            units = standard_normal(key(stream), indices, (self._columns,), block=step)
            return _spread(law, read).astype(units.dtype) * units

        columns = [(cols,) for _, cols in chip.arrays]
        parts = zip(
            _split(fast(chip.read.white, LabStream.WHITE), columns),
            _split(now(paths.flicker), list(chip.arrays)),
            _split(now(paths.telegraph), list(chip.arrays)),
            _split(fast(chip.read.thermal, LabStream.THERMAL), columns),
            _split(now(paths.grounds), columns),
            strict=True,
        )
        common = self._common(step, paths)
        found = []
        for number, (*cells, ground) in enumerate(parts):
            if common is not None:
                own = jnp.broadcast_to(common[number], (*columns[number], indices.size))
                ground = own if ground is None else ground + own
            white, flicker, telegraph, thermal = cells
            found.append(CellNoise(white, flicker, telegraph, thermal, ground=ground))
        return tuple(found)

    def _common(self, step: Int32[Array, ""], paths: StepPaths) -> Array | None:
        """Noise of supply and ground in the read of each array, in volts."""
        law, layers = self.circuit.common, len(self.chip.arrays)
        if law is None:
            return None
        own = jr.fold_in(self.chip.key, LabStream.COMMON)
        units = standard_normal(own, paths.indices, (layers,), block=step)
        units = _spread(law, self.timing.read).astype(units.dtype) * units
        if paths.stored is not None:
            units = units - paths.stored
        return law.std.astype(units.dtype) * units

    @property
    def _columns(self) -> int:
        return sum(cols for _, cols in self.chip.arrays)

    def _each_step(self, values: Array) -> Array:
        """A value for each step, of a path that may hold one for the whole sample."""
        return jnp.broadcast_to(values, (self.num_steps, *values.shape[1:]))


def _spread(law: AbstractNoise, seconds: float) -> Scalar:
    """Spread of the mean over a read of a process of unit variance.

    White noise behind the amplifiers' own poles is wider than any read's band.
    """
    own = with_own_pole(law)
    if own is not None:
        return root(1 / (2 * own.bandwidth * seconds))
    return root(law.averaged(scalar(seconds)))


def _require_apart(law: AbstractNoise | None, seconds: float, period: float) -> None:
    """Refuse noise that holds a value for longer than from one read to the next."""
    if not isinstance(law, AbstractHeldNoise) or with_own_pole(law) is not None:
        return
    hold = 0.5 / float(law.bandwidth)
    if hold > (period - seconds) * (1 + 1e-6):
        raise ValueError(
            f"`{law.slot}.bandwidth` of {float(law.bandwidth):g} Hz holds a value for "
            f"{hold:g} s, longer than the {period - seconds:g} s from one read to the "
            "next: describe the noise by `cell.read.flicker`, or take a longer "
            "`settle`."
        )


def _split(x: Array | None, shapes: list[tuple[int, ...]]) -> list[Array | None]:
    """The parts of the first axis that belong to each shape."""
    if x is None:
        return [None] * len(shapes)
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    parts = jnp.split(x, ends[:-1])
    return [p.reshape(*s, *x.shape[1:]) for p, s in zip(parts, shapes, strict=True)]
