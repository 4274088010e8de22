"""The same circuit in another order and by other names."""

import re

import numpy as np


PINS = {"e": 4, "g": 4}


def cards(text):
    """Title, then one line a card."""
    title, *rest = text.splitlines()
    lines = []
    for line in rest:
        if line.startswith("+"):
            lines[-1] += line[1:]
        elif not line.startswith("*"):
            lines.append(line)
    return title, lines


def scopes(lines):
    """Cards outside, then `[.subckt, cards, .ends]` of each subcircuit."""
    top, bodies = [], []
    inside = None
    for line in lines:
        if line.startswith(".subckt"):
            inside = [line]
        elif line.startswith(".ends"):
            bodies.append([*(inside or []), line])
            inside = None
        else:
            (top if inside is None else inside).append(line)
    return top, bodies


def shuffled(text, seed):
    """Cards in another order, subcircuits and their inside too; ends of R and C."""
    rng = np.random.default_rng(seed)
    title, lines = cards(text)
    top, bodies = scopes(lines[:-1])

    def turned(line):
        words = line.split()
        if words[0][0] in "rc" and rng.random() < 0.5:
            words[1:3] = words[2:0:-1]
        return " ".join(words)

    blocks = [[turned(line)] for line in top]
    for head, *inner, end in bodies:
        blocks.append(
            [head, *(turned(inner[n]) for n in rng.permutation(len(inner))), end]
        )
    order = rng.permutation(len(blocks))
    return "\n".join([title, *(x for n in order for x in blocks[n]), ".end"]) + "\n"


def renamed(text, seed, *, permute=False):
    """Other names for nodes, elements, subcircuits; or the same, dealt out anew."""
    rng = np.random.default_rng(seed)
    title, lines = cards(text)
    lines = [line for line in lines if not line.startswith(".save")]
    nodes, elements, kinds = set(), set(), set()
    for line in lines:
        words = line.split()
        pins = PINS.get(words[0][0], 2)
        if words[0] == ".subckt":
            kinds.add(words[1])
            nodes |= {word for word in words[2:] if "=" not in word}
        elif words[0][0] == "x":
            elements.add(words[0])
            nodes |= set([word for word in words[1:] if "=" not in word][:-1])
        elif words[0][0] != ".":
            elements.add(words[0])
            nodes |= set(words[1 : pins + 1])
    nodes -= {"0"}

    def deal(names, prefix=lambda name: "n"):
        names = sorted(names)
        if permute:
            by = {}
            for name in names:
                by.setdefault(prefix(name), []).append(name)
            return {
                a: group[n]
                for group in by.values()
                for a, n in zip(group, rng.permutation(len(group)), strict=True)
            }
        order = rng.permutation(len(names))
        return {a: f"{prefix(a)}q{n}" for a, n in zip(names, order, strict=True)}

    node, element, kind = deal(nodes), deal(elements, lambda name: name[0]), deal(kinds)
    at = lambda word: node[word] if word in node else word

    def voltage(match):
        path = [[*map(str.strip, n.split("."))] for n in match[1].split(",")]
        new = (".".join([*(element[p] for p in n[:-1]), at(n[-1])]) for n in path)
        return f"v({','.join(new)})"

    def other(line):
        words = line.split()
        first = words[0]
        if first in (".subckt", ".ends"):
            words[1] = kind[words[1]]
            words[2:] = [at(word) for word in words[2:]]
        elif first[0] == "x":
            plain = [n for n, word in enumerate(words) if n and "=" not in word]
            for n in plain[:-1]:
                words[n] = at(words[n])
            words[plain[-1]] = kind[words[plain[-1]]]
            words[0] = element[first]
        elif first[0] != ".":
            pins = PINS.get(first[0], 2)
            words[1 : pins + 1] = [at(word) for word in words[1 : pins + 1]]
            words[0] = element[first]
        return re.sub(r"v\(([^()]+)\)", voltage, " ".join(words))

    return "\n".join([title, *map(other, lines)]) + "\n"
