"""The dynamic loop: steps that are too coarse, configuration, command line."""

import dataclasses
import functools
import json
import sys

import jax.random as jr
import numpy as np
import pytest
from rram_ode import sample
from rram_ode.blocks import FeedbackIntegrator, OP_AMPS, OpAmp, Schedule
from rram_ode.chip import Blueprint, Chip, Design, Ranges, ScoreBlock
from rram_ode.config import idealise, OpAmpConfig, replace, RunConfig
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import (
    close_loop,
    DynamicLoop,
    make_dynamic,
    NetworkDrift,
    Parasitics,
)
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import fourier_mlp, GaussianScore, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE
from rram_ode.system import build_loop, build_op_amp


SDE = VPSDE(0.1, 8.0)
RANGE = ConductanceRange(8e-6, 90e-6)
AMP = OpAmp(1e6, 50e6)


@functools.cache
def chip_of():
    network = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
    integrator = FeedbackIntegrator(5e4, 30e-12)
    design = Design(Cell(RANGE), DifferentialPair(RANGE), integrator, v_clamp=0.2)
    return Blueprint(network, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(3))


def loop_of(op_amp=AMP, num_steps=200, parasitics=Parasitics(), **kwargs):
    loop = close_loop(
        NetworkDrift(ProbabilityFlow(SDE)),
        Schedule(1e-3, 1.0),
        LabClock(20e-6, 12e-6),
        read=ReadNoise(),
        num_steps=num_steps,
        **kwargs,
    )
    return make_dynamic(loop, op_amp, parasitics)


@pytest.mark.slow
def test_a_step_that_is_too_coarse_names_one_that_is_not():
    chip = chip_of()
    with pytest.raises(ValueError, match="too coarse for the pole of layer") as error:
        loop_of(AMP, 10).check(chip)
    wanted = int(str(error.value).split("`solve.num_steps` = ")[1].split()[0])
    loop_of(AMP, wanted).check(chip)
    with pytest.raises(ValueError, match="too coarse"):
        loop_of(AMP, wanted - 1).check(chip)
    loop_of(AMP, 1, tolerance=1e-5).check(chip)


@pytest.mark.long
def test_a_ringing_pole_is_named():
    ringing = Parasitics(20e-12, 0.0, True)
    with pytest.raises(ValueError, match="which rings at") as error:
        loop_of(AMP, 60, ringing).check(chip_of())
    wanted = int(str(error.value).split("`solve.num_steps` = ")[1].split()[0])
    loop_of(AMP, wanted, ringing).check(chip_of())


def test_an_ideal_op_amp_is_refused():
    with pytest.raises(ValueError, match="take `fidelity` quasi-static"):
        loop_of(OP_AMPS["ideal"]())


def test_a_score_without_crossbars_is_refused():
    block = ScoreBlock(GaussianScore(SDE, np.zeros(2), np.eye(2)), 2)
    chip = Chip(block, FeedbackIntegrator(5e4, 30e-12), ReadNoise(), jr.key(0))
    with pytest.raises(ValueError, match="needs a network on crossbars"):
        loop_of().circuit(chip)


def test_configuration():
    config = replace(RunConfig(), "fidelity", "dynamic")
    loop = build_loop(config, SDE, ReadNoise())
    assert isinstance(loop, DynamicLoop)
    assert np.isclose(loop.op_amp.gbw, 100e6)
    config = replace(replace(config, "op_amp.gbw", 1e6), "op_amp.c_in", 1e-13)
    loop = build_loop(config, SDE, ReadNoise())
    assert isinstance(loop, DynamicLoop)
    assert np.isclose(loop.op_amp.gbw, 1e6)
    assert loop.parasitics.has_capacitors
    assert idealise(config).op_amp == OpAmpConfig(kind="ideal")
    assert build_op_amp(OpAmpConfig(kind="ideal")).is_fast()
    with pytest.raises(ValueError, match="`op_amp.c_f` must be 0 or more"):
        build_loop(replace(config, "op_amp.c_f", -1.0), SDE, ReadNoise())
    names = {f.name for f in dataclasses.fields(OpAmp)} - {"v_rail"}
    assert names <= {f.name for f in dataclasses.fields(OpAmpConfig)}


@pytest.mark.slow
def test_the_command_line_takes_slow_op_amps(capsys, monkeypatch, tmp_path):
    """`sample --fidelity dynamic`, and a slower op-amp, on the shipped ring."""
    words = ["--num-samples", "200", "--out", tmp_path, "--fidelity", "dynamic"]
    words += ["--set", "op_amp.gbw=20MHz", "--set", "solve.num_steps=200"]
    monkeypatch.setattr(sys, "argv", ["sample", *map(str, words)])
    sample.main()
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["config"]["fidelity"] == "dynamic"
    assert report["config"]["op_amp"]["gbw"] == 20e6
    assert report["hardware"]["unsolved"] == 0
    assert np.load(tmp_path / "samples.npz")["analog"].shape == (200, 2)
    assert "solve time" in capsys.readouterr().out
