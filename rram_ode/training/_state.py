"""The complete state of a fit and its file, from which a killed run resumes."""

import hashlib
import io
import json
import math
import os
import pathlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from .._core._files import complete_file, is_unfinished, set_aside
from .._core._own_files import read_file
from ..config import TrainConfig


class FitState(eqx.Module):
    """The state of a fit: with the plan, all that the next step depends on.

    Args:
        params: Weights and biases that the optimiser moves.
        averaged: Their exponential average, which is the result of a fit.
        optimiser: State of the optimiser.
        step: Number of steps done.
        losses: Mean loss of each chunk of steps; zeros for chunks to come.
    """

    params: PyTree
    averaged: PyTree
    optimiser: PyTree
    step: Int[Array, ""]
    losses: Float[Array, " chunks"]


def identity(
    plan: TrainConfig, start: PyTree, files: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The identity of a fit: its plan, files, a hash of network, process and data."""
    digest = hashlib.sha256(repr(jax.tree.structure(start)).encode())
    for leaf in jax.tree.leaves(start):
        digest.update(np.asarray(leaf).tobytes())
    precision = str(jnp.result_type(float))
    hashes = {"start": digest.hexdigest(), "files": dict(files or {})}
    return {"train": asdict(plan), **hashes, "precision": precision}


def save_state(
    path: pathlib.Path, state: FitState, owner: dict[str, Any], seconds: float
) -> None:
    """Write `path` completely or not at all: a line of JSON, then the arrays.

    Args:
        path: The file, whose folder is made.
        state: The state to save.
        owner: The `identity` of the fit.
        seconds: Seconds spent on the fit so far.
    """
    stream = io.BytesIO()
    stream.write(json.dumps({"identity": owner, "seconds": seconds}).encode() + b"\n")
    eqx.tree_serialise_leaves(stream, state)
    content = stream.getvalue()
    mark = hashlib.sha256(content).hexdigest()
    with complete_file(path) as file:
        file.write_bytes(mark.encode() + b"\n" + content)


def load_state(
    path: pathlib.Path,
    like: FitState,
    owner: dict[str, Any],
) -> tuple[FitState, float]:
    """The state in `path`, and the seconds that were spent on it.

    A folder whose state is damaged is set aside, with a warning.

    Args:
        path: The file; without it, `like` is the state.
        like: The state at the start.
        owner: The `identity` of the fit.

    Raises:
        ValueError: If the file belongs to another fit.
    """
    if not os.path.lexists(path.parent):
        return like, 0.0
    try:
        if all(map(is_unfinished, path.parent.iterdir())):
            return like, 0.0
        found, seconds, stream = _open_state(path)
        changes = _changes(found, owner)
        state = like if changes else eqx.tree_deserialise_leaves(stream, like)
    except (LookupError, TypeError, RuntimeError, ValueError, OSError) as error:
        set_aside(path.parent, error)
        return like, 0.0
    if changes:
        raise ValueError(
            f"`{path}` belongs to a run with another {changes}; delete "
            f"`{path.parent}` to start anew, or choose another folder."
        )
    return state, seconds


def _open_state(path: pathlib.Path) -> tuple[dict[str, Any], float, io.BytesIO]:
    """Identity, seconds and arrays of a file whose bits are as they were written."""
    mark, _, content = read_file(path).partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != mark:
        raise ValueError(f"`{path.name}` is not as it was written")
    stream = io.BytesIO(content)
    header = json.loads(stream.readline())
    return header["identity"], float(header["seconds"]), stream


def _changes(found: dict[str, Any], owner: dict[str, Any]) -> str:
    """The differences between two identities as text, empty if there are none."""
    old, new = found["train"], owner["train"]
    names = [f"`train.{n}`" for n in new if old.get(n, math.nan) != new[n]]
    before, after = found.get("files", {}), owner["files"]
    names += [f"file of `{n}`" for n in after if before.get(n, after[n]) != after[n]]
    if found["precision"] != owner["precision"]:
        names.append("precision (jax_enable_x64)")
    if found["start"] != owner["start"] and not names:
        names.append("network, process or data set")
    return ", ".join(names)
