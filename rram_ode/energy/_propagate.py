"""The interval of a figure from its constants' ranges, and which moves it most."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import qmc

from ._constant import Constant, Constants, nominals, Value, Values


NUM_DRAWS = 2**12


@dataclasses.dataclass(frozen=True)
class Spread:
    """A figure with its interval.

    Args:
        nominal: The figure at the constants' nominal values.
        low: Lower end of the interval.
        high: Upper end of the interval.
        swings: The figure with one constant at its low and at its high end and all
            others nominal, for each constant that moves it; largest factor first.
        used: Names of the constants that the figure asks for, fixed ones included.
    """

    nominal: float
    low: float
    high: float
    swings: dict[str, tuple[float, float]]
    used: tuple[str, ...] = ()

    @property
    def driver(self) -> str | None:
        """The constant that moves the figure most, or `None` if none moves it."""
        return next(iter(self.swings), None)


def propagate(
    model: Callable[[Values], Any],
    table: Constants,
    *,
    level: float = 0.9,
    num_draws: int = NUM_DRAWS,
) -> Spread:
    """`model` at the constants' nominal values and over their ranges.

    The samples of the constants are those of `draw`, the same at each call.

    Args:
        model: A figure from the constants' values, numbers or arrays of samples.
        table: The constants; those that `model` does not ask for have no effect.
        level: Probability of the interval.
        num_draws: Number of samples, a power of 2.

    Raises:
        ValueError: If `level` does not lie between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"`level` must lie between 0 and 1; got {level:g}.")
    middle = _Recorder(nominals(table))
    nominal = float(model(middle))
    values = nominals(table)
    used = tuple(sorted(middle.asked))
    free = [name for name in used if table[name].low < table[name].high]
    if not free:
        return Spread(nominal, nominal, nominal, {}, used)
    figures = np.asarray(model(draw(table, free, num_draws)))
    low, high = np.quantile(figures, [(1 - level) / 2, (1 + level) / 2])
    swings = {}
    for name in free:
        ends = (table[name].low, table[name].high)
        swings[name] = tuple(float(model({**values, name: end})) for end in ends)
    moving = [name for name in free if swings[name][0] != swings[name][1]]
    order = sorted(moving, key=lambda n: -_factor(*swings[n]))
    # The nominal point is the median: only rounding puts it outside.
    low, high = min(float(low), nominal), max(float(high), nominal)
    return Spread(nominal, low, high, {n: swings[n] for n in order}, used)


def draw(
    table: Constants, names: Sequence[str], num_draws: int = NUM_DRAWS
) -> dict[str, Value]:
    """Values of all constants: samples of those named, nominal values of the others.

    Half of a constant's samples lie below its nominal value and half above, log-uniform
    on each side; constants are independent. The samples are the same at each call.

    Args:
        table: The constants.
        names: Names of the constants that are sampled.
        num_draws: Number of samples, a power of 2.
    """
    values: dict[str, Value] = {**nominals(table)}
    if not names:
        return values
    points = qmc.Sobol(len(names), scramble=False).random(num_draws)
    # The point 0 of an unscrambled sequence would be the low end of everything.
    points = (points + 0.5 / num_draws) % 1.0
    for place, name in enumerate(names):
        values[name] = _quantile(table[name], points[:, place])
    return values


def used_constants(model: Callable[[Values], Any], table: Constants) -> list[str]:
    """Names of the constants with a range that `model` asks for, in order."""
    seen = _Recorder(nominals(table))
    model(seen)
    return [name for name in sorted(seen.asked) if table[name].low < table[name].high]


def remember(
    model: Callable[[Values], Any], table: Constants
) -> Callable[[Values], Any]:
    """`model`, computed once for each point of the constants that it asks for.

    Figures of many rows share a model, and most of their points. Samples, which differ
    from row to row, are computed each time.
    """
    middle = _Recorder(nominals(table))
    found: dict[tuple[Value, ...], Any] = {}
    first = model(middle)
    names = sorted(middle.asked)
    found[tuple(middle[name] for name in names)] = first

    def remembered(values: Values) -> Any:
        point = tuple(values[name] for name in names)
        if any(np.ndim(value) for value in point):
            return model(values)
        if point not in found:
            found[point] = model(values)
        return found[point]

    return remembered


def _factor(one: float, other: float) -> float:
    """Ratio of the larger to the smaller magnitude; infinite where one is 0."""
    small, large = sorted((abs(one), abs(other)))
    return large / small if small else np.inf


def _quantile(constant: Constant, u: np.ndarray) -> np.ndarray:
    low, middle, high = constant.low, constant.nominal, constant.high
    if low <= 0:
        return np.interp(u, [0, 0.5, 1], [low, middle, high])
    return np.exp(np.interp(u, [0, 0.5, 1], np.log([low, middle, high])))


class _Recorder(Mapping[str, Value]):
    """Values that remember the names that a model asked for."""

    def __init__(self, values: Mapping[str, Value]):
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Value:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
