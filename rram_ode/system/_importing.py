"""A network that was trained elsewhere becomes a checkpoint."""

import dataclasses
import hashlib
import pathlib
from typing import Any, NamedTuple

import jax.random as jr

from .._core._files import claim_folder, output_folder
from .._core._own_files import read_file
from ..config import override_all, RunConfig
from ..metrics import Quality
from ..scores import FourierMLP, NetworkScore
from ..sdes import flow_along, Prior
from ..training import (
    Checkpoint,
    forward_process,
    import_network,
    Layout,
    load_checkpoint,
    measure_ranges,
    parse_layout,
    read_layout,
    read_tensors,
    readout,
    save_checkpoint,
)
from ._asked import require_dim
from ._training import judge_network, of_file, quality_record
from .build import ALL, build_classes, find_dataset, SAMPLING


class ImportedNetwork(NamedTuple):
    """A checkpoint that was made of the weights of another program.

    Args:
        checkpoint: As `rram_ode.sample --checkpoint` takes it.
        weights: Names of the tensors that became its weights, in order.
        quality: As that of a trained network: the first sign of a wrong layout.
    """

    checkpoint: Checkpoint
    weights: tuple[str, ...]
    quality: dict[str, list[Quality]]


def import_weights(
    weights: pathlib.Path | str,
    layout: pathlib.Path | str | dict[str, Any],
    *,
    folder: pathlib.Path | str,
) -> ImportedNetwork:
    """Make a checkpoint of a state dict that was trained elsewhere.

    The ranges of the network are measured on 20,000 digital solves, as after a training
    here, and the record says from which file the weights are.

    Args:
        weights: A file of tensors: safetensors, npz, or pth, whose tensors alone are
            read.
        layout: What they mean: a TOML or JSON file, or the same as a dictionary. See
            `rram_ode.training.Layout`.
        folder: Gets `weights.eqx` and `record.json`.

    Raises:
        ValueError: If a file cannot be read, or the network is of another form; the
            text is one line.
        OSError: If a file cannot be read, or the folder not be written.

    Example:
        >>> import pathlib, tempfile
        >>> import numpy as np, rram_ode as rr
        >>> rng, sizes = np.random.default_rng(0), (2, 4, 4, 2)
        >>> state = {"embed": rng.normal(size=2)}
        >>> for n, (i, o) in enumerate(zip(sizes[:-1], sizes[1:])):
        ...     state |= {f"{n}.weight": rng.normal(size=(o, i)) / 4}
        ...     state |= {f"{n}.bias": np.zeros(o)}
        >>> layout = {
        ...     "prediction": "noise",
        ...     "activation": "relu",
        ...     "frequencies": "embed",
        ...     "data": "ring",
        ...     "schedule": {"beta_min": 0.1, "beta_max": 8.0},
        ... }
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "state.npz"
        ...     np.savez(path, **state)
        ...     found = rr.import_weights(path, layout, folder=folder)
        >>> found.checkpoint.score.network.widths
        (4, 4)
    """
    weights, folder = pathlib.Path(weights), pathlib.Path(folder)
    if isinstance(layout, dict):
        said = parse_layout(layout)
    else:
        said = read_layout(pathlib.Path(layout))
    with claim_folder(folder):
        return _import(weights, said, folder)


def _import(
    weights: pathlib.Path, said: Layout, folder: pathlib.Path
) -> ImportedNetwork:
    tensors = read_tensors(weights)
    try:
        found = import_network(tensors, said)
    except ValueError as error:
        raise ValueError(f"`{weights}`: {error}") from error
    config = _configuration(said, found.network)
    dataset = find_dataset(config)
    require_dim(said.data, dataset.dim, found.network.dim)
    sde, solve = forward_process(config.network, config.sde), config.solve
    score = NetworkScore(found.network, readout(config.network, sde))
    classes = build_classes(ALL, dataset, score).classes
    process, prior = flow_along(sde, solve.beta_factor), Prior(solve.start_std, classes)
    output_folder(folder)
    ranges = measure_ranges(
        score, process, solve.t0, solve.t1, prior=prior, key=jr.key(0)
    )
    record = {
        "data": said.data,
        "network": dataclasses.asdict(config.network),
        "sde": dataclasses.asdict(config.sde),
        "sampling": {name: getattr(solve, name) for name in SAMPLING},
        "imported": {
            "file": weights.name,
            "sha256": hashlib.sha256(read_file(weights)).hexdigest(),
            "weights": list(found.weights),
            "layout": dataclasses.asdict(said),
        },
        **of_file(config, dataset),
    }
    save_checkpoint(folder, score, ranges, record)
    judged = judge_network(score, process, dataset, solve, prior)
    record = {**record, "quality": quality_record(judged)}
    save_checkpoint(folder, score, ranges, record)
    return ImportedNetwork(load_checkpoint(folder), found.weights, judged)


def _configuration(layout: Layout, network: FourierMLP) -> RunConfig:
    """A configuration with what the layout says of data, network and schedule."""
    settings: dict[str, Any] = {
        "data": layout.data,
        "network.widths": network.widths,
        "network.classes": 0 if (own := network.classes) is None else own.num_classes,
        "network.prediction": layout.prediction,
        "network.output_factor": layout.output_factor,
    }
    for name, value in layout.schedule.items():
        if value is not None:
            settings[f"{'solve' if name in SAMPLING else 'sde'}.{name}"] = value
    for name, values in (layout.points or {}).items():
        settings[f"points.{name}"] = values
    return override_all(RunConfig(), settings)
