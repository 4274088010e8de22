"""Systems with guidance: whole chips of two arrays, refusals, costs, saved chips."""

import dataclasses
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import rram_ode as rr
from _guided import save_untrained
from rram_ode.chip import CellState, GuidedNetwork
from rram_ode.commands import one_line_errors
from rram_ode.config import from_dict, override_all, RunConfig
from rram_ode.energy import CONSTANTS, nominals
from rram_ode.loop import ClosedLoop
from rram_ode.presets import find_preset
from rram_ode.samplers import log_likelihood, loop_log_likelihood
from rram_ode.scores import GuidedScore, LabelledScore
from rram_ode.sdes import ProbabilityFlow
from rram_ode.system import age_chip, area_model, idle_settings, System
from rram_ode.system.build import build_guided_score


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A conditional network with random weights."""
    return save_untrained(tmp_path_factory.mktemp("modes"))


def config_of(checkpoint, base="ring-fresh", **settings):
    own = {
        "data": "modes-7",
        "checkpoint": checkpoint,
        "network.classes": 7,
        "solve.num_steps": 50,
        "guidance.weight": 1.5,
    }
    return override_all(find_preset(base), {**own, **settings})


def system_of(*args, **settings):
    return System.from_config(config_of(*args, **settings))


@pytest.mark.slow
def test_an_ideal_run_is_the_guided_twin(checkpoint):
    system = system_of(checkpoint, fidelity="ideal")
    run = system.sample(system.program(), 14, seed=0)
    assert run.labels is not None
    score = build_guided_score(system.config, system.checkpoint.score)
    assert isinstance(score, GuidedScore)
    ts = system.chip_loop.diffusion_times(50)
    x1 = system.prior.sample(rr.system.run_key(0), jnp.uint32(0), 14, 2)
    wanted = system.sampler(
        system.process, LabelledScore(score, jnp.asarray(run.labels)), x1, ts
    )
    assert np.abs(run.x - np.asarray(wanted).T).max() < 1e-4 * np.std(run.x)
    plain = system.replace({"guidance.weight": 0.0})
    assert build_guided_score(plain.config, plain.checkpoint.score) is (
        plain.checkpoint.score
    )
    assert np.abs(plain.sample(plain.program(), 14).x - run.x).max() > 1e-2


@pytest.mark.parametrize("name", ["weight", "gain_std", "noise", "flicker"])
def test_nothing_of_guidance_is_below_zero(name):
    with pytest.raises(ValueError, match=f"`guidance.{name}` must be 0 or more"):
        System.from_preset("ring-fresh", {f"guidance.{name}": -0.5})


@pytest.mark.parametrize(
    ("weight", "said"),
    [("-1", "must be 0 or more; got -1"), ("1", "needs the score of a class")],
)
def test_a_wrong_weight_is_one_line_and_status_2(weight, said, capsys):
    with pytest.raises(SystemExit) as left, one_line_errors():
        System.from_preset("ring-fresh", {"guidance.weight": weight})
    assert left.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert f"`guidance.weight` {said}" in line


def test_a_configuration_of_an_older_version_has_no_guidance():
    data = dataclasses.asdict(RunConfig())
    del data["guidance"]
    assert from_dict(RunConfig, data) == RunConfig()


@pytest.mark.long
def test_settings_of_a_stage_without_a_weight_are_named(checkpoint):
    base = config_of(checkpoint, "ring-fresh", **{"guidance.weight": 0.0})
    given = override_all(base, {"guidance.gain_std": 0.01, "guidance.noise": 1e-7})
    system = System.from_config(given)
    idle = idle_settings(system, base, system.program())
    assert {each.name for each in idle} == {"guidance.gain_std", "guidance.noise"}
    acting = override_all(given, {"guidance.weight": 1.0})
    system = System.from_config(acting)
    assert not idle_settings(system, base, system.program())


def test_a_likelihood_refuses_guidance(checkpoint):
    system = system_of(checkpoint, fidelity="ideal")
    base, x0 = (lambda x: -jnp.sum(x**2, axis=0) / 2), jnp.zeros((2, 1))
    why = re.escape("the probability flow of no process")
    score = build_guided_score(system.config, system.checkpoint.score)
    flow = ProbabilityFlow(system.checkpoint.sde)
    with pytest.raises(ValueError, match=f"`guidance.weight` 0; got 1.5.*{why}"):
        log_likelihood(flow, score, base, x0, 1e-3, 1.0)
    with pytest.raises(ValueError, match=f"`guidance.weight` 0; got 1.5.*{why}"):
        log_likelihood(flow, LabelledScore(score, jnp.asarray(2)), base, x0, 1e-3, 1.0)
    assert isinstance(system.chip_loop, ClosedLoop)
    with pytest.raises(ValueError, match=f"`guidance.weight` 0; got 1.5.*{why}"):
        loop_log_likelihood(system.chip_loop, system.program(), base, x0)


@pytest.mark.slow
def test_two_arrays_are_paid_for(checkpoint):
    """Cells, amplifiers, channels and row drivers twice, and the stages that guide."""
    one = system_of(checkpoint, "ring-fresh", **{"guidance.weight": 0.0})
    two = one.replace({"guidance.weight": 1.5})
    costs = []
    for system in (one, two):
        chip = system.program()
        run = system.sample(chip, 14)
        area = area_model(system.config, system.chip_loop, chip)(nominals(CONSTANTS))
        costs.append((run.energy.breakdown, area))
    (joules, area), (more, larger) = costs
    assert larger["cells"] == pytest.approx(2 * area["cells"])
    assert larger["row drivers"] == pytest.approx(2 * area["row drivers"])
    assert larger["multipliers"] > area["multipliers"]
    for part in ("transimpedance amplifiers", "rectifiers", "inverters", "programming"):
        assert more[part] == pytest.approx(2 * joules[part], rel=0.02), part
    scale = one.config.multiplier.full_scale
    ratio = (2 * scale + 1.5) / (2 * scale)
    assert more["multipliers"] == pytest.approx(ratio * joules["multipliers"])
    assert more["guidance"] > 0
    assert more["cells"] > 1.5 * joules["cells"]
    assert more["dac"] > 1.5 * joules["dac"]


@pytest.mark.long
def test_a_chip_is_saved_and_loaded_with_both_arrays(checkpoint, tmp_path):
    system = system_of(checkpoint)
    rr.save_chip(system, 5, tmp_path)
    assert (tmp_path / "layer6_pos.csv").is_file()
    chip = rr.load_chip(system, tmp_path).on(system)
    assert isinstance(chip.score, GuidedNetwork)
    wanted = system.program(5)
    same = jax.tree.map(lambda a, b: bool(jnp.all(a == b)), chip, wanted)
    assert jax.tree.all(same)
    single = system.replace({"guidance.weight": 0.0})
    with pytest.raises(ValueError, match="a map of this chip must hold"):
        rr.load_chip(single, tmp_path)


WHOLE = {"solve.num_steps": 60, "guidance.gain_std": 2.5e-3, "guidance.noise": 50e-9}


@pytest.mark.slow
def test_a_whole_chip_guides_and_is_trimmed_on_both_arrays(checkpoint):
    """The preset `ring`: dies, static errors, noise, ageing, trims."""
    settings = {**WHOLE, "solve.label": "b"}
    system = system_of(checkpoint, "ring", **settings)
    chip, bare = system.program(), system.program(trim=False)
    assert isinstance(chip.score, GuidedNetwork)
    assert isinstance(bare.score, GuidedNetwork)
    for ours, theirs in zip(chip.score.chains, bare.score.chains, strict=True):
        assert ours.layers[0].trim is not None
        ohms = [x.layers[0].amplifier.feedback_resistance for x in (ours, theirs)]
        assert jnp.all(ohms[0] != ohms[1])
    assert chip.trims is not None
    assert chip.num_cells > bare.num_cells > 2 * system.blueprint.targets.g[0][0].size
    # Reference columns gave the arrays scales of their own.
    assert 0 < abs(float(chip.score.ratio) - 1) < 0.1
    found = system.sample(chip, 32)
    assert np.isfinite(found.x).all()
    twin = system.replace({"fidelity": "ideal"})
    ideal = twin.sample(twin.program(), 32).x
    off = [
        np.sqrt(np.mean((x - ideal) ** 2)) for x in (found.x, system.sample(bare, 32).x)
    ]
    assert off[0] < off[1]
    old = age_chip(system, chip, CellState(1e7))
    assert isinstance(old.score, GuidedNetwork)
    for ours, theirs in zip(old.score.chains, chip.score.chains, strict=True):
        moved = ours.layers[0].crossbar.g_pos - theirs.layers[0].crossbar.g_pos
        assert jnp.abs(moved).max() > 0
    assert system.blueprint.ageing is not None
    start = age_chip(system, chip, system.blueprint.ageing.start)
    assert isinstance(start.score, GuidedNetwork)
    for ours, theirs in zip(start.score.chains, chip.score.chains, strict=True):
        for a, b in zip(ours.layers, theirs.layers, strict=True):
            assert jnp.allclose(a.crossbar.g_pos, b.crossbar.g_pos, rtol=1e-5)
