r"""Points of a user as data of a network: scaled, in three fixed parts.

A state is $z = (x - c) / (2 s)$ for each coordinate, with the mean c and the standard
deviation s of the file's rows: its standard deviation is 1/2, as that of the shipped
data, which the presets' voltages and starts are made for.
"""

from typing import ClassVar, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, Int

from ..._core._types import Key, Points
from .._finite import AbstractFiniteDataset
from .._labelled import AbstractLabelledDataset, Labels
from .._noticeable import widen
from ..pictures import SPLITS
from ._points import PointsFile


SPREAD = 0.5  # standard deviation of each coordinate of a state


PARTS = (0.6, 0.15)  # fractions of `train` and `held-out`; the rest is `test` (assumed)


_SEED = 0  # of the assignment of rows to parts


_ACCEPTED = "each mode of your points 20 % wider"


class Scaling(NamedTuple):
    """Centre and scale of each coordinate, in the user's units: x = centre + scale z.

    Args:
        centre: One for each coordinate.
        scale: One for each coordinate, positive.
    """

    centre: tuple[float, ...]
    scale: tuple[float, ...]

    def to_states(self, x: np.ndarray) -> np.ndarray:
        """States `(num, dim)` of points in the user's units."""
        return (np.asarray(x, np.float64) - self.centre) / self.scale

    def to_units(self, z: np.ndarray) -> np.ndarray:
        """Points `(num, dim)` in the user's units of states."""
        return np.asarray(z, np.float64) * self.scale + self.centre


class TablePart(eqx.Module):
    """The rows of one part.

    Args:
        states: States, `(num, dim)`.
        labels: The class of each, 0 without labels.
    """

    states: Points
    labels: Int[Array, " num"]


class Table(AbstractFiniteDataset):
    """A user's points without labels; `table_dataset` makes it.

    Args:
        parts: The parts `train`, `held-out` and `test`.
        scaling: Of states to the user's units.
        columns: Name of each coordinate.
    """

    parts: tuple[TablePart, TablePart, TablePart]
    scaling: Scaling = eqx.field(static=True)
    columns: tuple[str, ...] = eqx.field(static=True)

    just_noticeable: ClassVar[str] = _ACCEPTED

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.columns)

    def rows(self, split: str) -> Points:
        """States of all rows of a part."""
        return self.parts[SPLITS.index(split)].states

    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Rows of `train`, drawn with replacement, as a training needs them."""
        return _draw(self.parts[0], num_samples, key)[0]

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Row i is row i of `sample` with the same key, in wider modes."""
        return jnp.asarray(widen(self.sample(num_samples, key=key), key=key))


class LabelledTable(AbstractLabelledDataset, AbstractFiniteDataset):
    """A user's points with a label each; `table_dataset` makes it.

    Args:
        parts: The parts `train`, `held-out` and `test`.
        scaling: Of states to the user's units.
        columns: Name of each coordinate.
        names: Names of the classes.
    """

    parts: tuple[TablePart, TablePart, TablePart]
    scaling: Scaling = eqx.field(static=True)
    columns: tuple[str, ...] = eqx.field(static=True)
    names: tuple[str, ...] = eqx.field(static=True)

    just_noticeable: ClassVar[str] = _ACCEPTED

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.columns)

    @property
    def class_names(self) -> tuple[str, ...]:
        """`names`."""
        return self.names

    @property
    def shares(self) -> Float[np.ndarray, " classes"]:
        """Fraction of the rows of `train` of each class."""
        labels = np.asarray(self.parts[0].labels)
        return np.bincount(labels, minlength=len(self.names)) / len(labels)

    def rows(self, split: str) -> Points:
        """States of all rows of a part."""
        return self.parts[SPLITS.index(split)].states

    def sample_labelled(self, num_samples: int, *, key: Key) -> tuple[Points, Labels]:
        """Rows of `train` and their classes, drawn with replacement."""
        return _draw(self.parts[0], num_samples, key)

    def sample_noticeable(self, num_samples: int, *, key: Key) -> Points:
        """Row i is row i of `sample` with the same key, in wider modes."""
        return jnp.asarray(widen(self.sample(num_samples, key=key), key=key))

    def of_class(self, label: int) -> Table:
        """The rows of one class."""
        train, held_out, test = (_of_class(part, label) for part in self.parts)
        return Table((train, held_out, test), self.scaling, self.columns)  # pyright: ignore[reportCallIssue]  # `dim` is a property


def table_dataset(
    file: PointsFile, scaling: Scaling | None = None
) -> Table | LabelledTable:
    """The points of a file as data.

    The rows are assigned to parts at random by a fixed seed, of each class alike: a
    part does not depend on the order of training.

    Args:
        file: What was read.
        scaling: Of states to the user's units; `None` for that of the file.

    Raises:
        ValueError: If the scaling is of another dimension.
    """
    scaling = _scaling(file.values) if scaling is None else scaling
    if len(scaling.centre) != file.values.shape[1]:
        raise ValueError(
            f"`points.centre` has {len(scaling.centre)} coordinates, and the points "
            f"have {file.values.shape[1]}: give data of the network's dimension."
        )
    states = scaling.to_states(file.values)
    labels = np.zeros(len(states), int) if file.labels is None else file.labels
    rng = np.random.default_rng(_SEED)
    place = np.empty(len(states), int)
    for number in range(labels.max() + 1):
        own = rng.permutation(np.flatnonzero(labels == number))
        first, second = (round(f * len(own)) for f in np.cumsum(PARTS))
        place[own[:first]], place[own[first:second]], place[own[second:]] = 0, 1, 2
    train, held_out, test = (
        TablePart(jnp.asarray(states[place == n]), jnp.asarray(labels[place == n]))
        for n in range(len(SPLITS))
    )
    parts = train, held_out, test
    if file.labels is None:
        return Table(parts, scaling, file.columns)  # pyright: ignore[reportCallIssue]  # `dim` is a property
    return LabelledTable(parts, scaling, file.columns, file.classes)  # pyright: ignore[reportCallIssue]  # `dim` is a property


def _scaling(values: np.ndarray) -> Scaling:
    """Mean, and standard deviation over `SPREAD`; 1 for a constant coordinate."""
    spread = values.std(axis=0) / SPREAD
    # A constant that is no power of two has a spread of rounding errors.
    is_constant = np.ptp(values, axis=0) == 0
    spread = np.where(is_constant | (spread == 0), 1.0, spread)
    centre, scale = values.mean(axis=0).tolist(), spread.tolist()
    return Scaling(tuple(centre), tuple(scale))


def _of_class(part: TablePart, label: int) -> TablePart:
    own = np.flatnonzero(np.asarray(part.labels) == label)
    return TablePart(part.states[own], part.labels[own])


@eqx.filter_jit
def _draw(part: TablePart, num_samples: int, key: Key) -> tuple[Points, Labels]:
    rows = jr.randint(key, (num_samples,), 0, part.states.shape[0])
    return jnp.take(part.states, rows, axis=0), jnp.take(part.labels, rows)
