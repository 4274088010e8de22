"""LNS-Madam and stored weights of few bits, against NumPy and on least squares."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import optax
import pytest
from rram_ode.formats import FixedClip, LogarithmicFormat, UniformFormat
from rram_ode.training import hold_weights, madam


def logarithms(bits, base_bits):
    return lambda most: LogarithmicFormat(bits, base_bits, FixedClip(most))


def integers(bits):
    return lambda most: UniformFormat(bits, FixedClip(most))


def run(optimiser, params, grads):
    """Weights after one update for each gradient."""
    state, seen = optimiser.init(params), []
    for grad in grads:
        updates, state = optimiser.update(grad, state, params)
        params = optax.apply_updates(params, updates)
        seen.append(params)
    return seen


def test_updates_are_those_of_numpy():
    w = np.array([0.5, -1.0, 2.0, -0.1])
    start = jnp.asarray(w)
    grads = np.array([[1.0, -3.0, 1e-3, 0.0], [0.2, 5.0, -1e-3, 0.0], [-9.0, 1, 2, 1]])
    most, v, wanted = 3 * np.sqrt(np.mean(w**2)), np.zeros(4), []
    for n, g in enumerate(grads, start=1):
        v = 0.9 * v + 0.1 * g**2
        size = np.sqrt(v / (1 - 0.9**n))
        normed = np.divide(g, size, out=np.zeros(4), where=size > 0)
        w = w * 2.0 ** (-0.25 * np.clip(normed, -10, 10) * np.sign(w))
        w = np.clip(w, -most, most)
        wanted.append(w)
    found = run(madam(0.25, decay=0.9), start, jnp.asarray(grads))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.long
def test_a_weight_keeps_its_sign_and_its_bound():
    w = jnp.array([1.0, -1.0, 0.0])
    last = run(madam(1 / 8), w, jnp.ones((300, 3)))[-1]
    assert last[0] > 0
    assert last[0] < 1e-8
    assert last[1] == pytest.approx(-3 * (2 / 3) ** 0.5)  # pushed outwards to the bound
    assert last[2] == 0


def test_an_update_is_a_step_of_the_exponent():
    """With base factor 1 / rate and a gradient of constant size: one step each."""
    form = logarithms(12, 7)
    w = jnp.array([0.3, -0.7, 1.1])
    optimiser = hold_weights(madam(1 / 128), form)
    seen = run(optimiser, w, jnp.ones((5, 3)))
    scale = 3 * float(jnp.sqrt(jnp.mean(w**2)))
    exponents = [form(jnp.asarray(scale)).encode(x[:, None]).exponents for x in seen]
    steps = np.diff(np.asarray(exponents)[:, :, 0], axis=0)
    np.testing.assert_array_equal(steps, np.tile([1, -1, 1], (4, 1)))
    # A hundredth of a step is lost: there is no copy of higher precision.
    still = run(hold_weights(madam(1 / 12800), form), seen[-1], jnp.ones((5, 3)))
    np.testing.assert_allclose(still[-1], still[0], rtol=1e-12)


@pytest.mark.long
@pytest.mark.parametrize("form", [logarithms(8, 5), integers(8)])
def test_stored_weights_are_numbers_of_the_format(form):
    """Arrays of any shape; the state goes through jit and vmap."""
    params = {"a": jr.normal(jr.key(0), (3, 4)), "b": jr.normal(jr.key(1), (5,))}
    optimiser = hold_weights(optax.sgd(0.1), form)
    grads = jax.tree.map(jnp.sin, params)

    @jax.jit
    def once(params, grads):
        updates, _ = optimiser.update(grads, optimiser.init(params), params)
        return optax.apply_updates(params, updates)

    after = once(params, grads)
    for name, w in after.items():
        most = 3 * jnp.sqrt(jnp.mean(params[name] ** 2))
        again = form(most).quantise(w.reshape(-1, 1)).reshape(w.shape)
        np.testing.assert_allclose(w, again, rtol=1e-12)
    twice = lambda tree: jax.tree.map(lambda x: jnp.stack([x, 2 * x]), tree)
    many = jax.vmap(once)(twice(params), twice(grads))
    np.testing.assert_allclose(many["a"][0], after["a"], rtol=1e-12)


def distance_after(optimiser, steps=400):
    """Relative distance from weights that span octaves, by signs of the gradient."""
    aim = jnp.exp2(-jnp.arange(8.0)) * jnp.array([1.0, -1.0] * 4)
    start = jnp.full((8,), 0.4) * jnp.sign(aim)

    def step(carry, _):
        w, state = carry
        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimiser.update(jnp.sign(w - aim), state, w)
        return (optax.apply_updates(w, updates), state), None

    (w, _), _ = jax.lax.scan(step, (start, optimiser.init(start)), None, steps)
    return float(jnp.max(jnp.abs(jnp.asarray(w) / aim - 1)))


def test_logarithms_resolve_small_weights_that_integers_lose():
    """Relative error of the worst weight: 8 bits each, 7 octaves of weights."""
    falling = optax.cosine_decay_schedule(0.3, 400, 0.01)
    ours = distance_after(hold_weights(madam(falling), logarithms(8, 3)))
    rival = distance_after(hold_weights(optax.adam(falling), integers(8)))
    assert ours < 0.1
    assert rival > 0.15


@pytest.mark.parametrize(
    "optimiser", [madam(), hold_weights(madam(), logarithms(12, 7))]
)
def test_what_it_cannot_start_from(optimiser):
    with pytest.raises(ValueError, match="all zeros.*not zero") as error:
        optimiser.init({"w": jnp.ones(3), "b": jnp.zeros(2)})
    assert "\n" not in str(error.value)
    w = jnp.ones(3)
    with pytest.raises(ValueError, match="give `params`"):
        optimiser.update(w, optimiser.init(w))
