"""A crossbar as a subcircuit: its cells, and its wires where they have resistance."""

from collections.abc import Sequence

import numpy as np

from ..crossbar import Crossbar, Wires, Wiring
from ._text import card, number


SIDES = (("p", "n"), ("n", "r"))  # letter of a cell's sign, and of its rows


def array_cards(name: str, crossbar: Crossbar) -> list[str]:
    """Subcircuit of a crossbar; its pins are rows, inverted rows and summing nodes.

    The pins are called `r0 r1 ... n0 n1 ... m0 m1 ...`.

    `rg3_7p` is the positive cell of row 3 and column 7. With wires, `rw3_7p` is the
    segment of its word line on the driver's side of column 7 and `rb3_7p` that of its
    bit line on the amplifier's side of row 3; the segment at the driver or amplifier
    includes the driver's or the sense resistance. A wire without resistance has no
    element.
    """
    rows, cols = crossbar.g_pos.shape
    pins = [f"{kind}{row}" for kind in "rn" for row in range(rows)]
    pins += [f"m{col}" for col in range(cols)]
    lines = [*card(f".subckt {name}", *pins)]
    wiring = crossbar.wiring
    for (sign, kind), g in zip(SIDES, _cells(crossbar), strict=True):
        word = [[f"{kind}{row}"] * cols for row in range(rows)]
        bit = [[f"m{col}" for col in range(cols)] for _ in range(rows)]
        if wiring is not None:
            lines += _lines(word, wiring, sign, is_word=True)
            lines += _lines(bit, wiring, sign, is_word=False)
        for row, col in np.ndindex(rows, cols):
            if g[row, col] > 0:
                ohms = number(1 / float(g[row, col]))
                lines.append(
                    f"rg{row}_{col}{sign} {word[row][col]} {bit[row][col]} {ohms}"
                )
    return [*lines, f".ends {name}"]


def _cells(crossbar: Crossbar) -> tuple[np.ndarray, np.ndarray]:
    """Programmed conductances of both signs, in siemens."""
    of = crossbar if crossbar.wiring is None else crossbar.wiring
    return np.asarray(of.g_pos, float), np.asarray(of.g_neg, float)


def _lines(
    nodes: list[list[str]], wiring: Wiring, sign: str, *, is_word: bool
) -> list[str]:
    """Segments of all word (or bit) lines; `nodes` is updated with their nodes."""
    rows, cols = len(nodes), len(nodes[0])
    wires, cards = wiring.wires, []
    for down in wiring.tiling.row_slices(rows):
        for along in wiring.tiling.col_slices(cols):
            tile = np.arange(rows)[down], np.arange(cols)[along]
            for places in _places(wires, *tile, is_word=is_word):
                cards += _line(nodes, places, wires, sign, is_word=is_word)
    return cards


def _places(
    wires: Wires, rows: np.ndarray, cols: np.ndarray, *, is_word: bool
) -> list[list[tuple[int, int]]]:
    """Row and column of the places along each line, from the end that is connected."""
    if is_word:
        first = wires.is_driven_at_column_0(rows.size)
        return [
            [(int(row), int(col)) for col in (cols if near else cols[::-1])]
            for row, near in zip(rows, first, strict=True)
        ]
    first = wires.is_sensed_at_row_0(cols.size)
    return [
        [(int(row), int(col)) for row in (rows if near else rows[::-1])]
        for col, near in zip(cols, first, strict=True)
    ]


def _line(
    nodes: list[list[str]],
    places: Sequence[tuple[int, int]],
    wires: Wires,
    sign: str,
    *,
    is_word: bool,
) -> list[str]:
    segment = float(wires.word_line if is_word else wires.bit_line)
    ohms = segment + float(wires.driver if is_word else wires.sense)
    kind, cards = "w" if is_word else "b", []
    last = nodes[places[0][0]][places[0][1]]
    for row, col in places:
        if ohms > 0:
            node = f"{kind}{row}_{col}{sign}"
            cards.append(f"r{node} {last} {node} {number(ohms)}")
            last = node
        nodes[row][col] = last
        ohms = segment
    return cards
