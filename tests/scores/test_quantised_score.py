"""A network in number formats: limits, exact products, calibration, gradients."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.formats import (
    FixedClip,
    IntegerScale,
    LogarithmicFormat,
    MaxClip,
    microscaling,
    OptimalClip,
    UniformFormat,
    VectorFormat,
)
from rram_ode.scores import fourier_mlp, NetworkScore, QuantisedScore


T, X = jnp.asarray(0.4), 1.5 * jr.normal(jr.key(1), (2, 200))


@pytest.fixture(scope="module")
def score():
    return NetworkScore(fourier_mlp(2, (14, 10), output_factor=5.0, key=jr.key(0)))


def in_formats(score, weights, inputs=None, **options):
    inputs = weights if inputs is None else inputs
    return QuantisedScore(score, (weights,) * 3, (inputs,) * 3, **options)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "error"),
    [
        (UniformFormat(16, MaxClip(per_column=True)), 1e-3),
        (VectorFormat(8, 7, IntegerScale(10)), 0.05),
        (microscaling("mxint8"), 0.05),
        (LogarithmicFormat(16, 11), 1e-3),
    ],
    ids=lambda x: type(x).__name__,
)
def test_many_bits_come_near_the_network(form, error, score):
    plain, found = score(T, X), in_formats(score, form)(T, X)
    assert found.shape == plain.shape
    gap = jnp.max(jnp.abs(found - plain)) / jnp.max(jnp.abs(plain))
    assert 0 < gap < error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "error"),
    [
        (UniformFormat(4), 1e-12),
        (VectorFormat(4, 7), 1e-12),
        (microscaling("mxfp4"), 1e-12),
        (LogarithmicFormat(8, 3), 2e-3),
    ],
    ids=lambda x: type(x).__name__,
)
def test_products_of_codes_give_the_same_network(form, error, score):
    """Layer after layer, with the gradient of the product of numbers."""
    plain = in_formats(score, form)
    exact = dataclasses.replace(plain, is_exact=True)
    one, other = exact(T, X), plain(T, X)
    np.testing.assert_allclose(one, other, atol=error * float(jnp.abs(other).max()))
    if error < 1e-6:
        slope = lambda s: jax.grad(lambda x: jnp.sum(s(T, x) ** 2))(X)
        np.testing.assert_allclose(slope(exact), slope(plain), rtol=1e-9, atol=1e-9)


@pytest.mark.slow
def test_each_sample_may_have_its_own_time(score):
    quantised = in_formats(score, UniformFormat(4, FixedClip(3.0)))
    t = jnp.linspace(0.1, 0.9, 200)
    together = quantised(t, X)
    each = jax.vmap(quantised, in_axes=(0, 1), out_axes=1)(t, X)
    np.testing.assert_allclose(together, each, rtol=1e-10, atol=1e-10)


def test_ranges_are_those_of_the_calibration_set(score):
    """A fixed range clips what judges; a range of the judged data would not."""
    quantised = in_formats(score, UniformFormat(8), UniformFormat(8))
    fixed = quantised.calibrated(T, X)
    scales = []
    for form in fixed.inputs:
        assert isinstance(form, UniformFormat)
        assert isinstance(form.clip, FixedClip)
        scales.append(form.clip.scale)
    nodes = quantised.layer_inputs(T, X)
    np.testing.assert_allclose(scales, [jnp.max(jnp.abs(h)) for h in nodes])
    far = 3 * X
    assert float(jnp.max(jnp.abs(fixed(T, far) - quantised(T, far)))) > 0.1
    with pytest.raises(ValueError, match=r"at least one number.*\(2, 0\)") as error:
        quantised.calibrated(T, X[:, :0])
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_gradients_may_be_rounded_on_their_way_back(score):
    """Fine logarithms change little, coarse ones more, and the value is the same."""
    form = UniformFormat(8, FixedClip(6.0))

    def slope(gradients):
        own = in_formats(score, form, gradients=gradients)
        weights = lambda s: s.score.network.weights

        def value(w):
            return jnp.sum(eqx.tree_at(weights, own, w)(T, X) ** 2)

        return jax.value_and_grad(value)(weights(own))

    plain, fine, coarse = (
        slope(g) for g in (None, LogarithmicFormat(16, 10), LogarithmicFormat(4, 0))
    )
    assert plain[0] == fine[0] == coarse[0]
    gap = lambda a: float(jnp.abs(a[1][0] - plain[1][0]).max())
    size = float(jnp.abs(plain[1][0]).max())
    assert 0 < gap(fine) < 1e-3 * size < gap(coarse)


def test_bits_and_operations_are_counted(score):
    quantised = in_formats(score, UniformFormat(4, OptimalClip(True)), UniformFormat(6))
    num = 2 * 14 + 14 * 10 + 10 * 2
    assert quantised.stored_bits == 4 * num
    products = [op for op in quantised.operations() if op.kind == "multiply"]
    assert sum(op.number for op in products) == num
    assert {op.bits for op in products} == {(4, 6)}


def test_each_layer_has_formats(score):
    form = UniformFormat(4)
    with pytest.raises(ValueError, match="each of 3 layers; got 2 and 3"):
        QuantisedScore(score, (form,) * 2, (form,) * 3)
    with pytest.raises(ValueError, match=r"one UniformFormat: write `\(form,\) \* len"):
        QuantisedScore(score, form, form)
    assert QuantisedScore(score, [form] * 3, (form,) * 3).weights == (form,) * 3
