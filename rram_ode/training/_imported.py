r"""A network of another program in our form, or a line that says why it is none.

The form: $h_{l+1} = \mathrm{relu}(W_l h_l + b_l + e(t))$ with $e(t) = (\sin 2\pi\omega
t, \cos 2\pi\omega t)$, and the output $c\,(W_L h_L + b_L)$.
"""

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from ..scores import FourierMLP
from ._layout import Layout, WAVES


class Imported(NamedTuple):
    """A network in our form.

    Args:
        network: The network.
        weights: Names of the tensors that became its weights, in order.
    """

    network: FourierMLP
    weights: tuple[str, ...]


def import_network(tensors: Mapping[str, np.ndarray], layout: Layout) -> Imported:
    """The network in `tensors`.

    Args:
        tensors: A state dict: weights `(out, in)`, as PyTorch has them, and biases.
        layout: What the tensors mean.

    Raises:
        ValueError: If names or shapes are those of another form; the text is one line
            and says which.
    """
    tensors = {n: a for n, a in tensors.items() if n not in layout.ignore}
    frequencies, used = _frequencies(tensors, layout)
    names = layout.weights or tuple(
        n for n, a in tensors.items() if a.ndim == 2 and n not in used
    )
    if len(names) < 2:
        raise ValueError(
            f"a network has two layers or more, each with a matrix; {_held(tensors)}. "
            "Name them by `weights`."
        )
    weights = [_tensor(tensors, name, 2) for name in names]
    if layout.transposed:
        weights = [w.T for w in weights]
    biases = layout.biases or tuple(map(_bias_of, names))
    if len(biases) != len(names):
        raise ValueError(
            f"`biases` must name one for each of {len(names)} weights; got "
            f"{len(biases)}."
        )
    _require_biases(tensors, names, biases)
    offsets = [_tensor(tensors, name, 1) for name in biases]
    rest = [n for n in tensors if n not in (*used, *names, *biases)]
    if rest:
        raise ValueError(
            f"`{rest[0]}` of shape {tensors[rest[0]].shape} has no place in this form, "
            "a perceptron with a time embedding: name it in `ignore` if it does not "
            "act, or train such a network here."
        )
    _require_chain(names, weights, offsets, layout)
    widths = tuple(len(b) for b in offsets[:-1])
    if len(frequencies) != max(widths) // 2:
        raise ValueError(
            f"`frequencies` must be {max(widths) // 2}, half of the widest layer, "
            f"{max(widths)}; got {len(frequencies)}."
        )
    if layout.embedding == WAVES[1]:
        weights, offsets = _turned(weights, offsets)
    network = FourierMLP(
        tuple(jnp.asarray(w.T, float) for w in weights),
        tuple(jnp.asarray(b, float) for b in offsets),
        jnp.asarray(layout.frequency_factor * frequencies, float),
        layout.output_factor,
    )
    return Imported(network, tuple(names))


def _frequencies(
    tensors: Mapping[str, np.ndarray], layout: Layout
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The frequencies, and the names of the tensors that hold them."""
    if not isinstance(layout.frequencies, str):
        return np.asarray(layout.frequencies), ()
    name = layout.frequencies
    if name not in tensors:
        raise ValueError(
            f"`frequencies` names the tensor `{name}`, and {_held(tensors)}."
        )
    return _numbers(name, tensors[name]).ravel(), (name,)


def _tensor(tensors: Mapping[str, np.ndarray], name: str, ndim: int) -> np.ndarray:
    if name not in tensors:
        raise ValueError(f"there is no tensor `{name}`: {_held(tensors)}.")
    array = _numbers(name, tensors[name])
    if array.ndim != ndim:
        raise ValueError(
            f"`{name}` must be a {'matrix' if ndim == 2 else 'list of biases'}; it has "
            f"shape {array.shape}."
        )
    return array


def _numbers(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "iuf":
        raise ValueError(f"`{name}` must hold numbers; it holds {array.dtype}.")
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` holds a NaN or infinite value: save it anew.")
    return np.asarray(array, np.float64)


def _bias_of(name: str) -> str:
    head, dot, last = name.rpartition(".")
    return f"{head}{dot}{last.replace('weight', 'bias')}"


def _require_biases(
    tensors: Mapping[str, np.ndarray], names: tuple[str, ...], biases: tuple[str, ...]
) -> None:
    """Refuse a layer without a bias, which the form has."""
    for name, bias in zip(names, biases, strict=True):
        if bias == name or bias not in tensors:
            raise ValueError(
                f"the layer `{name}` has no bias `{bias}`: name all in `biases`, or "
                "save zeros for a layer without one."
            )


def _require_chain(
    names: tuple[str, ...],
    weights: list[np.ndarray],
    biases: list[np.ndarray],
    layout: Layout,
) -> None:
    """Refuse weights whose shapes do not follow one another, with the remedy."""
    if (wrong := _broken(names, weights, biases)) is None:
        if any(len(b) % 2 for b in biases[:-1]):
            raise ValueError(
                "hidden widths must be even, a sine and a cosine for each pair of "
                f"units; got {', '.join(str(len(b)) for b in biases[:-1])}."
            )
        return
    if _broken(names, [w.T for w in weights], biases) is None:
        other = "false" if layout.transposed else "true"
        raise ValueError(
            f"{wrong}; turned over, all shapes fit: set `transposed = {other}`."
        )
    raise ValueError(
        f"{wrong}: name the layers in order by `weights`; time must enter by the "
        "embedding in the hidden layers, not as inputs."
    )


def _broken(
    names: tuple[str, ...], weights: list[np.ndarray], biases: list[np.ndarray]
) -> str | None:
    """What is wrong with the shapes, `(out, in)`; `None` if nothing is."""
    inputs = weights[-1].shape[0]  # the state
    for name, w, b in zip(names, weights, biases, strict=True):
        if w.shape != (len(b), inputs):
            return f"`{name}` must have shape ({len(b)}, {inputs}); it has {w.shape}"
        inputs = len(b)
    return None


def _turned(
    weights: list[np.ndarray], biases: list[np.ndarray]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The same network with its units in the order of sines, then cosines."""
    for number, bias in enumerate(biases[:-1]):
        half = len(bias) // 2
        weights[number] = np.roll(weights[number], half, axis=0)
        biases[number] = np.roll(bias, half)
        weights[number + 1] = np.roll(weights[number + 1], half, axis=1)
    return weights, biases


def _held(tensors: Mapping[str, np.ndarray]) -> str:
    shapes = [f"{n} {tuple(a.shape)}" for n, a in list(tensors.items())[:12]]
    return f"the file holds {', '.join(shapes) or 'no tensors'}"
