"""Programs that are compiled fast: the same function, wherever it is called."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode._core import _compile
from rram_ode._core._compile import compiled_quickly


@compiled_quickly
def norm(x, scale=2.0):
    """A sum of many terms, so that rounding shows."""
    return jnp.sum(jnp.exp(jnp.sin(scale * x)))


def plain(x):
    return jnp.sum(jnp.exp(jnp.sin(2.0 * x)))


@pytest.mark.parametrize(
    "way",
    [lambda f: f, jax.jit, lambda f: lambda x: jax.vmap(f)(x[None])[0], eqx.filter_jit],
    ids=["alone", "within a program", "mapped", "within a filtered one"],
)
def test_it_is_the_function(way):
    x = jr.normal(jr.key(0), (100,))
    assert np.allclose(way(norm)(x), plain(x), rtol=1e-14)
    assert np.allclose(jax.grad(norm)(x), jax.grad(plain)(x), rtol=1e-13)


def test_only_small_programs_of_their_own_are_compiled_fast(monkeypatch):
    """Not one within another: JAX refuses options there, which the mutant shows."""
    seen = []
    real = _compile._is_small
    monkeypatch.setattr(
        _compile, "_is_small", lambda args: seen.append(real(args)) or seen[-1]
    )
    x = jnp.ones(3)
    norm(x)
    jax.jit(norm)(x)
    jax.jit(lambda: norm(x))()
    jax.vmap(norm)(x[None])
    norm(jnp.ones(_compile.LARGEST + 1))
    assert seen == [True, False, False, False, False]
    monkeypatch.setattr(_compile, "_is_small", lambda args: True)
    with pytest.raises(Exception, match="compiler_options"):
        jax.jit(lambda: norm(x + 1))()


def test_a_compiler_without_the_options_is_taken_as_it_is(monkeypatch):
    monkeypatch.setattr(_compile, "QUICK", {"xla_no_such_option": True})
    assert not _compile._knows_options.__wrapped__()
