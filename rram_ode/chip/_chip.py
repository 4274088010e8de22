"""One piece of hardware."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int, Integer

from .._core._arrays import broadcast_columns
from .._core._identity import Identity
from .._core._random import standard_normal
from .._core._streams import LabStream
from .._core._types import Key, Scalar, State
from ..blocks import FeedbackIntegrator, MultiplierErrors
from ..noise import ReadNoise, Traps
from ._base import AbstractAnalogScore
from ._crossbar_network import AbstractCrossbarNetwork
from ._network import AnalogNetwork
from ._process import Die
from ._trim_record import TrimRecord
from ._trims import TrimmedNetwork
from ._view import view_chip


class Chip(eqx.Module):
    """One piece of hardware: what programming fixed, and the key of its noise.

    Args:
        score: The network on crossbars.
        integrator: With this chip's offsets and mismatch.
        read: Laws of the cells' read noise.
        key: Seeds all noise in lab time.
        num_cells: Number of cells that were programmed.
        multipliers: Errors of this chip's multipliers; `None` if they have none.
        start: What the starts are off by, `(dim,)` or each sample's own, in volts;
            `None` for nothing.
        traps: Traps of the pairs of all crossbars on one axis, for telegraph noise.
        identity: The system that the chip was made for; `None` fits any loop.
        origin: The key that the chip was programmed with, from which its cells age;
            `None` for a chip that stays at one age.
        die: What all parts of the chip share; `None` for the nominal values.
        rc: R C that the waveforms are made for, in seconds; `None` for that of the
            integrators.
        clock: Factor of all times that the clock of a solve counts, over the nominal
            ones; `None` for a clock that was not trimmed.
        trims: What the test bench left of the chip's errors; `None` as fabricated.

    Example:
        >>> import rram_ode as rr
        >>> chip = rr.System.from_preset("ring-fresh").program(seed=3)
        >>> isinstance(chip, rr.Chip), chip.score.dim, chip.num_cells
        (True, 2, 564)
        >>> chip
        Chip: 564 cells in 3 arrays
          rows x columns: 3 x 14, 15 x 14, 15 x 2
          ...
    """

    score: AbstractAnalogScore
    integrator: FeedbackIntegrator
    read: ReadNoise
    key: Key
    traps: Traps | None = None
    num_cells: int = eqx.field(static=True, default=0)
    multipliers: MultiplierErrors | None = None
    start: State | None = None
    identity: Identity | None = None
    origin: Key | None = None
    die: Die | None = None
    rc: Scalar | None = None
    clock: Scalar | None = None
    trims: TrimRecord | None = None

    def __repr__(self) -> str:
        """A few lines; all fields are those of `equinox.tree_pformat(chip)`."""
        view = view_chip(self)
        return eqx.tree_pformat(self) if view is None else view.text()

    def _repr_html_(self) -> str | None:
        view = view_chip(self)
        return None if view is None else view.html()

    @property
    def time_constant(self) -> Scalar:
        """R C that the waveforms are made for, in seconds; the die's may differ."""
        return self.integrator.time_constant if self.rc is None else self.rc

    @property
    def crossbars(self) -> AbstractCrossbarNetwork | None:
        """The network on crossbars, or `None` if the score has none."""
        score = self.score
        return score if isinstance(score, AbstractCrossbarNetwork) else None

    def of_class(self, label: int | Int[Array, "*samples"]) -> "Chip":
        """The chip whose DAC plays the embedding of the class `label`, too.

        Args:
            label: Number of the class, of all samples or of each; -1 is the null label.

        Raises:
            ValueError: If its network is unconditional.
        """
        network = self.crossbars
        if network is None:
            raise ValueError("a chip without crossbars has no labels; leave them out.")
        return dataclasses.replace(self, score=network.of_class(jnp.asarray(label)))

    @property
    def arrays(self) -> tuple[tuple[int, int], ...]:
        """`(rows, cols)` of each crossbar, the constant row included."""
        return () if self.crossbars is None else self.crossbars.arrays

    @property
    def reference(self) -> Scalar | None:
        """Factor of the reference, as `AnalogNetwork` has it."""
        crossbars = self.crossbars
        return None if crossbars is None else crossbars.chains[0].reference

    def read_against_reference(self, v: State) -> State:
        """The volts that an ADC with the chip's reference takes `v` for."""
        return v if self.reference is None else v / self.reference

    def precharged(self, v1: State) -> State:
        """The integrators' outputs as a solve begins, for starts `v1`, in volts."""
        v1 = v1 if self.reference is None else self.reference * v1
        if self.start is None:
            return v1
        return v1 + broadcast_columns(self.start, v1, self.start.ndim)

    def handed_over(self, v0: State, *, first: int | Integer[Array, ""]) -> State:
        """The ends `v0` of solves as a switch holds them, in volts.

        Args:
            v0: State voltages of samples `first`, `first + 1`, ..., `(dim, samples)`.
            first: Number of the first sample.
        """
        if self.integrator.temperature is None:
            return v0
        numbers = jnp.arange(v0.shape[1], dtype=jnp.uint32)
        indices = jnp.asarray(first, jnp.uint32) + numbers
        key = jr.fold_in(self.key, LabStream.HOLD)
        return self.integrator.sampled(v0, standard_normal(key, indices, v0.shape[:1]))

    def multiply(
        self, factors: Float[Array, "2 ..."], v: State, v_score: State
    ) -> State:
        r"""$k_x v_x + k_s v_s$ by this chip's multipliers, in volts.

        `factors` are those of all samples, or of each.
        """
        if self.multipliers is None:
            k = factors[:, None] if factors.ndim > 1 else factors
            return k[0] * v + k[1] * v_score
        return self.multipliers(factors, v, v_score)


def with_cells_of(chip: Chip, other: Chip) -> Chip:
    """`chip` with the cells and traps of `other`, and no ageing of its own.

    Raises:
        ValueError: If `chip` has a low-rank correction: its cells are not those of the
            network's arrays.
    """
    score, found = chip.score, other.score
    network = score.network if isinstance(score, TrimmedNetwork) else score
    assert isinstance(network, AnalogNetwork)
    assert isinstance(found, AnalogNetwork)
    if any(layer.correction is not None for layer in network.layers):
        raise ValueError(
            "a chip with a low-rank correction cannot age: its cells have no law of "
            "ageing. Leave out `compensate`, or set `cell.ageing` to None."
        )
    where = lambda s: [layer.crossbar for layer in s.layers]
    # The voltages of constant rows are trims, too.
    arrays = [
        dataclasses.replace(new, v_bias=own.v_bias)
        for own, new in zip(where(network), where(found), strict=True)
    ]
    network = eqx.tree_at(where, network, arrays)
    if isinstance(score, TrimmedNetwork):
        score = dataclasses.replace(score, network=network)
    else:
        score = network
    return dataclasses.replace(chip, score=score, traps=other.traps, origin=None)
