"""How far it is from a call to the line where a conductance meets a voltage."""

import importlib
import pathlib
import traceback

import jax.numpy as jnp
import jax.random as jr
import pytest
import rram_ode
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.chip import Blueprint, Design, Ranges
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, draw, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE


PACKAGE = pathlib.Path(rram_ode.__file__).parent


# Of the 12 of the whole way, 4 belong to the command.
MOST = 8


@pytest.fixture
def ways(monkeypatch):
    """The stack of frames in files of the package at each product, outermost first."""
    where = "rram_ode.crossbar._crossbar"
    found, transposed = [], importlib.import_module(where).transposed

    def watched(g, v):
        frames = traceback.extract_stack()[:-1]
        found.append([f for f in frames if PACKAGE in pathlib.Path(f.filename).parents])
        return transposed(g, v)

    monkeypatch.setattr(f"{where}.transposed", watched)
    return found


@pytest.mark.long
def test_the_way_from_draw_is_short(ways):
    g = ConductanceRange(20e-6, 80e-6)
    # Widths that no other test has: a program of the cache would not be traced.
    score = NetworkScore(fourier_mlp(2, (6, 10), key=jr.key(0)))
    design = Design(Cell(g), DifferentialPair(g), FeedbackIntegrator(5e4, 30e-12))
    blueprint = Blueprint(score, design, Ranges(3.0, (4.0, 4.0), 6.0))
    chip = blueprint.program(jr.key(3))
    flow = ProbabilityFlow(VPSDE(0.1, 8.0))
    clock, schedule = LabClock(20e-6), Schedule(1e-3, 1.0)
    loop = close_loop(
        NetworkDrift(flow), schedule, clock, read=ReadNoise(), num_steps=2
    )
    ways.clear()
    (run,) = draw(loop, chip, 3, key=jr.key(1))
    assert jnp.all(run.is_solved)
    assert len(ways) >= 6  # three layers at each of Heun's two stages
    for way in ways:
        names = [f"{pathlib.Path(f.filename).name}:{f.name}" for f in way]
        assert names[0] == "_draw.py:draw"
        assert names[-1] == "_crossbar.py:__call__"
        assert "@ v" in (way[-1].line or "")
        assert len(names) <= MOST, names
