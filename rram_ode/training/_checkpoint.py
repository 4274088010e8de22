"""Checkpoints: a folder with `weights.eqx` and `record.json`, inert data both."""

import hashlib
import json
import pathlib
from dataclasses import dataclass
from typing import Any

from .._files import write_whole
from ..scores import NetworkScore, Ranges
from ..sdes import AbstractSDE
from ._record import FORMAT, parse_record, plain_ranges, read_record, VERSION, versions
from ._untrained import readout
from ._weights import pack, unpack


WEIGHTS, RECORD = "weights.eqx", "record.json"


@dataclass(frozen=True)
class Checkpoint:
    """A trained score and what a chip needs to know of it.

    Args:
        score: The network and its readout.
        sde: The forward process that it was trained on.
        ranges: Largest values while generating.
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
        folder: Made if it is not there.
        score: Its network is stored, in single precision.
        ranges: Stored in the record.
        record: Plain data. Must hold `network` and `sde`, the configurations as
            dictionaries; format, dimension, ranges, versions and hash are added.

    Raises:
        ValueError: If a weight is not finite, or the record could not be read back.
    """
    folder = pathlib.Path(folder)
    content = pack(score.network)
    complete = {
        "format": FORMAT,
        "format_version": VERSION,
        "dim": score.network.dim,
        **record,
        "ranges": plain_ranges(ranges),
        "versions": versions(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    parse_record(complete)
    text = json.dumps(complete, indent=2, allow_nan=False) + "\n"
    write_whole(folder / WEIGHTS, content)
    write_whole(folder / RECORD, text.encode())


def load_checkpoint(folder: pathlib.Path | str) -> Checkpoint:
    """Read a checkpoint, in the default precision. Nothing in it is executed.

    Raises:
        ValueError: In one line, if a file is missing, foreign, damaged or inconsistent.
    """
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise ValueError(f"there is no checkpoint folder `{folder}`.")
    for name in (RECORD, WEIGHTS):
        if not (folder / name).is_file():
            raise ValueError(
                f"`{folder}` holds no `{name}`; `python -m rram_ode.train` writes one."
            )
    record = read_record(folder / RECORD)
    try:
        dim, config, sde, ranges = parse_record(record)
    except ValueError as error:
        raise ValueError(f"`{folder / RECORD}`: {error}.") from error
    content = (folder / WEIGHTS).read_bytes()
    if hashlib.sha256(content).hexdigest() != record.get("sha256"):
        raise ValueError(
            f"`{folder / WEIGHTS}` is not the file of its record (truncated, changed, "
            "or of another training); restore both files, or train again."
        )
    try:
        network = unpack(content, dim, config)
    except ValueError as error:
        raise ValueError(f"`{folder / WEIGHTS}`: {error}.") from error
    return Checkpoint(NetworkScore(network, readout(config, sde)), sde, ranges, record)
