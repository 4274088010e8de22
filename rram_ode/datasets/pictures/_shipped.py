"""Tables of the package itself."""

import pathlib

import numpy as np


FOLDER = pathlib.Path(__file__).parent


def read_shipped(name: str) -> dict[str, np.ndarray]:
    """The arrays of the package's file `name`."""
    with np.load(FOLDER / name, allow_pickle=False) as file:
        return {key: file[key] for key in file.files}
