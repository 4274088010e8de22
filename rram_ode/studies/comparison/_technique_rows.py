"""Rows of published techniques on one network, each at equal quality.

A technique takes as few of Euler's steps as make it as good as the reference; quality,
counts, joules and seconds of its row are those of this machine. No other sampler has
such rows: several techniques compare an evaluation with the one of the step before.
"""

import dataclasses
from collections.abc import Callable, Sequence

import jax.numpy as jnp
import numpy as np

from ...accelerators import AbstractMachine, AbstractTechnique, Outcome, Starts
from ...energy import Constants, Value, Values, Work
from ...scores import AbstractLayeredScore
from ...sdes import AbstractProcess
from ._digital_rows import Model, on_machine
from ._equivalence import Distances, find_fewest, Search
from ._row import estimate, middle, Row, spread, tell


@dataclasses.dataclass(frozen=True)
class Trial:
    """A network, the starts of all its runs, and what its samples are judged by.

    Args:
        network: What the network is called, in a table; empty for that of the chip.
        score: Its score.
        process: What is integrated.
        times: Diffusion times of so many steps.
        work: Work of so many steps without a technique.
        steps: Numbers of steps to try, rising.
        calibration: Starts that ranges and thresholds come from.
        judged: Starts of each chip's runs, or of each repeat.
        judge: Distance of the samples of chip or repeat n, `(samples, dim)`.
        reference: Distances that a technique must equal.
        beside: What the reference is, in words.
        margin: Difference that one would just accept, in just-noticeable distances.
        guess: Number of steps that is tried first; `None` for the most.
    """

    network: str
    score: AbstractLayeredScore
    process: AbstractProcess
    times: Callable[[int], jnp.ndarray]
    work: Callable[[int], Work]
    steps: Sequence[int]
    calibration: Starts
    judged: Sequence[Starts]
    judge: Callable[[int, np.ndarray], float]
    reference: Distances
    beside: str
    margin: float
    guess: int | None = None


def technique_rows(
    trial: Trial,
    technique: AbstractTechnique,
    names: Sequence[str],
    table: Constants,
    ours: Model | None,
    progress: Callable[[int], object],
    warn: Callable[[str], object],
) -> list[Row]:
    """A row for each machine of a technique that is among `names`.

    Args:
        trial: The network and what judges it.
        technique: The technique, which applies to this network.
        names: Names of rows that are asked for.
        table: Constants of the energy model.
        ours: Joules of the analog machine; `None` where there is none.
        progress: Function that is called with 1 after each number of steps.
        warn: Function that is called with what makes these rows doubtful.
    """
    outcomes: dict[int, Outcome] = {}
    together = _together(trial.judged)

    def judge(candidate: int | float) -> Distances:
        num_steps = int(candidate)
        outcomes[num_steps] = technique.run(
            trial.score,
            trial.process,
            trial.times(num_steps),
            trial.calibration,
            together,
        )
        progress(1)
        return judge_clouds(trial, outcomes[num_steps].x)

    search = find_fewest(
        trial.steps, judge, trial.reference, margin=trial.margin, guess=trial.guess
    )
    num_steps, base = row_of(trial, search)
    work = trial.work(num_steps)
    baseline = outcomes[num_steps].baseline
    for warning in outcomes[num_steps].warnings:
        warn(f"{technique.names[0]}: {warning}")
    rows = []
    for name, machine in outcomes[num_steps].machines.items():
        if name not in names:
            continue
        title = f"{name} on {trial.network}" if trial.network else name
        row = dataclasses.replace(base, system=title, machine=machine.what)
        row = on_machine(row, machine, work, ours, table)
        if baseline is not None:
            saved = estimate(
                lambda v, own=machine: joules(own, work, v) / joules(baseline, work, v),
                table,
            )
            row = dataclasses.replace(row, baseline=baseline.name, over_baseline=saved)
        rows.append(row)
    return rows


def joules(machine: AbstractMachine, work: Work, values: Values) -> Value:
    """All joules of a sample by operations."""
    return sum((machine.operations_energy(work, 1, values) or {}).values())


def judge_clouds(trial: Trial, x: np.ndarray) -> Distances:
    """Distances of the samples of all chips or repeats, one after the other."""
    ends = np.cumsum([each.x1.shape[1] for each in trial.judged])
    clouds = np.split(x, ends[:-1])
    return np.array([trial.judge(n, cloud) for n, cloud in enumerate(clouds)])


def row_of(trial: Trial, search: Search) -> tuple[int, Row]:
    """The number of steps that a search found, and a row without a machine."""
    num_steps = int(max(search.tried) if search.found is None else search.found)
    row = Row(
        "",
        "",
        1,
        spread(search.distances),
        f"{tell(search.tried[num_steps])} beside {trial.beside}",
        num_steps,
        num_steps,
        search.found is not None,
        median=middle(search.distances),
    )
    return num_steps, row


def _together(parts: Sequence[Starts]) -> Starts:
    """All starts, so that one run makes all samples."""
    x1 = jnp.concatenate([each.x1 for each in parts], axis=1)
    labels = [each.labels for each in parts if each.labels is not None]
    return Starts(x1, jnp.concatenate(labels) if labels else None)
