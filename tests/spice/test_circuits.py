"""The benches of `circuits/`: decks and golden waveforms of ngspice."""

import dataclasses
import functools
import os
import pathlib
import re
import subprocess
import sys

import equinox as eqx
import numpy as np
import pytest
from rram_ode.spice import benches, Drive
from rram_ode.spice._bench import EVERY


FOLDER = pathlib.Path(__file__).parents[2] / "circuits"
NAMES = ("tia", "integrator", "crossbar_4x4", "loop_2d", "rectifiers", "multipliers")
LIMIT = 0.001


@functools.cache
def made():
    return benches()


def stored(name):
    with np.load(FOLDER / f"{name}.npz") as file:
        return {key: file[key] for key in file.files}


def largest(bench, waves):
    """Of our waveforms from golden ones, over the full scale of each class."""
    taus, ours = bench.ours()
    assert np.allclose(taus[::EVERY], waves["times"], rtol=1e-6, atol=1e-15)
    found = []
    for name, nodes in bench.netlist.nodes.items():
        there = np.stack([waves[node] for node in nodes], axis=1)
        found.append(np.abs(ours[name][::EVERY] - there).max() / np.abs(there).max())
    return max(found)


@pytest.mark.long
def test_the_folder_holds_the_benches():
    assert tuple(made()) == NAMES
    files = {f"{name}.{kind}" for name in NAMES for kind in ("cir", "npz")}
    others = {"README.md", "generate.py", "draw.py", "drawings", "op_amps"}
    assert files | others == set(os.listdir(FOLDER)) - {"__pycache__"}


@pytest.mark.lowest
def test_drawings_are_those_of_the_command(tmp_path):
    """Their words; each node or element that they name is one of the loop's deck."""
    script = FOLDER / "draw.py"
    subprocess.run([sys.executable, script, tmp_path], check=True)
    drawings = sorted((FOLDER / "drawings").iterdir())
    assert sorted(os.listdir(tmp_path)) == [path.name for path in drawings]
    deck = (FOLDER / "loop_2d.cir").read_text()
    for path in drawings:
        told, fresh = (
            re.findall(r">([^<>]+)</tspan>", each.read_text())
            for each in (path, tmp_path / path.name)
        )
        assert told == fresh
        assert told
        for name in re.findall(r"\b[a-z]+\d_\d[pn]?\b", " ".join(told)):
            kind = re.sub(r"\d_\d", "", name)
            assert re.search(rf"\b{kind[0]}{kind[1:-1]}\w*\d_\d", deck), name


@pytest.mark.parametrize("name", NAMES)
def test_decks_are_those_of_the_simulator(name):
    """Word by word, numbers to 1e-5: draws are made in single precision."""
    deck = (FOLDER / f"{name}.cir").read_text().split()
    fresh = made()[name].netlist.text.split()
    assert len(deck) == len(fresh)
    for old, new in zip(deck, fresh, strict=True):
        if old != new:
            values = [float(word.rpartition("=")[2].rstrip(")")) for word in (old, new)]
            assert np.isclose(*values, rtol=1e-5, atol=1e-9), (old, new)


@pytest.mark.parametrize("name", NAMES)
def test_waveforms_are_the_golden_ones(name):
    """0.1 % of full scale; the same against a wave of 1.005 times the scale fails."""
    waves = stored(name)
    assert largest(made()[name], waves) < LIMIT
    wrong = {k: v if k == "times" else 1.005 * v for k, v in waves.items()}
    assert largest(made()[name], wrong) > LIMIT


def test_a_smaller_capacitor_is_found():
    """2 % of the integrator's C: the golden waveform is another circuit's."""
    bench = made()["integrator"]
    drive = bench.ours
    assert isinstance(drive, Drive)
    smaller = eqx.tree_at(lambda s: s.c_f, drive.stage, 0.98 * drive.stage.c_f)
    mutant = dataclasses.replace(bench, ours=dataclasses.replace(drive, stage=smaller))
    assert largest(mutant, stored("integrator")) > LIMIT


@pytest.mark.ngspice
@pytest.mark.parametrize("name", NAMES)
def test_ngspice_repeats_its_waveforms(name):
    fresh, old = made()[name].golden(), stored(name)
    assert fresh.keys() == old.keys()
    for node in old:
        scale = np.abs(old[node]).max()
        assert np.allclose(fresh[node], old[node], rtol=0, atol=1e-4 * scale)
