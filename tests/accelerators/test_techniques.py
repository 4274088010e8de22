"""Every technique: one protocol, with its counts and its refusals."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.accelerators import (
    all_constants,
    DifferenceEngine,
    DifferenceTechnique,
    PLAIN_TECHNIQUES,
    Starts,
    TECHNIQUES,
)
from rram_ode.energy import nominals, picture_sampler_work, picture_work
from rram_ode.samplers import Euler
from rram_ode.scores import (
    attention_score,
    NoisePreconditioning,
    unet_score,
)
from rram_ode.sdes import ProbabilityFlow, VPSDE


SDE = VPSDE(0.1, 12.0)
FLOW = ProbabilityFlow(SDE)
TS = jnp.linspace(1.0, 1e-3, 5)
NUM = 6


def randomised(score):
    """No layer without output: an untrained last layer would hide all errors."""
    leaves, tree = jax.tree.flatten(score)
    keys = jr.split(jr.key(7), len(leaves))
    moved = [
        x + 0.1 * jr.normal(key, x.shape) if x.ndim > 1 else x
        for x, key in zip(leaves, keys, strict=True)
    ]
    return jax.tree.unflatten(tree, moved)


NETWORKS = {
    "U-Net": randomised(
        unet_score(
            4, NoisePreconditioning(SDE), channels=8, num_classes=3, key=jr.key(0)
        )
    ),
    "attention": randomised(
        attention_score(
            4,
            NoisePreconditioning(SDE),
            width=8,
            blocks=1,
            descriptions=((0, 0), (0, 1), (1, 0)),
            key=jr.key(1),
        )
    ),
}


def starts(score, seed, num=NUM):
    x1 = jr.normal(jr.key(seed), (score.dim, num))
    return Starts(x1, jnp.arange(num) % 3)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("technique", PLAIN_TECHNIQUES, ids=lambda t: t.names[0])
def test_without_a_technique_it_is_eulers_method(name, technique):
    score = NETWORKS[name]
    judged = starts(score, 1)
    found = technique.run(score, FLOW, TS, starts(score, 0), judged)
    plain = Euler()(FLOW, judged.asked(score), judged.x1, TS)
    error = np.abs(found.x - np.asarray(plain).T).max()
    if technique.form is None:
        np.testing.assert_allclose(found.x, np.asarray(plain).T, rtol=1e-9)
    else:
        assert 0 < error < 0.1
    assert list(found.machines) == list(technique.names)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_differences_in_floating_point_are_the_network(name):
    """With all differences in 16 bits it nearly is; with two bits it is not."""
    score = NETWORKS[name]
    judged, calibration = starts(score, 1), starts(score, 0)
    plain = PLAIN_TECHNIQUES[1].run(score, FLOW, TS, calibration, judged).x
    errors = [
        np.sqrt(
            np.mean(
                (
                    DifferenceTechnique(bits=bits, fraction=fraction)
                    .run(score, FLOW, TS, calibration, judged)
                    .x
                    - plain
                )
                ** 2
            )
        )
        for bits, fraction in ((8, 1.0), (2, 0.0))
    ]
    assert errors[0] < 0.05
    assert errors[1] > 2 * errors[0]


CASES = [
    (one, name)
    for one in TECHNIQUES
    for name in NETWORKS
    if one.refusal(NETWORKS[name]) is None
]


@pytest.mark.parametrize(
    ("technique", "name"),
    [
        pytest.param(*case, marks=pytest.mark.slow if case[1] == "U-Net" else ())
        for case in CASES
    ],
    ids=lambda x: x if isinstance(x, str) else x.names[0],
)
def test_each_gives_samples_near_the_networks_and_joules(technique, name):
    """Within its bits; one beside the right answer would be off by the spread."""
    score = NETWORKS[name]
    calibration, judged = starts(score, 0, 24), starts(score, 1)
    found = technique.run(score, FLOW, TS, calibration, judged)
    plain = PLAIN_TECHNIQUES[0].run(score, FLOW, TS, calibration, judged).x
    error = np.sqrt(np.mean((found.x - plain) ** 2))
    assert 0 < error < 0.5 * plain.std()
    assert set(found.machines) == set(technique.names)
    values = nominals(all_constants())
    work = picture_sampler_work(Euler(), TS.size - 1, score)
    for machine in (*found.machines.values(), found.baseline):
        joules = machine.operations_energy(work, 1, values)
        assert joules is not None
        assert all(part >= 0 for part in joules.values())
        assert sum(joules.values()) > 0


@pytest.mark.parametrize("name", NETWORKS)
def test_all_products_are_counted(name):
    score = NETWORKS[name]
    technique = DifferenceTechnique()
    found = technique.run(score, FLOW, TS, starts(score, 0), starts(score, 1))
    work = picture_sampler_work(Euler(), 4, score)
    for machine in found.machines.values():
        assert isinstance(machine, DifferenceEngine)
        counted = float(np.sum(machine.differences.macs))
        assert counted == pytest.approx(work.macs - work.free_macs, rel=1e-6)


def test_products_by_hand():
    """Without a margin: 8 channels at 4 x 4 and 16 at 2 x 2, windows cut off."""
    inside = lambda side, stride=1: (
        sum(sum(0 <= i + a < side for a in (-1, 0, 1)) for i in range(0, side, stride))
        ** 2
    )
    wanted = (
        inside(4) * 8
        + 2 * inside(4) * 64
        + inside(4, 2) * 128
        + 4 * inside(2) * 256
        + inside(2) * 128
        + inside(4) * 128
        + inside(4) * 64
        + 16 * 128
        + inside(4) * 8
    )
    assert picture_work(NETWORKS["U-Net"]).macs == wanted
    tokens, width, words = 4, 8, 3
    dense = tokens * (4 * width * 2 + width * width * (6 + 4)) + words * 2 * width**2
    assert picture_work(NETWORKS["attention"]).macs == dense + 2 * tokens * width * (
        tokens + words
    )


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda t: t.names[0])
def test_what_does_not_apply_says_so(technique):
    """The chip's own perceptron; each refusal is a clause that a line is made of."""
    score = rr.System.from_preset("ring-64-fresh").checkpoint.score
    reason = technique.refusal(score)
    if reason is None:
        technique.require(score)
        return
    assert reason
    assert not reason.endswith(".")
    with pytest.raises(ValueError, match=r"does not apply: "):
        technique.require(score)
