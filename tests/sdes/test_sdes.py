import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import pytest
from rram_ode.sdes import ProbabilityFlow, ReverseSDE, VESDE, VPSDE


SDES = {"vp": VPSDE(0.1, 8.0), "paper": VPSDE(0.001, 0.5), "ve": VESDE(0.01, 10.0)}


@pytest.fixture(params=SDES)
def sde(request):
    return SDES[request.param]


@pytest.mark.lowest
def test_marginal_solves_the_moment_equations(sde):
    """Mean and variance of a linear SDE: m' = f m and v' = 2 f v + g^2, by diffrax."""

    def moments(t, y, sde):
        mean, variance = y
        f, g = sde.drift_factor(t), sde.diffusion(t)
        return f * mean, 2 * f * variance + g**2

    start, end = jnp.array(0.1), jnp.array(0.9)
    mean0, std0 = sde.marginal(start)
    solution = dfx.diffeqsolve(
        dfx.ODETerm(moments),
        dfx.Tsit5(),
        start,
        end,
        None,
        (mean0, std0**2),
        sde,
        stepsize_controller=dfx.PIDController(rtol=1e-10, atol=1e-12),
    )
    assert solution.ys is not None
    mean, variance = (y[-1] for y in solution.ys)
    expected_mean, expected_std = sde.marginal(end)
    assert jnp.allclose(mean, expected_mean, rtol=1e-8)
    assert jnp.allclose(variance, expected_std**2, rtol=1e-8)


def test_vp_std_is_accurate_near_zero():
    """std^2 = B - B^2 / 2 + ... : where 1 - exp(-B) would keep no digit in float32."""
    sde = VPSDE(0.001, 0.5)
    t = jnp.array(1e-5)
    integral = 1e-8 + 0.499 * 1e-10 / 2
    assert jnp.allclose(sde.marginal(t)[1] ** 2, integral, rtol=1e-7)
    single = eqx.tree_at(
        lambda sde: (sde.beta_min, sde.beta_max), sde, replace_fn=jnp.float32
    )
    std = single.marginal(t.astype(jnp.float32))[1]
    assert jnp.allclose(std.astype(jnp.float64) ** 2, integral, rtol=1e-6)


def test_marginal_of_the_paper():
    mean_factor, std = VPSDE(0.001, 0.5).marginal(jnp.array(1.0))
    assert round(float(mean_factor), 3) == 0.882
    assert round(float(std), 3) == 0.471


def test_prior_is_the_end_of_the_marginal():
    one = jnp.array(1.0)
    assert jnp.allclose(VPSDE(0.1, 20.0).marginal(one)[1], 1.0, atol=1e-4)
    ve = VESDE(0.01, 10.0)
    assert jnp.allclose(ve.marginal(one)[1], ve.prior_std())


def test_drift_keeps_the_shape(sde, getkey):
    t = jnp.array(0.3)
    x = jax.random.normal(getkey(), (2, 5))
    assert sde.drift(t, x[:, 0]).shape == (2,)
    assert jnp.array_equal(sde.drift(t, x)[:, 0], sde.drift(t, x[:, 0]))


@pytest.mark.lowest
def test_velocity_is_the_papers_equation(sde, getkey):
    """Flow: f x - g^2 s / 2. Reverse SDE: f x - g^2 s, with diffusion g."""
    t = jnp.array(0.4)
    x = jax.random.normal(getkey(), (2, 3))
    score = lambda t, x: jnp.sin(x) + t
    drift, g = sde.drift(t, x), sde.diffusion(t)
    flow, reverse = ProbabilityFlow(sde), ReverseSDE(sde)
    s = score(t, x)
    assert jnp.allclose(flow.velocity(score, t, x), drift - g**2 * s / 2)
    assert jnp.allclose(reverse.velocity(score, t, x), drift - g**2 * s)
    assert flow.diffusion(t) == 0
    assert jnp.allclose(reverse.diffusion(t), g)


@pytest.mark.parametrize("process", [ProbabilityFlow, ReverseSDE])
def test_beta_factor_multiplies_beta(process):
    """On VP, the factor is the process of a schedule with k times the beta."""
    t = jnp.array(0.4)
    stretched, doubled = process(VPSDE(0.1, 4.0), 2.0), process(VPSDE(0.2, 8.0))
    for name in ("linear", "gain", "diffusion"):
        assert jnp.allclose(getattr(stretched, name)(t), getattr(doubled, name)(t))
    assert doubled.is_true_schedule
    assert not stretched.is_true_schedule


def test_numbers_are_leaves():
    traces = 0

    @eqx.filter_jit
    def rate(process, t):
        nonlocal traces
        traces += 1
        return process.gain(t)

    for beta_max in (4.0, 8.0):
        for factor in (1.0, 2.0):
            rate(ProbabilityFlow(VPSDE(0.1, beta_max), factor), jnp.array(0.5))
    assert traces == 1


@pytest.mark.lowest
def test_construction_in_a_trace():
    build = lambda beta: VPSDE(0.1, beta).marginal(jnp.array(1.0))[0]
    assert jax.vmap(build)(jnp.array([2.0, 4.0])).shape == (2,)
    assert jnp.isfinite(jax.grad(build)(jnp.array(2.0)))


@pytest.mark.parametrize(
    ("build", "match"),
    [
        (lambda: VPSDE(8.0, 0.1), "0 <= beta_min <= beta_max.*got 8 and 0.1"),
        (lambda: VPSDE(0.0, 0.0), "0 < beta_max"),
        (lambda: VPSDE(0.1, float("nan")), "got 0.1 and nan"),
        (lambda: VESDE(0.0, 1.0), "0 < sigma_min"),
        (lambda: ProbabilityFlow(VPSDE(0.1, 8.0), -1.0), "`beta_factor`.*got -1"),
    ],
)
def test_refusals(build, match):
    with pytest.raises(ValueError, match=match):
        build()
