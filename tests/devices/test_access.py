"""The access transistor in series with a cell, against a bisection of both currents."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import FeedbackIntegrator
from rram_ode.chip import Blueprint, compensate, Design, Ranges
from rram_ode.config import idealise, override_all, parse_pairs, RunConfig
from rram_ode.crossbar import Crossbar, DifferentialPair
from rram_ode.devices import (
    AccessIV,
    AccessTransistor,
    Cell,
    ConductanceRange,
    LinearIV,
    milo,
    ProgrammingNoise,
    SinhIV,
)
from rram_ode.noise import FlickerReadNoise, ReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.system import build_design


OHMS, OVER, V0, READ = 2500.0, 0.4, 0.3, 0.2
RANGE = ConductanceRange(8e-6, 90e-6)
SCORE = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
LAWS = {"linear": LinearIV(), "sinh": SinhIV(V0)}
SHAPES = {"linear": lambda u: u, "sinh": lambda u: V0 * np.sinh(u / V0)}


def bisected(shape, own, u, ohms, over):
    """The common current, from the volts over the transistor between 0 and all."""
    low, high, d = np.zeros_like(u), u, u
    flow = lambda d: np.where(d < over, d - d**2 / (2 * over), over / 2) / ohms
    for _ in range(200):
        d = (low + high) / 2
        more = own * shape(u - d) > flow(d)
        low, high = np.where(more, d, low), np.where(more, high, d)
    return own * shape(u - d)


def chip_of(access=None, errors=(), iv=LinearIV(), read=ReadNoise(), seed=3) -> Any:
    design = Design(
        Cell(RANGE, errors, read, iv),
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, 30e-12),
        v_clamp=0.2,
        access=access,
    )
    return Blueprint(SCORE, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(seed))


@pytest.mark.long
@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("over", [OVER, None])
def test_current_is_that_of_both_in_series(name, over):
    """To 0.6 V, beyond saturation (at 0.45 V of the largest cell); odd; its slope."""
    g_own = np.geomspace(1e-6, 400e-6, 7)[:, None]
    u = np.linspace(0.0, 0.6, 31)[None]
    law = AccessIV(LAWS[name], jnp.asarray(OHMS), over and jnp.asarray(over))
    g = jnp.asarray(g_own / (1 + g_own * OHMS))
    found = law.current(g, jnp.asarray(u))
    wanted = bisected(SHAPES[name], g_own, u + 0 * g_own, OHMS, over or np.inf)
    full = wanted.max()
    np.testing.assert_allclose(found, wanted, atol=1e-9 * full)
    np.testing.assert_array_equal(law.current(g, -jnp.asarray(u)), -found)
    # Mutant: the transistor as a resistor.
    if over:
        ohmic = AccessIV(LAWS[name], jnp.asarray(OHMS))
        assert np.abs(ohmic.current(g, jnp.asarray(u)) - wanted).max() > 0.1 * full
        assert np.isclose(full, over / (2 * OHMS))
    slope = jax.vmap(jax.vmap(jax.grad(law.current, 1), (None, 0)), (0, None))
    by_hand = law.conductance(g, jnp.asarray(u))
    np.testing.assert_allclose(
        slope(g[:, 0], u[0]), by_hand, atol=2e-5 * float(g.max())
    )
    np.testing.assert_allclose(by_hand[:, 0], g[:, 0], rtol=1e-14)


@pytest.mark.parametrize("iv", LAWS.values(), ids=LAWS)
@pytest.mark.parametrize("saturates", [False, True])
def test_what_is_verified_is_exact_at_the_read_voltage(iv, saturates):
    """Whatever threshold a transistor has, to rounding; what is not verified is off."""
    access = AccessTransistor(OHMS, OVER, 0.03, saturates=saturates)
    wanted = jr.uniform(jr.key(0), (6, 5), minval=8e-6, maxval=90e-6)
    law = access.fabricate(iv, wanted.shape, key=jr.key(1))
    g = access.series(wanted, law, READ)
    read = law.current(g, jnp.full_like(g, READ)) / READ
    if isinstance(iv, LinearIV) and not saturates:
        np.testing.assert_array_equal(g, wanted)
    np.testing.assert_allclose(read, wanted, rtol=1e-11)
    blind = AccessTransistor(OHMS, OVER, 0.03, verified=False, saturates=saturates)
    alone = blind.series(wanted, law, READ)
    np.testing.assert_allclose(1 / alone, 1 / wanted + law.resistance, rtol=1e-14)


def test_spread_of_resistances_is_that_of_thresholds():
    """To first order sigma_V / V_ov, within 4 standard errors of the sample's."""
    access = AccessTransistor(OHMS, OVER, 0.01)
    law = access.fabricate(LinearIV(), (100, 100), key=jr.key(2))
    spread = np.std(law.resistance) / OHMS
    assert np.isclose(spread, 0.01 / OVER, rtol=4 / np.sqrt(2 * 10_000) + 0.01 / OVER)


@pytest.mark.long
def test_array_adds_currents_cell_by_cell():
    """Columns, power and supply by explicit sums; several samples at once."""
    key = jr.split(jr.key(4), 3)
    g = jr.uniform(key[0], (2, 3, 4), minval=8e-6, maxval=90e-6)
    access = AccessTransistor(OHMS, OVER, 0.03, saturates=True)
    laws = [access.fabricate(LinearIV(), (3, 4), key=k) for k in key[:2]]
    none = jnp.zeros((3, 4))
    bar = Crossbar(g[0], g[1], jnp.asarray(0.2), none, none, iv=laws[0], iv_neg=laws[1])
    v = jr.uniform(key[2], (2, 5), minval=-0.2, maxval=0.2)
    rows = jnp.concatenate([v, jnp.full((1, 5), 0.2)])
    each = [
        jnp.stack([law.current(half, sign * x[:, None]) for x in rows.T], axis=-1)
        for law, half, sign in zip(laws, g, (1, -1), strict=True)
    ]
    np.testing.assert_allclose(bar(v), (each[0] + each[1]).sum(0), rtol=1e-12)
    power = (rows * (each[0] - each[1]).sum(1)).sum(0)
    np.testing.assert_allclose(bar.power(v), power, rtol=1e-12)
    drawn = np.abs(each[0]).sum((0, 1)) + np.abs(each[1]).sum((0, 1))
    np.testing.assert_allclose(bar.supplied(v)[0], drawn, rtol=1e-12)


@pytest.mark.long
def test_chips_differ_by_their_transistors_alone():
    """Off is exact; thresholds are the chip's own; write errors keep their draws."""
    noise = (ProgrammingNoise(1e-6),)
    plain = chip_of(errors=noise)
    ohmic = chip_of(AccessTransistor(OHMS, OVER, 0.03), noise)
    for a, b in zip(plain.score.layers, ohmic.score.layers, strict=True):
        for leaf, other in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
            np.testing.assert_array_equal(leaf, other)
    bent = chip_of(AccessTransistor(OHMS, OVER, 0.03, saturates=True), noise)
    again = chip_of(AccessTransistor(OHMS, OVER, 0.03, saturates=True), noise)
    other = chip_of(AccessTransistor(OHMS, OVER, 0.03, saturates=True), noise, seed=4)
    ohms = lambda chip: chip.score.layers[0].crossbar.iv.resistance
    np.testing.assert_array_equal(ohms(bent), ohms(again))
    assert not np.array_equal(ohms(bent), ohms(other))
    crossbar = bent.score.layers[0].crossbar
    assert not np.array_equal(ohms(bent), crossbar.iv_neg.resistance)
    v = jnp.full((2, 1), 0.2)
    first = lambda chip: np.asarray(chip.score.layers[0].crossbar(v))
    # All rows at the verifying read's voltage: as without transistors.
    np.testing.assert_allclose(first(bent), first(plain), rtol=1e-9)
    low = jnp.asarray([[0.05], [0.05]])
    both = np.asarray(crossbar(low)), np.asarray(plain.score.layers[0].crossbar(low))
    assert np.abs(both[0] - both[1]).max() > 1e-3 * np.abs(both[1]).max()


@pytest.mark.long
def test_noise_of_a_cell_passes_its_transistor():
    """By the square of the share of both; through a verified one it was measured."""
    read = ReadNoise(flicker=FlickerReadNoise(5e-7, 1e2, 1e5))
    std = lambda access: chip_of(access, read=read).score.layers[0].crossbar.flicker_std
    plain = chip_of(read=read).score.layers[0].crossbar
    np.testing.assert_array_equal(std(AccessTransistor(OHMS)), plain.flicker_std)
    passed = [1 / (1 + g * OHMS) ** 2 for g in (plain.g_pos, plain.g_neg)]
    wanted = plain.flicker_std * np.sqrt((passed[0] ** 2 + passed[1] ** 2) / 2)
    found = std(AccessTransistor(OHMS, verified=False))
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (("cell.access.threshold_std=10mV",), "set `cell.access.resistance`"),
        (
            ("cell.access.resistance=2kohm", "cell.access.saturates=False"),
            "has no effect where write-verify reads through",
        ),
        (("cell.access.resistance=20kohm",), "of a verifying read at `cell.g_max`"),
        (("cell.access.resistance=-1ohm",), "`cell.access.resistance` must be 0 or"),
        (
            ("cell.access.resistance=2kohm", "cell.access.overdrive=0"),
            "`cell.access.overdrive` must be positive",
        ),
        (
            ("cell.access.resistance=2kohm", "cell.devices_per_weight=2"),
            "`cell.devices_per_weight` must be 1 where",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_refused(settings, told):
    config = override_all(RunConfig(), parse_pairs(settings))
    with pytest.raises(ValueError, match=told):
        build_design(config)


def test_a_measured_iv_and_a_correction_are_refused():
    own = milo(g_min=70e-6, g_max=100e-6, measured_iv=True).iv
    with pytest.raises(ValueError, match="has its own access device in it"):
        AccessTransistor(OHMS).check(own, jnp.asarray(1e-4), jnp.asarray(0.2))
    access = AccessTransistor(OHMS, verified=False)
    design = Design(
        Cell(RANGE),
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, 3e-11),
        access=access,
    )
    blueprint = Blueprint(SCORE, design, Ranges(3.0, (4.0, 4.0), 6.0))
    points = jnp.ones(3), jnp.ones((2, 3))
    with pytest.raises(ValueError, match="own cells have no transistors"):
        compensate(blueprint.program(jr.key(0)), blueprint, 1, points)


def test_off_in_every_configuration():
    """By default, and with fidelity ideal whatever is set."""
    assert build_design(RunConfig()).access is None
    config = override_all(RunConfig(), parse_pairs(("cell.access.resistance=2kohm",)))
    assert build_design(config).access is not None
    assert build_design(idealise(config)).access is None
