"""What a held start is off by: closed form, spread, both fidelities, the deck."""

import dataclasses
import functools

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode import netlist as line
from rram_ode.blocks import FeedbackIntegrator, StartHold
from rram_ode.config import idealise, replace, replace_all, RunConfig
from rram_ode.spice import check_netlist, read_back, write_netlist
from rram_ode.system import build_design
from test_dynamic import chip_of, loop_of, quasi_static


START = jnp.array([0.7, -1.1])
OFF = jnp.array([3e-3, -5e-3])  # volts
BLOCK = FeedbackIntegrator(1e5, 30e-12, mismatch=jnp.array([0.01, -0.02]))


@functools.cache
def held():
    return dataclasses.replace(chip_of(), start=OFF)


def test_droop_is_the_charge_over_the_capacitor():
    found = StartHold(0.0, 2e-9, 3e-6).fabricate(BLOCK, 2, key=jr.key(0))
    assert np.allclose(found, -2e-9 * 3e-6 / (30e-12 * np.array([1.01, 0.98])))


def test_charges_have_the_spread():
    """A chi-square of 2000 channels, 5 standard errors; none is another's."""
    block = FeedbackIntegrator(1e5, 30e-12)
    found = StartHold(1e-15).fabricate(block, 2000, key=jr.key(1))
    ratio = np.mean((np.asarray(found) / (1e-15 / 30e-12)) ** 2)
    assert abs(ratio - 1) < 5 * np.sqrt(2 / 2000)
    assert np.unique(found).size == 2000


def test_off_is_exact():
    """None by default; and a spread of zero moves nothing."""
    chip, v = chip_of(), jnp.array([[0.1, -0.2], [0.05, 0.0]])
    assert chip.start is None
    assert chip.precharged(v) is v
    zero = StartHold().fabricate(BLOCK, 2, key=jr.key(0))
    still = dataclasses.replace(chip, start=zero)
    assert jnp.array_equal(still.precharged(v), v)


@pytest.mark.long
@pytest.mark.parametrize(
    "loops",
    [
        (quasi_static(50),),
        pytest.param((loop_of(num_steps=50),), marks=pytest.mark.slow),
    ],
    ids=["quasi-static", "dynamic"],
)
def test_both_fidelities_begin_there(loops):
    """As a start that is off by as much; `x1` rounds."""
    unit = float(chip_of().score.volts_in)
    x1 = START[:, None]
    still = dataclasses.replace(chip_of(), start=jnp.zeros(2))  # one program
    moved = x1 + (OFF / unit)[:, None]
    for loop in loops:
        ours, theirs, bare = (
            _end(loop, chip, x)
            for chip, x in ((held(), x1), (still, moved), (still, x1))
        )
        assert jnp.allclose(ours, theirs, rtol=0, atol=1e-10)
        assert float(jnp.abs(ours - bare).max()) > 1e-4


@eqx.filter_jit
def _end(loop, chip, x1):
    return loop.solve(chip, x1).x0


@pytest.mark.slow
@pytest.mark.ngspice
def test_the_deck_begins_there():
    """And one that begins elsewhere does not agree, in waveforms and read back."""
    loop, chip = loop_of(num_steps=400), held()
    text = write_netlist(loop, chip, START).text
    outputs = [
        float(card.split("=")[1].split()[0])
        for card in text.splitlines()
        if card.startswith(".ic")
    ]
    volts = np.asarray(chip.score.volts_in * START + OFF)
    assert np.allclose(outputs, volts, rtol=1e-9)
    assert read_back(text, loop, chip, START).differences == ()
    for each in check_netlist(loop, chip, START):
        assert each.passed, each
    mutant = write_netlist(loop, chip_of(), START)
    found = check_netlist(loop, chip, START, netlist=mutant)
    assert not found[0].passed
    told = read_back(mutant.text, loop, chip, START).differences
    assert sum("start_output" in sentence for sentence in told) == 2


def test_configuration():
    assert build_design(RunConfig()).start is None
    values = {"start.injection": 1e-15, "start.leakage": 1e-12, "start.hold": 2e-6}
    config = replace_all(RunConfig(), values)
    built = build_design(config).start
    assert built is not None
    found = float(built.injection), float(built.leakage), float(built.duration)
    assert np.allclose(found, (1e-15, 1e-12, 2e-6))
    assert build_design(idealise(config)).start is None
    quiet = replace_all(config, {"start.injection": 0.0, "start.hold": 0.0})
    assert build_design(quiet).start is None
    with pytest.raises(ValueError, match="`start.injection` must be 0 or more"):
        build_design(replace(config, "start.injection", -1e-15))


def test_bad_input(run, tmp_path):
    given = "ring-fresh", "--out", tmp_path / "a.cir", "--set", "start.leakage=-1nA"
    status, _, err = run(line.main, *given)
    assert status == 2
    assert "`start.leakage` must be 0 or more" in err
    assert err.count("\n") == 1
