"""A network ahead of its loop's delay: what it gains, its twin, what is refused."""

import dataclasses
import json
import pathlib

import numpy as np
import pytest
from rram_ode.config import idealise, override_all
from rram_ode.loop import draw, DynamicLoop
from rram_ode.presets import find_preset
from rram_ode.studies import loop_delay
from rram_ode.system import run_key, System, train_network


SETTINGS = {
    "solve.duration": 2e-6,
    "solve.num_steps": 100,
    "integrator.resistance": 50e3,
    "cell.read.white.std": 0.0,
}
LEAD = 150e-9


def config(fidelity="dynamic", **changes):
    """`ring` on ideal cells, ten times as fast as it is meant to be."""
    base = find_preset("ring-fresh")
    ideal = dataclasses.replace(idealise(base), op_amp=base.op_amp, fidelity=fidelity)
    return override_all(override_all(ideal, SETTINGS), changes)


def trained(folder, steps):
    plan = {"lead": LEAD, "teacher": "ring", "steps": steps, "batch": 256}
    plan |= {"learning_rate": 1e-3, "noise_draws": 1, "weight_noise": 0.0}
    settings = {f"train.{name}": value for name, value in plan.items()}
    train_network(config(), settings, folder=folder)
    return folder


@pytest.fixture(scope="module")
def led(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("led"), 20)


def ends(made):
    """Samples of op-amps that are late, and wrong in nothing else."""
    system = System.from_config(made)
    loop, chip = system.chip_loop, system.program(0)
    if isinstance(loop, DynamicLoop):
        op_amp = dataclasses.replace(loop.op_amp, offset_std=0.0, gain=1e7)
        loop = dataclasses.replace(loop, op_amp=op_amp, auto_zero=None)
    (run,) = draw(loop, chip, 200, key=run_key(0), prior=system.prior)
    return np.asarray(run.x0)


@pytest.mark.slow
def test_a_lead_takes_the_delay_out_of_the_samples(tmp_path):
    system = System.from_config(config())
    loop = system.chip_loop
    assert isinstance(loop, DynamicLoop)
    delay = loop_delay(loop, system.program(0))
    assert delay == pytest.approx(LEAD, rel=0.2)
    exact = ends(config("quasi-static"))
    off = lambda made: np.sqrt(np.mean((ends(made) - exact) ** 2))
    plain = off(config())
    folder = str(trained(tmp_path, 800))
    ahead = off(override_all(config(checkpoint=folder), {"solve.lead": LEAD}))
    assert ahead < 0.75 * plain


@pytest.mark.slow
def test_the_twin_of_a_network_with_a_lead_is_its_teacher(led):
    system = System.from_config(config(checkpoint=str(led)))
    twin = system.sample_digital(16).x
    np.testing.assert_array_equal(
        twin, System.from_config(config()).sample_digital(16).x
    )
    assert system.twin.record["sha256"] != system.checkpoint.record["sha256"]
    alone = dataclasses.replace(system, teacher=None).sample_digital(16).x
    assert np.max(np.abs(alone - twin)) > 1e-4  # the mutant: its own flow


def test_what_the_record_says(led):
    record = json.loads((pathlib.Path(led) / "record.json").read_text())
    lead = record["lead"]
    assert (lead["seconds"], lead["duration"], lead["teacher"]) == (LEAD, 2e-6, "ring")
    assert record["train"]["teacher"] == "ring"


def refusal(changes, **kwargs):
    """The text with which a run is refused."""
    with pytest.raises(ValueError, match=".") as error:
        System.from_config(config(**kwargs, **changes))
    return str(error.value)


def test_where_a_lead_is_refused(led, tmp_path):
    own = {"checkpoint": str(led)}
    for fidelity in ("quasi-static", "ideal"):
        assert "it solves another equation" in refusal(own, fidelity=fidelity)
    assert "`solve.warp` is 2, but the network" in refusal({**own, "solve.warp": 2.0})
    late = refusal({"solve.lead": 2e-6})
    assert "`solve.lead` must be 0 or more and below 2e-06" in late
    text = (pathlib.Path(led) / "record.json").read_text()
    sha = json.loads(text)["lead"]["teacher_sha256"]
    (tmp_path / "record.json").write_text(text.replace(sha, "0" * 64))
    weights = (pathlib.Path(led) / "weights.eqx").read_bytes()
    (tmp_path / "weights.eqx").write_bytes(weights)
    other = refusal({"checkpoint": str(tmp_path)})
    assert "is not the teacher" in other
    assert "\n" not in late + other


@pytest.mark.parametrize(
    ("teacher", "message"),
    [("ring-64-fresh", "with another `network`"), ("nobody", "no shipped checkpoint")],
)
def test_teachers_that_are_refused(teacher, message, tmp_path):
    settings = {"train.lead": LEAD, "train.teacher": teacher}
    with pytest.raises(ValueError, match=message):
        train_network(config(), settings, folder=tmp_path)


def test_a_teacher_without_a_lead_is_asked_for(led, tmp_path):
    settings = {"train.lead": LEAD, "train.teacher": str(led)}
    with pytest.raises(ValueError, match="`train.teacher=ring`"):
        train_network(config(), settings, folder=tmp_path)
