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
from rram_ode.loop import DynamicLoop, op_amp_noise, op_amp_paths, Parasitics, wire_up
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


def test_configuration():
    config = replace(RunConfig(), "fidelity", "dynamic")
    build = lambda config: build_loop(config, VPSDE(0.1, 8.0), ReadNoise())
    loop = build(config)
    assert isinstance(loop, DynamicLoop)
    assert loop.auto_zero is not None  # of the class; an offset that is given has none
    assert np.isclose(loop.auto_zero.injection / loop.auto_zero.capacitance, 20e-6)
    raw = build(replace(config, "op_amp.offset_std", 1e-3))
    assert isinstance(raw, DynamicLoop)
    assert raw.auto_zero is None
    config = replace(config, "op_amp.auto_zero", 1e-12)
    loop = build(replace(config, "op_amp.injection", 2e-15))
    assert isinstance(loop, DynamicLoop)
    assert loop.auto_zero is not None
    assert float(loop.auto_zero.injection) == pytest.approx(2e-15)
    for name, value, rule in (("auto_zero", 0.0, "positive"), ("injection", -1.0, "0")):
        with pytest.raises(ValueError, match=f"`op_amp.{name}` must be {rule}"):
            build(replace(config, f"op_amp.{name}", value))
