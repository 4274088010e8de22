"""Netlists: safe text, the same circuit in ngspice, mutants that it finds."""

import dataclasses
import functools

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.blocks import (
    AutoZero,
    DAC,
    FeedbackIntegrator,
    MultiplierSpread,
    OpAmp,
    OpAmpNoise,
    Schedule,
)
from rram_ode.chip import AnalogNetwork, Blueprint, Design, Ranges
from rram_ode.crossbar import DifferentialPair, Tiling, Wires
from rram_ode.devices import Cell, ConductanceRange, ProgrammingNoise
from rram_ode.loop import (
    close_loop,
    make_dynamic,
    NetworkDrift,
    Parasitics,
    Silence,
    SILENT,
)
from rram_ode.noise import (
    FlickerReadNoise,
    LabClock,
    LogNormal,
    LogUniform,
    ReadNoise,
    TelegraphReadNoise,
    ThermalNoise,
    WhiteReadNoise,
)
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import ProbabilityFlow, ReverseSDE, VPSDE
from rram_ode.spice import (
    check_netlist,
    Deviation,
    name,
    Netlist,
    number,
    require_readable,
    run_netlist,
    SpiceError,
    worst,
    write_netlist,
)
from rram_ode.spice._netlist import analysis
from rram_ode.spice._noise import _row_factors, steps
from rram_ode.system import netlist_cases


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


def chip_of(kind, read=ReadNoise(), wires=None, tiling=Tiling()):
    design = {"v_rail": 1.2, "rail": 1.2, **CIRCUITS[kind][2]}
    network = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
    integrator = FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=design.pop("rail"))
    cell = Cell(RANGE, (ProgrammingNoise(1e-6),), read)
    mapping = DifferentialPair(RANGE)
    design |= {"wires": wires, "tiling": tiling}
    design = Design(cell, mapping, integrator, v_clamp=0.2, **design)
    return Blueprint(network, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(3))


def loop_of(read: ReadNoise | Silence = ReadNoise(), num_steps=400):
    return close_loop(
        NetworkDrift(ProbabilityFlow(SDE)),
        Schedule(1e-3, 1.0),
        CLOCK,
        read=read,
        dac=DAC(12, 10e6),
        num_steps=num_steps,
    )


def layers_of(chip):
    assert isinstance(chip.score, AnalogNetwork)
    return chip.score.layers


def outputs_of(chip):
    """What the amplifiers see; its rows sum up to the effective conductances."""
    wirings = [layer.crossbar.wiring for layer in layers_of(chip)]
    return [wiring.output for wiring in wirings if wiring is not None]


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


ARRAYS = {
    "whole": (Wires(300.0, 200.0, 500.0, 100.0), Tiling()),
    "interleaved tiles": (
        Wires(300.0, 200.0, sensing="interleaved", driving="interleaved"),
        Tiling(3, 2),
    ),
    "bit lines alone": (Wires(bit_line=200.0, sensing="same"), Tiling()),
    "drivers alone": (Wires(driver=500.0), Tiling(3, 2)),
}


@pytest.mark.slow
@pytest.mark.ngspice
@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_with_wires_agree_with_ngspice(kind):
    """Every node of cells and wires written out, offsets that move summing nodes.

    The mutant takes the sums of effective conductances for what the amplifiers see.
    """
    op_amp = OpAmp(1e5, 50e6, 20e6, offset_std=5e-3)
    chip = chip_of("on-chip", wires=ARRAYS[kind][0], tiling=ARRAYS[kind][1])
    loop = make_dynamic(loop_of(), op_amp, Parasitics(0.2e-12, 0.0, True))
    deck = write_netlist(loop, chip, START)
    for each in check_netlist(loop, chip, START, netlist=deck):
        assert each.passed, each
    if kind != "whole":
        return
    mutant = eqx.tree_at(outputs_of, chip, replace_fn=lambda y: jnp.diag(y.sum(1)))
    assert not all(e.passed for e in check_netlist(loop, mutant, START, netlist=deck))


@pytest.mark.ngspice
@pytest.mark.slow
def test_multipliers_that_err_agree_with_ngspice():
    """Gain, both feed-throughs and offset; the deck of ideal ones is found."""
    loop, chip = machine()
    errors = MultiplierSpread(0.02, 0.01, 5e-3, 2e-3).fabricate(2, key=jr.key(5))
    erring = dataclasses.replace(chip, multipliers=errors)
    for each in check_netlist(loop, erring, START):
        assert each.passed, each
    deck = write_netlist(loop, chip, START)
    found = check_netlist(loop, erring, START, netlist=deck)
    assert not all(each.passed for each in found)


@pytest.mark.long
@pytest.mark.ngspice
def test_one_resistor_wrong_by_2_percent_is_found():
    """In the deck alone."""
    loop, chip = machine()
    deck = write_netlist(loop, chip, START)
    assert all(each.passed for each in check_netlist(loop, chip, START, netlist=deck))
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
    found = check_netlist(loop, chip, START, netlist=mutant)
    assert not all(each.passed for each in found)


@pytest.mark.ngspice
@pytest.mark.slow
@pytest.mark.parametrize("op_amp", ["on-chip", "board"])
def test_the_shipped_ring_agrees(op_amp):
    """5 chips, 3 starts each."""
    system = rr.System.from_preset("ring-fresh", {"op_amp.kind": op_amp})
    for case in netlist_cases(system, range(5), range(3)):
        assert all(each.passed for each in check_netlist(*case))


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


@pytest.mark.long
def test_decks_with_wires_or_noise_are_not_read_back():
    loop, chip = machine()
    require_readable(loop, chip)
    with pytest.raises(ValueError, match="without wires"):
        require_readable(loop, chip_of("on-chip", wires=ARRAYS["whole"][0]))
    with pytest.raises(ValueError, match="without noise"):
        require_readable(make_dynamic(loop_of(READS["thermal"]), loop.op_amp), chip)


def test_the_worst_of_many_runs():
    """Of each class the run with the largest deviation."""
    runs = [
        [Deviation("state", largest, rms, scale, 1e-3)]
        for largest, rms, scale in ((1e-4, 5e-5, 1.0), (2e-3, 1e-5, 2.0))
    ]
    assert worst(runs) == [Deviation("state", 2e-3, 5e-5, 2.0, 1e-3)]
    assert not worst(runs)[0].passed


def test_numbers():
    assert number(1.0) == "1"
    assert number(jnp.asarray(1 / 3)) == "0.333333333333"
    assert number(2.5e-12) == "2.5e-12"
    for bad in (jnp.nan, jnp.inf):
        with pytest.raises(ValueError, match="finite"):
            number(bad)


def test_the_reverse_sde_is_refused():
    _, chip = machine()
    loop = close_loop(
        NetworkDrift(ReverseSDE(SDE)), Schedule(1e-3, 1.0), CLOCK, read=chip.read
    )
    with pytest.raises(ValueError, match="no injected noise"):
        write_netlist(make_dynamic(loop, OpAmp(1e5, 50e6)), chip, START)


THERMAL = ThermalNoise(1e7, 2e6, 0.5)  # so hot that it shows
READS = {
    "white, flicker": ReadNoise(
        WhiteReadNoise(1e-6, 2e6), FlickerReadNoise(1e-6, 1e2, 1e5)
    ),
    "telegraph": ReadNoise(
        telegraph=TelegraphReadNoise(
            LogNormal(0.3, 0.3), LogUniform(5e-6, 5e-5), LogUniform(5e-6, 5e-5)
        )
    ),
    "thermal": ReadNoise(thermal=THERMAL),
    "white and thermal, one draw": ReadNoise(
        WhiteReadNoise(1e-6, 2e6), thermal=THERMAL
    ),
}


@pytest.mark.ngspice
@pytest.mark.slow
@pytest.mark.parametrize("kind", READS)
def test_replayed_read_noise_agrees(kind):
    """Of every cell: both simulators see the same paths, through wires, too.

    The deck without them is another circuit's: the check finds it.
    """
    read = READS[kind]
    quiet, _ = machine()
    chip = chip_of("on-chip", read, Wires(300.0, 200.0))
    # A step is a mean over jumps within it: 400 steps leave 0.52 % of full scale at one
    # of them.
    steps = 1600 if read.telegraph is not None else 400
    noisy = make_dynamic(loop_of(read, steps), quiet.op_amp)
    for each in check_netlist(noisy, chip, START):
        assert each.passed, each
    silent = make_dynamic(loop_of(SILENT, steps), quiet.op_amp)
    deck = write_netlist(silent, chip, START)
    assert not all(e.passed for e in check_netlist(noisy, chip, START, netlist=deck))


@pytest.mark.slow
@pytest.mark.ngspice
def test_replayed_noise_of_op_amps_agrees():
    """At every + input, summing node and pre-charged capacitor; and what was zeroed.

    The deck without them, and one whose noise is another chip's, are found.
    """
    quiet, chip = machine()
    op_amp = OpAmp(1e5, 2e6, offset_std=1e-3)
    noise = OpAmpNoise(2e-6, 5e-11, 1e7, 1e7)
    loop = make_dynamic(loop_of(), op_amp, noise=noise, auto_zero=AutoZero(1e-12))
    loop.check(chip)
    for each in check_netlist(loop, chip, START):
        assert each.passed, each
    still = make_dynamic(loop_of(), op_amp, auto_zero=AutoZero(1e-12))
    other = eqx.tree_at(lambda chip: chip.key, chip, jr.key(9))
    for deck in (write_netlist(still, chip, START), write_netlist(loop, other, START)):
        found = check_netlist(loop, chip, START, netlist=deck)
        assert not all(each.passed for each in found)


@pytest.mark.long
@pytest.mark.ngspice
def test_what_auto_zero_samples_is_part_of_the_deck():
    """Without other noise, as offsets of the first sample."""
    _, chip = machine()
    op_amp = OpAmp(1e5, 2e6, offset_std=1e-3)
    zero = AutoZero(1e-12, 0.0, 0.0, 300.0, 20e-6, is_noisy=True)
    loop = make_dynamic(loop_of(), op_amp, auto_zero=zero)
    for each in check_netlist(loop, chip, START):
        assert each.passed, each
    still = make_dynamic(loop_of(), op_amp, auto_zero=AutoZero(1e-12))
    deck = write_netlist(still, chip, START)
    assert not all(e.passed for e in check_netlist(loop, chip, START, netlist=deck))


@pytest.mark.ngspice
def test_thermal_noise_of_a_row_is_the_law():
    """`s1_0` over a ramp of its row: both branches of x coth x, and their joint."""
    law = ThermalNoise(300.0, 1e6, 0.7)
    cards = ["vr r1_0 0 pwl( 0 -0.3 0.5 0 1 3e-4 )", *_row_factors(1, 1, law)]
    nodes = {"row": ("r1_0",), "factor": ("s1_0",)}
    deck = Netlist("a row", tuple(cards), analysis(1.0), nodes)
    waves = run_netlist(deck)[1]
    v = jnp.asarray(waves["row"])
    wanted = law.density(jnp.asarray(1.0), v) / law.density(jnp.asarray(1.0), 0 * v)
    assert np.sum(np.abs(np.asarray(v)) < 1e-5) > 10
    assert wanted.max() > 4
    assert np.allclose(waves["factor"], wanted, rtol=1e-5)


def test_noise_of_op_amps_begins_at_rest():
    """Zero, an edge of 1 ns at most, then steps that begin at the updates."""
    times, values = steps(np.array([2.0, -1.0, 5.0]), 1e-6, 2e-6, from_rest=True)
    assert np.allclose(times, [0, 1e-9, 1e-6, 1.001e-6], rtol=1e-12, atol=0)
    assert np.array_equal(values, [0, 2, 2, -1])


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
