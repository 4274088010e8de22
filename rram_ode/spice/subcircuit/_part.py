"""A subcircuit of a user's library, and the order of its pins."""

import dataclasses
import itertools
import pathlib
import re

from .._text import name, number
from .._user_file import read_user_file


PINS = ("plus", "minus", "high", "low", "out")


COMMON = (
    "plus minus high low out",
    "minus plus high low out",
    "plus minus low high out",
    "plus minus out high low",
    "out minus plus low high",
    "out minus plus high low",
    "out plus minus high low",
    "high low plus minus out",
    "low high plus minus out",
    "high low minus plus out",
)


BARE = ("plus", "minus", "out")


@dataclasses.dataclass(frozen=True)
class Part:
    """An op-amp as a subcircuit.

    Args:
        title: Name of the subcircuit.
        cards: The library, without what might start a program.
        pins: What each pin is, in the order of the `.subckt` card: a permutation of
            `PINS`, with or without the supplies `high` and `low`.
        nets: Names that the library gives these pins.
        supply: Volts from `low` to `high`, which lie evenly around ground.
        left_out: One sentence for each part of the file that is not used.
    """

    title: str
    cards: tuple[str, ...]
    pins: tuple[str, ...]
    nets: tuple[str, ...]
    supply: float
    left_out: tuple[str, ...] = ()

    def instance(self, at: dict[str, str], called: str = "xu") -> str:
        """The card of one op-amp whose pins are at these nets."""
        return " ".join([called, *(at[pin] for pin in self.pins), self.title])

    @property
    def supplies(self) -> tuple[str, str]:
        """Sources of the nets `vcc` and `vee`."""
        half = self.supply / 2
        return f"vvcc vcc 0 {number(half)}", f"vvee vee 0 {number(-half)}"

    @property
    def likely(self) -> tuple[tuple[str, ...], ...]:
        """Other orders that are common, or that swap two pins of this one."""
        if len(self.pins) == len(BARE):
            return tuple(p for p in itertools.permutations(BARE) if p != self.pins)
        swapped = [
            tuple({a: b, b: a}.get(pin, pin) for pin in self.pins)
            for a, b in (("plus", "minus"), ("high", "low"))
        ]
        common = (tuple(words.split()) for words in COMMON)
        return tuple(p for p in (*swapped, *common) if p != self.pins)


def read_part(where: str, pins: str, supply: float) -> Part:
    """The subcircuit at `FILE:NAME`.

    Args:
        where: Path of the library, a colon, and the name of the subcircuit.
        pins: What its pins are, in their order, see `Part`.
        supply: Supply voltage, in volts.

    Raises:
        ValueError: If there is no such subcircuit, or it has other pins.
    """
    path, colon, title = where.rpartition(":")
    if not colon or not path or not re.fullmatch(r"\w+", title):
        raise ValueError(
            "`op_amp.subcircuit` is a file and a name, such as `my.lib:NAME`; got "
            f"`{where}`."
        )
    order = tuple(re.split(r"[\s,]+", pins.strip().lower()))
    if sorted(order) not in (sorted(PINS), sorted(BARE)):
        raise ValueError(
            f"`op_amp.pins` are the words {', '.join(PINS)}, each once, in the order "
            f"of the `.subckt` card, or without supplies {', '.join(BARE)}; got "
            f"`{pins}`."
        )
    file = read_user_file(pathlib.Path(path), has_title=False)
    heads = [c for c in file.cards if c.lower().split()[0] == ".subckt"]
    if any(len(head.split()) < 2 for head in heads):
        raise ValueError(f"{path} has a `.subckt` without a name: give it one.")
    mine = [c for c in heads if c.split()[1].lower() == title.lower()]
    if len(mine) != 1:
        names = ", ".join(head.split()[1] for head in heads) or "none"
        raise ValueError(f"{path} has no subcircuit `{title}`; it has {names}.")
    words = mine[0].split()[2:]
    ends = [n for n, w in enumerate(words) if "=" in w or w.lower() == "params:"]
    nets = tuple(words[: min(ends, default=len(words))])
    if len(nets) != len(order):
        raise ValueError(
            f"`{title}` has the {len(nets)} pins {' '.join(nets)}, and `op_amp.pins` "
            f"says what {len(order)} are, {' '.join(order)}: say what each is, in "
            f"this order, by {', '.join(PINS)}."
        )
    return Part(name(title), file.cards, order, nets, supply, file.left_out)
