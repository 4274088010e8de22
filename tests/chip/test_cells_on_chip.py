"""What a chip makes of its cells: in parallel, moved, rescaled, with bent currents."""

import dataclasses
import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import FeedbackIntegrator
from rram_ode.chip import (
    AnalogNetwork,
    assign_rows,
    Blueprint,
    Design,
    Ranges,
    rescale,
    row_factors,
)
from rram_ode.crossbar import Crossbar, DifferentialPair, ReferenceColumn
from rram_ode.devices import (
    Cell,
    ConductanceRange,
    LinearIV,
    milo,
    ProgrammingNoise,
    SinhIV,
    StuckFaults,
)
from rram_ode.noise import ReadNoise, WhiteReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore


US = 1e-6
RANGE = ConductanceRange(8 * US, 90 * US)
RANGES = Ranges(4.0, (3.0, 3.0), 5.0)
SCORE = NetworkScore(fourier_mlp(2, (14, 14), key=jr.key(0)))
T, X = jnp.asarray(0.3), jr.normal(jr.key(5), (2, 64))


def design(cell, mapping=DifferentialPair, **options):
    return Design(cell, mapping(cell.range), FeedbackIntegrator(1e5, 3e-11), **options)


@eqx.filter_jit
def output(chip):
    """The network's output as the chip computes it, dimensionless."""
    analog = chip.score
    v, _ = analog.nodes(X * analog.volts_in, analog.embedding(T))
    return v / analog.volts_out


def layers(chip):
    assert isinstance(chip.score, AnalogNetwork)
    return chip.score.layers


@eqx.filter_jit
def errors(score, design, num):
    """Mean squared deviation from the digital network, of each of `num` chips."""

    def one(seed):
        chip = Blueprint(score, design, RANGES).program(jr.key(seed))
        return jnp.mean((output(chip) - score.network(T, X)) ** 2)

    return jax.vmap(one)(jnp.arange(num))


def mean_of_log(ratio):
    """Mean of the logarithm and its standard error."""
    log = np.log(np.asarray(ratio))
    return log.mean(), log.std(ddof=1) / np.sqrt(log.size)


@pytest.mark.parametrize("mapping", [DifferentialPair, ReferenceColumn])
@pytest.mark.parametrize("options", [{}, {"rescale": True}, {"remap": True}])
@pytest.mark.parametrize("parallel", [1, 3])
def test_without_errors_a_chip_is_its_network(mapping, options, parallel):
    """To rounding, however cells are doubled, moved, or scaled."""
    chip = Blueprint(
        SCORE, design(Cell(RANGE, parallel=parallel), mapping, **options), RANGES
    ).program(jr.key(1))
    wanted = SCORE.network(T, X)
    np.testing.assert_allclose(output(chip), wanted, rtol=0, atol=1e-12)


def test_rescaled_layers_are_the_same_network():
    """Any positive factors: activations a_j h_j, the output unchanged to rounding."""
    network = SCORE.network
    factors = tuple(jr.uniform(jr.key(n), (14,), minval=0.1, maxval=3) for n in (1, 2))
    weights, biases = rescale(network.weights, network.biases, factors)
    h, wave = X, network.embedding(T)
    for w, b, a in zip(weights[:-1], biases[:-1], factors, strict=True):
        h = jax.nn.relu(w.T @ h + (b + a * wave)[:, None])
    found = weights[-1].T @ h + biases[-1][:, None]
    np.testing.assert_allclose(found, network(T, X), rtol=0, atol=1e-14)
    # Mutant: the embedding must be scaled too.
    h = X
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        h = jax.nn.relu(w.T @ h + (b + wave)[:, None])
    wrong = weights[-1].T @ h + biases[-1][:, None]
    assert np.abs(wrong - network(T, X)).max() > 1e-2


def smallest_share(w):
    """Of a column's largest weight, by the row that uses least of it."""
    size = np.abs(np.asarray(w))
    return np.min(np.max(size / np.max(size, axis=0), axis=1))


@pytest.mark.long
def test_rescaling_uses_the_range_and_lowers_the_error():
    """Every row of the later layers reaches a column's end; voltages only fall."""
    spread = jnp.exp(jnp.linspace(-2, 0, 14))
    network = SCORE.network
    w = network.weights
    uneven = (w[0], w[1] * spread[:, None], w[2] * spread[:, None])
    factors = row_factors(uneven)
    assert all(float(a.max()) == 1.0 and float(a.min()) > 0 for a in factors)
    scaled, _ = rescale(uneven, network.biases, factors)
    for layer, before in zip(scaled[1:], uneven[1:], strict=True):
        assert smallest_share(layer) > 3 * smallest_share(before)
    score = eqx.tree_at(lambda s: s.network.weights, SCORE, uneven)
    cell = Cell(RANGE, (ProgrammingNoise(0.5 * US),))
    plain, better = (
        errors(score, design(cell, rescale=flag), 400) for flag in (False, True)
    )
    gain, sem = mean_of_log(plain / better)
    assert gain > 4 * sem


def test_parallel_cells_average_their_errors():
    """Four cells a weight: a quarter of the squared error, within 4 standard errors."""
    one = Cell(RANGE, (ProgrammingNoise(0.1 * US),))
    four = dataclasses.replace(one, parallel=4)
    gain, sem = mean_of_log(
        errors(SCORE, design(one), 400) / errors(SCORE, design(four), 400)
    )
    assert abs(gain - np.log(4)) < 4 * sem
    assert gain > 10 * sem


def test_parallel_cells_add_conductance_and_read_noise():
    """Sums of 3: conductance and power three times, spread of read noise root 3."""
    cell = Cell(RANGE, read=ReadNoise(white=WhiteReadNoise(0.0, 1e6, 0.01)))
    one, three = (
        layers(Blueprint(SCORE, design(c), RANGES).program(jr.key(1)))[1].crossbar
        for c in (cell, dataclasses.replace(cell, parallel=3))
    )
    v = jnp.full((14,), 0.1)
    np.testing.assert_allclose(three.g_pos, 3 * one.g_pos, rtol=1e-12)
    np.testing.assert_allclose(three(v), 3 * one(v), rtol=1e-9)
    np.testing.assert_allclose(three.power(v), 3 * one.power(v), rtol=1e-12)
    ratio = three.white_std / one.white_std
    np.testing.assert_allclose(ratio, np.sqrt(3), rtol=1e-12)


def test_rows_are_assigned_as_the_best_of_all_permutations():
    """By brute force over 5! orders; the cost counts stuck cells only."""
    targets = jr.uniform(jr.key(0), (2, 5, 4)) * 80 * US + 8 * US
    draw = jr.uniform(jr.key(1), targets.shape)
    stuck = jnp.where(draw < 0.2, 90 * US, jnp.where(draw > 0.8, 8 * US, jnp.nan))
    siemens = jnp.linspace(20, 90, 4) * US
    t, s, u = (np.asarray(x) for x in (targets, stuck, siemens))

    def cost(order):
        return np.nansum(((s[:, list(order)] - t) / u) ** 2)

    best = min(itertools.permutations(range(5)), key=cost)
    found = np.asarray(jax.jit(assign_rows)(targets, stuck, siemens))
    assert sorted(found.tolist()) == list(range(5))
    np.testing.assert_allclose(cost(found), cost(best), rtol=1e-9)
    assert cost(found) < 0.8 * cost(range(5))


def test_a_gradient_passes_by_the_assignment():
    """Rows stay where they are while targets move a little."""
    targets, stuck = jnp.ones((2, 1, 3, 2)) * US
    places = lambda g: g[0][assign_rows(g, stuck, jnp.ones(2) * US)]
    slope = jax.grad(lambda g: jnp.sum(places(g)))(targets)
    np.testing.assert_array_equal(slope, 1.0)


@pytest.mark.slow
def test_remapping_lowers_the_damage_and_keeps_the_faults():
    cell = Cell(RANGE, (StuckFaults(0.02, 0.02, RANGE),))
    chips = [
        Blueprint(SCORE, design(cell, remap=r), RANGES).program(jr.key(2))
        for r in (False, True)
    ]
    for plain, moved in zip(*map(layers, chips), strict=True):
        before, after = plain.crossbar, moved.crossbar
        for pair in (before.g_pos, after.g_pos), (before.g_neg, after.g_neg):
            # LRS faults by column; a row permutation leaves their number.
            count = [np.sum(np.isclose(g, 90 * US, rtol=1e-9), axis=0) for g in pair]
            assert np.abs(count[0] - count[1]).max() <= 1  # a target may be g_max too
    plain, better = (
        errors(SCORE, design(cell, remap=flag), 60) for flag in (False, True)
    )
    gain, sem = mean_of_log(plain / better)
    assert gain > 4 * sem


@pytest.mark.long
def test_bent_currents_are_the_sum_over_cells():
    """Cell by cell, for a pair and against a resistor."""
    law = milo(g_min=62.5 * US, g_max=110 * US, measured_iv=True).iv
    g_pos, g_neg = jr.uniform(jr.key(0), (2, 5, 3), minval=63.0, maxval=109.0) * US
    v = jr.uniform(jr.key(1), (4, 7), minval=-0.3, maxval=0.3)
    rows = np.concatenate([v, np.full((1, 7), 0.2)])
    zero = jnp.zeros((5, 3))
    for iv, iv_neg in ((law, law), (SinhIV(0.2), SinhIV(0.2)), (law, LinearIV())):
        crossbar = Crossbar(
            g_pos, g_neg, jnp.asarray(0.2), zero, zero, iv=iv, iv_neg=iv_neg
        )
        u = jnp.asarray(rows)[:, None]
        up = iv.current(g_pos[..., None], u)
        down = iv_neg.current(g_neg[..., None], -u)
        wanted, power = np.sum(up + down, axis=0), np.sum(u * (up - down), axis=(0, 1))
        np.testing.assert_allclose(crossbar(v), wanted, rtol=1e-9, atol=1e-18)
        np.testing.assert_allclose(crossbar.power(v), power, rtol=1e-9)


def test_a_nearly_linear_cell_tends_to_the_linear_one():
    """The bend of the sinh falls as 1 / v0^2; linear is exact."""
    g_pos, g_neg = jr.uniform(jr.key(0), (2, 5, 3), minval=8.0, maxval=90.0) * US
    v, zero = jr.uniform(jr.key(1), (4, 7), minval=-0.2), jnp.zeros((5, 3))
    linear = Crossbar(g_pos, g_neg, jnp.asarray(0.2), zero, zero)
    gaps = [
        np.abs(
            dataclasses.replace(linear, iv=SinhIV(v0), iv_neg=SinhIV(v0))(v) - linear(v)
        ).max()
        for v0 in (10.0, 100.0)
    ]
    np.testing.assert_allclose(gaps[0] / gaps[1], 100, rtol=0.01)
