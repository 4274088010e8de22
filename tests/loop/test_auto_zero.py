"""Op-amps that store their own offset: what is left of it, per chip and per solve."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.blocks import AutoZero, OpAmp, OpAmpNoise
from rram_ode.config import replace, RunConfig
from rram_ode.loop import (
    DynamicLoop,
    of_first_sample,
    op_amp_noise,
    op_amp_paths,
    Parasitics,
    wire_up,
)
from rram_ode.noise import ReadNoise
from rram_ode.sdes import VPSDE
from rram_ode.system import build_loop
from scipy.constants import Boltzmann
from test_dynamic import chip_of
from test_op_amp_noise import amplifier_case


AMP = OpAmp(1e3, 50e6, offset_std=2e-3)


def offsets(circuit):
    stages = (*circuit.layers, circuit.integrator)
    return np.concatenate([np.asarray(stage.offset) for stage in stages])


def passes(values, std):
    """Two-sided chi-square of values with this spread."""
    total = np.sum(np.square(values / std))
    lower = st.chi2.cdf(total, values.size)
    return 2 * min(lower, 1 - lower) > 1e-3


def test_offsets_are_divided_by_the_gain():
    """Of all op-amps, the integrators' among them; exactly, without injection."""
    chip = chip_of()
    before = offsets(wire_up(chip, AMP, Parasitics()))
    after = offsets(wire_up(chip, AMP, Parasitics(), AutoZero(1e-12)))
    assert np.all(before != 0)
    assert np.allclose(after, before / 1001, rtol=1e-12)


def test_the_switchs_charge_is_the_chips():
    """1 fC on 1 pF is 1 mV, one for each op-amp; another chip has others."""
    chip, zero = chip_of(), AutoZero(1e-12, 1e-15)
    quiet = dataclasses.replace(AMP, offset_std=jnp.asarray(0.0))

    def left(seed):
        fresh = eqx.tree_at(lambda chip: chip.key, chip, jr.key(seed))
        return offsets(wire_up(fresh, quiet, Parasitics(), zero))[:-2]

    many = np.stack([left(seed) for seed in range(30)])
    assert passes(many.ravel(), 1e-3)
    assert not passes(many.ravel(), np.sqrt(2) * 1e-3)
    assert np.array_equal(left(3), many[3])
    assert np.unique(many).size == many.size


@pytest.mark.slow
def test_each_solve_keeps_a_sample_of_the_noise():
    """kT/C of the switch and the follower's noise, constant over the solve."""
    chip, zero = chip_of(), AutoZero(0.1e-12)
    circuit = wire_up(chip, AMP, Parasitics(), zero)
    law = OpAmpNoise(20e-9, 0.0, 300.0, 1e6)
    paths = op_amp_paths(law, circuit, 0, 500, zero)
    bare = op_amp_paths(law, circuit, 0, 500)
    assert paths is not None
    assert bare is not None
    _, follower = amplifier_case(e_n=20e-9, g_in=0.0)
    std = np.sqrt(Boltzmann * 300 / 0.1e-12 + follower)
    gaps = []
    for tau in (1e-6, 7e-6):
        with_zero = op_amp_noise(paths, circuit, tau, tau + 1e-8)
        without = op_amp_noise(bare, circuit, tau, tau + 1e-8)
        assert with_zero is not None
        assert without is not None
        pairs = zip(with_zero, without, strict=True)
        gaps.append(np.concatenate([np.asarray(a.volts - b.volts) for a, b in pairs]))
    assert np.allclose(*gaps, rtol=1e-9, atol=1e-12)
    assert passes(gaps[0].ravel(), std)
    assert not passes(gaps[0].ravel(), 1.1 * std)


def sampled(e_n=0.0, resistance=0.0, capacitance=1e-12, temperature=0.0):
    zero = AutoZero(capacitance, 0.0, resistance, temperature, e_n, is_noisy=True)
    return float(zero.sampled(AMP, None))


def test_the_switch_narrows_the_noise_that_it_stores():
    """Against the integral of a density behind both poles."""
    for ohms in (100.0, 20e3, 1e6):
        tau, unity = ohms * 1e-12, 2 * np.pi * 50e6
        poles = lambda f, tau=tau, unity=unity: (
            1 / ((1 + (2 * np.pi * f / unity) ** 2) * (1 + (2 * np.pi * f * tau) ** 2))
        )
        f = np.geomspace(1.0, 1e15, 200_001)
        variance = 20e-9**2 * np.trapezoid(poles(f), f)
        assert sampled(20e-9, ohms) == pytest.approx(np.sqrt(variance), rel=1e-3)
    narrow = sampled(20e-9, 1e6, temperature=300.0)
    assert narrow > sampled(temperature=300.0) > np.sqrt(Boltzmann * 300 / 1e-12) / 1.01


def noisy_paths(num, **values):
    chip = chip_of()
    zero = AutoZero(1e-12, 0.0, 1e3, 300.0, 20e-9, **values)
    circuit = wire_up(chip, AMP, Parasitics(), zero)
    return circuit, zero, op_amp_paths(None, circuit, 0, num, zero)


def test_a_switch_samples_without_other_noise():
    """One value a solve and op-amp, and no step of its own; off is exact."""
    circuit, zero, paths = noisy_paths(500, is_noisy=True)
    assert paths is not None
    early, late = (op_amp_noise(paths, circuit, t, t + 1e-8) for t in (1e-6, 7e-6))
    assert early is not None
    assert late is not None
    volts = np.concatenate([np.asarray(stage.volts) for stage in early])
    after = np.concatenate([np.asarray(stage.volts) for stage in late])
    assert np.array_equal(volts, after)
    std = float(zero.sampled(circuit.integrator.op_amp, None))
    assert passes(volts.ravel(), std)
    assert not passes(volts.ravel(), 1.1 * std)
    assert np.unique(volts).size > 0.99 * volts.size  # single precision has ties
    assert not any(np.any(np.asarray(stage.amperes)) for stage in early)
    assert paths.start(circuit) == 0.0
    assert noisy_paths(500, is_noisy=False)[2] is None


@pytest.mark.slow
def test_a_solve_begins_where_the_stored_voltages_settle():
    """Else the circuit would move before its first step."""
    circuit, _, paths = noisy_paths(3, is_noisy=True)
    assert paths is not None
    stages = paths.at_rest(circuit)
    assert stages is not None
    waves = jnp.zeros(16)
    v = 0.05 * jnp.ones((2, 3))
    slopes = [
        np.abs(np.asarray(circuit.rate(u, waves, stages=stages).layers[0])).max()
        for u in (circuit.at_rest(v, waves, stages=stages), circuit.at_rest(v, waves))
    ]
    assert slopes[0] < 1e-3 * slopes[1]


def test_the_first_sample_of_a_deck_has_its_offsets():
    circuit, zero, paths = noisy_paths(1, is_noisy=True)
    assert paths is not None
    found = offsets(of_first_sample(circuit, None, zero)) - offsets(circuit)
    assert np.allclose(found, np.asarray(paths.held)[:, 0], rtol=1e-9, atol=1e-15)
    law = OpAmpNoise(20e-9, 0.0, 300.0, 1e6)
    assert of_first_sample(circuit, law, zero) is circuit


def test_configuration():
    config = replace(RunConfig(), "fidelity", "dynamic")
    build = lambda config: build_loop(config, VPSDE(0.1, 8.0), ReadNoise())
    loop = build(config)
    assert isinstance(loop, DynamicLoop)
    assert loop.auto_zero is not None  # of the class; an offset that is given has none
    assert np.isclose(loop.auto_zero.injection / loop.auto_zero.capacitance, 10e-6)
    assert loop.auto_zero.is_noisy
    raw = build(replace(config, "op_amp.offset_std", 1e-3))
    assert isinstance(raw, DynamicLoop)
    assert raw.auto_zero is None
    still = build(replace(config, "op_amp.sampled_noise", False))
    assert isinstance(still, DynamicLoop)
    assert still.auto_zero is not None
    assert not still.auto_zero.is_noisy
    config = replace(config, "op_amp.auto_zero", 1e-12)
    loop = build(replace(config, "op_amp.injection", 2e-15))
    assert isinstance(loop, DynamicLoop)
    assert loop.auto_zero is not None
    assert float(loop.auto_zero.injection) == pytest.approx(2e-15)
    for name, value, rule in (("auto_zero", 0.0, "positive"), ("injection", -1.0, "0")):
        with pytest.raises(ValueError, match=f"`op_amp.{name}` must be {rule}"):
            build(replace(config, f"op_amp.{name}", value))
