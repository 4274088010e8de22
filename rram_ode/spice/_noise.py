"""Read noise as sources: the simulator's own paths, played to both."""

from collections.abc import Iterator

import numpy as np

from ..crossbar import Crossbar
from ..devices import HeldPath
from ..samplers import SamplePaths
from ._text import card, number, pwl


EDGE = 1e-9


def steps(
    values: np.ndarray, interval: float, duration: float
) -> tuple[np.ndarray, np.ndarray]:
    """Corners of a held signal, `(holds, ...)`: each step has an edge of 1 ns or less.

    An edge begins at the update, where the simulator steps.
    """
    edge = min(EDGE, interval / 100)
    starts = np.arange(1, len(values)) * interval
    starts = starts[starts < duration * (1 - 1e-6)]
    values = values[: len(starts) + 1]
    times = np.concatenate([[0.0], np.stack([starts, starts + edge], 1).ravel()])
    corners = np.concatenate([values[:1], np.repeat(values[1:], 2, axis=0)])
    corners[1::2] = values[:-1]
    return times, corners


def noise_cards(
    crossbars: tuple[Crossbar, ...], paths: SamplePaths, duration: float
) -> Iterator[str]:
    r"""A current source at each summing node, and the unit values that it scales.

    `u1_7` plays the white noise of column 7 of layer 1 and scales
    $\sqrt{\sum_i \sigma_i^2 v_i^2}$; `f1_3_7` the flicker of a cell and scales its
    $\sigma v$. Both are unit values in volts; the voltages are the deck's own.
    """
    white, flicker = _values(paths.white), _values(paths.flicker)
    column = cell = 0
    for layer, crossbar in enumerate(crossbars, start=1):
        rows, cols = crossbar.g_pos.shape
        variance = np.broadcast_to(np.asarray(crossbar.white_std) ** 2, (rows, cols))
        spread = np.asarray(crossbar.flicker_std)
        for col in range(cols):
            at = f"{layer}_{col}"
            terms: list[str] = []
            if white is not None and paths.white is not None:
                times, unit = steps(white, float(paths.white.interval), duration)
                yield from card(f"vu{at}", f"u{at}", "0", *pwl(times, unit[:, column]))
                squares = [
                    f"{number(variance[row, col])}*v(r{layer}_{row})*v(r{layer}_{row})"
                    for row in range(rows)
                ]
                terms += [f"-v(u{at})*sqrt(", *_joined(squares), ")"]
            if flicker is not None and paths.flicker is not None:
                times, unit = steps(flicker, float(paths.flicker.interval), duration)
                for row in range(rows):
                    node = f"f{layer}_{row}_{col}"
                    corners = pwl(times, unit[:, cell + row * cols + col])
                    yield from card(f"v{node}", node, "0", *corners)
                    terms.append(
                        f"-{number(spread[row, col])}*v(r{layer}_{row})*v({node})"
                    )
            if terms:
                yield from card(f"bn{at}", "0", f"m{at}", "i=", *terms)
            column += 1
        cell += rows * cols


def _values(path: HeldPath | None) -> np.ndarray | None:
    """Unit values `(holds, channels)` of the first sample."""
    return None if path is None else np.asarray(path.values[..., 0], float)


def _joined(terms: list[str]) -> list[str]:
    return [terms[0], *(f"+{term}" for term in terms[1:])]
