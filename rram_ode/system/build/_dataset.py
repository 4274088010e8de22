"""The data of a configuration: points of a law, or pictures in a latent space."""

import functools
import hashlib
import pathlib
from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp

from ..._core._weights import RECORD, WEIGHTS
from ...config import RunConfig
from ...datasets import AbstractDataset, DATASETS
from ...datasets.pictures import load_letters, Splits
from ...latents import find_autoencoder, latent_pictures, load_autoencoder


# Pictures whose latents are data, by the name of the data.
LATENT: dict[str, Callable[[], Splits]] = {"letters": load_letters}


class DatasetKey(NamedTuple):
    """All that the data of a configuration depend on.

    Args:
        data: Name of the data set.
        folder: Of its autoencoder, or empty.
        digest: Hash of the autoencoder's files, or empty.
        precision: Of its latents, or empty.
    """

    data: str
    folder: str = ""
    digest: str = ""
    precision: str = ""


def dataset_key(config: RunConfig) -> DatasetKey:
    """What the data of `config` depend on: equal keys, equal data.

    Raises:
        ValueError: If there is no such data set, or no such autoencoder.
    """
    if config.data in DATASETS:
        return DatasetKey(config.data)
    if config.data not in LATENT:
        names = ", ".join((*DATASETS, *LATENT))
        raise ValueError(f"no data set `{config.data}`; there are {names}.")
    folder, digest = find_autoencoder(config.latents.checkpoint), hashlib.sha256()
    for path in (folder / RECORD, folder / WEIGHTS):
        if path.is_file():  # what is missing is said when the folder is read
            digest.update(path.read_bytes())
    precision = str(jnp.result_type(float))
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
    return _latent_dataset(key)


@functools.lru_cache(maxsize=8)
def _latent_dataset(key: DatasetKey) -> AbstractDataset:
    """Kept, as encoding all pictures takes a second to compile."""
    trained = load_autoencoder(pathlib.Path(key.folder))
    return latent_pictures(trained, LATENT[key.data]())
