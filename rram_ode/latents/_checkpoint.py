"""Trained autoencoders in folders of two files, of which nothing is executed."""

import dataclasses
import pathlib
from collections.abc import Iterable
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
from ._autoencoder import Autoencoder, untrained_autoencoder


FORMAT = "rram_ode autoencoder"


LARGEST = 1_024  # pixels a side, and coordinates of a latent, of a record: assumed


REMEDY = "`python -m rram_ode.train letters-vae`"


@dataclasses.dataclass(frozen=True)
class TrainedAutoencoder:
    """A trained autoencoder and its record.

    Args:
        model: The autoencoder.
        classes: Name of each class, in the order of the anchors.
        record: All of `record.json`.
    """

    model: Autoencoder
    classes: tuple[str, ...]
    record: dict[str, Any]


def save_autoencoder(
    folder: pathlib.Path | str,
    model: Autoencoder,
    classes: Iterable[str],
    record: dict[str, Any],
) -> None:
    """Write an autoencoder; each file appears complete or not at all, the record last.

    Args:
        folder: The folder, which is made if needed.
        model: The autoencoder, which is stored in single precision.
        classes: Name of each class.
        record: Plain data. Format, sizes, classes, versions and hash are added.

    Raises:
        ValueError: If a weight is not finite, or the record could not be read back.
    """
    content = pack(model)
    given = {
        **record,
        "dim": model.dim,
        "shape": list(model.shape),
        "classes": list(classes),
    }
    complete = complete_record(FORMAT, content, given)
    _parse(complete)
    write_weights(pathlib.Path(folder), content, complete)


def load_autoencoder(folder: pathlib.Path | str) -> TrainedAutoencoder:
    """Read an autoencoder, in the default precision.

    Raises:
        ValueError: If a file is missing, damaged, inconsistent or no autoencoder's; the
            text is one line.
    """
    folder = pathlib.Path(folder)
    require_files(folder, "autoencoder", REMEDY)
    record = read_record(folder / RECORD, FORMAT, "autoencoder")
    try:
        dim, shape, classes = _parse(record)
    except ValueError as error:
        raise ValueError(f"`{folder / RECORD}`: {error}.") from error
    content = read_weights(folder, record)
    draw = lambda: untrained_autoencoder(dim, shape, key=jr.key(0))
    sizes = f"{shape[0]}x{shape[1]} to {dim}"
    try:
        model = unpack(content, draw, sizes, "autoencoder")
    except ValueError as error:
        raise ValueError(f"`{folder / WEIGHTS}`: {error}.") from error
    return TrainedAutoencoder(model, classes, record)


def find_autoencoder(name: str) -> pathlib.Path:
    """The folder of the shipped autoencoder `name`, or the folder of this name.

    Raises:
        ValueError: If there is neither; the message lists those that are shipped.
    """
    shipped, folder = shipped_folders(FORMAT), pathlib.Path(name)
    if name in shipped:
        return shipped[name]
    if not folder.is_dir():
        raise ValueError(
            f"`latents.checkpoint` must be {', '.join(shipped)} or the folder of an "
            f"autoencoder; there is no folder `{name}`. {REMEDY} writes one."
        )
    return folder


def _parse(
    record: dict[str, Any],
) -> tuple[int, tuple[int, int], tuple[str, ...]]:
    """Dimension, height and width, and classes of a record.

    Raises:
        ValueError: If an entry is missing or impossible; the text has no full stop.
    """
    dim = record.get("dim")
    if type(dim) is not int or not 1 <= dim <= LARGEST:
        raise ValueError(f"`dim` must be an integer from 1 to {LARGEST}; got {dim!r}")
    shape, classes = _list(record, "shape", int), _list(record, "classes", str)
    if len(shape) != 2:
        raise ValueError(
            f"`shape` must be height and width in pixels; got {record.get('shape')!r}"
        )
    if any(side % 4 or not 4 <= side <= LARGEST for side in shape):
        raise ValueError(
            f"`shape` must be multiples of 4 from 4 to {LARGEST}; got {shape!r}"
        )
    if not 1 <= len(set(classes)) == len(classes):
        raise ValueError(
            f"`classes` must be different names; got {record.get('classes')!r}"
        )
    return dim, (shape[0], shape[1]), tuple(classes)


def _list(record: dict[str, Any], name: str, kind: type) -> list[Any]:
    """The list `name` of a record; empty where it is none of this kind."""
    value = record.get(name)
    if isinstance(value, list) and all(type(item) is kind for item in value):
        return value
    return []
