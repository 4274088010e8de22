"""What of a loss is due to which error."""

import csv
import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode import budget
from rram_ode.chip import AnalogNetwork
from rram_ode.config import leaves, override_all, parse_pairs
from rram_ode.devices import ProgrammingNoise, ScaledError
from rram_ode.loop import DynamicLoop
from rram_ode.presets import PRESETS
from rram_ode.studies import (
    BudgetPlan,
    corner_points,
    ERRORS,
    one_at_a_time,
    program_weakened,
    sobol,
)
from rram_ode.studies.budget._budget import Budgeter, losses
from rram_ode.studies.budget._knobs import EXAMPLES, KNOBS
from rram_ode.system import System


FEW_STEPS = ("solve.num_steps=40", "dac.update_rate=2MHz")
FEW_STEPS += ("cell.read.white.bandwidth=500kHz",)


def system_of(*settings, **changes):
    config = dataclasses.replace(PRESETS["ring-fresh"][0], **changes)
    return System.from_config(override_all(config, parse_pairs(settings)))


@pytest.fixture(scope="module")
def corners():
    """Samples of one chip at all corners; 40 steps, an update of the DAC for each."""
    system = system_of(*FEW_STEPS, "cell.read.flicker.slope=0", "cell.write.std=1uS")
    runs = Budgeter(system, BudgetPlan(100, 2, 0, 0, 4), lambda num: None)
    return system, runs.names, runs.clouds(corner_points(len(runs.names)), 1, 100)


# The numbers, on functions whose answer is known.


def test_the_indices_of_a_sum_are_its_variances():
    """And those of a product x y, which has interaction: first 3/7, total 4/7."""
    weights = np.array([3.0, 2.0, 1.0, 0.0])
    found = sobol(lambda s: np.stack([s @ weights] * 2), 4, num_points=256, seed=0)
    want = weights**2 / np.sum(weights**2)
    for indices in (found.first, found.total):
        for index, closed in zip(indices, want, strict=True):
            assert index.mean == pytest.approx(closed, abs=0.01)
            assert index.low <= closed <= index.high
    assert found.first[3] == found.total[3] == (0.0, 0.0, 0.0)
    assert found.spread == pytest.approx(np.sqrt(np.sum(weights**2) / 12), rel=0.01)
    product = sobol(
        lambda s: np.stack([s[:, 0] * s[:, 1]] * 2), 2, num_points=512, seed=0
    )
    assert product.first[0].mean == pytest.approx(3 / 7, abs=0.03)
    assert product.total[0].mean == pytest.approx(4 / 7, abs=0.03)


def test_the_interval_covers_the_choice_of_chips():
    """Chips that disagree on which error matters widen it."""
    alike = sobol(lambda s: np.stack([s.sum(1)] * 4), 2, num_points=64, seed=0)
    differ = sobol(
        lambda s: np.stack([s @ w for w in np.array([[1, 0], [0, 1]] * 2)]),
        2,
        num_points=64,
        seed=0,
    )
    width = lambda found: found.total[0].high - found.total[0].low
    assert width(differ) > 2 * width(alike)


def test_alone_and_saved_of_a_sum():
    weights = np.array([3.0, 0.0, 1.0])
    loss = np.stack([corner_points(3) @ weights * k for k in (0.9, 1.1)])
    found = one_at_a_time(loss)
    assert found.full.mean == pytest.approx(4.0)
    for alone, saved, weight in zip(found.alone, found.saved, weights, strict=True):
        assert alone.mean == pytest.approx(weight)
        assert saved.mean == pytest.approx(weight)
    assert found.alone[1] == (0.0, 0.0, 0.0)


# The chip.


@pytest.mark.slow
def test_off_is_the_ideal_chip(corners):
    system, _, clouds = corners
    ideal = System.from_config(dataclasses.replace(system.config, fidelity="ideal"))
    perfect = ideal.sample(ideal.program(0), 100, seed=0).x
    np.testing.assert_allclose(clouds[0, 0], perfect, atol=1e-9)
    assert np.abs(clouds[0, 1] - perfect).max() > 1e-2


@pytest.mark.slow
@pytest.mark.parametrize("fidelity", ["quasi-static", "dynamic"])
def test_on_is_the_chip_itself(fidelity):
    """Run as `sample` runs it."""
    system = system_of(fidelity=fidelity)
    runs = Budgeter(system, BudgetPlan(600, 2, 3, 1, 4), lambda num: None)
    clouds = runs.clouds(corner_points(len(runs.names))[:2], 2, 600)
    for number in range(2):
        full = system.sample(system.program(1 + number), 600, seed=3 + number).x
        np.testing.assert_allclose(clouds[number, 1], full, atol=1e-9)


@pytest.mark.slow
def test_an_error_that_does_nothing_costs_exactly_nothing(corners):
    """No cell of this chip is stuck and nothing clips; the others cost something."""
    system, names, clouds = corners
    found = losses(system.yardstick, clouds, clouds[:, :1])[0]
    alone = dict(zip(names, found[2 : 2 + len(names)], strict=True))
    assert found[0] == 0.0
    assert alone["faults"] == alone["saturation"] == 0.0
    for name in ("write noise", "levels", "read noise", "time embedding"):
        assert alone[name] != 0.0


@pytest.mark.slow
@pytest.mark.parametrize("fidelity", ["quasi-static", "dynamic"])
def test_strength_one_is_the_chip_at_every_error(fidelity):
    """Cell by cell, and its circuit; strength 0 is the chip of an ideal design."""
    everything = [pair for name in ERRORS for pair in EXAMPLES[name]]
    everything += ["cell.read.thermal.bandwidth=1MHz", "cell.stuck.lrs=0.05"]
    if fidelity == "dynamic":
        everything += ["op_amp.auto_zero=1pF", "op_amp.injection=1fC"]
    system = system_of(*everything, fidelity=fidelity)
    key = jax.random.key(5)

    def weakened(strength):
        named: dict[str, jax.Array] = {n: jnp.asarray(strength) for n in ERRORS}
        return program_weakened(system.blueprint, system.chip_loop, named, key=key)

    whole = program_weakened(system.blueprint, system.chip_loop, {}, key=key)
    arrays = lambda tree: [np.asarray(x) for x in jax.tree.leaves(tree[0].score)]
    for one, other in zip(arrays(weakened(1.0)), arrays(whole), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    chip, loop = weakened(0.0)
    ideal = system_of(fidelity="ideal")
    perfect = ideal.program(0).score
    assert isinstance(chip.score, AnalogNetwork)
    assert isinstance(perfect, AnalogNetwork)
    for layer, other in zip(chip.score.layers, perfect.layers, strict=True):
        difference = layer.crossbar.g_pos - layer.crossbar.g_neg
        want = other.crossbar.g_pos - other.crossbar.g_neg
        np.testing.assert_allclose(difference, want, rtol=1e-9, atol=1e-16)
        assert not np.any(layer.crossbar.white_std)
        assert not np.any(layer.crossbar.flicker_std)
        thermal = layer.crossbar.thermal
        assert thermal is not None
        assert float(thermal.bandwidth) == 0
    assert chip.traps is not None
    assert not np.any(chip.traps.jump)
    assert np.isinf(chip.score.v_clamp)
    assert np.isinf(chip.integrator.v_rail)
    assert not np.any(chip.integrator.offset)
    for error in jax.tree.leaves(chip.multipliers):
        assert not np.any(error)
    if isinstance(loop, DynamicLoop):
        zero = loop.auto_zero
        assert zero is not None
        assert float(loop.op_amp.offset_std) == float(zero.injection) == 0
        assert float(loop.op_amp.gbw) >= 1e12


def test_a_share_of_an_error(getkey):
    g, key = jnp.full((40, 50), 50e-6), getkey()
    noise = ProgrammingNoise(1e-6)
    half = ScaledError(noise, 0.5)
    np.testing.assert_allclose(half(g, key=key) - g, (noise(g, key=key) - g) / 2)
    np.testing.assert_array_equal(
        ScaledError(noise, 1.0)(g, key=key), noise(g, key=key)
    )
    np.testing.assert_array_equal(ScaledError(noise, 0.0)(g, key=key), g)
    assert half.is_redrawn


def test_every_setting_of_the_budget_exists():
    config = PRESETS["ring-fresh"][0]
    known = {name for name, _ in leaves(config)}
    assert set(KNOBS) == {*ERRORS, "solver"}
    assert {knob for knobs in KNOBS.values() for knob in knobs} <= known
    for name in ERRORS:
        override_all(config, parse_pairs(EXAMPLES[name]))


# The command.


@pytest.mark.slow
def test_the_command(tmp_path, run):
    """Two errors; what is off says how to turn it on."""
    quiet = ("cell.levels=None", "cell.stuck.lrs=0", "cell.stuck.hrs=0")
    quiet += ("cell.read.white.std=0", "cell.read.flicker.slope=0", "dac.bits=None")
    quiet += ("integrator.offset_std=0", "integrator.mismatch_std=0")
    quiet += ("integrator.leak=None", "dac.update_rate=None", "amplifier.clamp=False")
    quiet += ("crossbar.v_disturb=None", "integrator.hold_noise=False")
    quiet += ("solve.num_steps=20", "solve.solver=euler", "cell.write.std=1uS")
    quiet += ("adc.bits=None", "adc.noise=0", "start.bits=None")
    words = [word for pair in quiet for word in ("--set", pair)]
    small = ("--num-chips", "2", "--num-samples", "200", "--points", "4")
    out = tmp_path / "out"
    status, text, err = run(budget.main, "ring-fresh", *small, *words, "--out", out)
    assert status == 0, err
    names = sorted(path.name for path in out.iterdir())
    assert names == ["budget.csv", "budget.json", "budget.png"]
    report = json.loads((out / "budget.json").read_text())
    with (out / "budget.csv").open() as file:
        rows = {row["error"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"write noise", "saturation", "solver"}
    assert float(rows["write noise"]["sobol_total"]) == pytest.approx(1, abs=0.5)
    assert float(rows["saturation"]["loss_alone"]) == 0
    assert rows["solver"]["sobol_total"] == ""
    # 20 steps of Euler against 80: seen, and far less than the write error.
    alone = {name: float(row["loss_alone"]) for name, row in rows.items()}
    assert 0 < alone["solver"] < 0.1 * alone["write noise"]
    flat = " ".join(text.split())
    assert "off in this design: wires (on with, for example, --set crossbar." in flat
    assert "cell.write.std=1e-06" in text
    assert report["stuck_cells"]["stuck"] == 0
    far = report["distance"]
    assert far["change"]["mean"] == pytest.approx(
        far["full"]["mean"] - far["without"]["mean"]
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["ring-ideal"], "no error to attribute a loss to"),
        (["ring-fresh", "--points", "60"], "`--points` must be a power of 2"),
        (["ring-fresh", "--num-chips", "1"], "`--num-chips` must be 2 or more"),
        (["ring-fresh", "--set", "cell.iv.law=sinh"], "set `cell.iv.law` to `linear`"),
        (["--num-samples", "100000000000"], "GB (34 strengths on 10 chips), above the"),
        (["nothing"], "no preset `nothing`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_clear_line(arguments, text, refusal):
    assert text in refusal(budget.main, *arguments)
