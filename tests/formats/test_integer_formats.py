"""Integer formats against integers of 64 bits, and against floating point."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.formats import exact_product, FixedPoint, IntegerFormat, WideInteger
from rram_ode.samplers import DIGITAL_SAMPLERS, draw_digital, Euler
from rram_ode.scores import (
    fourier_mlp,
    GaussianScore,
    in_format,
    IntegerScore,
    NetworkScore,
)
from rram_ode.sdes import ProbabilityFlow, VPSDE


def value(wide: WideInteger):
    """The integers as those of 64 bits."""
    return np.asarray(wide.high, np.int64) * 2**24 + np.asarray(wide.low, np.int64)


# Products and accumulators.


@pytest.mark.parametrize(
    ("bits", "rows"), [((8, 8), 14), ((8, 16), 300), ((16, 16), 65), ((24, 24), 255)]
)
def test_products_are_those_of_64_bits(bits, rows):
    rng = np.random.default_rng(rows)
    top = [2 ** (b - 1) for b in bits]
    w = rng.integers(-top[0] + 1, top[0], (rows, 5))
    a = rng.integers(-top[1] + 1, top[1], (rows, 7))
    w[:, 0], a[:, 0] = top[0] - 1, -top[1] + 1  # the largest sum
    got = exact_product(
        jnp.asarray(w, jnp.int32),
        jnp.asarray(a, jnp.int32),
        (-(-bits[0] // 8), -(-bits[1] // 8)),
    )
    np.testing.assert_array_equal(value(got), w.T @ a)
    assert (np.asarray(got.low) >= 0).all()


def test_too_many_products_are_refused():
    zeros = jnp.zeros((400, 1), jnp.int32)
    with pytest.raises(ValueError, match=r"stay below 2\^54.*take 16 bits or fewer"):
        exact_product(zeros, zeros, (3, 3))
    exact_product(zeros, zeros, (2, 2))


@pytest.mark.parametrize("bits", [2, 8, 16, 24, 25, 32, 48, 54])
def test_accumulators_saturate_at_their_last_codes(bits):
    edge = 2 ** (bits - 1)
    near = [-edge - 1, -edge, -edge + 1, -1, 0, 1, edge - 2, edge - 1, edge]
    found = np.array([*near, 2**53, -(2**53)], np.int64)
    high, low = found >> 24, found & (2**24 - 1)
    wide = WideInteger(jnp.asarray(high, jnp.int32), jnp.asarray(low, jnp.int32))
    got = wide.saturate(jnp.asarray(bits, jnp.int32))
    np.testing.assert_array_equal(value(got), np.clip(found, -edge, edge - 1))
    total = value(wide + wide)
    np.testing.assert_array_equal(total, 2 * found)
    np.testing.assert_array_equal(got.as_float(float), value(got).astype(float))


def test_numbers_become_integers_and_come_back():
    x = np.array([0.0, 1, -1, 2**24 - 1, 2**24, -(2**24), 3 * 2**40, -(2**46) - 2**24])
    wide = WideInteger.of(jnp.asarray(x))
    np.testing.assert_array_equal(value(wide), x.astype(np.int64))
    np.testing.assert_array_equal(wide.as_float(float), x)


# The network, bit for bit.


def network_of(widths=(14, 14)):
    return NetworkScore(fourier_mlp(2, widths, output_factor=5.0, key=jr.key(0)))


def reference(score, form, scales, t, x):
    """The same network by NumPy with integers of 64 bits.

    Its steps are those of the format: XLA's divisions are not all rounded as NumPy's.
    """
    network, dtype = score.network, np.asarray(x).dtype
    bits = {n: int(getattr(form, n)) for n in ("weights", "activations", "accumulator")}
    top = {n: 2 ** (b - 1) - 1 for n, b in bits.items()}
    edge = 2 ** (bits["accumulator"] - 1)
    embedding = np.asarray(network.embedding(t))
    step = np.asarray(form.activation_step(scales[0]))
    assert step == pytest.approx(float(scales[0]) / top["activations"], rel=1e-6)
    code = lambda y: np.clip(
        np.round(y), -top["activations"], top["activations"]
    ).astype(np.int64)
    h = code(np.asarray(x) / step)
    for number, w in enumerate(map(np.asarray, network.weights)):
        own = np.asarray(form.weight_codes(jnp.asarray(w))[1])
        np.testing.assert_allclose(own * top["weights"], np.abs(w).max(0), rtol=1e-6)
        w = np.round(w / own).astype(np.int64)
        drive, is_last = np.asarray(network.biases[number]), number == len(scales) - 1
        if not is_last:
            half = len(drive) // 2
            pairs = len(embedding) // 2
            drive = drive + np.append(embedding[:half], embedding[pairs:][:half])
        unit = own * step
        drive = np.clip(np.round(drive / unit).astype(np.int64), -edge, edge - 1)
        sums = np.clip(w.T @ h + drive[:, None], -edge, edge - 1)
        if is_last:
            return (
                sums.astype(dtype) * (np.asarray(network.output_factor) * unit)[:, None]
            )
        after = np.asarray(form.activation_step(scales[number + 1]))
        h = code(np.maximum(sums, 0).astype(dtype) * (unit / after)[:, None])
        step = after


@pytest.mark.slow
@pytest.mark.parametrize(
    "bits", [(8, 8, 16, 32), (4, 6, 8, 12), (8, 8, 16, 14), (16, 12, 16, 32)]
)
@pytest.mark.parametrize(
    ("widths", "dtype"),
    [((14, 14), jnp.float64), ((16, 6), jnp.float64), ((14, 14), jnp.float32)],
)
def test_a_network_is_that_of_64_bits_bit_for_bit(bits, widths, dtype):
    score, form = network_of(widths), IntegerFormat(*bits)
    score = jax.tree.map(lambda leaf: leaf.astype(dtype), score)
    scales = tuple(jnp.asarray(s, dtype) for s in (3.0, 2.5, 4.0))
    x = 1.5 * jr.normal(jr.key(1), (2, 500), dtype)
    t = jnp.asarray(0.37, dtype)
    score_of = in_format(score, form, scales[0], scales[1:])
    got = np.asarray(eqx.filter_jit(score_of)(t, x))
    np.testing.assert_array_equal(got, reference(score, form, scales, t, x))
    wider = IntegerFormat(bits[0], bits[1], bits[2], 54)
    if bits[3] == 14:  # the narrow accumulator saturates, as it should in this case
        assert (got != reference(score, wider, scales, t, x)).any()


@pytest.mark.slow
def test_many_bits_come_near_the_float_network():
    score, x, t = network_of(), jr.normal(jr.key(1), (2, 400)), jnp.asarray(0.6)
    *hidden, _ = score.network.activations(t, x)
    scales = tuple(1.01 * jnp.max(jnp.abs(h)) for h in (x, *hidden))
    exact = np.asarray(score(t, x))
    errors = []
    for bits in (8, 12, 16, 24):
        form = IntegerFormat(bits, bits, 24, 54)
        score_of = eqx.filter_jit(in_format(score, form, scales[0], scales[1:]))
        got = np.asarray(score_of(t, x))
        errors.append(np.abs(got - exact).max() / np.abs(exact).max())
    # Each bit halves the step: 4, 4 and 8 bits between the formats.
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert (ratios > np.array([8, 8, 100])).all()
    assert errors[0] < 0.05
    assert errors[-1] < 1e-6


def test_one_program_serves_a_sweep_over_bits():
    score, x, t = network_of(), jr.normal(jr.key(1), (2, 8)), jnp.asarray(0.6)
    scales = tuple(jnp.asarray(s) for s in (3.0, 2.5, 4.0))

    @eqx.filter_jit
    @eqx.debug.assert_max_traces(max_traces=1)
    def run(form):
        return in_format(score, form, scales[0], scales[1:])(t, x)

    found = [run(IntegerFormat(b, b, 16, a)) for b, a in ((3, 32), (5, 32), (8, 20))]
    assert all(np.isfinite(np.asarray(x)).all() for x in found)
    assert (np.asarray(found[0]) != np.asarray(found[1])).any()


@pytest.mark.long
def test_the_gradient_is_that_of_the_float_network():
    score, x, t = network_of(), jr.normal(jr.key(1), (2, 8)), jnp.asarray(0.6)
    scales = tuple(jnp.asarray(s) for s in (3.0, 2.5, 4.0))
    coarse = in_format(score, IntegerFormat(4, 4), scales[0], scales[1:])
    slopes = [jax.grad(lambda y, s=s: jnp.sum(s(t, y)))(x) for s in (score, coarse)]
    np.testing.assert_array_equal(*slopes)


# The state.


def test_a_fixed_point_state_has_its_codes():
    form = FixedPoint(4, 2.0)
    x = jnp.array([0.0, 0.124, 0.126, -0.3, 1.9, 5.0, -5.0])
    np.testing.assert_allclose(form(x), [0, 0, 0.25, -0.25, 1.75, 1.75, -2.0])
    assert float(form.step) == 0.25
    fine = np.asarray(FixedPoint(24, 2.0)(x[:5]))
    np.testing.assert_allclose(fine, x[:5], atol=2.0**-23)
    slope = jax.vmap(jax.grad(form))(x)
    np.testing.assert_array_equal(slope, [1, 1, 1, 1, 0, 0, 0])


@pytest.mark.parametrize("name", ["euler", "dpm-solver++"])
def test_every_stored_state_is_a_code(name):
    sampler, score = DIGITAL_SAMPLERS[name](), network_of()
    process, ts = ProbabilityFlow(VPSDE(0.1, 8.0)), jnp.linspace(1.0, 1e-3, 6)
    seen = []

    def store(x):
        seen.append(None)
        return FixedPoint(6, 4.0)(x)

    x0 = sampler(process, score, jr.normal(jr.key(1), (2, 50)), ts, store=store)
    places = np.asarray(x0) / (4.0 / 32)
    np.testing.assert_array_equal(places, np.round(places))
    assert len(seen) >= 2  # the start, and the body of the loop


def test_a_state_of_few_bits_is_another_sampler():
    """Rounding errors add up over the steps: that is why the state has a format."""
    sde = VPSDE(0.1, 8.0)
    score = GaussianScore(sde, np.zeros(2), 0.25 * np.eye(2))
    process, ts = ProbabilityFlow(sde), jnp.linspace(1.0, 1e-3, 41)

    def ends(store):
        chunks = draw_digital(
            Euler(), process, score, ts, 200, key=jr.key(2), store=store
        )
        return np.concatenate([np.asarray(x) for x in chunks], axis=1)

    exact = ends(None)
    rms = lambda bits: np.sqrt(np.mean((ends(FixedPoint(bits, 4.0)) - exact) ** 2))
    assert rms(24) < 1e-5
    assert rms(8) > 2 * (4.0 / 128) / 12**0.5  # more than one rounding


@pytest.mark.long
def test_a_system_runs_its_twin_in_a_format():
    system = rr.System.from_preset(
        "ring-fresh", {"solve.num_steps": 50}, sampler="euler"
    )
    run = lambda form: system.sample_digital(1500, form=form).x
    radius = lambda x: np.hypot(*x.T)
    plain, usual = run(None), run(IntegerFormat(8, 8, 16, 32))
    fine = run(IntegerFormat(24, 24, 24, 54))
    np.testing.assert_allclose(fine, plain, atol=2e-3)
    assert 1e-3 < np.sqrt(np.mean((usual - plain) ** 2)) < 0.1
    mutant = radius(run(IntegerFormat(8, 8, 4, 32)))  # a state of 4 bits
    spread = lambda r: np.subtract(*np.percentile(r, [84, 16])) / 2
    assert spread(mutant) > 2 * spread(radius(plain))
    score = in_format(
        system.checkpoint.score,
        IntegerFormat(),
        system.checkpoint.ranges.state,
        system.checkpoint.ranges.hidden,
    )
    assert isinstance(score, IntegerScore)
    assert score.stored_bits == 252 * 8 + 30 * 32


# What a format cannot have.


@pytest.mark.parametrize(
    ("part", "bits", "range_"),
    [
        ("weights", 0, "2 and 24"),
        ("weights", 1, "2 and 24"),
        ("activations", 1.5, "2 and 24"),
        ("activations", True, "2 and 24"),
        ("state", 64, "2 and 24"),
        ("accumulator", 64, "2 and 54"),
        ("accumulator", None, "2 and 54"),
    ],
)
def test_bits_that_a_format_cannot_have(part, bits, range_):
    with pytest.raises(ValueError, match=f"`{part}` of a format.*{range_}") as error:
        IntegerFormat(**{part: bits})
    assert "\n" not in str(error.value)


def test_ranges_must_be_those_of_the_network():
    with pytest.raises(ValueError, match="one range for each of 2 hidden layers"):
        in_format(network_of(), IntegerFormat(), jnp.asarray(1.0), (jnp.asarray(1.0),))
