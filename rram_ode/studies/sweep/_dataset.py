"""The dataset of a sweep: its arrays, their coordinates, and how it is opened."""

import json
import pathlib
from typing import Any, TYPE_CHECKING

import numpy as np

from ._chips import QUANTITIES, STATE
from ._study import Study


if TYPE_CHECKING:
    import xarray


NAME = "study.zarr"
MARK = "checksum"
IDENTITY = "identity"


# What zarr raises where bytes of a file are not those that were written.
UNREADABLE = (ValueError, RuntimeError, OSError)


PIECE = 1024  # chips of a file, at most


def require_cluster_packages() -> None:
    """Say what to install where a package of the extra `cluster` is missing.

    Raises:
        ValueError: If one is not there.
    """
    try:
        import xarray  # noqa: F401
        import zarr  # noqa: F401
    except ImportError as error:
        raise ValueError(
            f"a sweep needs `{error.name}`: `pip install 'rram_ode[cluster]'`."
        ) from error


def open_study(folder: str | pathlib.Path) -> "xarray.Dataset":
    """The results of a sweep so far, as a dataset that is read as it is used.

    It may be opened while the sweep runs, and again for what came since. Numbers that
    are not there yet are NaN, and `state` is 0 there, 1 of a chip that was solved, and
    2 of one that was refused.

    Args:
        folder: The folder of `--out`.

    Raises:
        ValueError: If no sweep wrote there, or the extra `cluster` is not installed.

    Example:
        >>> from rram_ode.studies import open_study
        >>> open_study("runs/nothing")
        Traceback (most recent call last):
        ...
        ValueError: `runs/nothing` holds no study: it has no `study.zarr`.
    """
    require_cluster_packages()
    import xarray

    path = pathlib.Path(folder) / NAME
    if not path.is_dir():
        raise ValueError(f"`{folder}` holds no study: it has no `{NAME}`.")
    try:
        found = xarray.open_zarr(path, consolidated=False, chunks=None)
        return found[[*QUANTITIES, STATE]]
    except (*UNREADABLE, KeyError) as error:
        raise ValueError(
            f"`{path}` is damaged ({first_line(error)}): run the sweep again, which "
            "mends it, or says what it cannot mend."
        ) from None


def make_dataset(path: pathlib.Path, study: Study, identity: dict[str, Any]) -> None:
    """Write an empty dataset at `path`, with what its results depend on."""
    import xarray
    import zarr

    axes = [axis.name for axis in study.axes]
    empty = xarray.Dataset(
        coords=coordinates(study),
        attrs={IDENTITY: json.dumps(identity, sort_keys=True)},
    )
    empty.to_zarr(path, zarr_format=3, consolidated=False)
    group = zarr.open_group(path, mode="r+")
    one = tuple(1 for _ in axes)
    of_chips: dict[str, Any] = {
        "shape": (*study.shape, study.num_chips),
        "chunks": (*one, piece_of(study)),
        "dimension_names": [*axes, "chip"],
        "compressors": None,
    }
    for name, each in QUANTITIES.items():
        of_chips["attributes"] = each._asdict()
        group.create_array(name, dtype="float64", fill_value=np.nan, **of_chips)
    of_chips["attributes"] = {"what": "0 not there yet, 1 solved, 2 refused"}
    group.create_array(STATE, dtype="uint8", **of_chips)
    of_tasks: dict[str, Any] = {
        "shape": (*study.shape, study.num_blocks),
        "chunks": (*one, study.num_blocks),
        "dimension_names": [*axes, "task"],
        "compressors": None,
    }
    group.create_array(MARK, dtype="uint32", **of_tasks)


def coordinates(study: Study) -> dict[str, np.ndarray]:
    """The values of each axis, and the numbers of the chips."""
    found: dict[str, np.ndarray] = {
        axis.name: np.array(axis.values)
        if axis.is_numeric
        else np.array([str(value) for value in axis.values], object)
        for axis in study.axes
    }
    return {**found, "chip": np.arange(study.num_chips)}


def piece_of(study: Study) -> int:
    """Chips of a file: those of one task or of several."""
    whole = max(PIECE // study.block, 1) * study.block
    return min(whole, study.num_chips)


def planned_bytes(study: Study, made: int) -> int:
    """Bytes of the dataset when all is there.

    Args:
        study: What is asked.
        made: Bytes of the empty dataset.
    """
    chips = -(-study.num_chips // piece_of(study)) * piece_of(study)
    each = 8 * len(QUANTITIES) + 1
    return made + study.num_points * (chips * each + 4 * study.num_blocks)


def first_line(error: Exception) -> str:
    """The first line of what an error says."""
    return (str(error).splitlines() or [type(error).__name__])[0]
