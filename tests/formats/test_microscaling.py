"""Blocks, small floats and bfloat16 against the casts of ml_dtypes."""

import jax.numpy as jnp
import jax.random as jr
import ml_dtypes
import numpy as np
import pytest
from rram_ode.formats import (
    BFloat16Format,
    E2M1,
    E2M3,
    E3M2,
    E4M3,
    E5M2,
    MICROSCALING,
    microscaling,
)


CASTS = {
    "float8_e4m3fn": (E4M3, 448.0),
    "float8_e5m2": (E5M2, 57344.0),
    "float6_e3m2fn": (E3M2, 28.0),
    "float6_e2m3fn": (E2M3, 7.5),
    "float4_e2m1fn": (E2M1, 6.0),
}


@pytest.mark.parametrize("name", CASTS)
def test_small_floats_round_as_ml_dtypes(name):
    """Subnormal, halfway and largest numbers included; beyond, they saturate."""
    element, largest = CASTS[name]
    form = getattr(ml_dtypes, name)
    codes = np.arange(256, dtype=np.uint8)[: 2**element.bits]
    own = codes.view(form) if element.bits == 8 else codes.astype(form)
    own = np.unique(own.astype(float))
    own = own[np.isfinite(own)]
    halves = (own[1:] + own[:-1]) / 2
    rng = np.random.default_rng(0)
    spread = rng.standard_normal(5000) * 2.0 ** rng.uniform(-18, 6, 5000)
    x = np.concatenate([own, halves, spread])
    x = x[np.abs(x) <= largest].astype(np.float32)
    wanted = x.astype(form).astype(float)
    np.testing.assert_array_equal(element(jnp.asarray(x, float)), wanted)
    np.testing.assert_array_equal(element(jnp.asarray(x)), wanted)
    assert element.largest == largest
    np.testing.assert_array_equal(element(jnp.array([9e9, -9e9])), [largest, -largest])


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_bfloat16_rounds_as_ml_dtypes(dtype):
    rng = np.random.default_rng(1)
    x = (rng.standard_normal(4000) * 2.0 ** rng.uniform(-30, 30, 4000)).astype("f4")
    x = np.append(x, np.array([1 + 2**-8, 1 + 3 * 2**-8, 0.0, -0.0], "f4"))
    wanted = x.astype(ml_dtypes.bfloat16).astype(float)
    found = BFloat16Format().quantise(jnp.asarray(x, dtype)[:, None])
    np.testing.assert_array_equal(np.asarray(found, float)[:, 0], wanted)


def reference(x, name):
    """The conversion of the specification, block by block, by ml_dtypes."""
    element = MICROSCALING[name]
    casts = {"float" + k[5:]: v for k, v in CASTS.items()}
    form = next((k for k, (e, _) in casts.items() if e == element), None)
    out = np.zeros_like(x)
    for col in range(x.shape[1]):
        for row in range(0, len(x), 32):
            part = x[row : row + 32, col]
            if not part.any():
                continue
            shared = np.floor(np.log2(np.abs(part).max())) - element.top_exponent
            scaled = part / 2.0**shared
            if form is None:
                rounded = np.clip(np.round(scaled * 64), -127, 127) / 64
            else:
                end = CASTS[form][1]
                cut = np.clip(scaled, -end, end).astype(np.float32)
                rounded = cut.astype(getattr(ml_dtypes, form)).astype(float)
            out[row : row + 32, col] = rounded * 2.0**shared
    return out


@pytest.mark.long
@pytest.mark.parametrize("name", MICROSCALING)
def test_blocks_are_those_of_the_specification(name):
    x = np.array(jr.t(jr.key(0), 3.0, (80, 5)).astype(jnp.float32), float)
    x[:32, 3] = 0.0
    form = microscaling(name)
    np.testing.assert_array_equal(form.quantise(jnp.asarray(x)), reference(x, name))
    codes = form.encode(jnp.asarray(x))
    assert codes.exponents.shape == (3, 5)
    assert form.stored_bits(64, 5) == 5 * (64 * form.element.bits + 16)


def test_a_scale_that_is_rounded_up_would_be_another_format():
    """The largest element is 1 or more; the mutant has half the resolution."""
    x, form = jr.uniform(jr.key(1), (32, 4), minval=-1.0), microscaling("mxint8")
    largest = jnp.max(jnp.abs(form.encode(x).elements), axis=(0, 1))
    assert ((largest >= 1) & (largest < 2)).all()
    assert (form.element(x) != form.quantise(x)).any()


@pytest.mark.long
def test_more_bits_are_nearer():
    x = jr.normal(jr.key(2), (64, 50))
    square = lambda form: float(jnp.mean((form.quantise(x) - x) ** 2))
    error = {name: square(microscaling(name)) for name in MICROSCALING}
    assert error["mxint8"] < error["mxfp8-e4m3"] < error["mxfp8-e5m2"] < error["mxfp4"]
    assert error["mxfp6-e2m3"] < error["mxfp6-e3m2"] < error["mxfp4"]
