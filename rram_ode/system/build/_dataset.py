"""The data of a configuration: points of a law or a file, or latents of pictures."""

import functools
import hashlib
import pathlib
from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp

from ..._core._own_files import read_file
from ..._core._weights import RECORD, WEIGHTS
from ...config import RunConfig
from ...datasets import AbstractDataset, DATASETS
from ...datasets.pictures import load_letters, Splits
from ...datasets.tables import is_table_file, Scaling
from ...latents import find_autoencoder, latent_pictures, load_autoencoder
from ._points import file_digest, scaling_of, table_of


# Pictures whose latents are data, by the name of the data.
LATENT: dict[str, Callable[[], Splits]] = {"letters": load_letters}


class DatasetKey(NamedTuple):
    """All that the data of a configuration depend on.

    Args:
        data: Name of the data set.
        folder: Of its autoencoder, or empty.
        digest: Hash of the autoencoder's files, or of that of points, or empty.
        precision: Of its latents or points, or empty.
        scaling: Of the points of a file; `None` for its own.
    """

    data: str
    folder: str = ""
    digest: str = ""
    precision: str = ""
    scaling: Scaling | None = None


def dataset_key(config: RunConfig) -> DatasetKey:
    """What the data of `config` depend on: equal keys, equal data.

    Raises:
        ValueError: If there is no such data set, or no such autoencoder.
    """
    if config.data in DATASETS:
        return DatasetKey(config.data)
    precision = str(jnp.result_type(float))
    if config.data not in LATENT and is_table_file(config.data):
        path = pathlib.Path(config.data)
        scaling = scaling_of(config.points)
        return DatasetKey(str(path), "", file_digest(path), precision, scaling)
    if config.data not in LATENT:
        names = ", ".join((*DATASETS, *LATENT))
        raise ValueError(
            f"no data set `{config.data}`; there are {names}, or the path of a file of "
            "points: csv, tsv, txt, npz, npy."
        )
    folder, digest = find_autoencoder(config.latents.checkpoint), hashlib.sha256()
    for path in (folder / RECORD, folder / WEIGHTS):
        if path.is_file():  # what is missing is said when the folder is read
            digest.update(read_file(path))
    return DatasetKey(config.data, str(folder), digest.hexdigest(), precision)


def find_dataset(config: RunConfig) -> AbstractDataset:
    """The data set of `config`.

    Raises:
        ValueError: If there is none of this name, or its autoencoder cannot be read or
            is of other pictures.
    """
    return dataset_of(dataset_key(config))


def dataset_of(key: DatasetKey) -> AbstractDataset:
    """The data set of this key."""
    if key.data in DATASETS:
        return DATASETS[key.data]()
    if key.data not in LATENT:
        path = pathlib.Path(key.data)
        return table_of(path, key.digest, key.scaling, key.precision)
    return _latent_dataset(key)


@functools.lru_cache(maxsize=8)
def _latent_dataset(key: DatasetKey) -> AbstractDataset:
    """Kept, as encoding all pictures takes a second to compile."""
    trained = load_autoencoder(pathlib.Path(key.folder))
    return latent_pictures(trained, LATENT[key.data]())
