"""The points that a network with a lead learns, and the plans that are refused."""

import dataclasses
import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import Schedule
from rram_ode.config import TrainConfig
from rram_ode.datasets import DATASETS
from rram_ode.samplers import Heun
from rram_ode.sdes import flow_along
from rram_ode.training import check_plan, fit, lead_points, shipped_checkpoint
from rram_ode.training._lead import pick


SCHEDULE, LEAD = Schedule(1e-3, 1.0, 2.0), 0.07


@functools.cache
def teacher():
    found = shipped_checkpoint("ring-64-fresh")
    return found, flow_along(found.sde, 1.0)


def points(**changes):
    found, process = teacher()
    settings = {"num_samples": 8, "num_steps": 100, "key": jr.key(0), **changes}
    return lead_points(found.score, process, found.sde, SCHEDULE, LEAD, **settings)


@eqx.filter_jit
def carried(score, process, x, t, t_next):
    """One state by 400 steps of Heun's method, evenly in the square root of t."""
    ts = jnp.linspace(jnp.sqrt(t), jnp.sqrt(t_next), 401) ** 2
    return Heun()(process, score, x[:, None], ts)[:, 0]


@pytest.mark.long
def test_the_target_is_the_score_one_lead_later():
    found, process = teacher()
    made = points()
    # Of a schedule of warp 2: the share of the solve at which the waveforms are early.
    late = np.sqrt((np.asarray(made.t) - 1e-3) / (1 - 1e-3))
    t_now = 1e-3 + (1 - 1e-3) * (late + LEAD) ** 2
    assert late.min() == pytest.approx(0, abs=1e-3)
    assert 1 - LEAD - 0.01 < late.max() <= 1 - LEAD + 1e-3
    for which in np.linspace(0, made.t.size - 1, 12).astype(int):
        t = made.t[which]
        x = carried(found.score, process, made.x[:, which], t_now[which], t)
        want = made.scale[which] * found.score(t, x)
        # Heun's error of a step of 1 %; a step more or less would be ten times it.
        np.testing.assert_allclose(made.target[:, which], want, atol=4e-3)


def test_the_points_stay_the_same_with_finer_steps():
    coarse, fine = points(), points(num_steps=400)
    x = lambda made: np.asarray(made.x).reshape(2, -1, 8)
    # Both end one lead before the end, at states of the same starts.
    np.testing.assert_allclose(x(coarse)[:, -1], x(fine)[:, -1], atol=5e-3)


@pytest.mark.long
def test_picked_points_are_spread_over_all_of_them():
    made = points()
    chosen = pick(made, 32, key=jr.key(1))
    place = jax.vmap(lambda x: jnp.argmin(jnp.sum((made.x - x[:, None]) ** 2, 0)))(
        chosen.x.T
    )
    np.testing.assert_array_equal(place * 32 // made.t.size, np.arange(32))


@pytest.mark.parametrize("lead", [0.0, 1.0, -0.1])
def test_a_lead_that_is_no_part_of_a_solve(lead):
    found, process = teacher()
    with pytest.raises(ValueError, match="above 0 and below the duration"):
        lead_points(found.score, process, found.sde, SCHEDULE, lead, key=jr.key(0))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lead": -1e-6}, "`train.lead` must be 0 or more"),
        ({"lead": 1e-6}, "`train.lead` and `train.teacher` go together"),
        ({"teacher": "ring"}, "`train.lead` and `train.teacher` go together"),
    ],
)
def test_plans_that_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        check_plan(TrainConfig(**changes))


def test_points_go_with_a_lead():
    found, _ = teacher()
    for plan, given in (
        (TrainConfig(), points()),
        (TrainConfig(lead=1e-6, teacher="ring-64-fresh"), None),
    ):
        with pytest.raises(ValueError, match="`points` must be given where"):
            fit(found.score, found.sde, DATASETS["ring"](), plan, points=given)


def test_an_early_embedding_is_that_of_a_later_time():
    plain, ahead = SCHEDULE, dataclasses.replace(SCHEDULE, lead=1e-6)
    taus, duration = jnp.linspace(0, 2e-5, 41), jnp.asarray(2e-5)
    np.testing.assert_array_equal(
        plain.ahead(taus, duration), plain(taus, duration)
    )  # a lead of 0 is off, bit for bit
    np.testing.assert_array_equal(ahead(taus, duration), plain(taus, duration))
    np.testing.assert_allclose(
        ahead.ahead(taus, duration)[:-2], plain(taus, duration)[2:], rtol=1e-4
    )
    np.testing.assert_allclose(ahead.ahead(taus, duration)[-2:], 1e-3, rtol=1e-4)
    with pytest.raises(ValueError, match="`lead` must be 0 or more"):
        dataclasses.replace(SCHEDULE, lead=-1e-9)
