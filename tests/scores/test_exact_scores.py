import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from rram_ode.scores import GaussianScore, MixtureScore
from rram_ode.sdes import VESDE, VPSDE


MEAN = np.array([0.3, -0.2, 0.5])
COVARIANCE = np.array([[0.5, 0.2, 0.0], [0.2, 0.3, -0.1], [0.0, -0.1, 0.4]])
MEANS = np.array([[0.6, 0.0, 0.1], [-0.5, 0.4, 0.0]])
STDS, WEIGHTS = np.array([0.2, 0.3]), np.array([0.25, 0.75])
SDES = [VPSDE(0.1, 8.0), VESDE(0.01, 10.0)]
BUILDERS = {
    "gaussian": lambda sde: GaussianScore(sde, MEAN, COVARIANCE),
    "mixture": lambda sde: MixtureScore(sde, MEANS, STDS, WEIGHTS),
}


value_of = eqx.filter_jit(lambda score, t, x: score(t, x))
log_prob_of = eqx.filter_jit(lambda score, t, x: score.log_prob(t, x))


@eqx.filter_jit
def gradient_of(score, t, x):
    return jax.vmap(jax.grad(score.log_prob, argnums=1), (None, 1), 1)(t, x)


@pytest.fixture(params=BUILDERS)
def score(request):
    return BUILDERS[request.param](VPSDE(0.1, 8.0))


@pytest.mark.parametrize("sde", SDES, ids=["vp", "ve"])
@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("t", [1e-3, pytest.param(0.3, marks=pytest.mark.slow), 1.0])
def test_score_is_the_gradient_of_log_prob(sde, name, t, getkey):
    score, t = BUILDERS[name](sde), jnp.array(t)
    x = jax.random.normal(getkey(), (3, 6))
    gradient = gradient_of(score, t, x)
    assert np.allclose(value_of(score, t, x), gradient, rtol=1e-9)


@pytest.mark.parametrize("t", [0.1, 1.0])
def test_log_prob_is_scipys(t, getkey):
    """Marginals from their closed form; densities from scipy."""
    sde = SDES[0]
    x = np.asarray(jax.random.normal(getkey(), (3, 5)))
    integral = 0.1 * t + 7.9 * t**2 / 2
    m, variance = np.exp(-integral / 2), 1 - np.exp(-integral)

    covariance = m**2 * COVARIANCE + variance * np.eye(3)
    expected = scipy.stats.multivariate_normal(m * MEAN, covariance)
    log_prob = log_prob_of(BUILDERS["gaussian"](sde), jnp.array(t), jnp.asarray(x))
    assert np.allclose(log_prob, expected.logpdf(x.T))

    density = 0.0
    for mean, std, weight in zip(MEANS, STDS, WEIGHTS, strict=True):
        spread = (m**2 * std**2 + variance) * np.eye(3)
        component = scipy.stats.multivariate_normal(m * mean, spread)
        density = density + weight * component.pdf(x.T)
    log_prob = log_prob_of(BUILDERS["mixture"](sde), jnp.array(t), jnp.asarray(x))
    assert np.allclose(log_prob, np.log(density))


def test_a_mixture_of_one_is_a_gaussian(getkey):
    sde, t = SDES[0], jnp.array(0.2)
    x = jax.random.normal(getkey(), (3, 4))
    one = MixtureScore(sde, MEAN[None], np.array([0.3]), np.ones(1))
    gaussian = GaussianScore(sde, MEAN, 0.09 * np.eye(3))
    for of in (value_of, log_prob_of):
        assert np.allclose(of(one, t, x), of(gaussian, t, x))


def test_one_sample_is_a_column_of_a_batch(score, getkey):
    t, x = jnp.array(0.3), jax.random.normal(getkey(), (3, 4, 2))
    batch, one = np.asarray(value_of(score, t, x)), x[:, 1, 1]
    assert batch.shape == (3, 4, 2)
    assert log_prob_of(score, t, x).shape == (4, 2)
    assert np.allclose(value_of(score, t, one), batch[:, 1, 1])
    assert log_prob_of(score, t, one).shape == ()


def test_far_from_all_components_the_score_is_finite(getkey):
    score = BUILDERS["mixture"](SDES[0])
    found = value_of(score, jnp.array(1e-5), jnp.full((3,), 1e4))
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", BUILDERS)
def test_samples_have_the_moments_of_the_data(name, getkey):
    num = 20_000
    points = np.asarray(BUILDERS[name](SDES[0]).sample(num, key=getkey()))
    assert points.shape == (num, 3)
    if name == "gaussian":
        mean, covariance = MEAN, COVARIANCE
    else:
        mean = WEIGHTS @ MEANS
        spread = np.eye(3) * (WEIGHTS @ STDS**2)
        covariance = (MEANS - mean).T @ np.diag(WEIGHTS) @ (MEANS - mean) + spread
    products = (points - mean)[:, :, None] * (points - mean)[:, None]
    for values, expected in ((points, mean), (products, covariance)):
        error = values.std(axis=0) / np.sqrt(num)
        assert (np.abs(values.mean(axis=0) - expected) < 4 * error).all()


def test_one_point_is_a_gaussian(getkey):
    """Covariance 0: the score points at the mean, the samples are the mean."""
    sde, t = SDES[0], jnp.array(0.5)
    score = GaussianScore(sde, MEAN, np.zeros((3, 3)))
    mean_factor, std = sde.marginal(t)
    x = mean_factor * jnp.array(MEAN) + jnp.array([0.1, 0.0, -0.2])
    assert jnp.allclose(score(t, x), -jnp.array([0.1, 0.0, -0.2]) / std**2)
    assert jnp.allclose(score.sample(3, key=getkey())[2], jnp.array(MEAN))


INDEFINITE = np.array([[1.0, 2.0], [2.0, 1.0]])


@pytest.mark.parametrize(
    ("build", "match"),
    [
        (
            lambda: GaussianScore(SDES[0], MEAN, INDEFINITE),
            r"shapes \(dim,\) and \(dim, dim\); got \(3,\) and \(2, 2\)",
        ),
        (
            lambda: GaussianScore(SDES[0], np.zeros(2), INDEFINITE),
            "symmetric without negative eigenvalues; its smallest is -1",
        ),
        (
            lambda: MixtureScore(SDES[0], MEANS, np.ones(1), WEIGHTS),
            r"got \(2, 3\), \(1,\) and \(2,\)",
        ),
        (lambda: MixtureScore(SDES[0], MEANS, -STDS, WEIGHTS), "`stds` must not be"),
        (lambda: MixtureScore(SDES[0], MEANS, STDS, 4 * WEIGHTS), "Divide them"),
    ],
)
def test_refusals(build, match):
    with pytest.raises(ValueError, match=match):
        build()
