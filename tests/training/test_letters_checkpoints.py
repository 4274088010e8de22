"""The shipped conditional networks of the letters, by the digital flow."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.config import replace, RunConfig
from rram_ode.presets import find_preset
from rram_ode.samplers import draw_digital, Heun
from rram_ode.scores import LabelledScore
from rram_ode.sdes import flow_along, Prior
from rram_ode.system.build import find_dataset
from rram_ode.training import shipped_checkpoint


NUM = 1_000


@pytest.fixture(scope="module")
def letters():
    return find_dataset(replace(RunConfig(), "data", "letters"))


def generate(preset, label):
    found, solve = shipped_checkpoint(preset), find_preset(preset).solve
    process = flow_along(found.sde, solve.beta_factor)
    score = LabelledScore(found.score, jnp.asarray(label))
    ts, prior = jnp.linspace(1.0, solve.t0, 61), Prior(solve.start_std)
    chunks = draw_digital(Heun(), process, score, ts, NUM, key=jr.key(0), prior=prior)
    return np.concatenate([np.asarray(x).T for x in chunks])


@pytest.mark.parametrize(
    ("preset", "wide"),
    [
        ("letters", 0.25),
        ("letters-fresh", 0.25),
        pytest.param("letters-14-fresh", 0.35, marks=pytest.mark.slow),
    ],
)
def test_each_class_is_generated_where_its_letters_are(letters, preset, wide):
    """Means to 0.02, a seventh of a class's width, beyond four standard errors."""
    states, labels = map(np.asarray, letters.part("train"))
    test, own = map(np.asarray, letters.part("test"))
    for label in range(3):
        x = generate(preset, label)
        recall = (letters.nearest(x) == label).mean()
        real = (letters.nearest(test[own == label]) == label).mean()
        assert recall > real - 0.05
        data = states[labels == label]
        apart = x.mean(axis=0) - data.mean(axis=0)
        error = np.sqrt(x.var(axis=0) / NUM + data.var(axis=0) / len(data))
        assert np.all(np.abs(apart) < 4 * error + 0.02)
        assert np.all(np.abs(x.std(axis=0) / data.std(axis=0) - 1) < wide)


def test_another_class_asked_for_is_another_one_drawn(letters):
    """Mutant: the network that is asked for u gives no h."""
    assert (letters.nearest(generate("letters-fresh", 2)) == 0).mean() < 0.1
