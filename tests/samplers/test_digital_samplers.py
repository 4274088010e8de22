import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode._core._arrays import broadcast_columns
from rram_ode.samplers import (
    Ancestral,
    DIGITAL_SAMPLERS,
    DPMSolverPlusPlus,
    Euler,
    EulerMaruyama,
    Heun,
    Tsit5,
)
from rram_ode.scores import GaussianScore
from rram_ode.sdes import ProbabilityFlow, ReverseSDE, VESDE, VPSDE


VP, VE = VPSDE(0.1, 8.0), VESDE(0.1, 5.0)
MEAN, STDS = np.array([0.3, -0.2]), np.array([0.4, 0.9])
STOCHASTIC = [EulerMaruyama, Ancestral]


def gaussian(sde):
    return GaussianScore(sde, MEAN, np.diag(STDS**2))


def moments(sde, t):
    """Mean and variance of the diffused Gaussian data, `(2,)` each."""
    mean_factor, std = (float(value) for value in sde.marginal(jnp.array(t)))
    return mean_factor * MEAN, mean_factor**2 * STDS**2 + std**2


def flow_solution(sde, x1, t1, t0):
    """The exact flow of Gaussian data, `mu(t0) + (x1 - mu(t1)) sqrt(v(t0) / v(t1))`."""
    (mean1, variance1), (mean0, variance0) = moments(sde, t1), moments(sde, t0)
    scale = np.sqrt(variance0 / variance1)
    return mean0[:, None] + (x1 - mean1[:, None]) * scale[:, None]


@eqx.filter_jit
def run(sampler, process, score, x1, ts, keys=None):
    return sampler(process, score, x1, ts, keys=keys)


@pytest.mark.parametrize(
    "sde", [VP, pytest.param(VE, marks=pytest.mark.slow)], ids=["vp", "ve"]
)
@pytest.mark.parametrize(
    ("sampler", "order"), [(Euler(), 1), (Heun(), 2), (DPMSolverPlusPlus(), 2)]
)
def test_order_of_convergence(sampler, order, sde, getkey):
    x1 = jr.normal(getkey(), (2, 8))
    exact = flow_solution(sde, np.asarray(x1), 1.0, 0.1)
    num_steps = np.array([64, 128, 256])
    errors = []
    for n in num_steps:
        ts = jnp.linspace(1.0, 0.1, n + 1)
        x0 = run(sampler, ProbabilityFlow(sde), gaussian(sde), x1, ts)
        errors.append(np.abs(x0 - exact).max())
    slopes = -np.diff(np.log(errors)) / np.diff(np.log(num_steps))
    assert np.allclose(slopes, order, atol=0.15)


@pytest.mark.long
@pytest.mark.parametrize(
    ("sampler", "solver"),
    [(Euler(), dfx.Euler()), (Heun(), dfx.Heun()), (Tsit5(), dfx.Tsit5())],
)
@pytest.mark.lowest
def test_equals_diffrax(sampler, solver, getkey):
    """On one grid and with a beta factor, to rounding."""
    process, score = ProbabilityFlow(VP, 2.0), gaussian(VP)
    x1, ts = jr.normal(getkey(), (2, 5)), jnp.linspace(1.0, 1e-3, 33)
    solution = dfx.diffeqsolve(
        dfx.ODETerm(lambda t, x, args: process.velocity(score, jnp.asarray(t), x)),
        solver,
        ts[0],
        ts[-1],
        None,
        x1,
        stepsize_controller=dfx.StepTo(ts),
    )
    assert solution.ys is not None
    x0 = run(sampler, process, score, x1, ts)
    assert jnp.allclose(x0, solution.ys[0], rtol=1e-12, atol=1e-13)


def test_a_point_is_one_step_for_a_data_prediction(getkey):
    """DPM-Solver++ is exact for data that is one point, for any grid, down to std 0."""
    point = GaussianScore(VP, MEAN, np.zeros((2, 2)))
    x1 = jr.normal(getkey(), (2, 6))
    x0 = run(DPMSolverPlusPlus(), ProbabilityFlow(VP), point, x1, jnp.array([1.0, 0.0]))
    assert jnp.allclose(x0, broadcast_columns(jnp.asarray(MEAN), x0))


@pytest.mark.parametrize(
    ("sampler", "sde", "num_steps"),
    [(EulerMaruyama(), VP, 500), (Ancestral(), VP, 200), (Ancestral(), VE, 200)],
    ids=["euler-maruyama-vp", "ancestral-vp", "ancestral-ve"],
)
def test_moments_of_stochastic_samplers(sampler, sde, num_steps, getkey):
    """Started from the true marginal, within three standard errors of the data's."""
    num_samples, t0 = 1_000, 0.05
    mean, variance = moments(sde, 1.0)
    z = jr.normal(getkey(), (2, num_samples))
    x1 = mean[:, None] + np.sqrt(variance)[:, None] * z
    keys = jr.split(getkey(), num_samples)
    ts = jnp.linspace(1.0, t0, num_steps + 1)
    x0 = np.asarray(run(sampler, ReverseSDE(sde), gaussian(sde), x1, ts, keys))
    mean, variance = moments(sde, t0)
    squares = (x0 - mean[:, None]) ** 2
    for values, expected in ((x0, mean), (squares, variance)):
        error = values.std(axis=1) / np.sqrt(num_samples)
        assert (np.abs(values.mean(axis=1) - expected) < 3 * error).all()


@pytest.mark.parametrize("num_steps", [1, 3])
def test_ancestral_is_exact_for_a_point(num_steps, getkey):
    """Its posterior is then the true one: the marginal at t0 after any steps."""
    num_samples, t0 = 4_000, 0.2
    point = GaussianScore(VP, MEAN, np.zeros((2, 2)))
    mean_factor, std = VP.marginal(jnp.array(1.0))
    noise = std * jr.normal(getkey(), (2, num_samples))
    x1 = broadcast_columns(mean_factor * jnp.asarray(MEAN), noise) + noise
    keys = jr.split(getkey(), num_samples)
    ts = jnp.linspace(1.0, t0, num_steps + 1)
    x0 = run(Ancestral(), ReverseSDE(VP), point, x1, ts, keys)
    mean_factor, std = VP.marginal(jnp.array(t0))
    z = (np.asarray(x0) - float(mean_factor) * MEAN[:, None]) / float(std)
    assert (np.abs(z.mean(axis=1)) < 3 / np.sqrt(num_samples)).all()
    assert (np.abs((z**2).mean(axis=1) - 1) < 3 * np.sqrt(2 / num_samples)).all()


def but(*names):
    """All samplers; those not named are slow."""
    return [
        pytest.param(name, marks=() if name in names else pytest.mark.slow)
        for name in DIGITAL_SAMPLERS
    ]


@pytest.mark.long
@pytest.mark.parametrize("name", but("heun"))
def test_padding_changes_no_bit(name, getkey):
    """Nor a gradient, even where the padded step would be 0 / 0, at t0 = 0."""
    sampler = DIGITAL_SAMPLERS[name]()
    process, score = sampler.process_along(VP), gaussian(VP)
    x1, keys = jr.normal(getkey(), (2, 5)), jr.split(getkey(), 5)
    for t0 in (1e-3, 0.0):
        ts = jnp.linspace(1.0, t0, 9)
        padded = jnp.concatenate([ts, jnp.full(7, t0)])
        x0 = run(sampler, process, score, x1, ts, keys)
        assert jnp.isfinite(x0).all()
        assert jnp.array_equal(x0, run(sampler, process, score, x1, padded, keys))

    loss = lambda x1, ts: jnp.sum(run(sampler, process, score, x1, ts, keys))
    gradient = jax.grad(loss)(x1, padded)
    assert jnp.isfinite(gradient).all()
    assert jnp.allclose(gradient, jax.grad(loss)(x1, ts), rtol=1e-12)


@pytest.mark.parametrize("name", but("heun"))
def test_padding_under_vmap_is_finite(name, getkey):
    """A batch of grids turns the skipped branch into a `select`."""
    sampler = DIGITAL_SAMPLERS[name]()
    process, score = sampler.process_along(VP), gaussian(VP)
    x1, keys = jr.normal(getkey(), (2, 5)), jr.split(getkey(), 5)
    long, short = jnp.linspace(1.0, 0.0, 9), jnp.linspace(1.0, 0.0, 5)
    grids = jnp.stack([long, jnp.concatenate([short, jnp.zeros(4)])])
    solve = lambda ts: sampler(process, score, x1, ts, keys=keys)
    both = jax.jit(jax.vmap(solve))(grids)
    alone = run(sampler, process, score, x1, short, keys)
    assert jnp.allclose(both[1], alone, rtol=1e-12)


def test_padding_costs_no_evaluation(getkey):
    """A counting score sees only the steps of the grid."""
    count = 0

    def counted(t, x):
        def add(_):
            nonlocal count
            count += 1

        jax.debug.callback(add, t)
        return -x

    x1, ts = jr.normal(getkey(), (2, 3)), jnp.array([1.0, 0.5, 0.1, 0.1, 0.1])
    for sampler in (Euler(), Heun(), DPMSolverPlusPlus()):
        count = 0
        run(sampler, ProbabilityFlow(VP), counted, x1, ts).block_until_ready()
        jax.effects_barrier()
        assert count == sampler.num_evaluations(2)


@pytest.mark.parametrize(
    "sampler", [EulerMaruyama, pytest.param(Ancestral, marks=pytest.mark.slow)]
)
def test_a_sample_does_not_depend_on_its_batch(sampler, getkey):
    process, score = ReverseSDE(VP), gaussian(VP)
    x1, keys = jr.normal(getkey(), (2, 20)), jr.split(getkey(), 20)
    ts = jnp.linspace(1.0, 1e-3, 17)
    whole = run(sampler(), process, score, x1, ts, keys)
    part = run(sampler(), process, score, x1[:, :10], ts, keys[:10])
    assert jnp.allclose(whole[:, :10], part, rtol=1e-12, atol=1e-13)
    assert not jnp.allclose(whole[:, 10:], part)


@pytest.mark.parametrize("sampler", [Euler, Heun, DPMSolverPlusPlus])
def test_one_sample_is_a_column_of_a_batch(sampler, getkey):
    process, score = ProbabilityFlow(VP), gaussian(VP)
    x1, ts = jr.normal(getkey(), (2, 3)), jnp.linspace(1.0, 1e-3, 9)
    whole = run(sampler(), process, score, x1, ts)
    assert jnp.allclose(whole[:, 1], run(sampler(), process, score, x1[:, 1], ts))


def test_one_program_for_all_numbers(getkey):
    solve = eqx.filter_jit(
        eqx.debug.assert_max_traces(
            lambda process, score, x1, ts: Heun()(process, score, x1, ts), max_traces=1
        )
    )
    x1 = jr.normal(getkey(), (2, 3))
    for beta_max, factor, t0 in ((8.0, 1.0, 1e-3), (4.0, 2.0, 1e-4)):
        sde = VPSDE(0.1, beta_max)
        process, ts = ProbabilityFlow(sde, factor), jnp.linspace(1.0, t0, 9)
        solve(process, gaussian(sde), x1, ts)


@pytest.mark.parametrize("name", DIGITAL_SAMPLERS)
@pytest.mark.lowest
def test_refuses_the_other_process(name):
    sampler = DIGITAL_SAMPLERS[name]()
    sampler.check(sampler.process_along(VP))
    wanted = sampler.processes[0]
    other = ReverseSDE if wanted is ProbabilityFlow else ProbabilityFlow
    match = f"takes a {wanted.__name__}; got {other.__name__}. Use"
    with pytest.raises(ValueError, match=match):
        sampler.check(other(VP))


@pytest.mark.parametrize("name", DIGITAL_SAMPLERS)
def test_beta_factor(name, getkey):
    sampler = DIGITAL_SAMPLERS[name]()
    process, score = sampler.process_along(VP, 2.0), gaussian(VP)
    x1, keys = jr.normal(getkey(), (2, 3)), jr.split(getkey(), 3)
    ts = jnp.linspace(1.0, 1e-3, 5)
    if name not in ("dpm-solver++", "ancestral"):
        sampler.check(process)
        return
    match = "no probability flow of any process.*needs `beta_factor` 1"
    with pytest.raises(ValueError, match=match + "; got 2"):
        sampler.check(process)
    with pytest.raises(ValueError, match=match):
        sampler(process, score, x1, ts, keys=keys)
    with pytest.raises(RuntimeError, match=match):  # traced: at run time
        run(sampler, process, score, x1, ts, keys)


@pytest.mark.parametrize("sampler", STOCHASTIC)
def test_stochastic_samplers_need_keys(sampler):
    with pytest.raises(ValueError, match="needs `keys`, one a sample; got None"):
        sampler()(ReverseSDE(VP), gaussian(VP), jnp.ones((2, 3)), jnp.ones(3))
