"""`python -m rram_ode.netlist`: the check, and what it refuses."""

import os
import sys

import pytest
from rram_ode import netlist as line
from rram_ode._cli import command
from rram_ode.spice import find_ngspice


needs_ngspice = pytest.mark.skipif(
    find_ngspice() is None, reason="ngspice is not on PATH"
)


def run(capsys, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["netlist", *map(str, arguments)])
    status = 0
    try:
        command(line.main)
    except SystemExit as stop:
        status = stop.code
    out, err = capsys.readouterr()
    return status, out, err


@needs_ngspice
def test_the_command_checks(capsys, monkeypatch, tmp_path):
    path = tmp_path / "ring.cir"
    status, out, err = run(capsys, monkeypatch, "ring", "--out", path, "--check")
    assert (status, err) == (0, "")
    assert "hidden 2" in out
    assert os.listdir(tmp_path) == ["ring.cir"]
    assert path.read_text().startswith("* rram_ode: ring, chip 0, seed 0\n")
    monkeypatch.setattr("rram_ode.spice._check.STATE_LIMIT", 1e-9)
    status, out, err = run(capsys, monkeypatch, "ring", "--out", path, "--check")
    assert status == 1
    assert "FAILED: state" in out


def test_without_ngspice_it_says_how_to_install_it(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    status, _, err = run(capsys, monkeypatch, "ring", "--check", "--out", "a.cir")
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
def test_bad_input(capsys, monkeypatch, arguments, text):
    status, _, err = run(capsys, monkeypatch, *arguments)
    assert status == 2
    assert text in err
    assert err.count("\n") == 1
