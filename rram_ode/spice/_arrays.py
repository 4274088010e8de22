"""A crossbar as a subcircuit: its cells, and its wires where they have resistance."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from ..crossbar import Crossbar, Wires, Wiring
from ..devices import AbstractIV, AccessIV, LinearIV, PolynomialIV, SinhIV
from ._text import card, number


SIDES = (("p", "n"), ("n", "r"))  # letter of a cell's sign, and of its rows


def array_cards(name: str, crossbar: Crossbar) -> list[str]:
    """Subcircuit of a crossbar; its pins are rows, inverted rows and summing nodes.

    The pins are called `r0 r1 ... n0 n1 ... m0 m1 ...`.

    `rg3_7p` is the positive cell of row 3 and column 7. With wires, `rw3_7p` is the
    segment of its word line on the driver's side of column 7 and `rb3_7p` that of its
    bit line on the amplifier's side of row 3; the segment at the driver or amplifier
    includes the driver's or the sense resistance. A wire without resistance has no
    element. A cell that is not linear is the source `bg3_7p`; an access transistor is
    `rt3_7p`, or the source `bt3_7p` if it saturates, behind the net `q3_7p`.
    """
    rows, cols = crossbar.g_pos.shape
    pins = [f"{kind}{row}" for kind in "rn" for row in range(rows)]
    pins += [f"m{col}" for col in range(cols)]
    lines = [*card(f".subckt {name}", *pins)]
    wiring = crossbar.wiring
    laws = crossbar.iv, crossbar.iv_neg
    for (sign, kind), g, iv in zip(SIDES, _cells(crossbar), laws, strict=True):
        word = [[f"{kind}{row}"] * cols for row in range(rows)]
        bit = [[f"m{col}" for col in range(cols)] for _ in range(rows)]
        if wiring is not None:
            lines += _lines(word, wiring, sign, is_word=True)
            lines += _lines(bit, wiring, sign, is_word=False)
        for row, col in np.ndindex(rows, cols):
            if g[row, col] > 0:
                place = f"{row}_{col}{sign}"
                pins = word[row][col], bit[row][col]
                law = _at(iv, row, col)
                lines += _cell(place, *pins, float(g[row, col]), law)
    return [*lines, f".ends {name}"]


def _cells(crossbar: Crossbar) -> tuple[np.ndarray, np.ndarray]:
    """Programmed conductances of both signs, in siemens."""
    of = crossbar if crossbar.wiring is None else crossbar.wiring
    return np.asarray(of.g_pos, float), np.asarray(of.g_neg, float)


def _at(iv: AbstractIV, row: int, col: int) -> AbstractIV:
    """The law of one cell."""
    one = lambda leaf: leaf[row, col] if leaf.ndim == 2 else leaf
    return jax.tree_util.tree_map(one, iv)


def _cell(place: str, a: str, b: str, g: float, iv: AbstractIV) -> list[str]:
    """Cards of a cell of slope `g` between two nets, with its transistor if any.

    A cell that adds lies between an inverted row and the summing node, the other way
    round than the law counts, so that its current is $-I(-v)$; it is that of the cells
    that subtract, too.
    """
    if isinstance(iv, LinearIV):
        return [f"rg{place} {a} {b} {number(1 / g)}"]
    v = f"v({a},{b})"
    if isinstance(iv, SinhIV):
        v0 = float(iv.v0)
        return [f"bg{place} {a} {b} i={number(g * v0)}*sinh({v}*{number(1 / v0)})"]
    if isinstance(iv, PolynomialIV):
        n2, n3 = (float(x) for x in iv.coefficients(jnp.asarray(g)))
        cubic = f"{number(g)}+{v}*({number(-n2)}+{v}*{number(n3)})"
        return [f"bg{place} {a} {b} i={v}*({cubic})"]
    if not isinstance(iv, AccessIV):
        raise ValueError(f"a netlist has no circuit of a {type(iv).__name__}.")
    inner, ohms = f"q{place}", float(iv.resistance)
    own = float(iv.own(jnp.asarray(g)))
    cards = _cell(place, a, inner, own, iv.cell)
    if iv.overdrive is None:
        return [*cards, f"rt{place} {inner} {b} {number(ohms)}"]
    over = float(iv.overdrive)
    d = f"max(min(v({inner},{b}),{number(over)}),{number(-over)})"
    i = f"{number(1 / ohms)}*{d}*(1-abs({d})*{number(0.5 / over)})"
    return [*cards, f"bt{place} {inner} {b} i={i}"]


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
