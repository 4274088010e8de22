"""The record of a checkpoint rules its sampling: what was trained is what is solved."""

import pathlib
from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from ...config import leaves, read, replace_all, RunConfig
from ...datasets.tables import is_table_file
from ...training import find_record
from ._points import file_digest


SAMPLING = ("beta_factor", "start_std", "t0", "t1")


class Ruled(NamedTuple):
    """A configuration that follows what its user named.

    Args:
        config: The configuration.
        notes: What was changed, and what does not fit any more; a sentence each.
    """

    config: RunConfig
    notes: tuple[str, ...]


def follow_record(config: RunConfig, given: Collection[str]) -> Ruled:
    """`config` with the data, schedule and start that its checkpoint was trained for.

    A preset's values are those of its own network. Where a user names another
    checkpoint, its record gives data, betas, factor on beta, start and ends of time,
    but for the settings that the user names, too.

    Args:
        config: All settings.
        given: Dotted names of the settings that the user gave.

    Raises:
        ValueError: If the record cannot be read.
    """
    if "checkpoint" not in given:
        return Ruled(config, ())
    record = find_record(config.checkpoint)
    if record is None:  # which is said when the folder is read
        return Ruled(config, ())
    known = {name for name, _ in leaves(config)}
    ruled = {
        name: value
        for name, value in _sampling(record).items()
        if name in known and name not in given and not _equal(value, read(config, name))
    }
    before = {name: read(config, name) for name in ruled}
    config = replace_all(config, ruled)
    notes = []
    if ruled:
        said = ", ".join(
            f"{name} {_text(value)} (not {_text(before[name])})"
            for name, value in ruled.items()
            if before[name] is not None  # a scaling that nothing gave
        )
        if said:
            notes.append(f"`{config.checkpoint}` was trained with {said}: taken.")
    if (changed := _changed(config, record)) is not None:
        notes.append(changed)
    return Ruled(config, tuple(notes))


def _sampling(record: dict[str, Any]) -> dict[str, Any]:
    """Settings of a record that sampling depends on, by dotted name."""
    sampling, points = record.get("sampling") or {}, record.get("points") or {}
    found = {"data": record.get("data")}
    found |= {f"sde.{name}": value for name, value in (record.get("sde") or {}).items()}
    found |= {f"solve.{name}": sampling.get(name) for name in SAMPLING}
    found |= {
        f"points.{name}": tuple(values)
        for name, values in points.items()
        if isinstance(values, list)
    }
    return {name: value for name, value in found.items() if value is not None}


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return bool(np.isclose(one, other, rtol=1e-6, atol=0))
    return one == other


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def _changed(config: RunConfig, record: dict[str, Any]) -> str | None:
    """What has become of the file that the network was trained on."""
    trained = record.get("data_sha256")
    if trained is None or not is_table_file(config.data):
        return None
    path = pathlib.Path(config.data)
    if not path.is_file():
        raise ValueError(
            f"`{config.checkpoint}` was trained on `{path}`, which is not there any "
            "more: give the file that samples are judged by, `--set data=PATH`."
        )
    if file_digest(path) == trained:
        return None
    return (
        f"`{path}` is not the file that `{config.checkpoint}` was trained on: samples "
        "keep the scaling of the training, and are judged by these points, some of "
        "which the network may have learnt."
    )
