r"""A network of another program in our form, or a line that says why it is none.

The form: $h_{l+1} = \mathrm{relu}(W_l h_l + b_l + e(t))$ with $e(t) = (\sin 2\pi\omega
t, \cos 2\pi\omega t)$, and the output $c\,(W_L h_L + b_L)$.
"""

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from ..scores import for_width, FourierMLP
from ._imported_classes import import_classes
from ._layout import Layout, WAVES
from ._tensors import bias_of, held, matrix, numbers, offsets


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
    classes = None
    if layout.classes is not None:
        classes = import_classes(tensors, layout.classes)
        used += classes.used
    names = layout.weights or tuple(
        n for n, a in tensors.items() if a.ndim == 2 and n not in used
    )
    if len(names) < 2:
        raise ValueError(
            f"a network has two layers or more, each with a matrix; {held(tensors)}. "
            "Name them by `weights`."
        )
    weights = [matrix(tensors, name) for name in names]
    if layout.transposed:
        weights = [w.T for w in weights]
    own = layout.biases or tuple(map(bias_of, names))
    if len(own) != len(names):
        raise ValueError(
            f"`biases` must name one for each of {len(names)} weights; got {len(own)}."
        )
    _require_biases(tensors, names, own)
    biases = [offsets(tensors, name) for name in own]
    rest = [n for n in tensors if n not in (*used, *names, *own)]
    if rest:
        raise ValueError(
            f"`{rest[0]}` of shape {tensors[rest[0]].shape} has no place in this form, "
            "a perceptron with a time embedding: name it in `ignore` if it does not "
            "act, in `classes` if it is the embedding of labels, or train such a "
            "network here."
        )
    _require_chain(names, weights, biases, layout)
    widest = max(len(b) for b in biases[:-1])
    if len(frequencies) != widest // 2:
        raise ValueError(
            f"`frequencies` must be {widest // 2}, half of the widest layer, "
            f"{widest}; got {len(frequencies)}."
        )
    if classes is not None and len(classes.null) != widest:
        raise ValueError(
            f"the embedding of `classes` must have {widest} values, as the widest "
            f"layer, since it is added to that of time; it has {len(classes.null)}."
        )
    if layout.embedding == WAVES[1]:
        weights, biases = _turned(weights, biases)
        classes = None if classes is None else classes.turned()
    if classes is not None:
        null = jnp.asarray(classes.null)
        biases[:-1] = [b + for_width(null, len(b)) for b in biases[:-1]]
    network = FourierMLP(
        tuple(jnp.asarray(w.T, float) for w in weights),
        tuple(jnp.asarray(b, float) for b in biases),
        jnp.asarray(layout.frequency_factor * frequencies, float),
        layout.output_factor,
        None if classes is None else classes.embedding(),
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
            f"`frequencies` names the tensor `{name}`, and {held(tensors)}."
        )
    return numbers(name, tensors[name]).ravel(), (name,)


def _require_biases(
    tensors: Mapping[str, np.ndarray], names: tuple[str, ...], biases: tuple[str, ...]
) -> None:
    """Refuse a layer without a bias, which the form has."""
    for name, bias in zip(names, biases, strict=True):
        if bias == name or bias not in tensors:
            raise ValueError(
                f"the layer `{name}` has no bias `{bias}`: name all in `biases`, save "
                "zeros for a layer without one, or name it in `classes` if it is the "
                "embedding of labels."
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
