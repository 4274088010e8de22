"""Train the network of a configuration and keep it as a checkpoint."""

import dataclasses
import pathlib
import shutil
from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
import jax.random as jr
import numpy as np

from .._core._files import claim_folder, output_folder, PARTIAL
from .._core._streams import RunStream, TrainingStream
from ..config import override_all, RunConfig, SolveConfig
from ..datasets import AbstractDataset, AbstractLabelledDataset
from ..datasets.tables import LabelledTable, Table
from ..metrics import Quality, quality
from ..presets import find_preset
from ..samplers import draw_digital, Heun
from ..scores import NetworkScore
from ..sdes import Flow, flow_along, Prior
from ..training import (
    batch_ranges,
    check_plan,
    Checkpoint,
    Fit,
    fit,
    forward_process,
    load_checkpoint,
    measure_ranges,
    Progress,
    save_checkpoint,
    untrained,
)
from ._data import draw_data
from ._inputs import hash_inputs
from .build import (
    ALL,
    build_classes,
    build_lead_points,
    build_teacher,
    build_training_chips,
    build_training_data,
    file_digest,
    find_dataset,
    lead_record,
    require_classes,
    SAMPLING,
)


JUDGED, NUM_STEPS, NUM_SEEDS = 20_000, 200, 3
LARGEST_HISTORY = 200


@dataclasses.dataclass(frozen=True)
class TrainedNetwork:
    """A checkpoint with how its training went.

    Args:
        checkpoint: As `rram_ode.sample --checkpoint` takes it.
        fit: Losses and seconds of the training.
        quality: `digital` samples by Heun's method, with a lead those of the teacher,
            and the `floor` of fresh data, one for each of three seeds.
    """

    checkpoint: Checkpoint
    fit: Fit
    quality: dict[str, list[Quality]]


def train_network(
    preset: str | RunConfig,
    settings: Mapping[str, Any] | None = None,
    *,
    folder: pathlib.Path | str,
    progress: Callable[[Progress], None] = lambda progress: None,
) -> TrainedNetwork:
    """Train the score network of a preset and write it as a checkpoint folder.

    The checkpoint is written before it is judged, and again with the quality. A
    training that was killed goes on from its last complete state in the same folder.

    Args:
        preset: One of `rr.list_presets()`, or a configuration.
        settings: Values by dotted name, as for `System.from_preset`.
        folder: Gets `weights.eqx` and `record.json`.
        progress: Told the step, the loss and the learning rate of each chunk of steps.

    Example:
        >>> import pathlib, tempfile
        >>> import rram_ode as rr
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     trained = rr.train_network(
        ...         "ring", {"train.steps": 20, "train.batch": 64}, folder=folder
        ...     )
        >>> trained.checkpoint.score.network.widths
        (14, 14)
    """
    config = find_preset(preset) if isinstance(preset, str) else preset
    config, folder = override_all(config, settings or {}), pathlib.Path(folder)
    with claim_folder(folder):
        return _train(config, folder, progress)


def _train(
    config: RunConfig, folder: pathlib.Path, progress: Callable[[Progress], None]
) -> TrainedNetwork:
    dataset = find_dataset(config)
    config = _with_classes(config, dataset)
    learnt = build_training_data(config, dataset)
    sde = forward_process(config.network, config.sde)
    process = flow_along(sde, config.solve.beta_factor)
    check_plan(config.train)
    files = hash_inputs(config)
    files.pop("checkpoint", None)  # it is what a training writes, not what it reads
    teacher = build_teacher(config)
    points = None if teacher is None else build_lead_points(config, teacher)
    if teacher is not None:
        score = teacher.score
    else:
        score = untrained(
            dataset.dim,
            config.network,
            sde,
            key=jr.fold_in(jr.key(config.train.seed), TrainingStream.WEIGHTS),
            frequency_key=jr.key(config.train.frequency_seed),
        )
    fitted = fit(
        score,
        sde,
        learnt,
        config.train,
        chips=build_training_chips(config),
        points=points,
        folder=output_folder(folder),
        files=files,
        report=progress,
    )
    twin = teacher.score if teacher else fitted.score
    classes = build_classes(ALL, dataset, twin).classes
    solve, prior = config.solve, Prior(config.solve.start_std, classes)
    more: dict[str, Any] = of_file(config, dataset)
    if teacher is None or points is None:
        ranges = measure_ranges(
            fitted.score, process, solve.t0, solve.t1, prior=prior, key=jr.key(0)
        )
    else:  # its own flow is none that a loop solves
        ranges = batch_ranges(fitted.score.network, points)
        more["lead"] = lead_record(config, teacher)
    record = {**_record(config, fitted), **more, "files": files}
    save_checkpoint(folder, fitted.score, ranges, record)  # before it may fail to judge
    judged = judge_network(twin, process, dataset, solve, prior)
    record = {**record, "quality": quality_record(judged)}
    save_checkpoint(folder, fitted.score, ranges, record)
    shutil.rmtree(folder / PARTIAL, ignore_errors=True)
    return TrainedNetwork(load_checkpoint(folder), fitted, judged)


def judge_network(
    score: NetworkScore,
    process: Flow,
    dataset: AbstractDataset,
    solve: SolveConfig,
    prior: Prior,
) -> dict[str, list[Quality]]:
    """Digital samples by Heun's method against fresh data, and data against data."""
    ts = jnp.linspace(solve.t1, solve.t0, NUM_STEPS + 1)
    digital, floor = [], []
    for seed in range(NUM_SEEDS):
        key = jr.key(seed)
        one, other = (
            draw_data(dataset, JUDGED, split, key=jr.fold_in(key, stream))
            for split, stream in (
                ("test", RunStream.JUDGING_DATA),
                ("train", RunStream.FLOOR_DATA),
            )
        )
        num, other = len(one), other[: len(one)]  # pictures are fewer than `JUDGED`
        chunks = draw_digital(Heun(), process, score, ts, num, key=key, prior=prior)
        samples = np.concatenate([np.asarray(x).T for x in chunks])
        digital.append(quality(samples, one))
        floor.append(quality(other, one))
    return {"digital": digital, "floor": floor}


def _with_classes(config: RunConfig, dataset: AbstractDataset) -> RunConfig:
    """`config` with as many classes as a file of points has labels.

    Raises:
        ValueError: If the network has classes, and the data have none or others.
    """
    asked = config.network.classes
    if not isinstance(dataset, AbstractLabelledDataset):
        if asked:
            raise ValueError(
                f"`network.classes` = {asked} needs data with labels, and `data` = "
                f"{config.data} have none: take modes-7, or a file of points with a "
                "column `label`."
            )
        return config
    if not asked and isinstance(dataset, LabelledTable):
        number = len(dataset.class_names)
        return override_all(config, {"network.classes": number})
    if asked:
        require_classes(asked, dataset)
    return config


def of_file(config: RunConfig, dataset: AbstractDataset) -> dict[str, Any]:
    """What the record of a network says of the file of points that it was trained on.

    A path of the record is absolute: it is read from another folder, too.
    """
    if not isinstance(dataset, Table | LabelledTable):
        return {}
    path = pathlib.Path(config.data).resolve()
    return {
        "data": str(path),
        "data_sha256": file_digest(path),
        "points": {name: list(v) for name, v in dataset.scaling._asdict().items()},
    }


def quality_record(judged: dict[str, list[Quality]]) -> dict[str, Any]:
    """What the record says of the digital samples, and of fresh data."""
    return {
        "sampler": f"heun, {NUM_STEPS} steps",
        "num_samples": judged["digital"][0].num_samples,
        **{
            name: [{k: getattr(q, k) for k in ("kl_1d", "kl_2d")} for q in each]
            for name, each in judged.items()
        },
    }


def _record(config: RunConfig, fitted: Fit) -> dict[str, Any]:
    """The record but for the quality, and for what `save_checkpoint` adds."""
    solve, losses = config.solve, np.asarray(fitted.losses)
    return {
        "data": config.data,
        "network": dataclasses.asdict(config.network),
        "sde": dataclasses.asdict(config.sde),
        "train": dataclasses.asdict(config.train),
        "config": dataclasses.asdict(config),
        "seed": config.train.seed,
        "steps": config.train.steps,
        "final_loss": float(losses[-1]),
        "seconds": round(fitted.seconds, 1),
        "sampling": {name: getattr(solve, name) for name in SAMPLING},
        "losses": _thin(losses),
    }


def _thin(losses: np.ndarray) -> list[float]:
    """At most `LARGEST_HISTORY` means over equal numbers of chunks."""
    group = -(-len(losses) // LARGEST_HISTORY)
    means = [losses[i : i + group].mean() for i in range(0, len(losses), group)]
    return [round(float(mean), 6) for mean in means]
