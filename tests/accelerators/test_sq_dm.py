"""The row of SQ-DM: formats, channels on two engines, and what they must show."""

import math

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.accelerators import (
    block_sensitivity,
    bursts,
    channel_zeros,
    ChannelEngines,
    detector_operations,
    foreseen,
    held,
    lagged,
    linear_cost,
    low_share,
    most_sensitive,
    signed_inputs,
    speed_up,
    split_dot,
    SplitScore,
    sq_dm_score,
)
from rram_ode.formats import (
    FloatScale,
    MicroscalingFormat,
    UniformFormat,
    VectorCodes,
    VectorFormat,
)
from rram_ode.samplers import Heun
from rram_ode.scores import LayerSize, QuantisedScore, UNetScore
from rram_ode.sdes import ProbabilityFlow
from rram_ode.training import shipped_picture_network


RELU, SILU = (
    shipped_picture_network(name).score for name in ("digits-unet-relu", "digits-unet")
)
LAYERS = len(RELU.layers)
FLOW = ProbabilityFlow(RELU.preconditioning.sde)
X = jr.normal(jr.key(0), (64, 4))
T = jnp.array([0.9, 0.5, 0.2, 0.05])
SIGNS = signed_inputs(RELU, T, X)
LOW = sq_dm_score(RELU, (), SIGNS)


@pytest.mark.slow
def test_rounded_numbers_are_those_of_the_codes():
    """What is judged is the engine that is proved to be divided without a change."""
    own = sq_dm_score(RELU, (0, 12), SIGNS)
    exact = QuantisedScore(RELU, own.weights, own.inputs, is_exact=True)
    found, wanted = own(T, X), exact(T, X)
    off = float(jnp.sum((found - wanted) ** 2) / jnp.sum(wanted**2))
    rounding = float(jnp.sum((RELU(T, X) - wanted) ** 2) / jnp.sum(wanted**2))
    assert off < 1e-3 * rounding


@pytest.mark.slow
def test_formats_follow_block_and_sign():
    """Behind a ReLU codes have no sign; shortcuts and resized maps have one."""
    assert not any(SIGNS[n] for n in (1, 2, 4, 5, 6, 7, 9, 10, 12))
    assert all(SIGNS[n] for n in (0, 3, 8, 11))
    assert all(signed_inputs(SILU, T, X))
    own = sq_dm_score(RELU, (0, 12), SIGNS)
    for number, (w, h) in enumerate(zip(own.weights, own.inputs, strict=True)):
        if number in (0, 12):
            assert isinstance(w, MicroscalingFormat)
            assert isinstance(h, MicroscalingFormat)
        else:
            assert isinstance(w, VectorFormat)
            assert isinstance(h, VectorFormat)
            assert int(w.bits) == int(h.bits) == 4
            assert h.is_signed == SIGNS[number]
            assert w.is_signed
    codes = own.inputs[1].encode(jnp.abs(X))
    assert isinstance(codes, VectorCodes)
    assert codes.codes.max() == 15


@pytest.mark.slow
def test_a_code_without_a_sign_gains_five_decibels():
    """A bit more behind a ReLU; the mutant, SiLU, would lose its negative part."""
    gain = lambda h: [
        float(10 * jnp.log10(jnp.sum(h**2) / jnp.sum((h - form.quantise(h)) ** 2)))
        for form in (UniformFormat(4, is_signed=False), UniformFormat(4))
    ]
    for number, h in enumerate(RELU.layer_inputs(T, X)):
        if not SIGNS[number]:
            plain, signed = gain(h)
            assert plain > signed + 5
    plain, signed = gain(SILU.layer_inputs(T, X)[4])
    assert plain < signed + 5


def test_a_perceptron_is_refused():
    score = rr.System.from_preset("ring-64-fresh").checkpoint.score
    with pytest.raises(ValueError, match="NetworkScore has none: take a network such"):
        sq_dm_score(score, (), (True,) * 3)
    form = UniformFormat(4)
    quantised = QuantisedScore(score, (form,) * 3, (form,) * 3)
    for make in (
        lambda: SplitScore(quantised, {}),
        lambda: channel_zeros(quantised, FLOW, X[:2], T),
    ):
        with pytest.raises(ValueError, match="divides the channels of convolutions"):
            make()


def codes(key, rows=50, cols=7, samples=9):
    """Weights, and rectified inputs of which most are zero."""
    w_key, h_key = jr.split(key)
    w = VectorFormat(4, 16, FloatScale())
    h = VectorFormat(4, 16, FloatScale(), is_signed=False)
    inputs = jnp.maximum(jr.normal(h_key, (rows, samples)) - 0.5, 0)
    return w.encode(jr.normal(w_key, (rows, cols))), h.encode(inputs)


@pytest.mark.long
def test_both_engines_add_up_to_one_bit_for_bit(getkey):
    w, h = codes(getkey())
    tags = jr.bernoulli(getkey(), 0.6, (50,))
    found = split_dot(w, h, tags)
    np.testing.assert_array_equal(found, w.dot(h))
    # The mutant: each engine scales and rounds its own sums.
    parts = [split_dot(w, part(h, tags, keep), tags) for keep in (True, False)]
    assert np.any(np.asarray(parts[0] + parts[1]) != np.asarray(found))
    # A second way: an engine that walks the numbers that are not zero.
    sums = np.zeros((4, 7, 9), int)
    own, rows = np.asarray(h.codes).reshape(64, 9), np.pad(np.asarray(tags), (0, 14))
    weights = np.asarray(w.codes).reshape(64, 7)
    for r, s in zip(*np.nonzero(own * rows[:, None]), strict=True):
        sums[r // 16, :, s] += weights[r] * own[r, s]
    dense = np.where(rows[:, None], 0, own)
    sums += np.einsum(
        "jkc,jks->jcs", weights.reshape(4, 16, 7), dense.reshape(4, 16, 9)
    )
    np.testing.assert_array_equal(w.outer(jnp.asarray(sums, jnp.int32), h), found)


def part(h, tags, keep):
    """Codes of the rows of one engine."""
    rows = jnp.pad(tags == keep, (0, 14)).reshape(4, 16, 1)
    return eqx.tree_at(lambda h: h.codes, h, jnp.where(rows, h.codes, 0))


@pytest.mark.slow
def test_the_whole_network_on_both_engines():
    own = sq_dm_score(RELU, (0, 12), SIGNS)
    shapes = RELU.shapes()
    tags = {
        n: jr.bernoulli(jr.key(n), 0.5, (shapes[n][0],)) for n in range(1, LAYERS - 1)
    }
    one = SplitScore(own, {})(T, X)
    np.testing.assert_array_equal(SplitScore(own, tags)(T, X), one)
    # One engine is that of the codes, which `QuantisedScore` has by another way.
    exact = QuantisedScore(own.score, own.weights, own.inputs, is_exact=True)
    np.testing.assert_allclose(one, exact(T, X), rtol=1e-9, atol=1e-9)


def test_rows_of_a_channel():
    """Channels of one pixel lie together: a label is that of its channel's rows."""
    layer, shape = RELU.layers[4], RELU.shapes(2)[4]
    for channel in (0, 5, 63):
        x = jnp.zeros(shape).at[channel].set(1.0)
        rows = np.asarray(layer.unfolded(x)).reshape(-1, shape[0], *shape[1:])
        is_on = rows.any(axis=(0, 2, 3, 4))
        assert np.flatnonzero(is_on).tolist() == [channel]


ZEROS = np.array([[0.0, 0.5, 0.9], [0.2, 0.1, 0.8], [0.4, 0.6, 0.7]])[:, :, None]


def test_cycles_by_hand():
    """Three channels of 100 products on engines of 10: the larger of both."""
    engines = ChannelEngines(dense=10, sparse=10)
    cycles = lambda rule: engines.cycles(ZEROS, 300, rule)[:, 0].tolist()
    # Own labels: (0 | .5 .9), (0 1 | .8), (| .4 .6 .7)
    assert cycles(foreseen) == [10, 20, 13]
    # One step late: all dense, then those of the steps before.
    assert cycles(lagged) == [30, max(10, math.ceil(9 + 2)), max(20, 3)]
    assert cycles(held) == [30, 11, max(10, math.ceil(4 + 3))]
    assert engines.undivided(300) == 15
    assert (
        ChannelEngines(10, 10, 1.0).cycles(ZEROS, 300, foreseen).tolist()
        == [[30.0]] * 3
    )


def test_labels_of_each_step_are_worth_what_changes():
    """Zeros that do not change lose the first step alone; late labels of those that
    alternate are wrong in every step."""
    sizes = {0: 3000}
    still = np.repeat(ZEROS[:1], 200, axis=0)
    engines = ChannelEngines(10, 10)
    total = lambda zeros, rule: engines.cycles(zeros, 3000, rule).sum()
    np.testing.assert_array_equal(
        engines.cycles(still, 3000, lagged)[1:],
        engines.cycles(still, 3000, foreseen)[1:],
    )
    assert total(still, lagged) == total(still, held)
    turns = np.tile(np.array([[[0.0], [0.0]], [[0.9], [0.9]]]), (100, 1, 1))
    assert total(turns, lagged) > 1.5 * total(turns, foreseen)
    rising = np.linspace(0, 0.9, 200)[:, None, None] * np.ones((1, 4, 1))
    assert total(rising, lagged) < total(rising, held)
    size = (LayerSize(1, 1, sizes[0], sizes[0]),)
    own = {0: rising}
    assert speed_up(own, size, engines, lagged) > speed_up(own, size, engines, held)
    with_wide = speed_up(own, size, engines, lagged, wide=1000)
    own_speed = speed_up(own, size, engines, lagged)
    # Wider layers dilute it, whether it is a gain or a loss.
    assert abs(with_wide - 1) < 0.2 * abs(own_speed - 1)


@pytest.mark.slow
def test_zeros_of_channels_over_steps():
    ts = jnp.linspace(1.0, 1e-3, 5)
    own = sq_dm_score(RELU, (0, 12), SIGNS)
    alone = channel_zeros(own, FLOW, X, ts)
    both = channel_zeros(own, FLOW, X, ts, batch=4)
    assert set(alone) == set(range(1, 12))
    for number, zeros in alone.items():
        assert zeros.shape == (4, RELU.shapes()[number][0], 4)
        np.testing.assert_allclose(
            both[number][:, :, 0], zeros.mean(axis=2), rtol=1e-12
        )
    # Of the first step, by the codes themselves.
    h = own.layer_inputs(ts[0], X)[1]
    codes = own.inputs[1].encode(h.reshape(32, -1))
    assert isinstance(codes, VectorCodes)
    found = np.asarray(codes.codes)
    found = (found.reshape(32, 8, 8, 4) == 0).mean(axis=(1, 2))
    np.testing.assert_allclose(alone[1][0], found, rtol=1e-12)
    assert alone[1].mean() > 0.3
    with pytest.raises(ValueError, match="`batch` must divide the number of starts, 4"):
        channel_zeros(own, FLOW, X, ts, batch=3)
    with pytest.raises(ValueError, match="one evaluation a step; Heun has 2"):
        channel_zeros(own, FLOW, X, ts, sampler=Heun())


def test_bursts_of_a_channel():
    """One with the channel as the slowest axis; H x W where it is the fastest."""
    shape = (32, 8, 5)  # channels, rows, columns
    assert bursts(shape, (2, 1, 0), 0) == 1
    assert bursts(shape, (0, 2, 1), 0) == 40
    assert bursts(shape, (2, 0, 1), 0) == 8  # columns, then channels: a run per row
    weights = (3, 3, 64, 32)  # rows, columns, outputs, inputs
    assert bursts(weights, (0, 1, 2, 3), 3) == 1
    assert bursts(weights, (3, 2, 1, 0), 3) == 3 * 3 * 64


def test_share_of_four_bits_and_its_cost():
    products = np.array([size.products for size in RELU.sizes()])
    own = sq_dm_score(RELU, (0, 11, 12), SIGNS)
    assert low_share(own) == pytest.approx(products[1:11].sum() / products.sum())
    assert low_share(LOW) == 1
    assert 1 / linear_cost(0.9) == pytest.approx(3.64, abs=0.005)
    assert 1 / linear_cost(0.942) == pytest.approx(3.78, abs=0.01)
    assert 1 / linear_cost(1.0) == 4


def test_the_detector_is_counted():
    own = sq_dm_score(RELU, tuple(range(1, LAYERS)), (True,) * LAYERS)
    assert [tuple(o) for o in detector_operations(own)] == [
        ("add", (4,), 64),
        ("add", (7,), 64),
        ("add", (7,), 1),
    ]
    inputs = sum(math.prod(shape) for shape in RELU.shapes())
    every = detector_operations(LOW)
    assert sum(o.number for o in every if o.bits == (4,)) == inputs


@pytest.mark.slow
def test_sensitivity_is_the_rise_of_the_loss():
    assert isinstance(RELU, UNetScore)
    blocks = RELU.blocks
    target = RELU(T, X)
    scale = RELU.preconditioning.marginal(T)[1][None]

    def loss(score, data):
        t, x, wanted = data
        return jnp.mean((scale * (score(t, x) - wanted)) ** 2)

    rises = block_sensitivity(LOW, blocks, loss, (T, X, target))
    assert rises.shape == (len(blocks),)
    assert np.all(rises > 0)  # the loss of the plain network is 0 here
    # A second way, of one block: all other layers in 16 bits.
    fine = UniformFormat(16)
    for number in (0, 6):
        pick = lambda own, n=number: tuple(
            form if layer in blocks[n] else fine for layer, form in enumerate(own)
        )
        score = QuantisedScore(RELU, pick(LOW.weights), pick(LOW.inputs))
        alone = float(loss(score, (T, X, target)))
        assert rises[number] == pytest.approx(alone, rel=0.05)
    kept = most_sensitive(np.array([3.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0]), blocks, 2)
    assert kept == (0, 12)


def test_refusals():
    with pytest.raises(ValueError, match="at least one start to choose signs"):
        signed_inputs(RELU, T[:0], X[:, :0])
    for bad in ({"dense": 0}, {"sparse": -1}, {"threshold": 1.5}):
        with pytest.raises(ValueError, match="at least one product at a time each"):
            ChannelEngines(**bad)  # pyright: ignore[reportArgumentType]
