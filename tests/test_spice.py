"""Netlists: safe text, the same circuit in ngspice, mutants that it finds."""

import dataclasses
import functools

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode import netlist as line
from rram_ode.blocks import DAC, FeedbackIntegrator, OpAmp, Schedule
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import (
    Cell,
    ConductanceRange,
    FlickerReadNoise,
    LabClock,
    ProgrammingNoise,
    ReadNoise,
    WhiteReadNoise,
)
from rram_ode.samplers import close_loop, make_dynamic
from rram_ode.scores import (
    AnalogNetwork,
    Design,
    fourier_mlp,
    NetworkScore,
    Parasitics,
    program,
    Ranges,
)
from rram_ode.sdes import ProbabilityFlow, ReverseSDE, VPSDE
from rram_ode.spice import (
    check_netlist,
    name,
    number,
    run_netlist,
    SpiceError,
    write_netlist,
)


SDE, CLOCK = VPSDE(0.1, 8.0), LabClock(20e-6, 12e-6)
RANGE = ConductanceRange(8e-6, 90e-6)
START = jnp.array([0.7, -1.1])
CIRCUITS = {
    "on-chip": (OpAmp(9e5, 100e6, 100e6), Parasitics(), {}),
    "linear": (OpAmp(1e4, 50e6), Parasitics(), {"v_rail": jnp.inf, "rail": jnp.inf}),
    "slew alone": (
        OpAmp(1e5, 50e6, 20e6),
        Parasitics(),
        {"v_rail": jnp.inf, "rail": jnp.inf},
    ),
    "offsets": (
        OpAmp(1e5, 50e6, 20e6, offset_std=1e-3, bias_current=1e-7),
        Parasitics(),
        {"offset_std": 1e-3},
    ),
    "capacitors": (OpAmp(1e5, 50e6, 20e6), Parasitics(0.2e-12, 0.1e-12, True), {}),
}


@functools.cache
def machine(kind="on-chip"):
    op_amp, parasitics, _ = CIRCUITS[kind]
    return make_dynamic(loop_of(), op_amp, parasitics), chip_of(kind)


def chip_of(kind, read=ReadNoise()):
    design = {"v_rail": 1.2, "rail": 1.2, **CIRCUITS[kind][2]}
    network = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
    integrator = FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=design.pop("rail"))
    cell = Cell(RANGE, (ProgrammingNoise(1e-6),), read)
    mapping = DifferentialPair(RANGE)
    design = Design(cell, mapping, integrator, v_clamp=0.2, **design)
    return program(network, design, Ranges(3.0, (4.0, 4.0), 6.0), key=jr.key(3))


def loop_of(read=ReadNoise()):
    return close_loop(
        ProbabilityFlow(SDE),
        Schedule(1e-3, 1.0),
        CLOCK,
        read=read,
        dac=DAC(12, 10e6),
        num_steps=400,
    )


def layers_of(chip):
    assert isinstance(chip.score, AnalogNetwork)
    return chip.score.layers


def scaled(netlist, element, factor):
    """`netlist` with the value of one resistor times `factor`."""
    found = [n for n, card in enumerate(netlist.cards) if card.startswith(element)]
    assert len(found) == 1
    cards = list(netlist.cards)
    words = cards[found[0]].split()
    words[-1] = number(float(words[-1].removeprefix("rf=")) * factor)
    cards[found[0]] = " ".join(words)
    return dataclasses.replace(netlist, cards=tuple(cards))


# Against ngspice.


@pytest.mark.ngspice
@pytest.mark.parametrize("kind", CIRCUITS)
def test_every_node_agrees_with_ngspice(kind):
    """0.5 % of full scale at every node, 0.1 % at the states, all along."""
    found = check_netlist(*machine(kind), START)
    assert [each.name for each in found] == ["state", "hidden 1", "hidden 2", "output"]
    for each in found:
        assert each.full_scale > 1e-3
        assert each.passed, each


@pytest.mark.ngspice
def test_one_resistor_wrong_by_2_percent_is_found(capsys):
    """In the deck alone: the check exits 1 and names the nodes."""
    loop, chip = machine()
    deck = write_netlist(loop, chip, START)
    assert line.run_check(loop, chip, START, deck) == 0
    g = np.asarray(layers_of(chip)[2].crossbar.g_pos)
    row, col = np.unravel_index(np.argmax(g[:-1]), g[:-1].shape)
    third = deck.cards.index("* layer 3")
    cards = (
        deck.cards[:third]
        + scaled(
            dataclasses.replace(deck, cards=deck.cards[third:]),
            f"rg{row}_{col}p ",
            1.02,
        ).cards
    )
    mutant = dataclasses.replace(deck, cards=cards)
    assert line.run_check(loop, chip, START, mutant) == 1
    assert "FAILED" in capsys.readouterr().out


@pytest.mark.ngspice
@pytest.mark.slow
@pytest.mark.parametrize("op_amp", ["on-chip", "board"])
def test_the_shipped_ring_agrees(op_amp):
    """5 chips, 3 starts each."""
    for chip_seed in range(5):
        for seed in range(3):
            arguments = line.Arguments(
                chip_seed=chip_seed, seed=seed, set=(f"op_amp.kind={op_amp}",)
            )
            assert all(each.passed for each in check_netlist(*line.machine(arguments)))


# The deck.


def test_no_source_carries_a_solved_waveform():
    """Decks of two starts differ in the start voltages of the integrators alone."""
    loop, chip = machine()
    one, two = (write_netlist(loop, chip, x) for x in (START, -2 * START))
    differ = [a for a, b in zip(one.cards, two.cards, strict=True) if a != b]
    assert len(differ) == 2
    assert all(card.startswith(".ic ") for card in differ)


def test_every_cell_is_a_resistor_with_its_name():
    loop, chip = machine()
    cards = write_netlist(loop, chip, START).cards
    for n, layer in enumerate(layers_of(chip), start=1):
        heads = (c.split()[:2] for c in cards)
        begin = list(heads).index([".subckt", f"crossbar{n}"])
        body = cards[begin : cards.index(f".ends crossbar{n}")]
        values = {c.split()[0]: float(c.split()[3]) for c in body if c[:2] == "rg"}
        for sign, g in (("p", layer.crossbar.g_pos), ("n", layer.crossbar.g_neg)):
            rows, cols = g.shape
            for row in range(rows):
                for col in range(cols):
                    ohms = values.pop(f"rg{row}_{col}{sign}")
                    assert np.isclose(1 / ohms, g[row, col], rtol=1e-11)
        assert not values


@pytest.mark.parametrize(
    "text", ["a b", "", "a\n.control", "a'", 'a"', "a;b", "a$x", "1a", "a{b}", "a=b"]
)
def test_names_cannot_carry_a_card(text):
    with pytest.raises(ValueError, match="a name in a netlist"):
        name(text)
    assert name("xl1.rg3_7p") == "xl1.rg3_7p"


def test_titles_are_one_line():
    with pytest.raises(ValueError, match="one line"):
        write_netlist(*machine(), START, title="fine\n.control")


def test_numbers():
    assert number(1.0) == "1"
    assert number(jnp.asarray(1 / 3)) == "0.333333333333"
    assert number(2.5e-12) == "2.5e-12"
    for bad in (jnp.nan, jnp.inf):
        with pytest.raises(ValueError, match="finite"):
            number(bad)


def test_the_reverse_sde_is_refused():
    _, chip = machine()
    loop = close_loop(ReverseSDE(SDE), Schedule(1e-3, 1.0), CLOCK)
    with pytest.raises(ValueError, match="no injected noise"):
        write_netlist(make_dynamic(loop, OpAmp(1e5, 50e6)), chip, START)


@pytest.mark.ngspice
@pytest.mark.slow
def test_replayed_read_noise_agrees():
    """White and flicker of every cell: both simulators see the same paths.

    The deck without them is another circuit's: the check finds it.
    """
    read = ReadNoise(WhiteReadNoise(1e-6, 2e6), FlickerReadNoise(1e-6, 1e2, 1e5))
    quiet, _ = machine()
    chip = chip_of("on-chip", read)
    noisy = make_dynamic(loop_of(read), quiet.op_amp)
    for each in check_netlist(noisy, chip, START):
        assert each.passed, each
    deck = write_netlist(quiet, chip, START)
    assert not all(e.passed for e in check_netlist(noisy, chip, START, netlist=deck))


# What ngspice says.


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("card", "text"),
    [("rbad x0 0", "rbad"), ("xbad x0 nothing", "nothing"), ("qqq", "qqq")],
)
def test_ngspice_shows_its_own_line(card, text):
    """A resistor without a value runs as 1 milliohm, with a warning: refused."""
    deck = write_netlist(*machine(), START)
    broken = dataclasses.replace(deck, cards=(*deck.cards, card))
    with pytest.raises(SpiceError, match=text):
        run_netlist(broken)


@pytest.mark.ngspice
def test_a_run_repeats_bit_for_bit():
    deck = write_netlist(*machine(), START)
    (_, one), (_, two) = run_netlist(deck), run_netlist(deck)
    assert all(np.array_equal(one[key], two[key]) for key in one)
