"""Samples of one chip, with their energy and what was seen of its nodes."""

import dataclasses

import jax
import numpy as np
from jaxtyping import Float

from ..energy import ArrayPower, EnergyEstimate
from ..loop import Trajectory
from ..views import AbstractViewed
from ._views import view_digital_run, view_run, view_trace


FEW = 24


@dataclasses.dataclass(frozen=True)
class Piece:
    """Some samples of a run, and sums over them: what a killed run keeps on disk.

    Args:
        x: The samples, `(num, dim)`.
        unsolved: Number that the solver did not finish.
        steps: Steps of the solver, summed over samples.
        names: Classes of nodes that have a limit.
        whens: Fraction of nodes beyond the limit at each time, summed over samples,
            `(times, timed)`, of the first classes; the others have no time.
        shares: Fraction of nodes and times beyond the limit, summed over samples.
        hits: Samples with a node of the class beyond its limit at an observed time.
        saturated: Samples with any node beyond its limit.
        cell_powers: Power of the cells, mean over time, summed over samples, in watts.
        currents: Currents of row drivers and of amplifiers, means over time, summed
            over samples, in amperes.
        stressed: Fraction of cells and times above the disturbing voltage, summed over
            samples.
        taus: Times of the observation, in seconds.
        v: State voltages of the first few samples, `(times, dim, few)`.
    """

    x: np.ndarray
    unsolved: int
    steps: float
    names: tuple[str, ...]
    whens: np.ndarray
    shares: np.ndarray
    hits: np.ndarray
    saturated: int
    cell_powers: float
    currents: np.ndarray
    stressed: float
    taus: np.ndarray
    v: np.ndarray

    @staticmethod
    def of(trajectory: Trajectory) -> "Piece":
        """One chunk."""
        got: Trajectory = jax.device_get(trajectory)
        seen, num = got.observation, got.x0.shape[1]
        assert seen is not None  # asked for by `System.sample`
        taus, power = np.asarray(seen.taus), np.asarray(seen.power)
        supplied = np.asarray(seen.supplied)
        return Piece(
            np.asarray(got.x0.T),
            int(np.sum(~np.broadcast_to(got.is_solved, num))),
            float(np.sum(np.broadcast_to(got.num_steps, num), dtype=float)),
            seen.names,
            np.sum(seen.when, axis=-1, dtype=float),
            np.sum(seen.share, axis=1, dtype=float),
            np.sum(seen.hits, axis=1),
            int(np.sum(np.any(seen.hits, axis=0))),
            float(np.sum(time_mean(taus, power), dtype=float)),
            np.sum(time_mean(taus, supplied), axis=-1, dtype=float),
            float(np.sum(seen.stressed, dtype=float)),
            taus,
            np.array(seen.v[..., :FEW]),  # a view would keep those of all samples
        )

    @property
    def num(self) -> int:
        """Number of samples."""
        return len(self.x)

    @property
    def num_steps(self) -> float:
        """Steps of the solver, mean over samples."""
        return self.steps / self.num

    @property
    def array_power(self) -> ArrayPower:
        """Power and currents of all arrays, means over samples and the solve."""
        rows, columns = map(float, self.currents / self.num)
        return ArrayPower(self.cell_powers / self.num, rows, columns)

    @property
    def clipped(self) -> dict[str, dict[str, float | int]]:
        """Fraction of nodes and times, and number of samples, per class of nodes."""
        return {
            name: {"share": float(share) / self.num, "samples": int(hits)}
            for name, share, hits in zip(
                self.names, self.shares, self.hits, strict=True
            )
        }

    def require_finite(self) -> None:
        """Raise a `ValueError` that names the worst node if no sample is finite."""
        if np.isfinite(self.x).all(axis=1).any():
            return
        worst = self.names[int(np.argmax(self.hits))]
        raise ValueError(
            f"the solve diverged in all {self.num} samples; `{worst}` passed its limit "
            f"in {int(np.max(self.hits))}: take weaker errors, more `solve.num_steps`, "
            "or a rail (`integrator.v_rail`)."
        )


@dataclasses.dataclass(frozen=True, repr=False)
class Trace(AbstractViewed):
    """The state's voltages of the first few samples over a solve.

    Args:
        taus: Circuit times, `(times,)`, in seconds.
        v: Voltages of the state, `(times, dim, few)`, in volts.
    """

    taus: np.ndarray
    v: np.ndarray

    _view = view_trace


@dataclasses.dataclass(frozen=True, repr=False)
class Run(AbstractViewed):
    """Samples of a chip, their energy, and what was seen of the chip's nodes.

    Args:
        piece: All samples and the sums over them.
        energy: Energy of one sample, by part, in joules.
        labels: Number of the class that each sample was asked for, `(num,)`, with -1
            for the null label; `None` of a network without labels.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-ideal")
        >>> run = system.sample(system.program(), 8)
        >>> run.x.shape, run.trajectory.v.shape
        ((8, 2), (33, 2, 8))
        >>> 0 < run.energy.energy < 1e-3  # joules
        True
    """

    piece: Piece
    energy: EnergyEstimate
    labels: np.ndarray | None = None

    @property
    def x(self) -> np.ndarray:
        """The samples, `(num, dim)`, dimensionless."""
        return self.piece.x

    @property
    def num(self) -> int:
        """Number of samples."""
        return self.piece.num

    @property
    def clipped(self) -> dict[str, dict[str, float | int]]:
        """For each class of nodes: fraction of nodes and times, number of samples."""
        return self.piece.clipped

    @property
    def clipped_over_time(self) -> dict[str, np.ndarray]:
        """Fraction of nodes and samples at each of `trajectory.taus`, by class.

        Converters have no time of their own and are left out.
        """
        num_timed = self.piece.whens.shape[1]
        timed = zip(self.piece.names[:num_timed], self.piece.whens.T, strict=True)
        return {name: when / self.num for name, when in timed}

    @property
    def trajectory(self) -> Trace:
        """Voltages over time of the first few samples."""
        return Trace(self.piece.taus, self.piece.v)

    @property
    def saturated_fraction(self) -> float:
        """Fraction of samples with any node beyond its limit."""
        return self.piece.saturated / self.num

    @property
    def stressed_fraction(self) -> float:
        """Fraction of cells and times above the voltage that disturbs a read."""
        return self.piece.stressed / self.num

    @property
    def unsolved(self) -> int:
        """Number of samples that the solver did not finish."""
        return self.piece.unsolved

    @property
    def num_steps(self) -> float:
        """Steps of the solver, mean over samples."""
        return self.piece.num_steps

    @property
    def array_power(self) -> ArrayPower:
        """Power and currents of all arrays, means over samples and the solve."""
        return self.piece.array_power

    _view = view_run


@dataclasses.dataclass(frozen=True, repr=False)
class DigitalRun(AbstractViewed):
    """Samples of the digital sampler.

    Args:
        x: The samples, `(num, dim)`, dimensionless.
        labels: As those of `Run`.
    """

    x: np.ndarray
    labels: np.ndarray | None = None

    _view = view_digital_run


def combine(pieces: list[Piece]) -> Piece:
    """All samples in order, sums added."""
    head = pieces[0]
    return Piece(
        np.concatenate([p.x for p in pieces]),
        sum(p.unsolved for p in pieces),
        sum(p.steps for p in pieces),
        head.names,
        np.sum([p.whens for p in pieces], axis=0),
        np.sum([p.shares for p in pieces], axis=0),
        np.sum([p.hits for p in pieces], axis=0),
        sum(p.saturated for p in pieces),
        sum(p.cell_powers for p in pieces),
        np.sum([p.currents for p in pieces], axis=0),
        sum(p.stressed for p in pieces),
        head.taus,
        head.v,
    )


def time_mean(
    taus: Float[np.ndarray, " times"], values: Float[np.ndarray, "..."]
) -> Float[np.ndarray, "..."]:
    """The mean over time, by the trapezoidal rule, of `values` of shape `(times, ...)`.

    Times may be uneven: a solver's steps are.
    """
    values = np.asarray(values, float)
    if len(taus) < 2:
        return values[0]
    gaps = np.diff(np.asarray(taus, float))
    weights = np.convolve(gaps, [0.5, 0.5]) / gaps.sum()
    return np.tensordot(weights, values, axes=1)
