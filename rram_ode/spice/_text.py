"""A netlist, and the formats of its numbers, names, cards and waveforms."""

import dataclasses
import math
import re
from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import ArrayLike


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")


WIDTH = 100


def number(x: ArrayLike) -> str:
    """`x` as text with 12 digits.

    Raises:
        ValueError: If `x` is not finite.
    """
    value = float(np.asarray(x))
    if not math.isfinite(value):
        raise ValueError(f"a netlist takes finite numbers; got {value}.")
    return f"{value:.12g}"


def name(text: str) -> str:
    """`text`, if it is safe as a name in a deck.

    A netlist is a program, and no name may add a card to it.

    Raises:
        ValueError: If `text` has anything but letters, digits, `_` and `.`.
    """
    if not _NAME.fullmatch(text):
        raise ValueError(
            "a name in a netlist starts with a letter and has letters, digits, `_` and "
            f"`.` alone; got {text!r}."
        )
    return text


def card(*words: str) -> Iterator[str]:
    """One element as lines of bounded length; `+` continues a line."""
    line = ""
    for word in words:
        if line and len(line) + len(word) >= WIDTH:
            yield line
            line = "+"
        line = f"{line} {word}" if line else word
    yield line


def pwl(times: Iterable[float], values: Iterable[float]) -> list[str]:
    """The words of a piecewise linear source, with numbers of 12 digits."""
    corners = np.array([*zip(times, values, strict=True)], float)
    if not np.isfinite(corners).all():
        raise ValueError("a netlist takes finite numbers; a waveform is not finite.")
    return ["pwl(", *(f"{t:.12g} {v:.12g}" for t, v in corners.tolist()), ")"]


@dataclasses.dataclass(frozen=True)
class Netlist:
    """A deck with the names of its nodes.

    Args:
        title: First line of the deck.
        cards: Lines of the circuit, without analysis.
        analysis: Line of options and `.tran` line.
        nodes: Names of nodes by class: `state`, `hidden 1`, ..., `output`.
    """

    title: str
    cards: tuple[str, ...]
    analysis: tuple[str, ...]
    nodes: dict[str, tuple[str, ...]]

    @property
    def text(self) -> str:
        """The deck as a file that ngspice runs."""
        saved = [f"v({node})" for nodes in self.nodes.values() for node in nodes]
        lines = [f"* {self.title}", *self.cards, *self.analysis]
        lines += [*card(".save", *saved), ".end"]
        return "\n".join(lines) + "\n"
