"""Checkpoints: the weights of a network and their record, both inert data.

A checkpoint is a folder of two files. Nothing in them is executed.
"""

import math
import pathlib
from dataclasses import dataclass
from typing import Any

import jax.random as jr

from .._core._weights import (
    complete_record,
    pack,
    read_record,
    read_weights,
    RECORD,
    require_files,
    shipped_folders,
    unpack,
    WEIGHTS,
    write_weights,
)
from ..chip import Ranges
from ..config import from_dict, NetworkConfig, SDEConfig
from ..scores import NetworkScore
from ..sdes import AbstractSDE
from ._untrained import forward_process, readout, untrained_network


FORMAT = "rram_ode checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """A trained score, with the facts that a chip needs.

    Args:
        score: The network and its readout.
        sde: The forward process of the training.
        ranges: Largest values in the network while it generates.
        record: All of `record.json`: `data`, `network`, `sde`, `train`, ...
    """

    score: NetworkScore
    sde: AbstractSDE
    ranges: Ranges
    record: dict[str, Any]


def save_checkpoint(
    folder: pathlib.Path | str,
    score: NetworkScore,
    ranges: Ranges,
    record: dict[str, Any],
) -> None:
    """Write a checkpoint; each file appears complete or not at all, the record last.

    Args:
        folder: The folder, which is made if needed.
        score: The score, whose network is stored in single precision.
        ranges: Ranges for the record.
        record: Plain data with at least `network` and `sde`, the configurations as
            dictionaries. Format, dimension, ranges, versions and hash are added.

    Raises:
        ValueError: If a weight is not finite, or the record could not be read back.
    """
    folder = pathlib.Path(folder)
    content = pack(score.network)
    given = {"dim": score.network.dim, **record, "ranges": plain_ranges(ranges)}
    complete = complete_record(FORMAT, content, given)
    parse_record(complete)
    write_weights(folder, content, complete)


def load_checkpoint(folder: pathlib.Path | str) -> Checkpoint:
    """Read a checkpoint, in the default precision. Nothing in it is executed.

    Raises:
        ValueError: If a file is missing, damaged, inconsistent or not a checkpoint's;
            the text is one line.

    Example:
        >>> import pathlib
        >>> import rram_ode as rr
        >>> shipped = pathlib.Path(rr.__file__).parent / "checkpoints"
        >>> rr.load_checkpoint(shipped / "ring").score.network.widths
        (14, 14)
    """
    folder = pathlib.Path(folder)
    require_files(folder, "checkpoint", "`python -m rram_ode.train`")
    record = read_record(folder / RECORD, FORMAT, "checkpoint")
    try:
        dim, config, sde, ranges = parse_record(record)
    except ValueError as error:
        raise ValueError(f"`{folder / RECORD}`: {error}.") from error
    content = read_weights(folder, record)
    sizes = "-".join(map(str, (dim, *config.widths, dim)))
    draw = lambda: untrained_network(dim, config, key=jr.key(0))
    try:
        network = unpack(content, draw, sizes, "network")
    except ValueError as error:
        raise ValueError(f"`{folder / WEIGHTS}`: {error}.") from error
    return Checkpoint(NetworkScore(network, readout(config, sde)), sde, ranges, record)


def find_record(name: str) -> dict[str, Any] | None:
    """The record of a shipped checkpoint or of the one in a folder; `None` if no such.

    Args:
        name: Name of a shipped checkpoint, or the path of a folder.

    Raises:
        ValueError: If there is a record, and it is not that of a checkpoint.
    """
    path = shipped_folders(FORMAT).get(name, pathlib.Path(name)) / RECORD
    return read_record(path, FORMAT, "checkpoint") if path.is_file() else None


def shipped_names() -> list[str]:
    """Names of the shipped checkpoints."""
    return list(shipped_folders(FORMAT))


def shipped_checkpoint(name: str) -> Checkpoint:
    """The shipped checkpoint `name`.

    Raises:
        ValueError: If there is no such checkpoint; the error lists those that exist.
    """
    folders = shipped_folders(FORMAT)
    if name not in folders:
        raise ValueError(
            f"no shipped checkpoint `{name}`; there are {', '.join(folders)}."
        )
    return load_checkpoint(folders[name])


def plain_ranges(ranges: Ranges) -> dict[str, Any]:
    """`ranges` as plain numbers, from which float32 values come back exactly."""
    return {
        "state": float(ranges.state),
        "hidden": [float(h) for h in ranges.hidden],
        "output": float(ranges.output),
    }


def parse_record(
    record: dict[str, Any],
) -> tuple[int, NetworkConfig, AbstractSDE, Ranges]:
    """Dimension, network, process and ranges of a record.

    Raises:
        ValueError: If an entry is missing or impossible; the text has no full stop.
    """
    dim = record.get("dim")
    if type(dim) is not int or dim < 1:
        raise ValueError(f"`dim` must be an integer of 1 or more; got {dim!r}")
    config = from_dict(NetworkConfig, record.get("network", {}), "network.")
    if not config.widths or any(w < 2 or w % 2 for w in config.widths):
        raise ValueError(f"`network.widths` must be even; got {config.widths}")
    sde = from_dict(SDEConfig, record.get("sde", {}), "sde.")
    ranges = _parse_ranges(record.get("ranges"), len(config.widths))
    return dim, config, forward_process(config, sde), ranges


def _parse_ranges(ranges: Any, num_hidden: int) -> Ranges:
    rule = f"`ranges` must hold `state`, {num_hidden} x `hidden` and `output`, positive"
    try:
        state, hidden, output = (ranges[n] for n in ("state", "hidden", "output"))
        values = [float(v) for v in (state, *hidden, output)]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{rule}; got {ranges!r}") from error
    is_good = all(math.isfinite(v) and v > 0 for v in values)
    if not is_good or len(values) != num_hidden + 2:
        raise ValueError(f"{rule}; got {ranges!r}")
    return Ranges(values[0], tuple(values[1:-1]), values[-1])
