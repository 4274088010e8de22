"""Readers as folders of two files, both inert data; some are in the package."""

import dataclasses
import pathlib
from typing import Any

import jax.random as jr

from .._core._files import output_folder
from .._core._weights import (
    complete_record,
    pack,
    read_record,
    read_weights,
    RECORD,
    require_files,
    SHIPPED,
    unpack,
    WEIGHTS,
    write_weights,
)
from ..datasets.pictures import LabelledImages, load_digits, load_letters, Splits
from ..metrics import class_recall
from ._fit import fit_reader, ReaderPlan
from ._network import Reader, untrained_reader


FORMAT = "rram_ode reader"


REMEDY = "`python -m rram_ode.train digits-reader`"


LARGEST = 1_000  # pixels a side, and classes, of a record that is believed


# Readers that the package ships, and the pictures that each reads.
READERS = {"digits-reader": load_digits, "letters-reader": load_letters}


@dataclasses.dataclass(frozen=True)
class TrainedReader:
    """A reader with its record.

    Args:
        reader: The network.
        record: All of `record.json`: `classes`, `shape`, `trained_on`, `recall`, ...
    """

    reader: Reader
    record: dict[str, Any]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of their numbers."""
        return tuple(self.record["classes"])


def train_reader(
    splits: Splits, folder: pathlib.Path | str, plan: ReaderPlan = ReaderPlan()
) -> TrainedReader:
    """Train a reader on the held-out pictures, try it on the test, and write it.

    Nothing else is trained on these pictures, and no result is compared with them: so
    the reader knows neither the pictures that samples are compared with nor those that
    a network which makes samples was trained on.

    Args:
        splits: The pictures.
        folder: Gets `weights.eqx` and `record.json`.
        plan: How to train.
    """
    folder = output_folder(pathlib.Path(folder))
    reader = fit_reader(splits.held_out, plan)
    found = class_recall(
        splits.test.labels, reader.read(splits.test.images), reader.num_classes
    )
    names, content = splits.test.classes, pack(reader)
    record = {
        "classes": list(names),
        "shape": list(splits.test.shape),
        "source": splits.test.source,
        "trained_on": f"{len(splits.held_out)} held-out pictures, distorted",
        "plan": dataclasses.asdict(plan),
        "num_tested": len(splits.test),
        "balanced_accuracy": list(found.balanced),
        "recall": {
            name: list(each)
            for name, each in zip(names, found.classes, strict=True)
            if each is not None
        },
    }
    write_weights(folder, content, complete_record(FORMAT, content, record))
    return load_reader(folder)


def load_reader(folder: pathlib.Path | str) -> TrainedReader:
    """Read a reader, in the default precision. Nothing in it is executed.

    Raises:
        ValueError: If a file is missing, damaged, or not a reader's; the text is one
            line.
    """
    folder = pathlib.Path(folder)
    require_files(folder, "reader", REMEDY)
    record = read_record(folder / RECORD, FORMAT, "reader")
    try:
        (height, width), num = map(int, record["shape"]), len(record["classes"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"`{folder / RECORD}` must have the `shape` and `classes` of a reader."
        ) from error
    if not 1 <= min(height, width, num) <= max(height, width, num) <= LARGEST:
        raise ValueError(
            f"`{folder / RECORD}`: height, width and number of classes must be from 1 "
            f"to {LARGEST}; got {height}, {width} and {num}."
        )
    content = read_weights(folder, record)
    draw = lambda: untrained_reader((height, width), num, key=jr.key(0))
    sizes = f"{height} x {width}, {num} classes,"
    try:
        return TrainedReader(unpack(content, draw, sizes, "reader"), record)
    except ValueError as error:
        raise ValueError(f"`{folder / WEIGHTS}`: {error}.") from error


def shipped_reader(pictures: LabelledImages) -> TrainedReader:
    """The reader that the package ships for pictures of this size and these classes.

    Raises:
        ValueError: If there is none.
    """
    for name in READERS:
        found = load_reader(SHIPPED / name)
        if (
            found.classes == pictures.classes
            and tuple(found.record["shape"]) == pictures.shape
        ):
            return found
    raise ValueError(
        f"no reader is shipped for pictures of {pictures.shape} pixels and the classes "
        f"{', '.join(pictures.classes)}: train one (`readers.train_reader`)."
    )
