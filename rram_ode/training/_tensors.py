"""The tensors of a state dict, as numbers of the shape that is asked for."""

from collections.abc import Mapping

import numpy as np


def matrix(tensors: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """The matrix `name`.

    Raises:
        ValueError: If there is no such tensor, or it is none; the text is one line.
    """
    return _tensor(tensors, name, 2, "a matrix")


def offsets(tensors: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """The biases `name`, a list.

    Raises:
        ValueError: As `matrix`.
    """
    return _tensor(tensors, name, 1, "a list of biases")


def numbers(name: str, array: np.ndarray) -> np.ndarray:
    """`array` in double precision.

    Raises:
        ValueError: If it holds no numbers, or one that is not finite.
    """
    if array.dtype.kind not in "iuf":
        raise ValueError(f"`{name}` must hold numbers; it holds {array.dtype}.")
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` holds a NaN or infinite value: save it anew.")
    return np.asarray(array, np.float64)


def bias_of(name: str) -> str:
    """The name of the biases that belong to the weights `name`."""
    head, dot, last = name.rpartition(".")
    return f"{head}{dot}{last.replace('weight', 'bias')}"


def held(tensors: Mapping[str, np.ndarray]) -> str:
    """What a file holds, for a message."""
    shapes = [f"{n} {tuple(a.shape)}" for n, a in list(tensors.items())[:12]]
    return f"the file holds {', '.join(shapes) or 'no tensors'}"


def _tensor(
    tensors: Mapping[str, np.ndarray], name: str, ndim: int, kind: str
) -> np.ndarray:
    if name not in tensors:
        raise ValueError(f"there is no tensor `{name}`: {held(tensors)}.")
    array = numbers(name, tensors[name])
    if array.ndim != ndim:
        raise ValueError(f"`{name}` must be {kind}; it has shape {array.shape}.")
    return array
