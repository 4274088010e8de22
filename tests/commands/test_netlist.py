"""`python -m rram_ode.netlist`: the check, the read-back, and what it refuses."""

import functools
import os
import time

import jax.numpy as jnp
import numpy as np
import pytest
import rram_ode as rr
from _decks import renamed, shuffled
from rram_ode import netlist as line
from rram_ode.chip import AnalogNetwork
from rram_ode.spice import read_back, recognise, write_netlist
from rram_ode.system import netlist_cases


PRESETS = ["ring-fresh", pytest.param("ring-64-fresh", marks=pytest.mark.slow)]


@functools.cache
def exported(preset):
    machine = next(netlist_cases(rr.System.from_preset(preset)))
    return write_netlist(*machine).text, machine


@pytest.mark.long
@pytest.mark.ngspice
def test_the_command_checks(monkeypatch, tmp_path, run):
    path = tmp_path / "ring.cir"
    status, out, err = run(line.main, "ring-fresh", "--out", path, "--check")
    assert (status, err) == (0, "")
    assert "hidden 2" in out
    assert sorted(os.listdir(tmp_path)) == ["ring.cir", "ring.cir.json"]
    assert path.read_text().startswith("* rram_ode: ring-fresh, chip 0, seed 0\n")
    monkeypatch.setattr("rram_ode.spice._check.STATE_LIMIT", 1e-9)
    status, out, err = run(line.main, "ring-fresh", "--out", path, "--check")
    assert status == 1
    assert "FAILED: state" in out


def test_without_ngspice_it_says_how_to_install_it(monkeypatch, tmp_path, run):
    monkeypatch.setenv("PATH", str(tmp_path))
    status, _, err = run(line.main, "ring-fresh", "--check", "--out", "a.cir")
    assert status == 2
    assert "apt-get install ngspice" in err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("nothing",), "no preset `nothing`"),
        (("ring-fresh", "--out", "a b.cir"), "the name of a deck"),
        (("ring-fresh", "--out", "a;b.cir"), "the name of a deck"),
        (("ring-fresh", "--set", "op_amp.kind=ideal"), "has no pole to simulate"),
        (("ring-fresh", "--set", "op_amp.gbw=0Hz"), "`op_amp.gbw` must be positive"),
        (("ring-fresh", "--chips", "2"), "go with `--check`"),
        (("ring-fresh", "--starts", "0"), "must be 1 or more"),
        (("ring-fresh", "--set", "fidelity=ideal"), "`fidelity` dynamic"),
    ],
)
def test_bad_input(arguments, text, run):
    status, _, err = run(line.main, *arguments)
    assert status == 2
    assert text in err
    assert err.count("\n") == 1


def layers_of(chip):
    assert isinstance(chip.score, AnalogNetwork)
    return chip.score.layers


# The read-back; tests/spice/test_recognise.py has the mutations.


@pytest.mark.parametrize("preset", PRESETS)
def test_weights_come_back(preset):
    """Within 1e-9 from a shuffled deck with other names, in under 5 s."""
    text, (loop, chip, x1) = exported(preset)
    text = renamed(shuffled(text, 1), 2)
    start = time.perf_counter()
    found = read_back(text, loop, chip, x1)
    assert time.perf_counter() - start < 5
    assert found.differences == ()
    assert found.deviation < 1e-9
    shapes = [layer.crossbar.g_pos.shape for layer in layers_of(chip)]
    assert [w.shape for w in found.weights] == shapes
    nominal = float(chip.integrator.time_constant)
    mismatch = 1 + np.asarray(chip.integrator.mismatch)
    assert np.allclose(found.time_constants, nominal * mismatch, rtol=1e-9)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_element_is_in_one_block(preset):
    text, (_, chip, _) = exported(preset)
    found = recognise(text)
    layers = layers_of(chip)
    rows = sum(layer.crossbar.g_pos.shape[0] for layer in layers)
    cols = [layer.crossbar.g_pos.shape[1] for layer in layers]
    pairs = sum(layer.crossbar.g_pos.size for layer in layers)
    waves = 2 + np.asarray(chip.score.embedding(jnp.asarray(0.5))).size
    assert found.blocks == {
        "DAC channel": (waves, waves),
        "ReLU": (sum(cols[:-1]), sum(cols[:-1])),
        "constant row": (len(layers), len(layers)),
        "differential pair": (pairs, 2 * pairs),
        "embedding": (sum(cols[:-1]), 2 * sum(cols[:-1])),
        "integrator": (2, 16),
        "inverter": (rows, rows),
        "multiplier": (4, 4),
        "row driver": (2, 2),
        "transimpedance amplifier": (sum(cols), 6 * sum(cols)),
    }
    assert len(found.owners) == sum(elements for _, elements in found.blocks.values())


@pytest.mark.long
def test_the_command_reads_back(tmp_path, run):
    path = tmp_path / "ring.cir"
    status, out, err = run(line.main, "ring-fresh", "--out", path, "--recognise")
    assert (status, err) == (0, "")
    assert "differential pair" in out
    assert "DIFFERS" not in out
    before = path.read_text().replace("\nvr2 r2_14 0 0.2", "\nvr2 r2_14 0 0.21")
    path.write_text(before)
    words = ("--deck", path, "--recognise", "--out", tmp_path / "again")
    status, out, _ = run(line.main, "ring-fresh", *words)
    assert status == 1
    assert "DIFFERS: layer 2, row 14, v_bias: vr2 has" in out
    assert path.read_text() == before
    for flags in (("--deck", path), ("--recognise", "--noise")):
        status, _, err = run(line.main, "ring-fresh", *flags)
        assert status == 2
        assert err.count("\n") == 1
