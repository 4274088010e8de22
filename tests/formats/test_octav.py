"""Optimal clipping against a grid of ranges; gradients beyond the range."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.formats import (
    FixedClip,
    MagnitudeAware,
    MaxClip,
    optimal_clip,
    OptimalClip,
    PiecewiseLinear,
    StraightThrough,
    UniformFormat,
)


NUM = 20_000
LAWS = {
    "gauss": lambda: jr.normal(jr.key(0), (NUM, 1)),
    "laplace": lambda: jr.laplace(jr.key(1), (NUM, 1)),
    "heavy tail": lambda: jr.t(jr.key(2), 3.0, (NUM, 1)),
    "post-ReLU": lambda: jax.nn.relu(jr.normal(jr.key(3), (NUM, 1)) - 0.3),
    "weights": lambda: _trained().reshape(-1, 1),
}


def _trained():
    checkpoint = rr.System.from_preset("ring-64-fresh").checkpoint
    return jnp.asarray(checkpoint.score.network.weights[1], float)


@eqx.filter_jit
def square_errors(x, scales, bits, is_signed):
    """Mean square errors over ranges, by rounding itself."""

    def one(scale):
        form = UniformFormat(bits, FixedClip(scale), is_signed=is_signed)
        return jnp.mean((form.quantise(x) - x) ** 2)

    return jax.lax.map(one, scales)


def noise_of(bits, is_signed=True):
    return jnp.asarray(1 / (12 * (2.0 ** (bits - is_signed) - 1) ** 2))


@pytest.mark.long
@pytest.mark.parametrize("law", LAWS)
def test_the_optimum_is_that_of_a_grid(law):
    """Within 2 % of the least error at 4 bits or more, in at most 15 steps."""
    x, is_signed = LAWS[law](), law != "post-ReLU"
    scales = jnp.linspace(0.02, 1.0, 250) * jnp.max(jnp.abs(x))
    for bits in (4, 6, 8):
        found = optimal_clip(x, noise_of(bits, is_signed))
        assert int(found.steps) <= 15
        width = jnp.asarray(bits)
        best = float(square_errors(x, scales, width, is_signed).min())
        (ours,) = square_errors(x, found.scale, width, is_signed)
        assert ours / best - 1 < 0.02
        # The mutant: the largest magnitude, as a range that clips nothing.
        (largest,) = square_errors(x, scales[-1:], width, is_signed)
        assert bits > 4 or largest / best > 1.5


def test_zeros_that_count_move_the_optimum():
    """A third of a rectifier's output is exact zeros, which no range rounds."""
    x, bits = LAWS["post-ReLU"](), jnp.asarray(4)
    noise = noise_of(4, False)
    right, wrong = (optimal_clip(x, noise, has_zeros=z).scale for z in (False, True))
    ours, other = square_errors(x, jnp.concatenate([right, wrong]), bits, False)
    assert other > 1.05 * ours


@pytest.mark.parametrize("factor", [1e-3, 7.0])
def test_the_optimum_scales_with_the_numbers(factor):
    x = LAWS["heavy tail"]()
    one, other = (optimal_clip(c * x, noise_of(4)).scale for c in (1.0, factor))
    np.testing.assert_allclose(other, factor * one, rtol=1e-6)


def test_columns_have_their_own_optimum():
    x = jnp.concatenate([LAWS["gauss"](), 3 * LAWS["laplace"]()], axis=1)
    both = optimal_clip(x, noise_of(4)).scale
    each = [optimal_clip(x[:, k : k + 1], noise_of(4)).scale[0] for k in range(2)]
    np.testing.assert_allclose(both, each, rtol=1e-4)
    form = UniformFormat(4, OptimalClip(per_column=True))
    np.testing.assert_allclose(form.scale(x), both, rtol=1e-6)


def test_few_numbers_converge_too():
    """A column of 14 has jumps; equal magnitudes have their optimum at the end."""
    x = jr.normal(jr.key(4), (14, 200))
    found = optimal_clip(x, noise_of(4))
    largest = jnp.max(jnp.abs(x), axis=0)
    assert ((found.scale > 0) & (found.scale <= largest)).all()
    (same,) = optimal_clip(jnp.array([[2.0], [-2.0]]), noise_of(4)).scale
    assert same == pytest.approx(2.0, rel=1e-3)
    (none,) = optimal_clip(jnp.zeros((5, 1)), noise_of(4)).scale
    assert none == 1.0


HAND = jnp.array([[0.5], [-1.0], [2.0], [-4.0]])


@pytest.mark.parametrize(
    ("rule", "slopes"),
    [
        (StraightThrough(), [1, 1, 1, 1]),
        (PiecewiseLinear(), [1, 1, 0, 0]),
        (MagnitudeAware(), [1, 1, 0.5, 0.25]),
    ],
)
def test_gradients_are_those_of_their_table(rule, slopes):
    form = UniformFormat(4, FixedClip(1.0), rule)
    found = jax.grad(lambda x: jnp.sum(form.quantise(x)))(HAND)
    np.testing.assert_allclose(found.ravel(), slopes)
    # Without a sign, what is below zero is off, unless straight through.
    form = UniformFormat(4, FixedClip(1.0), rule, is_signed=False)
    found = jax.grad(lambda x: jnp.sum(form.quantise(x)))(HAND)
    below = 1.0 if isinstance(rule, StraightThrough) else 0.0
    np.testing.assert_allclose(found.ravel()[jnp.array([1, 3])], below)
    assert found[0, 0] == 1


def test_a_calibrated_range_stays():
    x = LAWS["laplace"]()
    form = UniformFormat(4, OptimalClip()).calibrated(x)
    assert isinstance(form.clip, FixedClip)
    wide = form.quantise(100 * x)
    np.testing.assert_allclose(jnp.max(jnp.abs(wide)), form.clip.scale, rtol=1e-12)
    own = UniformFormat(4, MaxClip(per_column=True)).calibrated(jnp.array([[1.0, 3.0]]))
    assert isinstance(own.clip, FixedClip)
    assert own.clip.scale == 3.0


@pytest.mark.slow
def test_one_program_serves_all_bits():
    x = LAWS["gauss"]()[:50]

    @jax.jit
    @eqx.debug.assert_max_traces(max_traces=1)
    def run(form):
        return form.encode(x).codes

    tops = [int(jnp.max(run(UniformFormat(b)))) for b in (3, 4, 8)]
    assert tops[:2] == [3, 7]
    many = jax.vmap(lambda b: UniformFormat(b).encode(x).codes)(jnp.array([3, 4, 8]))
    np.testing.assert_array_equal(jnp.max(many, axis=(1, 2)), tops)


@pytest.mark.parametrize("noise", [0.0, -0.1, 0.34, 1.0, 4.0, float("nan")])
def test_rounding_errors_that_no_format_has_are_refused(noise):
    with pytest.raises(ValueError, match=r"above 0 and 1/3 or less.*B bits have 1"):
        optimal_clip(jnp.ones((3, 1)), jnp.asarray(noise))


@pytest.mark.parametrize("clip", [OptimalClip(True), MaxClip(True)])
@pytest.mark.parametrize("bad", [jnp.nan, jnp.inf])
def test_numbers_that_are_not_finite_are_refused_or_spoil_their_column(clip, bad):
    """Under `jit`, where values are not known, NaN is not the scale 1."""
    good = jr.normal(jr.key(5), (50, 1))
    x = jnp.concatenate([good, good.at[3].set(bad)], axis=1)
    with pytest.raises(ValueError, match="1 of 100 that are infinite or no number"):
        clip(x, noise_of(4))
    own, spoilt = eqx.filter_jit(clip)(x, noise_of(4))
    np.testing.assert_allclose(own, clip(good, noise_of(4))[0], rtol=1e-6)
    assert not jnp.isfinite(spoilt)


@pytest.mark.parametrize("clip", [OptimalClip(True), MaxClip(True)])
def test_constants_of_a_program_have_ranges_too(clip):
    """Weights that a function under `jit` closes over are known, sums of them not."""
    x, noise = jr.normal(jr.key(6), (50, 2)), noise_of(4)
    inside = eqx.filter_jit(lambda c: c * clip(x, noise))(jnp.asarray(1.0))
    np.testing.assert_allclose(inside, clip(x, noise), rtol=1e-6)
