"""How far it is from the command line to where a conductance meets a voltage."""

import importlib
import pathlib
import runpy
import sys
import traceback
import warnings

import rram_ode


PACKAGE = pathlib.Path(rram_ode.__file__).parent
MOST = 12


def test_a_newcomers_way_is_short(monkeypatch, tmp_path):
    """The frames in files of the package, from `__main__` to the product's line."""
    where, found = "rram_ode.crossbar._crossbar", []
    transposed = importlib.import_module(where).transposed

    def watched(g, v):
        frames = traceback.extract_stack()[:-1]
        found.append([f for f in frames if PACKAGE in pathlib.Path(f.filename).parents])
        return transposed(g, v)

    monkeypatch.setattr(f"{where}.transposed", watched)
    words = ["ring-ideal", "--num-samples", "37", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["sample", *words])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the module is imported twice
        runpy.run_module("rram_ode.sample", run_name="__main__")
    assert found
    ways = {
        tuple(f"{pathlib.Path(f.filename).name}:{f.name}" for f in w) for w in found
    }
    solves = [way for way in ways if "_term.py:prod" in way]
    assert solves
    for way in solves:
        assert way[0] == "sample.py:<module>"
        assert len(way) <= MOST, "\n".join(way)
