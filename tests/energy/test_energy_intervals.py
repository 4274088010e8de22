import jax.random as jr
import numpy as np
import pytest
from rram_ode.accelerators import all_constants, MACHINES
from rram_ode.energy import (
    assume,
    Constant,
    evaluation_work,
    propagate,
    remember,
)
from rram_ode.scores import fourier_mlp


TABLE = all_constants()
NETWORK = fourier_mlp(2, (14, 14), key=jr.key(0))


def constant(low, nominal, high):
    return Constant(low, nominal, high, "J", "assumed: a test")


def test_one_constant_gives_its_own_quantiles():
    """Log-uniform below and above the nominal value, in closed form."""
    table = {"a": constant(1.0, 10.0, 1000.0), "b": constant(1.0, 2.0, 3.0)}
    got = propagate(lambda values: 3 * values["a"], table, level=0.9)
    assert got.nominal == 30.0
    step = 2 * np.log(100) / 4096  # of ln a, between draws
    assert got.low == pytest.approx(3 * 10**0.1, rel=step)
    assert got.high == pytest.approx(3 * 10 ** (1 + 0.9 * 2), rel=step)
    assert got.swings == {"a": (3.0, 3000.0)}
    assert got.driver == "a"


def test_independent_errors_add_in_variance():
    """A product of four log-uniform factors, against Monte Carlo of SciPy's kind."""
    table = {str(i): constant(0.5, 1.0, 2.0) for i in range(4)}
    got = propagate(lambda v: v["0"] * v["1"] / v["2"] / v["3"], table)
    draws = np.random.default_rng(0).uniform(-1, 1, (200_000, 4)).sum(axis=1)
    low, high = 2 ** np.quantile(draws, [0.05, 0.95])
    np.testing.assert_allclose([got.low, got.high], [low, high], rtol=0.02)
    corner = 2.0**4  # the mutant: all constants at their worst together
    assert corner > 2 * got.high


def test_a_ratio_of_the_same_constant_has_no_spread():
    table = {"a": constant(1.0, 10.0, 100.0)}
    got = propagate(lambda v: (2 * v["a"]) / v["a"], table)
    assert (got.low, got.nominal, got.high) == pytest.approx((2, 2, 2))
    assert got.driver is None


def test_fixed_constants_have_no_spread():
    work = evaluation_work(NETWORK)
    fixed = ("power=250W", "launch=6us", "fraction=0.74", "idle=0.3")
    pairs = [f"a100.{pair}" for pair in fixed]
    got = propagate(
        lambda v: MACHINES["a100"].wall_energy(work, 1, v), assume(TABLE, pairs)
    )
    assert got.low == got.nominal == got.high
    assert got.swings == {}


def test_what_moves_a_gpu_at_batch_one():
    work = evaluation_work(NETWORK)
    got = propagate(lambda v: MACHINES["a100"].seconds(work, 1, v), TABLE)
    assert got.driver == "a100.launch"
    assert got.low < got.nominal < got.high


def test_a_model_that_is_remembered_is_computed_once_a_point():
    """The same figures; another constant, or another figure of it, costs nothing."""
    names = {"a": (1.0, 10.0, 100.0), "b": (1.0, 2.0, 3.0), "c": (4.0, 4.0, 4.0)}
    table, asked = {n: constant(*ends) for n, ends in names.items()}, []

    def model(v):
        asked.append(v["a"])
        return v["a"] * v["c"]

    known = remember(model, table)
    for figure in (
        lambda m: lambda v: m(v) / v["b"],
        lambda m: lambda v: v["b"] * m(v),
    ):
        assert propagate(figure(known), table) == propagate(figure(model), table)
    asked.clear()
    for low in (1.0, 3.0):
        assert known({"a": 10.0, "b": low, "c": 4.0}) == 40.0
    assert asked == []
    assert known({"a": 20.0, "b": 2.0, "c": 4.0}) == 80.0
    assert asked == [20.0]


def test_a_level_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match="`level` must lie between 0 and 1; got 2"):
        propagate(lambda v: v["a"], {"a": constant(1.0, 1.0, 1.0)}, level=2.0)
