"""The record beside a checkpoint's weights: what they are, in plain data."""

import json
import math
import pathlib
import platform
from importlib.metadata import version
from typing import Any

from ..config import from_dict, NetworkConfig, SDEConfig
from ..scores import Ranges
from ..sdes import AbstractSDE
from ._forward_process import forward_process


FORMAT = "rram_ode checkpoint"
VERSION = 1


def versions() -> dict[str, str]:
    """Of what a training run depends on."""
    names = ("rram_ode", "jax", "equinox", "optax", "numpy")
    return {"python": platform.python_version(), **{n: version(n) for n in names}}


def plain_ranges(ranges: Ranges) -> dict[str, Any]:
    """`ranges` as numbers; float32 survives the way through float64 and back."""
    return {
        "state": float(ranges.state),
        "hidden": [float(h) for h in ranges.hidden],
        "output": float(ranges.output),
    }


def read_record(path: pathlib.Path) -> dict[str, Any]:
    """The record in `path`.

    Raises:
        ValueError: If it is not JSON, foreign, or of another format version.
    """
    try:
        record = json.loads(path.read_bytes())
        name = record["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"`{path}` is no record of a checkpoint.") from error
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
    """What a record says of dimension, network, process and ranges.

    Raises:
        ValueError: If an entry is missing or cannot be, without a full stop.
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
