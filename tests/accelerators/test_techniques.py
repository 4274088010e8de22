"""Every technique: one protocol, with its counts and its refusals."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.accelerators import (
    all_constants,
    AttentionEngine,
    BitEngine,
    choose_threshold,
    DifferenceEngine,
    DifferenceTechnique,
    noise_error,
    PLAIN_TECHNIQUES,
    PSSA,
    SqDmTechnique,
    Starts,
    TECHNIQUES,
    TechniqueScore,
)
from rram_ode.accelerators._attention_technique import threshold_along
from rram_ode.accelerators._plain_technique import states_at
from rram_ode.energy import nominals, picture_sampler_work, picture_work
from rram_ode.samplers import Euler
from rram_ode.scores import (
    attention_score,
    AttentionScore,
    NoisePreconditioning,
    unet_score,
)
from rram_ode.sdes import ProbabilityFlow, VPSDE
from rram_ode.training import shipped_picture_network


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


@pytest.mark.slow
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


@pytest.mark.slow
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
        if machine is None:
            assert technique.names == ("softermax",)
            continue
        joules = machine.operations_energy(work, 1, values)
        assert joules is not None
        assert all(part >= 0 for part in joules.values())
        assert sum(joules.values()) > 0


@pytest.mark.slow
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


@pytest.mark.long
def test_tokens_of_pssa_tips_have_two_precisions():
    """As many tokens of few bits as TIPS takes, and maps with their ones counted."""
    score = NETWORKS["attention"]
    assert isinstance(score, AttentionScore)
    (technique,) = (one for one in TECHNIQUES if one.names == ("pssa-tips",))
    found = technique.run(score, FLOW, TS, starts(score, 0), starts(score, 1))
    machine = found.machines["pssa-tips"]
    assert isinstance(machine, AttentionEngine)
    work = machine.attention_work
    tokens = score.num_tokens
    share = round(0.448 * tokens) / tokens
    assert work.low / (work.low + work.high) == pytest.approx(share)
    assert isinstance(found.baseline, AttentionEngine)
    assert found.baseline.attention_work.low == 0
    assert work.score_bits != found.baseline.attention_work.score_bits


@pytest.mark.slow
def test_a_threshold_holds_at_all_times():
    """Chosen at one time alone it would be too large: late noise feels maps most."""
    score = shipped_picture_network("attention").score
    ts = jnp.linspace(1.0, 1e-3, 9)
    flow = ProbabilityFlow(score.preconditioning.sde)
    asked = starts(score, 0, 16).asked(score)
    assert isinstance(asked, AttentionScore)
    found = threshold_along(asked, flow, starts(score, 0, 16).x1, ts)
    error = lambda threshold: [
        float(noise_error(TechniqueScore(asked, (PSSA(threshold),)), t, x))
        for t, x in states_at(asked, flow, starts(score, 0, 16).x1, ts, 5)
    ]
    assert max(error(found)) <= 0.005
    assert max(error(2 * found)) > 0.005
    t, x = states_at(asked, flow, starts(score, 0, 16).x1, ts, 3)[1]
    assert choose_threshold(asked, t, x, (found, 2 * found), 0.005) > found


@pytest.mark.slow
def test_wide_blocks_take_two_cycles():
    """With more blocks in 8 bits an engine takes longer, and more joules."""
    score = NETWORKS["U-Net"]
    run = lambda kept: SqDmTechnique(kept=kept).run(
        score, FLOW, TS, starts(score, 0), starts(score, 1)
    )
    few, many = (run(kept).machines["sq-dm"] for kept in (1, 6))
    assert isinstance(few, BitEngine)
    assert isinstance(many, BitEngine)
    assert many.cycles > few.cycles


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
