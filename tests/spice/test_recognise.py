"""Netlists read back: the same circuit whatever its names, and no other circuit."""

import functools
import re

import jax.numpy as jnp
import numpy as np
import pytest
import test_spice
from _decks import cards, renamed, shuffled
from rram_ode.spice import read_back, recognise, write_netlist


@functools.cache
def exported():
    loop, chip = test_spice.machine("offsets")
    machine = loop, chip, test_spice.START
    return write_netlist(*machine).text, machine


def differences(text):
    return read_back(text, *exported()[1]).differences


# The round trip.


@pytest.mark.parametrize("permute", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_renaming_is_never_flagged(seed, permute):
    """Nor names dealt out anew among the nodes, which then say what is not so."""
    text, _ = exported()
    new = renamed(shuffled(text, seed), 10 + seed, permute=permute)
    assert new != shuffled(text, seed)
    assert differences(new) == ()


@pytest.mark.parametrize("kind", test_spice.CIRCUITS)
def test_every_form_of_the_blocks(kind):
    """Without limits, with offsets and bias currents, with capacitors."""
    loop, chip = test_spice.machine(kind)
    text = write_netlist(loop, chip, test_spice.START).text
    found = read_back(renamed(shuffled(text, 3), 4), loop, chip, test_spice.START)
    assert found.differences == ()
    assert found.deviation < 1e-9
    assert read_back(text, loop, chip, 1.01 * test_spice.START).differences


@pytest.mark.long
def test_the_network_rebuilt_from_the_deck_is_the_chips():
    """Rows, columns and embedding of the deck alone, in its own order."""
    text, (_, chip, _) = exported()
    layout = recognise(renamed(shuffled(text, 5), 6))
    outputs = {i.score: i for i in layout.integrators}
    v = {i.op_amp.output: 0.03 * (n - 0.4) for n, i in enumerate(layout.integrators)}
    start = dict(v)
    for layer, weights in zip(layout.layers, layout.weights, strict=True):
        rows = []
        for row in layer.rows:
            values = {key: each.value for key, each in row.values.items()}
            fixed = values.get("v_bias")
            clip = lambda x, low, high: min(max(x, low), high)
            rows.append(
                clip(v[row.input], values["v_low"], values["v_high"])
                if fixed is None
                else fixed
            )
        played = [0.0 if c.wave is None else c.wave[1, 0] for c in layer.columns]
        scale = [
            c.values["scale"].value if "scale" in c.values else 0.0
            for c in layer.columns
        ]
        sums = np.array(rows) @ weights - np.array(scale) * np.array(played)
        v = {c.op_amp.output: s for c, s in zip(layer.columns, sums, strict=True)}
    loop, _, _ = exported()[1]
    waves = np.asarray(loop.loop.waveforms(chip).held(1).values)[0]
    states = {outputs[net].op_amp.output: net for net in outputs}
    # The order of the states is free: the chip's is one of two.
    close = []
    for order in (list(states), list(states)[::-1]):
        x = jnp.array([start[state] for state in order])
        ours = np.array([v[states[state]] for state in order])
        theirs, _ = chip.score.nodes(x[:, None], jnp.asarray(waves[:-2]))
        close.append(np.allclose(ours, np.asarray(theirs)[:, 0], rtol=1e-6, atol=1e-9))
    assert sum(close) == 1


# Mutations: cards of the deck changed, and the element that must be named.


def edit(text, pattern, change):
    """`text` with the one card that begins with `pattern` changed or left out."""
    title, lines = cards(text)
    found = [n for n, card in enumerate(lines) if re.match(pattern, card)]
    assert len(found) == 1, (pattern, len(found))
    words = change(lines[found[0]].split())
    lines[found[0] : found[0] + 1] = [" ".join(words)] if words else []
    return "\n".join([title, *lines]) + "\n"


def inside(text, block, pattern, change):
    """As `edit`, within one subcircuit."""
    begin = text.index(f".subckt {block} ")
    end = text.index(f".ends {block}\n")
    title, lines = cards(f"*\n{text[begin:end]}")
    body = edit("\n".join(["*", *lines]) + "\n", pattern, change)
    return text[:begin] + body.removeprefix("*\n") + text[end:]


def second(text, pattern, change):
    return inside(text, "crossbar2", pattern, change)


def scale(factor):
    def change(words):
        key, equals, value = words[-1].rpartition("=")
        return [*words[:-1], f"{key}{equals}{float(value) * factor!r}"]

    return change


def swap(a, b):
    def change(words):
        words[a], words[b] = words[b], words[a]
        return words

    return change


def put(at, word):
    return lambda words: [*words[:at], word, *words[at + 1 :]]


def added(text, card):
    return text.replace("\n.end\n", f"\n{card}\n.end\n")


def transposed(text):
    """The square part of the second crossbar."""
    ohms = {}
    for row in range(4):
        for col in range(4):
            for side in "pn":
                note = lambda w, at=(row, col, side): ohms.update({at: w[3]}) or w
                second(text, f"rg{row}_{col}{side} ", note)
    for (row, col, side), value in ohms.items():
        text = second(text, f"rg{col}_{row}{side} ", put(3, value))
    return text


CELL, NONE = "rg3_2p ", lambda words: []
MUTATIONS = {
    "a cell off by 1 %": (
        lambda t: second(t, CELL, scale(1.01)),
        "xl2.rg3_2p",
    ),
    "a cell on another row": (
        lambda t: second(t, CELL, put(1, "n2")),
        "xl2.rg3_2p",
    ),
    "a cell on another column": (
        lambda t: second(t, CELL, put(2, "m1")),
        "xl2.rg3_2p",
    ),
    "a cell missing": (
        lambda t: second(t, CELL, NONE),
        "row 3, pos",
    ),
    "a pair swapped": (
        lambda t: inside(
            second(t, CELL, put(1, "r3")),
            "crossbar2",
            "rg3_2n ",
            put(1, "n3"),
        ),
        "xl2.rg3_2p",
    ),
    "two columns swapped": (lambda t: edit(t, "xl2 ", swap(11, 12)), "xa2_0"),
    "a crossbar transposed": (transposed, "xl2.rg"),
    "summing nodes shorted": (lambda t: added(t, "rshort m1_0 m1_1 1m"), "rshort"),
    "a cell shorted": (
        lambda t: second(t, CELL, put(2, "n3")),
        "xl2.rg3_2p",
    ),
    "rows shorted": (lambda t: edit(t, "xr2_2 ", put(2, "r2_3")), "xr2_2"),
    "a feedback resistor 1 % off": (
        lambda t: edit(t, "xa2_2 ", lambda w: [*w[:4], scale(1.01)([w[4]])[0], w[5]]),
        "xa2_2.rf",
    ),
    "an offset": (lambda t: edit(t, "xa2_2 ", scale(1.5)), "xa2_2.xa.vos"),
    "feedback open": (lambda t: inside(t, "tia", "rf ", put(2, "0")), "xa2_2.rf"),
    "an output elsewhere": (lambda t: edit(t, "xa2_2 ", put(2, "away")), "xr3_2"),
    "no feedback": (lambda t: inside(t, "tia", "rf ", NONE), "xa1_0"),
    "an integrator's capacitor": (
        lambda t: edit(t, "xi1 ", lambda w: [*w[:5], scale(1.01)([w[5]])[0], w[6]]),
        "xi1.cf",
    ),
    "the op-amp's pole": (
        lambda t: inside(t, "op_amp_tia", "cx ", scale(1.01)),
        "xa1_0.xa.cx",
    ),
    "an inverter without its sign": (
        lambda t: inside(t, "inverter", "eout ", put(5, "1")),
        "xn1_0.eout",
    ),
    "a driver for a rectifier": (
        lambda t: edit(t, "xr2_2 ", put(3, "driver")),
        "xr2_2",
    ),
    "another clamp": (
        lambda t: inside(
            t, "relu", "bout ", lambda w: [*w[:3], w[3].replace("0.2", "0.21")]
        ),
        "xr2_0.bout",
    ),
    "the constant row": (lambda t: edit(t, "vr2 ", scale(1.01)), "vr2"),
    "another channel": (lambda t: edit(t, "ew1_3 ", put(3, "e2")), "ew1_3"),
    "the score of the other state": (lambda t: edit(t, "xms0 ", put(2, "t3_1")), "xi"),
    "one state's multiplier on the other": (
        lambda t: edit(t, "xmx0 ", put(2, "x1")),
        "xms0",
    ),
    "factors exchanged": (lambda t: edit(t, "xmx0 ", put(1, "ks")), "xms0"),
    "a wave": (lambda t: edit(t, "ve1 ", put(-2, "0.123")), "ew1_1"),
    "a start": (
        lambda t: re.sub(r"v\(mx0\)=\S+", "v(mx0)=1e-6", t),
        "mx0",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutations_are_found(name):
    """By a message that names the element, in any order of the cards."""
    text, _ = exported()
    mutate, element = MUTATIONS[name]
    mutant = mutate(text)
    assert mutant != text
    found = differences(shuffled(mutant, 7))
    assert any(element in each for each in found), found
    assert all("\n" not in each for each in found)


def test_a_cell_off_by_a_millionth_is_found_wherever_it_is():
    text, _ = exported()
    rng = np.random.default_rng(0)
    body = text[text.index(".subckt crossbar2") : text.index(".ends crossbar2")]
    names = re.findall(r"^(rg\S+) ", body, re.M)
    for name in rng.choice(names, 5, replace=False):
        mutant = second(text, f"{name} ", scale(1 + 1e-6))
        (only,) = differences(mutant)
        assert f"xl2.{name}" in only


# What is refused, and the command.


@pytest.mark.parametrize(
    ("card", "text"),
    [
        ("q1 a b c", "no card"),
        ("r1 a b", "has no value"),
        ("r1 a b ohm", "is not a number"),
        ("xz a b nothing", "no subcircuit"),
        (".include other.cir", "names a file beside"),
        ("r1 a b {rf}", "no value"),
        ("rw1_0 a b 1k", "own name"),
        ("v1 a 0 pwl(0 1 2)", "pairs of time"),
    ],
)
def test_other_cards_are_refused(card, text):
    with pytest.raises(ValueError, match=text):
        recognise(added(exported()[0], card))
