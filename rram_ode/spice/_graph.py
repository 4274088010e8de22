"""Elements by the nets that they touch, and the block that each one belongs to."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

from ._deck import Element


_Block = TypeVar("_Block")


class RuleBroken(Exception):
    """A structure breaks its rule; the message names the element."""


class Graph:
    """The bipartite graph of elements and nets, whose elements are claimed by blocks.

    Args:
        elements: Elements of a flat deck.
    """

    def __init__(self, elements: Iterable[Element]):
        self.elements = tuple(elements)
        self.at: dict[str, list[Element]] = defaultdict(list)
        self.watchers: dict[str, list[Element]] = defaultdict(list)
        self.drivers: dict[str, list[Element]] = defaultdict(list)
        self.owners: dict[str, tuple[str, str]] = {}
        self.violations: list[str] = []
        for element in self.elements:
            pins = element.nets[:2]
            if pins[0] == pins[1]:
                self.violations.append(f"{element.name}: both ends are {pins[0]!r}.")
            for net in dict.fromkeys(pins):
                self.at[net].append(element)
            pairs = [element.nets[2:], *element.senses]
            for net in dict.fromkeys(net for pair in pairs for net in pair):
                self.watchers[net].append(element)
            if drives(element):
                self.drivers[pins[0]].append(element)

    def claim(self, kind: str, name: str, elements: Iterable[str]) -> None:
        """Assign `elements` to a block; a second claim on one breaks a rule."""
        for element in elements:
            owner = self.owners.setdefault(element, (kind, name))
            if owner != (kind, name):
                self.violations.append(
                    f"{element} belongs to {' '.join(owner)} and to {kind} {name}."
                )

    def hand_over(self, kind: str, name: str, elements: Iterable[str]) -> None:
        """Assign `elements` of a block to the larger block around it."""
        self.owners.update(dict.fromkeys(elements, (kind, name)))

    def between(self, kind: str, a: str, b: str) -> list[Element]:
        """Elements of a kind that connect two nets."""
        both = {(a, b), (b, a)}
        return [e for e in self.at[a] if e.kind == kind and e.nets[:2] in both]

    def all_of(
        self,
        make: Callable[["Graph", Element], _Block | None],
        elements: Iterable[Element],
    ) -> list[_Block]:
        """Blocks that `make` finds at each element; a broken rule is recorded."""
        found = []
        for element in elements:
            try:
                made = make(self, element)
            except RuleBroken as broken:
                self.violations.append(str(broken))
            else:
                if made is not None:
                    found.append(made)
        return found


def drives(element: Element) -> bool:
    """Whether the element sets the voltage of its first pin."""
    return is_voltage(element) and element.nets[1] == "0"


def is_voltage(element: Element) -> bool:
    """Whether the element is a voltage source of any kind."""
    return element.kind in "ve" or element.rule.startswith("v=")


def only(elements: list[Element], owner: str, what: str) -> Element:
    """The only element of a list.

    Raises:
        RuleBroken: If there is none or more than one; the message names them.
    """
    if len(elements) != 1:
        names = ", ".join(element.name for element in elements) or "none"
        raise RuleBroken(f"{owner}: its rule asks for one {what}; there is {names}.")
    return elements[0]


def optional(elements: list[Element], owner: str, what: str) -> Element | None:
    """The only element of a list, or `None` if the list is empty."""
    return only(elements, owner, what) if elements else None
