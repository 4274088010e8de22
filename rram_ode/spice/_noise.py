"""Read noise as sources: the simulator's own paths, played to both."""

from collections.abc import Iterator

import numpy as np
from scipy.constants import Boltzmann, elementary_charge

from ..crossbar import Crossbar
from ..loop import SamplePaths
from ..noise import HeldPath, ThermalNoise
from ._text import card, number, pwl


EDGE = 1e-9


SMALL = 1e-3  # below, x / tanh(x) is 1 + x^2 / 3 to 2e-14


def steps(
    values: np.ndarray, interval: float, duration: float, *, from_rest: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Corners of a held signal, `(holds, ...)`: each step has an edge of 1 ns or less.

    An edge begins at the update, where the simulator steps. With `from_rest` there is
    one at 0 s, from zero.
    """
    edge = min(EDGE, interval / 100)
    starts = np.arange(1, len(values)) * interval
    starts = starts[starts < duration * (1 - 1e-6)]
    values = values[: len(starts) + 1]
    times = np.concatenate([[0.0], np.stack([starts, starts + edge], 1).ravel()])
    corners = np.concatenate([values[:1], np.repeat(values[1:], 2, axis=0)])
    corners[1::2] = values[:-1]
    if from_rest:
        times = np.concatenate([[0.0, edge], times[1:]])
        corners = np.concatenate([0 * values[:1], corners])
    return times, corners


def noise_cards(
    crossbars: tuple[Crossbar, ...], paths: SamplePaths, duration: float
) -> Iterator[str]:
    r"""Current sources at each summing node, and the values that they scale.

    One a column, and one a pair: an expression of all cells of a column would be
    differentiated by each of them.

    | node | plays | and scales |
    | --- | --- | --- |
    | `u1_7` | white noise of column 7 of layer 1 | $\sqrt{\sum_i \sigma_i^2 v_i^2}$ |
    | `z1_7` | thermal noise of a column | $\sqrt{\sum_i S(v_i) B (g^+ + g^-)}$ |
    | `f1_3_7` | flicker of a pair | its $\sigma v$ |
    | `h1_3_7` | telegraph noise of a pair, in siemens | its row's v |

    `s1_3` is $1 + F (x \coth x - 1)$ of a row. Values are of unit variance but
    telegraph noise; the voltages are the deck's own. Where white and thermal noise
    share their draws, `u` scales the root of both variances.
    """
    played = {
        kind: None if path is None else (_first(path), float(path.interval))
        for kind, path in (
            ("u", paths.white),
            ("z", paths.thermal),
            ("f", paths.flicker),
            ("h", paths.telegraph),
        )
    }
    column = cell = 0
    for layer, crossbar in enumerate(crossbars, start=1):
        rows, cols = crossbar.g_pos.shape
        flicker = np.asarray(crossbar.flicker_std, float)
        thermal = crossbar.thermal if played["z"] or paths.shares_white else None
        if thermal is not None:
            yield from _row_factors(layer, rows, thermal)
        for col in range(cols):
            at, terms = f"{layer}_{col}", []
            for kind in "uz":
                if (of := played[kind]) is None:
                    continue
                corners = steps(of[0][:, column], of[1], duration)
                yield from card(f"v{kind}{at}", f"{kind}{at}", "0", *pwl(*corners))
                squares: list[str] = []
                if kind == "u":
                    squares += _white(layer, col, crossbar)
                if thermal is not None and (kind == "z" or paths.shares_white):
                    squares += _thermal(layer, col, crossbar, thermal)
                terms += [f"-v({kind}{at})*sqrt(", *_joined(squares), ")"]
            if terms:
                yield from card(f"bn{at}", "0", f"m{at}", "i=", *terms)
            for row in range(rows):
                shares: list[str] = []
                for kind in "fh":
                    if (of := played[kind]) is None:
                        continue
                    node = f"{kind}{layer}_{row}_{col}"
                    own = of[0][:, cell + row * cols + col]
                    corners = steps(own, of[1], duration)
                    yield from card(f"v{node}", node, "0", *pwl(*corners))
                    scale = flicker[row, col] if kind == "f" else 1.0
                    shares.append(f"{number(scale)}*v({node})")
                if shares:
                    value = f"i=-v(r{layer}_{row})*({'+'.join(shares)})"
                    yield from card(f"bc{layer}_{row}_{col}", "0", f"m{at}", value)
            column += 1
        cell += rows * cols


def _white(layer: int, col: int, crossbar: Crossbar) -> list[str]:
    """Terms of the variance, in A^2."""
    shape = crossbar.g_pos.shape
    variance = np.broadcast_to(np.asarray(crossbar.white_std, float) ** 2, shape)[
        :, col
    ]
    if crossbar.white_gain is not None:
        variance = variance * float(crossbar.white_gain[col]) ** 2
    row = [f"v(r{layer}_{n})" for n in range(shape[0])]
    return [f"{number(x)}*{v}*{v}" for x, v in zip(variance, row, strict=True)]


def _thermal(layer: int, col: int, crossbar: Crossbar, law: ThermalNoise) -> list[str]:
    """Terms of the variance, in A^2."""
    power = 4 * Boltzmann * float(law.temperature) * float(law.bandwidth)
    g = np.asarray(crossbar.g_pos + crossbar.g_neg, float)[:, col]
    return [f"{number(power * x)}*v(s{layer}_{n})" for n, x in enumerate(g)]


def _row_factors(layer: int, rows: int, law: ThermalNoise) -> Iterator[str]:
    scale = number(elementary_charge / (2 * Boltzmann * float(law.temperature)))
    for row in range(rows):
        x = f"({scale}*v(r{layer}_{row}))"
        ratio = f"(abs{x}<{SMALL}?1+{x}*{x}/3:{x}/tanh{x})"
        value = f"v=1+{number(law.fano)}*({ratio}-1)"
        yield from card(f"bs{layer}_{row}", f"s{layer}_{row}", "0", value)


def _first(path: HeldPath) -> np.ndarray:
    """Values `(holds, channels)` of the first sample."""
    return np.asarray(path.values[..., 0], float)


def _joined(terms: list[str]) -> list[str]:
    return [terms[0], *(f"+{term}" for term in terms[1:])]
