"""Checkpoints: the weights of a network and their record, both inert data.

A checkpoint is a folder of two files. Nothing in them is executed.
"""

import hashlib
import io
import json
import math
import pathlib
import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from .._core._arrays import as_float
from .._core._files import complete_file
from ..chip import Ranges
from ..config import from_dict, NetworkConfig, SDEConfig
from ..scores import FourierMLP, NetworkScore
from ..sdes import AbstractSDE
from ._untrained import forward_process, readout, untrained_network


FORMAT = "rram_ode checkpoint"


VERSION = 1


WEIGHTS, RECORD = "weights.eqx", "record.json"


SHIPPED = pathlib.Path(__file__).parents[1] / "checkpoints"


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
    with complete_file(folder / WEIGHTS) as file:
        file.write_bytes(content)
    with complete_file(folder / RECORD) as file:
        file.write_text(text)


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


def shipped_names() -> list[str]:
    """Names of the shipped checkpoints."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/record.json"))


def shipped_checkpoint(name: str) -> Checkpoint:
    """The shipped checkpoint `name`.

    Raises:
        ValueError: If there is no such checkpoint; the error lists those that exist.
    """
    if name not in shipped_names():
        raise ValueError(
            f"no shipped checkpoint `{name}`; there are {', '.join(shipped_names())}."
        )
    return load_checkpoint(SHIPPED / name)


def versions() -> dict[str, str]:
    """Versions of the packages that a training depends on."""
    names = ("rram_ode", "jax", "equinox", "optax", "numpy")
    return {"python": platform.python_version(), **{n: version(n) for n in names}}


def plain_ranges(ranges: Ranges) -> dict[str, Any]:
    """`ranges` as plain numbers, from which float32 values come back exactly."""
    return {
        "state": float(ranges.state),
        "hidden": [float(h) for h in ranges.hidden],
        "output": float(ranges.output),
    }


def read_record(path: pathlib.Path) -> dict[str, Any]:
    """The record in `path`.

    Raises:
        ValueError: If it is not JSON, not a checkpoint's, or of another format version.
    """
    try:
        record = json.loads(path.read_bytes())
        name = record["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"`{path}` is not the record of a checkpoint.") from error
    if name != FORMAT:
        raise ValueError(f"`{path}` is a record of `{name}`, not of `{FORMAT}`.")
    if record.get("format_version") != VERSION:
        raise ValueError(
            f"`{path}` has format version {record.get('format_version')}; this "
            f"rram_ode reads version {VERSION}. Train the checkpoint again."
        )
    return record


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


def pack(network: FourierMLP) -> bytes:
    """The arrays of `network` as bytes in single precision.

    Raises:
        ValueError: If a weight is not finite.
    """
    single = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), network)
    _require_finite(single)
    stream = io.BytesIO()
    eqx.tree_serialise_leaves(stream, single)
    return stream.getvalue()


def unpack(content: bytes, dim: int, config: NetworkConfig) -> FourierMLP:
    """The network of these bytes, in the default precision.

    Args:
        content: Bytes from `pack`.
        dim: Number of coordinates of the state.
        config: Configuration of the network.

    Raises:
        ValueError: If the bytes do not hold this network, or hold a NaN.
    """
    draw = lambda: untrained_network(dim, config, key=jr.key(0))
    single = lambda leaf: jax.ShapeDtypeStruct(leaf.shape, jnp.float32)
    # Only shapes, so that a record that claims a huge network allocates nothing.
    like = jax.tree.map(single, eqx.filter_eval_shape(draw))
    stream = io.BytesIO(content)
    try:
        network = eqx.tree_deserialise_leaves(stream, like)
    except (RuntimeError, ValueError, EOFError, OSError) as error:
        sizes = "-".join(map(str, (dim, *config.widths, dim)))
        raise ValueError(
            f"it does not hold the {sizes} network of its record in single precision"
        ) from error
    if stream.read(1):
        raise ValueError("it holds more than the network of its record")
    _require_finite(network)
    return jax.tree.map(as_float, network)


def _require_finite(network: FourierMLP) -> None:
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(network)):
        raise ValueError("a weight is NaN or infinite; train it again")
