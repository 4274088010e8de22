"""A deck parsed and flattened into elements and nets without hierarchy."""

import dataclasses
import re

import numpy as np

from ._count import require_runnable
from ._user_file import read_user_text


PINS = {"r": 2, "c": 2, "v": 2, "i": 2, "b": 2, "e": 4, "g": 4}


SUFFIXES = {"t": 1e12, "g": 1e9, "meg": 1e6, "k": 1e3, "m": 1e-3}


SUFFIXES |= {"u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "": 1.0}


# As ngspice reads numbers: letters behind the suffix are a unit, and M is milli. A
# mil is 25.4e-6 in its elements and 1e-3 in its parameters: it is none here.
_NUMBER = re.compile(
    r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(t|g|meg|k|m(?!il)|u|n|p|f|(?!m))([a-z]*)"
)


_PAIR = re.compile(r"(\w+)\s*=\s*(\{[^{}]*\}|'[^']*'|[^\s=]+)")


_VOLTAGE = re.compile(r"(?<![\w.])v\(\s*([^\s,()]+)\s*(?:,\s*([^\s,()]+)\s*)?\)")


_BRACED = re.compile(r"\{[^{}]*\}")


_IGNORED = (".options", ".option", ".opt ", ".tran", ".temp", ".nodeset")


_DEEPEST = 20


@dataclasses.dataclass(frozen=True)
class Element:
    """A resistor, capacitor or source.

    Args:
        name: Name in the flat deck; `xa1_7.rf` is `rf` of instance `xa1_7`.
        kind: First letter of its card, a key of `PINS`.
        nets: Nets at its pins; for `e` and `g` the nets that control it follow.
        value: Ohms, farads, volts, amperes, or a gain; NaN if a wave or a rule sets it.
        wave: Times and volts of a `pwl` source, `(2, corners)`.
        rule: Expression of a `b` source from `v=` or `i=` on, with `$` for each
            voltage.
        senses: Pairs of nets, the voltages of `rule` in their order.
    """

    name: str
    kind: str
    nets: tuple[str, ...]
    value: float = float("nan")
    wave: np.ndarray | None = None
    rule: str = ""
    senses: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Deck:
    """Contents of a deck.

    Args:
        elements: Elements of the flat circuit.
        starts: Initial voltages by net, from the `.ic` cards.
    """

    elements: tuple[Element, ...]
    starts: dict[str, float]


@dataclasses.dataclass
class _Body:
    pins: list[str]
    defaults: dict[str, str]
    cards: list[str]


def parse(text: str) -> Deck:
    """The flat circuit of a deck of the kind that `write_netlist` writes.

    Raises:
        ValueError: If a card is of another kind.
    """
    top, bodies = _split(text)
    elements: list[Element] = []
    starts: dict[str, float] = {}
    fixed: dict[str, str] = {}
    for line in top:
        if line.startswith(".param"):
            fixed |= {k: _plain(v, fixed) for k, v in _PAIR.findall(line[6:])}
    for line in top:
        if line.startswith(".param"):
            continue
        if line.startswith(".ic"):
            for node, value in re.findall(r"v\(([^()]+)\)\s*=\s*(\S+)", line):
                starts[_net(node, {}, "")] = quantity(_value(value, fixed))
        elif not line.startswith("."):
            _expand(line, bodies, {}, fixed, "", elements, 0)
        elif not line.startswith(_IGNORED):
            raise ValueError(f"a deck that is read back has no card {_short(line)!r}.")
    names = [element.name for element in elements]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"two elements are called {twice!r}: give each its own name.")
    return Deck(tuple(elements), starts)


def quantity(word: str) -> float:
    """Value of a number with or without a SPICE suffix.

    Raises:
        ValueError: If `word` is not such a number.
    """
    found = _NUMBER.fullmatch(word)
    if found is None:
        raise ValueError(
            f"{word!r} is not a number; it may end with one of {_suffixes()}."
        )
    return float(found[1]) * SUFFIXES[found[2]]


def _split(text: str) -> tuple[list[str], dict[str, _Body]]:
    """Cards outside subcircuits, and the subcircuits; the first line is the title."""
    lines = [card.lower() for card in read_user_text(text).cards]
    require_runnable(lines)
    top: list[str] = []
    bodies: dict[str, _Body] = {}
    inside: _Body | None = None
    for line in lines:
        words = _joined(line).split()
        if words[0] == ".subckt":
            if inside is not None or len(words) < 2 or words[1] in bodies:
                raise ValueError(
                    f"{_short(line)!r}: each subcircuit has a name of its own and ends "
                    "before the next begins."
                )
            pins = [word for word in words[2:] if "=" not in word]
            inside = bodies[words[1]] = _Body(pins, _parameters(words), [])
        elif words[0] == ".ends":
            inside = None
        else:
            (top if inside is None else inside.cards).append(line)
    return top, bodies


def _expand(line, bodies, nets, parameters, prefix, elements, depth, fixed=None):
    """Append the elements of one card of an instance called `prefix`."""
    words = _joined(line).split()
    kind, name = words[0][0], prefix + words[0]
    if kind != "x":
        elements.append(_element(kind, name, line, nets, parameters, prefix))
        return
    fixed = parameters if fixed is None else fixed
    plain = [word for word in words[1:] if "=" not in word]
    body = bodies.get(plain[-1]) if plain else None
    if body is None or len(plain) - 1 != len(body.pins) or depth > _DEEPEST:
        raise ValueError(
            f"{name!r} is an instance of no subcircuit of the deck with "
            f"{max(len(plain) - 1, 0)} pins."
        )
    given = {k: _value(v, parameters) for k, v in _parameters(words).items()}
    outer = [_net(node, nets, prefix) for node in plain[:-1]]
    for card in body.cards:
        inner = dict(zip(body.pins, outer, strict=True))
        values = {**fixed, **body.defaults, **given}
        _expand(card, bodies, inner, values, name + ".", elements, depth + 1, fixed)


def _element(kind, name, line, nets, parameters, prefix) -> Element:
    words = line.split()
    pins = PINS.get(kind)
    if pins is None or len(words) < pins + 2:
        raise ValueError(
            f"{_short(line)!r} is no card of a deck that is read back: those are "
            f"{', '.join(PINS)} and x, with their nets and a value."
        )
    at = tuple(_net(node, nets, prefix) for node in words[1 : pins + 1])
    rest = words[pins + 1 :]
    if kind == "b":
        rule = _BRACED.sub(lambda found: _plain(found[0], parameters), "".join(rest))
        senses = tuple(
            (_net(a, nets, prefix), _net(b or "0", nets, prefix))
            for a, b in _VOLTAGE.findall(rule)
        )
        return Element(name, kind, at, rule=_VOLTAGE.sub("$", rule), senses=senses)
    if kind in "vi" and rest[0].startswith("pwl"):
        values = " ".join(rest).removeprefix("pwl").replace("(", " ").replace(")", " ")
        wave = np.array([quantity(word) for word in values.split()])
        if wave.size % 2 or not wave.size:
            raise ValueError(f"{_short(line)!r} has pairs of time and value in `pwl`.")
        return Element(name, kind, at, wave=wave.reshape(-1, 2).T)
    if len(rest) != 1:
        raise ValueError(f"{_short(line)!r} has one value; got {len(rest)}.")
    return Element(name, kind, at, quantity(_value(rest[0], parameters)))


def _parameters(words: list[str]) -> dict[str, str]:
    pairs = (word.partition("=") for word in words if "=" in word)
    return {key: value for key, _, value in pairs}


def _value(word: str, parameters: dict[str, str]) -> str:
    """`word`, or the parameter that it names in braces or quotes."""
    if word[0] not in "{'":
        return word
    name = word.strip("{}' ")
    if name not in parameters:
        if _NUMBER.fullmatch(name):
            return name
        raise ValueError(
            f"parameter {word!r} has no value in its subcircuit: a deck that is read "
            "back has numbers and names in braces, and no expressions."
        )
    return parameters[name]


def _plain(word: str, parameters: dict[str, str]) -> str:
    """A parameter's number with 12 digits, which every rule can read."""
    return f"{quantity(_value(word, parameters)):.12g}"


def _joined(line: str) -> str:
    """A card without the spaces around `=`, which ngspice allows."""
    return re.sub(r"\s*=\s*", "=", line)


def _net(node: str, nets: dict[str, str], prefix: str) -> str:
    node = node.strip()
    return "0" if node in ("0", "gnd") else nets.get(node, prefix + node)


def _short(line: str) -> str:
    return line if len(line) < 60 else line[:57] + "..."


def _suffixes() -> str:
    return ", ".join(suffix for suffix in SUFFIXES if suffix)
