"""How large a deck is once its subcircuits are put in place, before anything does so.

A dozen lines can stand for millions of elements, or call themselves: ngspice would fill
the memory of the computer.
"""

import functools
import re
from collections.abc import Iterable, Iterator


MOST_ELEMENTS = 1_000_000  # of a flat deck; one of `digits` has some 100,000


MOST_POINTS = 10_000_000  # of a transient run; a solve of `ring` has 10,000


_SUFFIXES = {"t": 1e12, "g": 1e9, "meg": 1e6, "k": 1e3, "m": 1e-3, "u": 1e-6}


_SUFFIXES |= {"n": 1e-9, "p": 1e-12, "f": 1e-15, "": 1.0}


_TIME = re.compile(r"([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)(t|g|meg|k|m|u|n|p|f|)[a-z]*")


def require_runnable(lines: Iterable[str]) -> None:
    """Refuse a deck that no simulator can hold.

    Args:
        lines: Its lines, of which those with `+` continue the one before.

    Raises:
        ValueError: If a subcircuit calls itself, the flat deck has more than
            `MOST_ELEMENTS` elements, or a run more than `MOST_POINTS` points.
    """
    bodies: dict[str, list[str]] = {"": []}
    inside = [""]
    for card in _cards(lines):
        words = card.split()
        if words[0] == ".subckt" and len(words) > 1:
            inside.append(words[1])
            bodies[words[1]] = []
        elif words[0] == ".ends" and len(inside) > 1:
            inside.pop()
        elif words[0] == ".tran":
            _require_points(words)
        elif words[0][0].isalpha():
            bodies[inside[-1]].append(_called(words))
    num = _count_from("", bodies)
    if num > MOST_ELEMENTS:
        raise ValueError(
            f"the deck has {num} elements once its subcircuits are in their places; "
            f"at most {MOST_ELEMENTS} are run: call them less often."
        )


def _count_from(top: str, bodies: dict[str, list[str]]) -> int:
    """Elements of the subcircuit `top` with all that it calls."""
    open_now: list[str] = []

    @functools.cache
    def count(name: str) -> int:
        if name in open_now or len(open_now) > 500:
            raise ValueError(
                f"the subcircuit `{name}` calls itself, by way of "
                f"`{open_now[-1]}`: take that call out."
            )
        open_now.append(name)
        num = sum(count(called) if called in bodies else 1 for called in bodies[name])
        open_now.pop()
        return num

    return count(top)


def _called(words: list[str]) -> str:
    """The subcircuit that a card calls, or nothing that has a name."""
    if words[0][0] != "x":
        return "\n"
    plain = [w for w in words[1:] if "=" not in w and w != "params:"]
    return plain[-1] if plain else "\n"


def _cards(lines: Iterable[str]) -> Iterator[str]:
    """Cards in lower case, without what follows a sign for a comment."""
    card = ""
    for raw in lines:
        line = raw.strip().lower()
        if line.startswith("+"):
            card += " " + line[1:]
            continue
        if card:
            yield re.sub(r"\s*=\s*", "=", card)
        card = "" if line.startswith("*") else line
    if card:
        yield re.sub(r"\s*=\s*", "=", card)


def _require_points(words: list[str]) -> None:
    """Refuse a `.tran` of too many steps: ngspice keeps the values of all."""
    times = [_seconds(word) for word in words[1:5]]
    steps = [t for t in (*times[:1], *times[3:]) if t]
    stop = times[1] if len(times) > 1 else None
    if stop and steps and stop / min(steps) > MOST_POINTS:
        raise ValueError(
            f"`{' '.join(words)}` has {stop / min(steps):.3g} points; at most "
            f"{MOST_POINTS} are kept: take a longer step."
        )


def _seconds(word: str) -> float | None:
    """A time, or `None` for what is no number, such as a parameter or `uic`."""
    found = _TIME.fullmatch(word)
    try:
        return None if found is None else float(found[1]) * _SUFFIXES[found[2]]
    except ValueError:
        return None
