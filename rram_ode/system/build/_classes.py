"""The classes that a run is asked for, and the data that it is judged by."""

from typing import NamedTuple

import jax.numpy as jnp

from ...datasets import AbstractDataset, AbstractLabelledDataset
from ...scores import NetworkScore, NULL
from ...sdes import AbstractClasses, MixedClasses, OneClass


ALL, NONE = "all", "none"


class ClassesOfRun(NamedTuple):
    """What a run is asked for.

    Args:
        classes: The classes of its samples; `None` of a network without labels.
        dataset: The data of these classes, which the samples are judged by.
    """

    classes: AbstractClasses | None
    dataset: AbstractDataset


def build_classes(
    label: str, dataset: AbstractDataset, score: NetworkScore
) -> ClassesOfRun:
    """The classes that samples are asked for, and the data of these classes.

    Args:
        label: `solve.label`: a class, `all` or `none`.
        dataset: What the network was trained on.
        score: The network.

    Raises:
        ValueError: If there is no such class, or the network knows no labels, or others
            than the data have.
    """
    embedding = score.network.classes
    if embedding is None:
        if label != ALL:
            raise ValueError(
                f"`solve.label` is {label}, but this network is unconditional and "
                "knows no labels: leave it at all, or take a conditional network."
            )
        return ClassesOfRun(None, dataset)
    if not isinstance(dataset, AbstractLabelledDataset):
        raise ValueError(
            f"a network of {embedding.num_classes} classes needs data with labels: set "
            "`data` to what it was trained on."
        )
    require_classes(embedding.num_classes, dataset)
    if label == ALL:
        return ClassesOfRun(MixedClasses(jnp.asarray(dataset.shares)), dataset)
    if label == NONE:
        return ClassesOfRun(OneClass(jnp.asarray(NULL)), dataset)
    number = find_class(label, dataset)
    return ClassesOfRun(OneClass(jnp.asarray(number)), dataset.of_class(number))


def require_classes(num_classes: int, dataset: AbstractLabelledDataset) -> None:
    """Refuse a network with another number of classes than the data.

    Raises:
        ValueError: If the numbers differ.
    """
    names = dataset.class_names
    if num_classes != len(names):
        raise ValueError(
            f"`network.classes` must be the number of classes of the data, "
            f"{len(names)} ({', '.join(names)}); the network has {num_classes}."
        )


def find_class(label: str, dataset: AbstractLabelledDataset) -> int:
    """The number of the class `label`.

    Raises:
        ValueError: If there is no such class.
    """
    names = dataset.class_names
    if label not in names:
        raise ValueError(
            f"`solve.label` must be {', '.join(names)}, {ALL} for all of them or "
            f"{NONE} for the null label; got {label}."
        )
    return names.index(label)
