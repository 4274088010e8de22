"""Training on chips: off is exact, on is the chip of `program`, and it resumes."""

import dataclasses
import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode import training
from rram_ode.blocks import DAC
from rram_ode.chip import AnalogNetwork, Blueprint, Ranges
from rram_ode.config import (
    idealise,
    NetworkConfig,
    replace,
    RunConfig,
    TrainConfig,
)
from rram_ode.datasets import Ring
from rram_ode.devices import ProgrammingNoise
from rram_ode.presets import PRESETS
from rram_ode.sdes import VPSDE
from rram_ode.system import build_design, build_training_chips
from rram_ode.training import (
    advance,
    begin,
    draw_batch,
    fit,
    TrainingChips,
    without_idle,
)
from rram_ode.training._chip_loss import chip_losses
from rram_ode.training._chips import batch_ranges
from rram_ode.training._tune import bounded


SDE, DATA = VPSDE(0.1, 8.0), Ring()
PLAN = TrainConfig(
    seed=3,
    steps=1200,
    batch=64,
    learning_rate=1e-3,
    warmup=50,
    weight_noise=0.0,
    column_noise=0.0,
    noise_draws=2,
    t_min=1e-3,
    w_max=0.6,
    b_max=0.3,
)
# One plan without chips and one with them: each is one compiled program.
ON = dataclasses.replace(PLAN, chips=True)
ERRORS = {
    "crossbar.mapping": "reference",
    "crossbar.reference_mismatch": 0.02,
    "cell.g_min": 20e-6,
    "cell.g_max": 80e-6,
    "cell.levels": 32,
    "cell.write.std": 1e-6,
    "cell.write.device_std_rel": 0.01,
    "cell.stuck.lrs": 0.02,
    "cell.read.white.std": 3e-6,
    "cell.read.flicker.std": 1e-6,
    "cell.read.thermal.bandwidth": 1e6,
}
# Of the network here while it generates; too wide rather than too narrow.
RANGES = Ranges(4.0, (8.0, 8.0), 4.0)


@functools.cache
def start():
    config = NetworkConfig((8, 8), "noise", output_factor=1.0)
    return training.untrained(2, config, SDE, key=jr.key(1), frequency_key=jr.key(2))


def configuration(**changes) -> RunConfig:
    """The ring without errors, and `ERRORS` with `changes`."""
    config = dataclasses.replace(
        idealise(PRESETS["ring-fresh"][0]), fidelity="quasi-static"
    )
    for name, value in {**ERRORS, **changes}.items():
        config = replace(config, name, value)
    return config


@functools.cache
def design():
    return build_design(configuration())


def chips(strength, **kwargs):
    return TrainingChips(design(), strength, **kwargs)


def written(design, key):
    """The chip that a solve would run on."""
    network = Blueprint(start(), design, RANGES).program(key).score
    assert isinstance(network, AnalogNetwork)
    return network


def largest_difference(a, b):
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return max(float(jnp.max(jnp.abs(x - y))) for x, y in pairs)


@pytest.mark.slow
def test_off_is_exact(monkeypatch):
    """All strengths zero: the weights of plain training; one program for all."""
    traced, at = [], TrainingChips.at
    count = lambda self, step: traced.append(1) or at(self, step)
    monkeypatch.setattr(TrainingChips, "at", count)
    stop, origin = jnp.array(200), begin(start(), PLAN)
    plain, _ = advance(origin, start(), SDE, DATA, PLAN, stop)
    ends, sizes = {}, []
    for strength in (0.0, 1e-6, 1.0):
        made = chips(strength)
        ends[strength], _ = advance(origin, start(), SDE, DATA, ON, stop, made)
        sizes.append(len(traced))
    assert sizes[0] > 0
    assert len(set(sizes)) == 1
    gap = {s: largest_difference(end.params, plain.params) for s, end in ends.items()}
    assert gap[0.0] < 1e-9
    # The mutant: errors a millionth as strong are seen, and full ones change it all.
    assert gap[1e-6] > 1e-8
    assert gap[1.0] > 1e-3
    assert largest_difference(plain.params, origin.params) > 0.05


@pytest.mark.long
def test_a_chip_at_full_strength_is_that_of_program():
    """The cells of training are those that `program` writes under the same key.

    Draws are in single precision, which each program rounds in its own way.
    """
    key, zero = jr.key(4), {"cell.read.flicker.std": 0.0}
    made = TrainingChips(build_design(configuration(**zero)), 1.0)
    draw = eqx.filter_jit(made.program)
    got = draw(start(), RANGES, jnp.ones(()), key=key)
    want = written(made.design, key)
    for mine, theirs in zip(got.layers, want.layers, strict=True):
        for name in ("g_pos", "g_neg"):
            a, b = (getattr(layer.crossbar, name) for layer in (mine, theirs))
            np.testing.assert_allclose(a, b, rtol=1e-6)
        other = mine.amplifier.feedback_resistance
        np.testing.assert_allclose(theirs.amplifier.feedback_resistance, other)
    half = draw(start(), RANGES, jnp.array(0.5), key=key)
    perfect = draw(start(), RANGES, jnp.zeros(()), key=key)
    middle = (perfect.layers[1].crossbar.g_pos + got.layers[1].crossbar.g_pos) / 2
    np.testing.assert_allclose(half.layers[1].crossbar.g_pos, middle, rtol=1e-9)


@pytest.mark.slow
def test_idle_errors_are_left_out_and_the_others_keep_their_draws():
    config = configuration(**{"cell.write.device_std_rel": 0.0, "cell.stuck.lrs": 0.0})
    whole = build_design(config)
    thin = without_idle(whole)
    kinds = [type(error).__name__ for error in thin.cell.errors]
    assert kinds == ["Levels", "ProgrammingNoise"]
    assert len(whole.cell.errors) > 2
    key = jr.key(6)
    for a, b in zip(
        jax.tree.leaves(written(whole, key).layers),
        jax.tree.leaves(written(thin, key).layers),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_the_strength_rises():
    ramp = TrainingChips(design(), 2.0, ramp=10)
    values = [float(ramp.at(jnp.array(step))) for step in (0, 4, 9, 30)]
    np.testing.assert_allclose(values, [0.2, 1.0, 2.0, 2.0])
    assert float(TrainingChips(design(), 2.0).at(jnp.array(0))) == 2.0


@functools.cache
def smoothed(levels):
    """A loss on chips whose cells have `levels` alone, at an offset of all weights.

    The offset is a share of one level in every cell: what a dither adds.
    """
    config = dataclasses.replace(
        idealise(PRESETS["ring-fresh"][0]), fidelity="quasi-static"
    )
    for name in ("crossbar.mapping", "cell.g_min", "cell.g_max"):
        config = replace(config, name, ERRORS[name])
    made = TrainingChips(build_design(replace(config, "cell.levels", levels)))
    batch = draw_batch(DATA, SDE, 64, 1e-2, key=jr.key(8))
    ranges = Ranges(4.0, (8.0, 8.0), 4.0)

    def loss(score, key):
        chip = made.program(score, ranges, jnp.ones(()), key=key)
        read, one = made.design.cell.read, jnp.ones(())
        return chip_losses(chip, batch, read, DAC(), 1.0, one, key=key)[0]

    return loss


@pytest.mark.slow
def test_straight_through_is_the_slope_of_the_dithered_loss():
    r"""The mean gradient over dithers is the slope of the mean loss over dithers.

    With d uniform over one level E Q(w + d) = w, and the variance of Q(w + d) returns
    after one level. So for a loss that is quadratic over a level, L(w + 1/2 level) -
    L(w - 1/2 level) of the smoothed loss is its gradient at w, exactly.
    """
    loss = smoothed(256)
    score = start()
    # One row of one layer is dithered and differentiated.
    where = lambda s: s.network.weights[1]
    w = where(score)
    full = jnp.max(jnp.abs(w), axis=0)
    # All but the largest weight of each column: it sets the column's scale.
    free = jnp.abs(w) < 0.9 * full[None]
    step = 2 * full[None] / 255
    tilt = jnp.where(free, jr.rademacher(jr.key(12), w.shape, w.dtype), 0.0)

    def at(shift, dither):
        moved = w + shift * step * tilt + jnp.where(free, dither * step, 0.0)
        return loss(eqx.tree_at(where, score, moved), jr.key(0))

    @eqx.filter_jit
    def both(key):
        dither = jr.uniform(key, w.shape, minval=-0.5, maxval=0.5)
        slope = jax.grad(at)(jnp.zeros(()), dither)
        h = 0.5
        return slope, (at(jnp.array(h), dither) - at(jnp.array(-h), dither)) / (2 * h)

    slopes, wanted = map(
        np.asarray, jax.lax.map(both, jr.split(jr.key(9), 512), batch_size=64)
    )
    error = np.std(slopes - wanted, ddof=1) / np.sqrt(len(slopes))
    assert abs(np.mean(slopes - wanted)) < 3 * error
    # The mutant: one per cent more gradient. Plain rounding would give none at all.
    assert abs(np.mean(1.01 * slopes - wanted)) > 3 * error


@pytest.mark.slow
def test_bounded_weights_are_folded():
    params = (jnp.array([[3.0, -0.1]]),), (jnp.array([7.0, 0.0]),), ()
    (w,), (b,), _ = bounded(params, 0.5, None)
    np.testing.assert_allclose(w, 0.5 * np.tanh(params[0][0] / 0.5))
    np.testing.assert_array_equal(b, params[1][0])
    (w,), (b,), _ = bounded(params, None, 0.1)
    np.testing.assert_array_equal(w, params[0][0])
    np.testing.assert_allclose(b, 0.1 * np.tanh(params[1][0] / 0.1))
    # The result of a fit is within the bounds, and the start was not.
    largest = lambda arrays: max(float(jnp.abs(x).max()) for x in arrays)
    network = fit(start(), SDE, DATA, PLAN).score.network
    assert largest(network.weights) < 0.6 < largest(start().network.weights)
    assert largest(network.biases) < 0.3 < largest(start().network.biases)


@pytest.mark.slow
def test_ranges_of_a_batch():
    batch = draw_batch(DATA, SDE, 32, 1e-2, key=jr.key(3))
    network = start().network
    got = batch_ranges(network, batch)
    nodes = [network.activations(batch.t[i], batch.x[:, i]) for i in range(32)]
    for number in range(2):
        peak = max(float(jnp.abs(each[number]).max()) for each in nodes)
        assert float(got.hidden[number]) == pytest.approx(peak, rel=1e-12)
    assert float(got.state) == float(jnp.abs(batch.x).max())


@pytest.mark.slow
def test_a_killed_fit_on_chips_resumes_bit_for_bit(tmp_path):
    made = chips(1.0, ramp=700)
    whole = fit(start(), SDE, DATA, ON, chips=made)

    def interrupt(progress):
        if progress.step == 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(
            start(),
            SDE,
            DATA,
            ON,
            chips=made,
            folder=tmp_path,
            save_seconds=0.0,
            report=interrupt,
        )
    resumed = fit(start(), SDE, DATA, ON, chips=made, folder=tmp_path)
    for a, b in zip(
        jax.tree.leaves(resumed[:2]), jax.tree.leaves(whole[:2]), strict=True
    ):
        np.testing.assert_array_equal(a, b)
    other = chips(0.5, ramp=700)
    with pytest.raises(ValueError, match="another network, process or data set"):
        fit(start(), SDE, DATA, ON, chips=other, folder=tmp_path)


def test_chips_and_plan_must_agree():
    with pytest.raises(ValueError, match="`train.chips` = True"):
        fit(start(), SDE, DATA, ON)
    with pytest.raises(ValueError, match="`train.chips` = False"):
        fit(start(), SDE, DATA, PLAN, chips=chips(1.0))


def test_telegraph_noise_is_refused():
    config = configuration(**{"cell.read.telegraph.amplitude": 0.1})
    with pytest.raises(ValueError, match="set `cell.read.telegraph.amplitude` to 0"):
        TrainingChips(build_design(config))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strength": -1.0}, "`train.strength` must be 0 or more; got -1.0"),
        ({"ramp": -1}, "`train.ramp` must be 0 or more; got -1"),
        ({"w_max": 0.0}, "`train.w_max` must be positive, or None; got 0.0"),
        ({"b_max": -1.0}, "`train.b_max` must be positive, or None; got -1.0"),
        ({"headroom": 0.0}, "`train.headroom` must be positive; got 0.0"),
    ],
)
def test_knobs_of_chips_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        training.check_plan(dataclasses.replace(PLAN, **change))


def test_the_presets_train_on_their_own_chips():
    config = PRESETS["ring-robust"][0]
    made = build_training_chips(config)
    assert made is not None
    (error,) = made.design.cell.errors
    assert isinstance(error, ProgrammingNoise)
    assert float(error.std) == 1e-6
    assert float(made.strength) == config.train.strength
    assert build_training_chips(PRESETS["ring-fresh"][0]) is None


WHOLE = "ring-64"


def test_chips_of_training_are_as_old_as_those_of_the_run():
    made = build_training_chips(PRESETS[WHOLE][0])
    assert made is not None
    ages = lambda made: {str(getattr(e, "age", None)) for e in made.design.cell.errors}
    assert ages(made) - {"None"} == {"86400.0"}
    young = replace(PRESETS[WHOLE][0], "cell.age", None)
    made = build_training_chips(young)
    assert made is not None
    assert ages(made) == {"None"}


@pytest.mark.long
def test_cells_in_parallel_count_as_one_with_less_error():
    """Of n cells a weight: the spread of training's one cell is theirs by root n."""
    key, spreads = jr.key(4), {}
    for parallel in (1, 4):
        config = configuration(
            **{"cell.read.flicker.std": 0.0, "cell.devices_per_weight": parallel}
        )
        config = replace(config, "train.chips", True)
        made = build_training_chips(config)
        assert made is not None
        assert made.design.cell.parallel == 1
        draw = eqx.filter_jit(made.program)
        zero, one = (draw(start(), RANGES, jnp.array(s), key=key) for s in (0.0, 1.0))
        gaps = [
            a.crossbar.g_pos - b.crossbar.g_pos
            for a, b in zip(one.layers, zero.layers, strict=True)
        ]
        spreads[parallel] = [float(jnp.std(gap)) for gap in gaps]
    ratio = np.divide(spreads[1], spreads[4])
    np.testing.assert_allclose(ratio, 2.0, rtol=1e-6)


@pytest.mark.long
def test_headroom_of_training_is_a_factor_on_that_of_the_run():
    """More headroom: a smaller voltage for the same activation."""
    config = replace(configuration(), "train.chips", True)
    config, key = replace(config, "cell.read.flicker.std", 0.0), jr.key(4)
    volts = []
    for factor in (1.0, 2.0):
        made = build_training_chips(replace(config, "train.headroom", factor))
        assert made is not None
        draw = eqx.filter_jit(made.program)
        volts.append(draw(start(), RANGES, jnp.zeros(()), key=key).volts_in)
    np.testing.assert_allclose(volts[0] / volts[1], 2.0, rtol=1e-6)
