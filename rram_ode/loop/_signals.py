"""Everything that drives the loop during a solve, realised before it starts."""

import math
from typing import Literal

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, Integer

from .._core._arrays import limited
from .._core._random import standard_normal
from .._core._streams import LabStream
from .._core._types import ColumnValues, Key, Scalar, State
from ..blocks import CircuitNoise, DAC
from ..chip import Chip
from ..crossbar import CellNoise, HeldCells
from ..noise import AbstractNoise, HeldPath, LabClock, with_own_pole
from ._amplifiers import AmplifierPoles
from ._circuit_paths import circuit_paths, CircuitPaths, CircuitSizes
from ._updates import UpdateErrors


# Assumption: one normal in 16,000 is clipped, which takes 3e-5 of the variance.
NOISE_RANGE = 4.0


class Signals(eqx.Module):
    """The means of all paths over one step of a solver: the control of `LoopTerm`.

    Args:
        dt: Length of the step, in seconds.
        waves: Waveforms held by the DAC, `(waves,)`; `None` where it is continuous.
        noise: Read noise of each crossbar.
        injected: Injected noise of unit density, `(dim, *samples)`, in 1/sqrt(s).
        ground: Noise at the integrators' + inputs, `(dim, *samples)`, in volts.
        products: Noise of the multipliers at the integrators' inputs, in volts.
        before: Waveforms of the hold before; `None` where updates are not late.
        late: How late the update of this hold was, over the hold, of each sample.
        guidance: Noise at the outputs of guidance stages, in volts.
    """

    dt: Scalar
    waves: Float[Array, "waves ..."] | None
    noise: tuple[CellNoise, ...]
    injected: State | None
    ground: State | None = None
    products: State | None = None
    before: Float[Array, "waves ..."] | None = None
    late: Float[Array, "*samples"] | None = None
    guidance: State | None = None

    def of_score(self, v: State) -> State:
        """The score `v` in volts, with the noise of the stage that guides."""
        return v if self.guidance is None else v + self.guidance

    def into_integrators(
        self, injection: Scalar, largest: Scalar | None = None
    ) -> State | None:
        """Noise at the integrators' inputs in volts, or `None`.

        Args:
            injection: Volts per unit of injected noise.
            largest: Limit of the injected noise in volts; `None` for no limit.
        """
        if self.injected is None:
            return self.products
        injected = injection * self.injected
        if largest is not None:
            injected = limited(injected, -largest, largest)
        return injected if self.products is None else injected + self.products


class SamplePaths(eqx.Module):
    """Paths that each sample has for its own; the last axis of values is the sample.

    The columns (white and thermal noise) and pairs of cells (flicker and telegraph) of
    all crossbars lie on one axis, so that one program draws them.

    Args:
        white: White read noise, or `None`; and so on.
        flicker: Flicker read noise.
        telegraph: Telegraph read noise, in siemens.
        thermal: Thermal and shot noise.
        injected: Injected noise.
        arrays: `(rows, cols)` of each crossbar.
        shares_white: Whether the white path serves thermal noise, too.
        circuit: Noise of the blocks around the arrays.
        late: How late each update of the DAC is, over the hold; `None` for on time.
    """

    white: HeldPath | None
    flicker: HeldPath | None
    telegraph: HeldPath | None
    thermal: HeldPath | None
    injected: HeldPath | None
    arrays: tuple[tuple[int, int], ...] = eqx.field(static=True)
    shares_white: bool = eqx.field(static=True, default=False)
    circuit: CircuitPaths | None = None
    late: HeldPath | None = None

    def signals(self, tau0: Scalar, tau1: Scalar, held: HeldPath | None) -> Signals:
        """The control over one step, with the waves `held` by the DAC.

        The steps of a `ClosedLoop` cross no edge of a path.
        """
        over = lambda path: None if path is None else path.within(tau0, tau1)
        cells, columns = list(self.arrays), [(cols,) for _, cols in self.arrays]
        parts = zip(
            _split(over(self.white), columns),
            self._flicker(tau0, tau1),
            _split(over(self.telegraph), cells),
            _split(over(self.thermal), columns),
            strict=True,
        )
        grounds, products, guidance = (None,) * (len(cells) + 1), None, None
        if self.circuit is not None:
            grounds, products, guidance = self.circuit.within(tau0, tau1)
        noise = tuple(
            CellNoise(*part, self.shares_white, ground)
            for part, ground in zip(parts, grounds[:-1], strict=True)
        )
        before = None
        if self.late is not None:
            assert held is not None  # updates alone are late
            before = held.within(tau0 - held.interval, tau1 - held.interval)
        return Signals(
            tau1 - tau0,
            over(held),
            noise,
            over(self.injected),
            grounds[-1],
            products,
            before,
            over(self.late),
            guidance,
        )

    def _flicker(self, tau0: Scalar, tau1: Scalar) -> list[HeldCells | None]:
        """Flicker noise of each array, left in its path: it is the most of all."""
        if self.flicker is None:
            return [None] * len(self.arrays)
        hold, first, found = self.flicker.hold(tau0, tau1), 0, []
        for rows, cols in self.arrays:
            found.append(HeldCells(self.flicker.values, hold, first, (rows, cols)))
            first += rows * cols
        return found


class PathSizes(eqx.Module):
    """Static sizes of all paths of a solve, each `None` if there is no such path.

    Args:
        white: Sizes of the path of white read noise.
        flicker: Sizes of the path of flicker read noise.
        telegraph: Sizes of the path of telegraph read noise.
        thermal: Sizes of the path of thermal noise; `"white"` where it takes the draws
            of white read noise.
        injected: Number of values of the injected noise.
        waves: Number of updates of the DAC.
        is_silent: Whether chips are to be solved without the read noise that they have.
        circuit: Sizes of the paths of noise of the blocks around the arrays.
        own_pole: Whether white read noise passes each amplifier's own pole.
        late: Number of updates of the DAC that are late or early.
        periods: Number of periods of an array that is switched between two labels.
    """

    white: tuple | None = eqx.field(static=True, default=None)
    flicker: tuple | None = eqx.field(static=True, default=None)
    telegraph: tuple | None = eqx.field(static=True, default=None)
    thermal: tuple | Literal["white"] | None = eqx.field(static=True, default=None)
    injected: int | None = eqx.field(static=True, default=None)
    waves: int | None = eqx.field(static=True, default=None)
    is_silent: bool = eqx.field(static=True, default=False)
    circuit: CircuitSizes = CircuitSizes()
    own_pole: bool = eqx.field(static=True, default=False)
    late: int | None = eqx.field(static=True, default=None)
    periods: int | None = eqx.field(static=True, default=None)

    def silenced(self) -> "PathSizes":
        """Those of a solve with injected noise and waveforms alone."""
        return PathSizes(
            injected=self.injected,
            waves=self.waves,
            is_silent=True,
            periods=self.periods,
        )

    @property
    def edges(self) -> tuple[str, ...]:
        """The signals whose edges lie at seconds of their own, or that jump.

        As a solve gets longer, its steps stretch and these edges stay. The values of
        flicker noise stretch with the steps, and follow its law at any length.
        """
        signals = {
            "`dac.update_rate`": self.waves,
            "`read.white`": self.white,
            "`read.telegraph`": self.telegraph,
            "`read.thermal`": self.thermal,
            "the noise of the reverse SDE": self.injected,
        }
        own = tuple(name for name, size in signals.items() if size is not None)
        return own + self.circuit.edges


def sample_paths(
    chip: Chip,
    clock: LabClock,
    plan: PathSizes,
    injected_hold: Scalar,
    dim: int,
    *,
    first: Integer[Array, ""],
    num_samples: int,
    key: Key,
    noise_dac: DAC | None = None,
    circuit: CircuitNoise = CircuitNoise(),
    amplifiers: AmplifierPoles | None = None,
    updates: UpdateErrors | None = None,
    update_hold: Scalar | None = None,
) -> SamplePaths:
    """The paths of samples `first` and following on `chip`.

    Read noise is a function of the chip's key and lab time; injected noise of `key` and
    the sample's number. Where a DAC plays the injected noise, each value is a code of
    `noise_dac`, whose full scale is `NOISE_RANGE` standard deviations. White read noise
    that has the amplifiers' own poles passes those of `amplifiers`. The DAC's `updates`
    are `update_hold` seconds apart.
    """
    arrays = chip.arrays

    def noise(
        law: AbstractNoise | None, sizes: tuple | None, stream: LabStream, count: int
    ) -> HeldPath | None:
        if law is None or sizes is None or not arrays:
            return None
        return law.sample_path(
            clock,
            sizes,
            (count,),
            first=first,
            num_samples=num_samples,
            key=jr.fold_in(chip.key, stream),
        )

    telegraph, injected = None, None
    if chip.traps is not None and plan.telegraph is not None:
        telegraph = chip.traps.sample_path(
            clock,
            plan.telegraph,
            first=first,
            num_samples=num_samples,
            key=jr.fold_in(chip.key, LabStream.TELEGRAPH),
        )
    if plan.injected is not None:
        indices = first + jnp.arange(num_samples, dtype=first.dtype)
        values = standard_normal(key, indices, (plan.injected, dim))
        if noise_dac is not None:
            values = noise_dac.quantise(values, NOISE_RANGE)
        injected = HeldPath(values / jnp.sqrt(injected_hold), injected_hold)
    shared = plan.thermal == "white" and chip.read.thermal is not None
    thermal = None if plan.thermal == "white" else plan.thermal
    columns, cells = sum(c for _, c in arrays), sum(r * c for r, c in arrays)
    white = noise(chip.read.white, plan.white, LabStream.WHITE, columns)
    which, late = {"first": first, "num_samples": num_samples}, None
    if plan.late is not None:
        assert updates is not None  # whose jitter it is
        assert update_hold is not None
        late = updates.late(plan.late, update_hold, **which, key=chip.key)
    own = with_own_pole(chip.read.white)
    if white is not None and own is not None:
        assert amplifiers is not None  # by `close_loop`
        hold = clock.duration / white.values.shape[0]
        values = amplifiers.of(chip, hold)(white.values)
        white = HeldPath(values / jnp.sqrt(own.bandwidth), hold)
    return SamplePaths(
        white,
        noise(chip.read.flicker, plan.flicker, LabStream.FLICKER, cells),
        telegraph,
        noise(chip.read.thermal, thermal, LabStream.THERMAL, columns),
        injected,
        arrays,
        shared,
        circuit_paths(circuit, plan.circuit, chip, clock, **which),
        late,
    )


def _split(x: ColumnValues | None, shapes: list[tuple[int, ...]]) -> list[Array | None]:
    """The parts of the first axis that belong to each shape."""
    if x is None:
        return [None] * len(shapes)
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    parts = jnp.split(x, ends[:-1])
    return [p.reshape(*s, *x.shape[1:]) for p, s in zip(parts, shapes, strict=True)]
