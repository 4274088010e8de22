"""Folders of two files, weights and their record: inert data, nothing is executed."""

import hashlib
import io
import json
import pathlib
import platform
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ._arrays import as_float
from ._files import write_all
from ._own_files import read_file, read_json


WEIGHTS, RECORD = "weights.eqx", "record.json"


VERSION = 1  # of the form of records


SHIPPED = pathlib.Path(__file__).parents[1] / "checkpoints"


Module = TypeVar("Module", bound=eqx.Module)


def shipped_folders(form: str) -> dict[str, pathlib.Path]:
    """Folders of shipped weights whose records are of `form`, by name."""
    paths = sorted(SHIPPED.glob(f"*/{RECORD}"))
    return {
        path.parent.name: path.parent
        for path in paths
        if json.loads(path.read_bytes())["format"] == form
    }


def write_weights(folder: pathlib.Path, content: bytes, record: dict[str, Any]) -> None:
    """Write both files, complete or not at all, the record last.

    Args:
        folder: The folder, which is made if needed.
        content: Bytes from `pack`.
        record: Plain data from `complete_record`.
    """
    text = json.dumps(record, indent=2, allow_nan=False) + "\n"
    write_all(
        {
            # Renamed in the reverse order.
            folder / RECORD: lambda file: file.write_text(text),
            folder / WEIGHTS: lambda file: file.write_bytes(content),
        }
    )


def complete_record(
    form: str, content: bytes, record: dict[str, Any]
) -> dict[str, Any]:
    """`record` with its format, the versions of packages, and the hash of weights."""
    return {
        "format": form,
        "format_version": VERSION,
        **record,
        "versions": versions(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def require_files(folder: pathlib.Path, kind: str, remedy: str) -> None:
    """Refuse a folder without both files.

    Args:
        folder: The folder.
        kind: What it should be, such as "checkpoint".
        remedy: What writes one, in words.

    Raises:
        ValueError: If there is no folder, or a file is missing.
    """
    if not folder.is_dir():
        raise ValueError(f"there is no {kind} folder `{folder}`.")
    for name in (RECORD, WEIGHTS):
        if not (folder / name).is_file():
            raise ValueError(f"`{folder}` holds no `{name}`; {remedy} writes one.")


def read_record(path: pathlib.Path, form: str, kind: str) -> dict[str, Any]:
    """The record in `path`.

    Args:
        path: The file.
        form: The format that it must have.
        kind: What has such records, such as "checkpoint".

    Raises:
        ValueError: If it is not JSON, none of this kind, or of another version.
    """
    record = read_json(path, f"record of a {kind}")
    if not isinstance(name := record.get("format"), str):
        raise ValueError(f"`{path}` is no record of a {kind}: it has no `format`.")
    if name != form:
        raise ValueError(f"`{path}` is a record of `{name}`, not of `{form}`.")
    if record.get("format_version") != VERSION:
        raise ValueError(
            f"`{path}` has format version {record.get('format_version')}; this "
            f"rram_ode reads version {VERSION}. Train the {kind} again."
        )
    return record


def read_weights(folder: pathlib.Path, record: dict[str, Any]) -> bytes:
    """The bytes of the weights of `record`.

    Raises:
        ValueError: If they are not the ones that the record was written with.
    """
    content = read_file(folder / WEIGHTS)
    if hashlib.sha256(content).hexdigest() != record.get("sha256"):
        raise ValueError(
            f"`{folder / WEIGHTS}` is not the file of its record (truncated, changed, "
            "or of another training); restore both files, or train again."
        )
    return content


def pack(module: eqx.Module) -> bytes:
    """The arrays of `module` as bytes in single precision.

    Raises:
        ValueError: If a weight is not finite.
    """
    single = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), module)
    require_finite(single)
    stream = io.BytesIO()
    eqx.tree_serialise_leaves(stream, single)
    return stream.getvalue()


def unpack(content: bytes, draw: Callable[[], Module], sizes: str, kind: str) -> Module:
    """The module of these bytes, in the default precision.

    Args:
        content: Bytes from `pack`.
        draw: A function that makes such a module with other weights.
        sizes: Its sizes in an error, such as "2-14-14-2".
        kind: What it is called there, such as "network".

    Raises:
        ValueError: If the bytes do not hold this module, or hold a NaN.
    """
    single = lambda leaf: jax.ShapeDtypeStruct(leaf.shape, jnp.float32)
    # Only shapes, so that a record that claims a huge network allocates nothing.
    like = jax.tree.map(single, eqx.filter_eval_shape(draw))
    stream = io.BytesIO(content)
    try:
        module = eqx.tree_deserialise_leaves(stream, like)
    except (RuntimeError, ValueError, EOFError, OSError) as error:
        raise ValueError(
            f"it does not hold the {sizes} {kind} of its record in single precision"
        ) from error
    if stream.read(1):
        raise ValueError(f"it holds more than the {kind} of its record")
    require_finite(module)
    return jax.tree.map(as_float, module)


def require_finite(module: eqx.Module) -> None:
    """Refuse weights that are not finite."""
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(module)):
        raise ValueError("a weight is NaN or infinite; train it again")


def versions() -> dict[str, str]:
    """Versions of the packages that a training depends on."""
    names = ("rram_ode", "jax", "equinox", "optax", "numpy")
    return {"python": platform.python_version(), **{n: version(n) for n in names}}
