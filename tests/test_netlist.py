"""`python -m rram_ode.netlist`: the check, and what it refuses."""

import os

import pytest
from rram_ode import netlist as line


@pytest.mark.ngspice
def test_the_command_checks(monkeypatch, tmp_path, run):
    path = tmp_path / "ring.cir"
    status, out, err = run(line.main, "ring", "--out", path, "--check")
    assert (status, err) == (0, "")
    assert "hidden 2" in out
    assert os.listdir(tmp_path) == ["ring.cir"]
    assert path.read_text().startswith("* rram_ode: ring, chip 0, seed 0\n")
    monkeypatch.setattr("rram_ode.spice._check.STATE_LIMIT", 1e-9)
    status, out, err = run(line.main, "ring", "--out", path, "--check")
    assert status == 1
    assert "FAILED: state" in out


def test_without_ngspice_it_says_how_to_install_it(monkeypatch, tmp_path, run):
    monkeypatch.setenv("PATH", str(tmp_path))
    status, _, err = run(line.main, "ring", "--check", "--out", "a.cir")
    assert status == 2
    assert "apt-get install ngspice" in err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("nothing",), "no preset `nothing`"),
        (("ring", "--out", "a b.cir"), "the name of a deck"),
        (("ring", "--out", "a;b.cir"), "the name of a deck"),
        (("ring", "--set", "op_amp.kind=ideal"), "has no pole to simulate"),
        (("ring", "--set", "op_amp.gbw=0Hz"), "`op_amp.gbw` must be positive"),
        (("ring", "--set", "fidelity=ideal"), "`fidelity` dynamic"),
    ],
)
def test_bad_input(arguments, text, run):
    status, _, err = run(line.main, *arguments)
    assert status == 2
    assert text in err
    assert err.count("\n") == 1
