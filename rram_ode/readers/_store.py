"""Readers as folders of two files, both inert data; some are in the package."""

import dataclasses
import hashlib
import io
import json
import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from .._core._files import complete_file
from ..datasets.pictures import LabelledImages, load_digits, load_letters, Splits
from ..metrics import class_recall
from ._fit import fit_reader, ReaderPlan
from ._network import Reader, untrained_reader


WEIGHTS, RECORD = "reader.npz", "reader.json"


FORMAT, VERSION = "rram_ode reader", 1


SHIPPED = pathlib.Path(__file__).parents[1] / "checkpoints"


LARGEST = 1_000  # pixels a side, and classes, of a record that is believed


# Readers that the package ships, and the pictures that each reads.
READERS = {"digits-reader": load_digits, "letters-reader": load_letters}


@dataclasses.dataclass(frozen=True)
class TrainedReader:
    """A reader with its record.

    Args:
        reader: The network.
        record: All of `reader.json`: `classes`, `shape`, `trained_on`, `recall`, ...
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
        folder: Gets `reader.npz` and `reader.json`.
        plan: How to train.
    """
    folder = pathlib.Path(folder)
    reader = fit_reader(splits.held_out, plan)
    found = class_recall(
        splits.test.labels, reader.read(splits.test.images), reader.num_classes
    )
    leaves = jax.tree.leaves(reader)
    arrays = {f"leaf_{n}": np.asarray(x, np.float32) for n, x in enumerate(leaves)}
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    names = splits.test.classes
    record = {
        "format": FORMAT,
        "format_version": VERSION,
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
        "sha256": hashlib.sha256(stream.getvalue()).hexdigest(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with complete_file(folder / WEIGHTS) as file:
        file.write_bytes(stream.getvalue())
    with complete_file(folder / RECORD) as file:
        file.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n")
    return load_reader(folder)


def load_reader(folder: pathlib.Path | str) -> TrainedReader:
    """Read a reader, in the default precision. Nothing in it is executed.

    Raises:
        ValueError: If a file is missing, damaged, or not a reader's; the text is one
            line.
    """
    folder = pathlib.Path(folder)
    for name in (RECORD, WEIGHTS):
        if not (folder / name).is_file():
            raise ValueError(
                f"`{folder}` holds no `{name}`; `python -m rram_ode.train "
                "digits-reader` writes one."
            )
    try:
        record = json.loads((folder / RECORD).read_bytes())
        given = record["format"], record["format_version"]
        (height, width), num = map(int, record["shape"]), len(record["classes"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"`{folder / RECORD}` is not the record of a reader."
        ) from error
    if given != (FORMAT, VERSION) or max(height, width, num) > LARGEST:
        raise ValueError(
            f"`{folder / RECORD}` must be the record of a reader, version {VERSION}; "
            f"it is of `{given[0]}`, version {given[1]}. Train the reader again."
        )
    content = (folder / WEIGHTS).read_bytes()
    if hashlib.sha256(content).hexdigest() != record.get("sha256"):
        raise ValueError(
            f"`{folder / WEIGHTS}` is not the file of its record (truncated, changed, "
            "or of another training); restore both files, or train again."
        )
    like = jax.eval_shape(lambda: untrained_reader((height, width), num, key=jr.key(0)))
    leaves, structure = jax.tree.flatten(like)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = [file[f"leaf_{n}"] for n in range(len(leaves))]
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(f"`{folder / WEIGHTS}` holds no reader.") from error
    for array, leaf in zip(arrays, leaves, strict=True):
        if array.shape != leaf.shape or not np.isfinite(array).all():
            raise ValueError(
                f"`{folder / WEIGHTS}` must hold the finite weights of a reader of "
                f"{height} x {width} pixels and {num} classes; it does not."
            )
    reader = jax.tree.unflatten(structure, [jnp.asarray(a, float) for a in arrays])
    return TrainedReader(reader, record)


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
