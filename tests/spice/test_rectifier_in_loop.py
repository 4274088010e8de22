"""Diodes in place of the loop's ideal ReLUs: both fidelities, the deck, the limit."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode import netlist as line
from rram_ode.blocks import (
    ClampRectifier,
    DAC,
    Diode,
    DiodeClamp,
    DiodeRectifier,
    FeedbackIntegrator,
    IdealRectifier,
    OpAmp,
    Schedule,
)
from rram_ode.chip import AnalogNetwork, Blueprint, Design, Ranges
from rram_ode.config import idealise, replace, RunConfig
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, make_dynamic, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE
from rram_ode.spice import (
    check_netlist,
    Netlist,
    require_readable,
    run_netlist,
    write_netlist,
)
from rram_ode.spice._blocks import rectifier
from rram_ode.spice._netlist import analysis
from rram_ode.spice._text import card, pwl
from rram_ode.system import build_design


RANGE = ConductanceRange(8e-6, 90e-6)
START = jnp.array([0.7, -1.1])
DIODE = Diode(1e-14)
RECTIFIERS = {
    "diode": DiodeRectifier(DIODE, 1e4),
    "precision": DiodeRectifier(DIODE, 1e4, 1e3),
    "clamp": ClampRectifier(DIODE, 1e4),
}


@functools.cache
def chip_of(kind="ideal"):
    network = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
    design = Design(
        Cell(RANGE),
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=1.2),
        v_rail=1.2,
        # Larger signals than the default's, so that a diode alone conducts.
        v_max=1.0,
        v_clamp=1.0,
        rectifier=RECTIFIERS.get(kind, IdealRectifier()),
    )
    return Blueprint(network, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(3))


def with_gain(gain):
    """`chip_of` with a diode in an op-amp's loop; an array, so nothing recompiles."""
    block = DiodeRectifier(DIODE, 1e4, gain)
    return eqx.tree_at(lambda c: c.score.rectifier, chip_of("precision"), block)


def quasi_static(num_steps=400, **kwargs):
    process, schedule = ProbabilityFlow(VPSDE(0.1, 8.0)), Schedule(1e-3, 1.0)
    kwargs = {"dac": DAC(12, 10e6), "read": ReadNoise(), **kwargs}
    return close_loop(
        NetworkDrift(process), schedule, LabClock(20e-6), num_steps=num_steps, **kwargs
    )


def dynamic(op_amp=OpAmp(9e5, 100e6, 100e6)):
    return make_dynamic(quasi_static(), op_amp)


@eqx.filter_jit
def solve(loop, chip):
    return loop.solve(chip, jr.normal(jr.key(1), (2, 8))).x0


def distance(a, b):
    return float(jnp.abs(a - b).max() / jnp.abs(b).max())


@pytest.mark.long
def test_ideal_is_a_relu_and_a_clamp():
    """Bit for bit, in the nodes of both fidelities; a diode is another one."""
    v = jnp.linspace(-2.0, 2.0, 81)[None].repeat(4, 0)
    wanted = jnp.minimum(jax.nn.relu(v), 1.0)
    circuit = dynamic().circuit(chip_of())
    score = circuit.network.chains[0]
    assert isinstance(score.rectifier, IdealRectifier)
    assert jnp.array_equal(score.hidden_node(1, v).clipped, wanted)
    assert jnp.array_equal(circuit.rows(1, v), wanted)
    other = dynamic().circuit(chip_of("diode"))
    assert float(jnp.abs(other.rows(1, v) - wanted).max()) > 0.3


@pytest.mark.long
@pytest.mark.parametrize("kind", RECTIFIERS)
def test_both_fidelities_have_the_same_rows(kind):
    """The block's output between both clamps, and what `nodes` calls clipped."""
    v = jnp.linspace(-1.2, 1.2, 49)[None].repeat(4, 0)
    chip = chip_of(kind)
    circuit = dynamic().circuit(chip)
    score = circuit.network.chains[0]
    node = score.hidden_node(1, v)
    wanted = jnp.clip(RECTIFIERS[kind](v), -1.0, 1.0)
    assert jnp.array_equal(circuit.rows(1, v), wanted)
    assert jnp.array_equal(node.clipped, wanted)
    passes, at_rail = jnp.abs(RECTIFIERS[kind](v)) > 1.0, v >= 1.2
    assert jnp.array_equal(node.is_clipped, passes | at_rail)
    with pytest.raises(ValueError, match="`rectifier.kind` ideal"):
        require_readable(dynamic(), chip)


def test_a_turned_clamp():
    v = jnp.linspace(-2.0, 2.0, 81)
    assert jnp.array_equal(RECTIFIERS["clamp"](v), -DiodeClamp(DIODE, 1e4)(-v))


@pytest.mark.slow
def test_gain_makes_the_loop_ideal():
    """The end of a solve, at first order in 1 / gain."""
    ideal = solve(dynamic(), chip_of())
    gaps = [distance(solve(dynamic(), with_gain(a)), ideal) for a in (1e3, 1e4, 1e5)]
    assert gaps[0] > 1e-4
    assert np.allclose(np.divide(gaps[:-1], gaps[1:]), 10, rtol=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["diode", "clamp"])
def test_fast_op_amps_are_the_quasi_static_model(kind):
    """Two methods at 400 steps; with an ideal ReLU it is far off."""
    rail = 1.2 / float(chip_of().score.volts_in)  # the quasi-static one overshoots it
    found = solve(dynamic(OpAmp(1e12, 1e16)), chip_of(kind))
    wanted = jnp.clip(solve(quasi_static(), chip_of(kind)), -rail, rail)
    assert distance(found, wanted) < 1e-4
    assert distance(solve(quasi_static(), chip_of()), wanted) > 1e-2


@pytest.mark.ngspice
@pytest.mark.parametrize("kind", RECTIFIERS)
def test_its_subcircuit_agrees_with_ngspice(kind):
    """On a ramp, clamp included, to 0.1 % of full scale; an ideal one does not."""
    times, ramp = np.array([0.0, 10e-6]), np.array([-1.2, 1.2])
    cards = [*rectifier("relu", RECTIFIERS[kind], 0.5), "xr a out relu"]
    cards += card("va", "a", "0", *pwl(times, ramp))
    nodes = {"output": ("out",)}
    taus, found = run_netlist(Netlist(kind, tuple(cards), analysis(10e-6), nodes))
    v = jnp.asarray(np.interp(taus, times, ramp))
    wanted = np.clip(RECTIFIERS[kind](v), -0.5, 0.5)
    assert np.abs(found["output"][:, 0] - wanted).max() < 5e-4
    if kind != "precision":
        ideal = np.clip(v, 0.0, 0.5)
        assert np.abs(found["output"][:, 0] - ideal).max() > 0.1


@pytest.mark.slow
@pytest.mark.ngspice
@pytest.mark.parametrize("kind", RECTIFIERS)
def test_every_node_agrees_with_ngspice(kind):
    """And a deck with ideal ReLUs does not."""
    loop, chip = dynamic(), chip_of(kind)
    for each in check_netlist(loop, chip, START):
        assert each.full_scale > 1e-3
        assert each.passed, each
    mutant = write_netlist(loop, chip_of(), START)
    found = check_netlist(loop, chip, START, netlist=mutant)
    assert not all(each.passed for each in found)


def test_a_hot_diode_is_less_ideal_in_the_deck():
    hot = DiodeRectifier(Diode(1e-14, 1.2, 330.165), 1e4)
    chip = eqx.tree_at(lambda c: c.score.rectifier, chip_of("diode"), hot)
    text = write_netlist(dynamic(), chip, START).text
    assert ".model dm d(is=1e-14 n=1.32)" in text


@pytest.mark.parametrize("kind", ["ideal", *RECTIFIERS])
def test_amplifiers_stop_at_their_rails_first(kind):
    """A hidden amplifier drives its rectifier with no more than its rail."""
    rail = 0.6  # below the clamp of 1 V
    score = chip_of(kind).score
    assert isinstance(score, AnalogNetwork)
    where = lambda s: [layer.amplifier.v_rail for layer in s.layers]
    low = eqx.tree_at(where, score, [jnp.asarray(rail)] * len(score.layers))
    far = jnp.linspace(rail, 3.0, 7)
    rectifier = RECTIFIERS.get(kind, IdealRectifier())
    found = low.hidden_node(1, far).clipped
    assert low.hidden_node(1, far).is_clipped.all()
    assert not low.hidden_node(1, 0.9 * rail - far).is_clipped.any()
    assert jnp.array_equal(found, jnp.full_like(far, rectifier(jnp.asarray(rail))))
    assert float(jnp.abs(score.hidden_node(1, far).clipped - found)[-1]) > 0.05


def test_configuration():
    assert isinstance(build_design(RunConfig()).rectifier, IdealRectifier)
    values = {"gain": 2e3, "resistance": 5e3, "saturation": 1e-12, "ideality": 1.5}
    for kind, block in RECTIFIERS.items():
        config = replace(RunConfig(), "rectifier.kind", kind)
        for key, value in values.items():
            config = replace(config, f"rectifier.{key}", value)
        built = build_design(config).rectifier
        assert type(built) is type(block)
        assert isinstance(built, DiodeRectifier | ClampRectifier)
        assert float(built.resistance) == 5e3
        assert np.isclose(built.diode.saturation, 1e-12)
        assert float(built.diode.ideality) == 1.5
        if isinstance(built, DiodeRectifier):
            assert (built.gain is not None) == (kind == "precision")
        assert isinstance(build_design(idealise(config)).rectifier, IdealRectifier)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--set", "rectifier.gain=0"), "`rectifier.gain` must be positive"),
        (("--set", "rectifier.saturation=-1A"), "`rectifier.saturation` must be"),
    ],
)
def test_bad_input(arguments, text, run, tmp_path):
    status, _, err = run(
        line.main, "ring-fresh", "--out", tmp_path / "a.cir", *arguments
    )
    assert status == 2
    assert text in err
    assert err.count("\n") == 1
