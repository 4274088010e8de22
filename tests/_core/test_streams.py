"""Streams of draws: no two from one key, and all of them in one enumeration."""

import ast
import enum
import pathlib

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import pytest
from rram_ode._core import _streams
from rram_ode._core._streams import RunStream
from rram_ode.blocks import FeedbackIntegrator, OpAmp, OpAmpNoise
from rram_ode.chip import Blueprint, compensate, Design, Ranges
from rram_ode.config import NetworkConfig
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange, ProgrammingNoise
from rram_ode.loop import op_amp_paths, Parasitics, wire_up
from rram_ode.samplers import draw_digital, EulerMaruyama
from rram_ode.scores import GaussianScore
from rram_ode.sdes import Prior, ReverseSDE, VPSDE
from rram_ode.training import untrained


PACKAGE = pathlib.Path(_streams.__file__).parents[1]
ENUMERATIONS = [
    found
    for found in vars(_streams).values()
    if isinstance(found, type) and issubclass(found, enum.IntEnum)
]


@pytest.mark.parametrize("streams", ENUMERATIONS)
def test_no_two_streams_share_a_number(streams):
    """An alias is a second name of a number: `__members__` has it, a loop has not."""
    assert len(streams.__members__) == len(set(streams)) > 1


def _folded_literals(tree):
    """Lines of a `fold_in` whose number has an integer written into it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        parts = [part for arg in node.args[1:] for part in ast.walk(arg)]
        if name == "fold_in" and any(isinstance(p, ast.Constant) for p in parts):
            yield node.lineno


def test_every_stream_has_a_name():
    found = {
        str(path.relative_to(PACKAGE)): lines
        for path in sorted(PACKAGE.rglob("*.py"))
        if (lines := list(_folded_literals(ast.parse(path.read_text()))))
    }
    assert not found


def test_the_walk_sees_literals():
    source = "jr.fold_in(key, 3)\nfold_in(key, 4 + n)\njr.fold_in(key, n)"
    assert list(_folded_literals(ast.parse(source))) == [1, 2]


@pytest.fixture
def folded(monkeypatch):
    """The words of the key and the number of every `fold_in`, as the programs run.

    Programs that were compiled before, without the watch, are forgotten.
    """
    seen, fold_in = [], jr.fold_in

    def watched(key, number):
        jax.debug.callback(
            lambda words, number: seen.append((tuple(words.tolist()), int(number))),
            jr.key_data(key),
            number,
        )
        return fold_in(key, number)

    monkeypatch.setattr(jr, "fold_in", watched)
    _forget_programs()
    yield seen
    _forget_programs()  # those with the watch


def _forget_programs():
    eqx.clear_caches()
    jax.clear_caches()


def _numbers(folded, key):
    """The numbers that were folded into `key` since the last look."""
    jax.effects_barrier()
    numbers = {number for words, number in folded if words == _words(key)}
    folded.clear()
    return numbers


@pytest.mark.slow
def test_a_correction_has_other_draws_than_the_op_amps(folded):
    """One chip's key starts no stream twice: cells of a correction, op-amps' noise."""
    sde, g = VPSDE(0.1, 8.0), ConductanceRange(8e-6, 90e-6)
    network = NetworkConfig((4,))
    score = untrained(2, network, sde, key=jr.key(1), frequency_key=jr.key(5))
    cell = Cell(g, (ProgrammingNoise(1e-6),))
    design = Design(cell, DifferentialPair(g), FeedbackIntegrator(5e4, 30e-12))
    ranges = Ranges(3.0, (4.0,), 6.0)
    blueprint = Blueprint(score, design, ranges)
    chip = blueprint.program(jr.key(2))
    points = jnp.linspace(0.1, 0.9, 9), jr.normal(jr.key(3), (2, 9))
    _numbers(folded, chip.key)
    compensate(chip, blueprint, 1, points)
    corrected = _numbers(folded, chip.key)
    circuit = wire_up(chip, OpAmp(1e5, 1e8), Parasitics())
    law = OpAmpNoise(5e-9, 1e-12, 300.0, 1e8)
    eqx.filter_jit(op_amp_paths)(law, circuit, 0, 2)
    moved = _numbers(folded, chip.key)
    assert corrected
    assert moved
    assert not corrected & moved


def _words(key):
    return tuple(jr.key_data(key).tolist())


@pytest.mark.long
def test_a_digital_sampler_has_other_draws_than_the_starts(folded):
    """Sample 0 of a stochastic sampler and the starts had one key."""
    sde, key = VPSDE(0.1, 8.0), jr.key(4)
    score, ts = GaussianScore(sde, jnp.zeros(2), jnp.eye(2)), jnp.array([1.0, 0.5])
    process = ReverseSDE(sde)
    Prior().sample(key, jnp.uint32(0), 1, 2)
    for_starts = _numbers(folded, key)
    list(draw_digital(EulerMaruyama(), process, score, ts, 4, key=key))
    numbers = _numbers(folded, key)
    assert for_starts == {RunStream.STARTS}
    assert numbers == {RunStream.STARTS, RunStream.SAMPLER}
