"""The fit of a score to data: a function of the seed that can be resumed."""

import math
import pathlib
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._files import PARTIAL
from ..config import TrainConfig
from ..datasets import AbstractDataset
from ..scores import NetworkScore
from ..sdes import AbstractSDE
from ._batch import Batch
from ._chips import TrainingChips
from ._optimiser import learning_rate, optimiser
from ._plan import check_plan
from ._state import FitState, identity, load_state, save_state
from ._step import advance, CHUNK
from ._tune import bounded, parameters, with_parameters


class Progress(NamedTuple):
    """Progress of a fit: steps done, mean loss of the last chunk, learning rate."""

    step: int
    loss: float
    learning_rate: float

    @property
    def done(self) -> int:
        """Steps done, for `rr.progress`."""
        return self.step

    @property
    def numbers(self) -> dict[str, str]:
        """Loss and learning rate as texts, for `rr.progress`."""
        return {"loss": f"{self.loss:.5f}", "rate": f"{self.learning_rate:.1e}"}


class Fit(NamedTuple):
    """A score with averaged weights, the loss per 500 steps, and the seconds spent."""

    score: NetworkScore
    losses: Float[Array, " chunks"]
    seconds: float


def fit(
    score: NetworkScore,
    sde: AbstractSDE,
    dataset: AbstractDataset,
    plan: TrainConfig,
    *,
    chips: TrainingChips | None = None,
    points: Batch | None = None,
    folder: pathlib.Path | None = None,
    files: Mapping[str, str] | None = None,
    save_seconds: float = 5.0,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Fit:
    """Train `score` by score or flow matching on fresh samples of `dataset`.

    Equal arguments give equal results, bit for bit on one machine, and so does a run
    that was killed and started again.

    Args:
        score: The score at the start; its embedding's frequencies stay. With a
            `VelocityReadout` it learns the velocity, else the score.
        sde: The forward process.
        dataset: The data to learn.
        plan: Steps, rates and noise of the training.
        chips: Chips that the network is trained on, or `None` for the bare network.
            They are needed if, and only if, `plan.chips` is true.
        points: Points to learn in place of noised data, such as `lead_points`. They
            are needed if, and only if, `plan.lead` is above 0.
        folder: Folder for the last complete state, `.partial/state.eqx`, from which the
            same fit resumes; `None` keeps no state.
        files: SHA-256 of each file of the user's that the fit depends on, by setting,
            so that a resume can name the one that changed.
        save_seconds: Least time between two saves, in seconds.
        report: Function that is called after each chunk, and once after a resume.

    Raises:
        ValueError: If a knob of `plan` is out of range, the loss stops being finite, or
            `folder` holds the state of another run.
    """
    check_plan(plan)
    if plan.chips != (chips is not None):
        raise ValueError(
            "`chips` must be given where `train.chips` is True, and nowhere else; got "
            f"`train.chips` = {plan.chips}."
        )
    if (plan.lead > 0) != (points is not None):
        raise ValueError(
            "`points` must be given where `train.lead` is above 0, and nowhere else; "
            f"got `train.lead` = {plan.lead:g}."
        )
    state, seconds = begin(score, plan), 0.0
    path = None if folder is None else folder / PARTIAL / "state.eqx"
    start = (score, sde, dataset, chips)
    start = start if points is None else (*start, points)
    owner = identity(plan, start, files)
    if path is not None:
        state, seconds = load_state(path, state, owner)
    if int(state.step):
        _report(report, state, plan)
    begun = time.monotonic() - seconds
    saved = time.monotonic()
    while int(state.step) < plan.steps:
        stop = jnp.asarray(min(int(state.step) + CHUNK, plan.steps))
        ahead, bad = advance(state, score, sde, dataset, plan, stop, chips, points)
        is_finite = int(bad) == plan.steps
        state, now = ahead if is_finite else state, time.monotonic()
        if path is not None and (not is_finite or now - saved >= save_seconds):
            save_state(path, state, owner, now - begun)
            saved = now
        if not is_finite:
            raise ValueError(_diverged(int(bad), plan, path))
        _report(report, state, plan)
    network = with_parameters(
        score.network, bounded(state.averaged, plan.w_max, plan.b_max)
    )
    trained = eqx.tree_at(lambda s: s.network, score, network)
    return Fit(trained, state.losses, time.monotonic() - begun)


def begin(score: NetworkScore, plan: TrainConfig) -> FitState:
    """The state before the first step."""
    params = parameters(score.network)
    chunks = jnp.zeros(math.ceil(plan.steps / CHUNK))
    return FitState(params, params, optimiser(plan).init(params), jnp.array(0), chunks)


def _report(
    report: Callable[[Progress], None], state: FitState, plan: TrainConfig
) -> None:
    step = int(state.step)
    loss = float(state.losses[(step - 1) // CHUNK])
    report(Progress(step, loss, learning_rate(plan, step)))


def _diverged(step: int, plan: TrainConfig, path: pathlib.Path | None) -> str:
    kept = "" if path is None else f" The last good state is kept in `{path}`."
    return (
        f"the loss or its gradient is not finite at step {step} (learning rate "
        f"{learning_rate(plan, step):.3g}); lower `train.learning_rate`.{kept}"
    )
