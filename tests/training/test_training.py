import dataclasses
import functools
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from jaxtyping import Array, Float
from rram_ode import training
from rram_ode._core._files import DamagedWarning
from rram_ode.config import NetworkConfig, TrainConfig
from rram_ode.datasets import AbstractDataset
from rram_ode.scores import fourier_mlp, GaussianScore, NoiseReadout
from rram_ode.sdes import Prior, ProbabilityFlow, VPSDE
from rram_ode.training import advance, begin, column_noise, fit, proportional_noise
from rram_ode.training._batch import assign
from rram_ode.training._state import identity, save_state


SDE = VPSDE(0.1, 8.0)
MEAN, STDS = np.array([0.3, -0.2]), np.array([0.4, 0.9])
# One plan for most tests, so that they share one compiled program: three chunks.
PLAN = TrainConfig(
    seed=3,
    steps=1200,
    batch=64,
    learning_rate=1e-2,
    warmup=50,
    ema=0.9,
    column_noise=0.0,
    noise_draws=2,
    t_min=1e-3,
)


class Gaussian(AbstractDataset):
    mean: Float[Array, " dim"] = eqx.field(converter=jnp.asarray)
    stds: Float[Array, " dim"] = eqx.field(converter=jnp.asarray)
    dim: ClassVar[int] = 2
    just_noticeable: ClassVar[str] = "20 % wider"

    def sample(self, num_samples, *, key):
        return self.mean[None] + self.stds[None] * jr.normal(key, (num_samples, 2))

    def sample_noticeable(self, num_samples, *, key):
        return Gaussian(self.mean, 1.2 * self.stds).sample(num_samples, key=key)


DATA = Gaussian(MEAN, STDS)


@functools.cache
def start():
    config = NetworkConfig((8, 8), "noise", output_factor=1.0)
    return training.untrained(2, config, SDE, key=jr.key(1), frequency_key=jr.key(2))


@eqx.filter_jit
def draw(num_samples, key):
    return training.draw_batch(DATA, SDE, num_samples, 1e-3, key=key)


def smallest_loss(t_min):
    """Mean over time and axes of Var(z | x_t), by the midpoint rule."""
    t = t_min + (1 - t_min) * (np.arange(20_000) + 0.5) / 20_000
    mean_factor, std = (np.asarray(v)[:, None] for v in jax.vmap(SDE.marginal)(t))
    return np.mean(mean_factor**2 * STDS**2 / (mean_factor**2 * STDS**2 + std**2))


def same(a, b):
    return all(map(np.array_equal, jax.tree.leaves(a), jax.tree.leaves(b)))


@pytest.mark.long
def test_exact_score_has_the_known_smallest_loss(getkey):
    exact = GaussianScore(SDE, MEAN, np.diag(STDS**2))

    @jax.jit
    @jax.vmap
    def values(key):
        batch = training.draw_batch(DATA, SDE, 512, 1e-3, key=key)

        def loss(shift):
            near = lambda t, x: exact(t, x) + shift[0] * x + shift[1]
            return training.denoising_loss(near, batch)

        return jax.value_and_grad(loss)(jnp.zeros(2))

    losses, slopes = map(np.asarray, values(jr.split(getkey(), 256)))
    error = lambda x: x.std(0, ddof=1) / np.sqrt(len(x))
    assert error(losses) < 0.005 * losses.mean()
    assert abs(losses.mean() - smallest_loss(1e-3)) < 4 * error(losses)
    assert (np.abs(slopes.mean(0)) < 4 * error(slopes)).all()


@pytest.mark.long
def test_noise_prediction_is_the_same_loss(getkey):
    score = start()
    assert isinstance(score.readout, NoiseReadout)
    batch = draw(16, getkey())
    network = eqx.filter_jit(score.network)
    each = [network(batch.t[i], batch.x[:, i]) for i in range(16)]
    by_hand = np.mean((np.stack(each, 1) + batch.target) ** 2)
    loss = eqx.filter_jit(training.denoising_loss)(score, batch)
    np.testing.assert_allclose(loss, by_hand, rtol=1e-12)


def test_times_leave_no_gap(getkey):
    t = np.sort(training.stratified_times(100, 0.1, key=getkey()))
    assert t[0] >= 0.1
    assert t[-1] < 1
    np.testing.assert_allclose(np.diff(t), 0.9 / 100, rtol=1e-9)


def test_parts_of_a_batch_cover_all_times(getkey):
    batch = draw(12, getkey())
    parts = eqx.filter_jit(assign)(batch, 3)
    assert parts.x.shape == (3, 2, 4)
    assert (np.ptp(parts.t, axis=1) > 0.6).all()
    together = np.moveaxis(np.asarray(parts.x), 0, -1).reshape(2, 12)
    np.testing.assert_array_equal(together, batch.x)


def test_one_pass_gives_loss_and_what_is_above_the_limit(getkey):
    score, batch = start(), draw(5, getkey())
    activations = eqx.filter_jit(score.network.activations)
    total = 0.0
    for i in range(5):
        for h in activations(batch.t[i], batch.x[:, i])[:-1]:
            total += sum(value for value in np.asarray(h) if value > 0.7)
    assert total > 0
    loss, over = eqx.filter_jit(training.network_losses)(score, batch, 0.7)
    np.testing.assert_allclose(over, total, rtol=1e-12)
    expected = eqx.filter_jit(training.denoising_loss)(score, batch)
    np.testing.assert_allclose(loss, expected, rtol=1e-12)


@pytest.mark.parametrize("noise", [proportional_noise, column_noise])
def test_no_noise_is_exact(noise, getkey):
    network = fourier_mlp(2, (14, 14), key=getkey())
    quiet = eqx.filter_jit(noise)(network, jnp.zeros(()), key=getkey())
    assert same(quiet, network)


@pytest.mark.long
def test_proportional_noise_has_the_papers_law(getkey):
    network = fourier_mlp(2, (64, 64), key=getkey())
    noisy = eqx.filter_jit(proportional_noise)(network, 0.1, key=getkey())
    assert same(noisy.frequencies, network.frequencies)
    pairs = zip(
        jax.tree.leaves((noisy.weights, noisy.biases)),
        jax.tree.leaves((network.weights, network.biases)),
        strict=True,
    )
    n = np.concatenate([np.ravel(a / b - 1) / 0.1 for a, b in pairs])
    assert np.abs(n).max() <= 2 + 1e-9
    error = lambda x: x.std() / np.sqrt(x.size)
    assert abs(n.mean()) < 4 * error(n)
    # Within 2 sigma a normal, 4.55 % of the mass uniform instead: P - 4 phi(2) + 4/3 Q.
    inside = 0.954499736
    variance = inside - 4 * 0.053990967 + (1 - inside) * 4 / 3
    assert abs(np.mean(n**2) - variance) < 4 * error(n**2)


def test_column_noise_is_relative_to_the_columns_largest(getkey):
    network = fourier_mlp(2, (64, 64), key=getkey())
    noisy = eqx.filter_jit(column_noise)(network, 0.02, key=getkey())
    pieces = []
    for number in range(3):
        old, new = (
            np.vstack([n.weights[number], n.biases[number][None]])
            for n in (network, noisy)
        )
        pieces.append(((new - old) / np.abs(old).max(0) / 0.02).ravel())
    n = np.concatenate(pieces)
    assert abs(n.mean()) < 4 / np.sqrt(n.size)
    assert abs(np.mean(n**2) - 1) < 4 * np.sqrt(2 / n.size)


@pytest.mark.long
@pytest.mark.lowest
def test_fit_learns_repeats_and_resumes_bit_for_bit(tmp_path):
    score = start()
    whole = fit(score, SDE, DATA, PLAN)
    assert whole.losses.shape == (3,)
    # Weight noise keeps the loss above the smallest one; the start is far from it.
    assert whole.losses[-1] < 1.2 * smallest_loss(PLAN.t_min) < whole.losses[0]
    assert same(whole.score.network.frequencies, score.network.frequencies)
    assert whole.score.network.output_factor == score.network.output_factor

    def interrupt(progress):
        if progress.step == 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(score, SDE, DATA, PLAN, folder=tmp_path, save_seconds=0.0, report=interrupt)
    steps = []
    resumed = fit(
        score,
        SDE,
        DATA,
        PLAN,
        folder=tmp_path,
        report=lambda progress: steps.append(progress.step),
    )
    assert steps == [1000, 1200]
    assert same(resumed[:2], whole[:2])


@pytest.mark.long
@pytest.mark.lowest
def test_fit_keeps_the_average_of_the_weights():
    score = start()
    state = begin(score, PLAN)
    averaged = jax.tree.leaves(state.params)
    for step in range(12):
        state, _ = advance(state, score, SDE, DATA, PLAN, jnp.array(step + 1))
        keep = min(PLAN.ema, (step + 1) / (step + 10))
        leaves = jax.tree.leaves(state.params)
        averaged = [
            keep * a + (1 - keep) * p for a, p in zip(averaged, leaves, strict=True)
        ]
    for mine, theirs in zip(averaged, jax.tree.leaves(state.averaged), strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=1e-9)
    state = begin(score, PLAN)
    for stop in (500, 1000, 1200):
        state, _ = advance(state, score, SDE, DATA, PLAN, jnp.array(stop))
    network = fit(score, SDE, DATA, PLAN).score.network
    assert same((network.weights, network.biases), state.averaged)
    assert not same((network.weights, network.biases), state.params)


@pytest.mark.long
def test_a_loss_that_is_not_finite_stops_the_fit(tmp_path):
    plan = dataclasses.replace(
        PLAN, learning_rate=1e200, warmup=0, weight_noise=0.0, noise_draws=1
    )
    with pytest.raises(
        ValueError, match=r"not finite at step [1-9]\d* \(learning rate"
    ):
        fit(start(), SDE, DATA, plan, folder=tmp_path)
    assert (tmp_path / ".partial" / "state.eqx").exists()


def test_state_of_another_run_is_refused(tmp_path):
    state = begin(start(), PLAN)
    path = tmp_path / ".partial" / "state.eqx"
    owner = identity(PLAN, (start(), SDE, DATA, None))
    save_state(path, state, owner, 1.0)
    other = dataclasses.replace(PLAN, clip=0.5, seed=4)
    with pytest.raises(ValueError, match="another `train.seed`, `train.clip`; delete"):
        fit(start(), SDE, DATA, other, folder=tmp_path)
    with pytest.raises(ValueError, match="another network, process or data set; del"):
        fit(start(), VPSDE(0.1, 9.0), DATA, PLAN, folder=tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.warns(DamagedWarning, match="damaged .*is not as it was written"):
        fit(start(), SDE, DATA, PLAN, folder=tmp_path)
    assert (tmp_path / ".partial-damaged" / "state.eqx").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "`train.steps` must be 1 or more; got 0"),
        ({"batch": 0}, "`train.batch` must be 1 or more; got 0"),
        ({"batch": 63}, "multiple of `train.noise_draws`; got 63 and 2"),
        ({"seed": -1}, r"`train.seed` must be from 0 to 2\^32 - 1; got -1"),
        ({"learning_rate": 0.0}, "`train.learning_rate` must be positive"),
        ({"ema": 1.0}, "`train.ema` must be at least 0 and below 1; got 1.0"),
        ({"weight_noise": -0.1}, "`train.weight_noise` must be 0 or more"),
        ({"t_min": 0.0}, "`train.t_min` must be between 0 and 1"),
        ({"saturation_limit": np.inf}, "finite"),
    ],
)
def test_plans_that_cannot_work_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        fit(start(), SDE, DATA, dataclasses.replace(PLAN, **change))


@pytest.mark.long
def test_ranges_are_those_of_a_loop_by_hand(getkey):
    score, process, key = start(), ProbabilityFlow(SDE, 1.3), getkey()
    got = training.measure_ranges(
        score, process, 0.1, 1.0, prior=Prior(0.5), num_samples=8, num_steps=4, key=key
    )
    x = 0.5 * jr.normal(key, (2, 8))
    beta = lambda t: 0.1 + 7.9 * t
    drift = lambda t, x: -0.5 * 1.3 * beta(t) * (x + score(t, x))
    peaks = []
    ts = np.linspace(1.0, 0.1, 5)
    for n, t in enumerate(map(jnp.asarray, ts)):
        *hidden, _ = score.network.activations(t, x)
        nodes = (x, *hidden, score.network(t, x))
        peaks.append([np.abs(node).max() for node in nodes])
        if n < 4:
            h, later = ts[n + 1] - ts[n], jnp.asarray(ts[n + 1])
            slope = drift(t, x)
            x = x + h / 2 * (slope + drift(later, x + h * slope))
    largest = np.max(peaks, axis=0)
    values = [got.state, *got.hidden, got.output]
    np.testing.assert_allclose(values, largest, rtol=1e-9)
