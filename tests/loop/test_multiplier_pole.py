"""Multipliers that take time: closed form, limit, both solvers, ngspice."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode import netlist as line
from rram_ode.blocks import DAC, MultiplierErrors, MultiplierPole, OpAmp
from rram_ode.config import idealise, replace, replace_all, RunConfig
from rram_ode.loop import DynamicLoop, make_dynamic
from rram_ode.noise import ReadNoise
from rram_ode.sdes import VPSDE
from rram_ode.spice import check_netlist, require_readable, write_netlist
from rram_ode.system import build_design, build_loop
from test_dynamic import AMP, chip_of, distance, quasi_static, solve, starts


START = jnp.array([0.7, -1.1])


def dynamic(bandwidth=None, num_steps=200, op_amp=AMP, **kwargs):
    pole = None if bandwidth is None else MultiplierPole(bandwidth)
    return make_dynamic(quasi_static(num_steps, **kwargs), op_amp, pole=pole)


@pytest.mark.long
@pytest.mark.parametrize("bandwidth", [1e3, 1e6, 1e9])
def test_a_line_passes_as_its_closed_form(bandwidth):
    r"""$v = v_0 e^{-z} + i_0 (1 - e^{-z}) + \Delta (1 - (1 - e^{-z}) / z)$.

    And the mean is what the rate asks for: the change is its integral.
    """
    pole, dt = MultiplierPole(bandwidth), 1e-7
    v, first, last = (jnp.array([x, -2 * x]) for x in (0.3, -0.1, 0.5))
    mean = (first + last) / 2
    end, average = pole.advance(pole.propagator(jnp.asarray(dt)), v, mean, last)
    z = 2 * np.pi * bandwidth * dt
    gone = -np.expm1(-z)
    wanted = v * np.exp(-z) + first * gone + (last - first) * (1 - gone / z)
    assert np.allclose(end, wanted, rtol=1e-8)
    assert np.allclose(dt * pole.rate(mean, average), end - v, rtol=1e-6, atol=1e-12)


def test_off_is_exact():
    """No state, and a product at once."""
    circuit = dynamic().circuit(chip_of())
    v = starts()
    wave = dynamic().loop.waveforms(chip_of())(jnp.asarray(1e-5))
    assert circuit.at_rest(v, wave).multipliers is None
    settled = dynamic(1e6).circuit(chip_of())
    u = settled.at_rest(0.05 * v, wave)
    bare = circuit.at_rest(0.05 * v, wave)
    with_pole, without = settled.rate(u, wave), circuit.rate(bare, wave)
    assert with_pole.multipliers is not None
    # At rest the pole holds what it would get, so that nothing else moves otherwise.
    assert float(jnp.abs(with_pole.multipliers).max()) == 0
    assert jnp.array_equal(with_pole.integrator, without.integrator)


@pytest.mark.slow
def test_bandwidth_makes_it_fast_at_first_order():
    limit = solve(dynamic(), chip_of(), starts())
    found = [
        distance(solve(dynamic(b), chip_of(), starts()), limit)
        for b in (1e6, 1e7, 1e8, 1e9)
    ]
    orders = np.log10(np.array(found[:-1]) / np.array(found[1:]))
    assert found[0] > 1e-3
    assert np.all(np.abs(orders - 1) < 0.1)


@pytest.mark.slow
def test_both_solvers_agree():
    """Order 2 in the step against Kvaerno5; 0.1 % of full scale at 200 steps."""
    dac = DAC(12, 10e6)
    exact = solve(dynamic(5e5, tolerance=1e-8, dac=dac), chip_of(), starts())
    found = [
        distance(solve(dynamic(5e5, n, dac=dac), chip_of(), starts()), exact)
        for n in (200, 400, 800)
    ]
    assert found[0] < 1e-3
    assert found[2] < found[0] / 4  # 4.1e-6 to 5.6e-7, near what Kvaerno5 leaves
    assert distance(solve(dynamic(dac=dac), chip_of(), starts()), exact) > 10 * found[0]


GAIN, SIGNAL, FACTOR, OFFSET = (
    jnp.array([[x, -x], [x, x / 2]]) for x in (0.05, 0.03, 4e-3, 2e-3)
)
ERRING = MultiplierErrors(GAIN, SIGNAL, FACTOR, OFFSET)


@pytest.mark.slow
@pytest.mark.ngspice
@pytest.mark.parametrize("errs", [False, True])
def test_every_node_agrees_with_ngspice(errs):
    """And a deck of fast multipliers does not."""
    amp, dac = OpAmp(9e5, 100e6, 100e6), DAC(12, 10e6)
    chip = chip_of()
    if errs:
        chip = eqx.tree_at(
            lambda c: c.multipliers, chip, ERRING, is_leaf=lambda x: x is None
        )
    loop = dynamic(5e5, 400, amp, dac=dac)
    for each in check_netlist(loop, chip, START):
        assert each.full_scale > 1e-3
        assert each.passed, each
    mutant = write_netlist(dynamic(None, 400, amp, dac=dac), chip, START)
    found = check_netlist(loop, chip, START, netlist=mutant)
    assert not found[0].passed
    with pytest.raises(ValueError, match=r"`multiplier\."):
        require_readable(loop, chip)


def test_configuration():
    config = replace_all(
        RunConfig(), {"fidelity": "dynamic", "multiplier.bandwidth": 3e6}
    )
    build = lambda config: build_loop(config, VPSDE(0.1, 8.0), ReadNoise())
    loop = build(config)
    assert isinstance(loop, DynamicLoop)
    assert loop.pole is not None
    assert np.isclose(loop.pole.bandwidth, 3e6)
    for off in (None, float("inf")):
        bare = build(replace(config, "multiplier.bandwidth", off))
        assert isinstance(bare, DynamicLoop)
        assert bare.pole is None
    still = replace(config, "fidelity", "quasi-static")
    bare = replace(still, "multiplier.bandwidth", None)
    assert eqx.tree_equal(build(still), build(bare))
    assert eqx.tree_equal(build_design(still).integrator, build_design(bare).integrator)
    assert idealise(config).multiplier.bandwidth is None
    with pytest.raises(ValueError, match="`multiplier.bandwidth` must be positive"):
        MultiplierPole(0.0)


def test_bad_input(run, tmp_path):
    given = (
        "ring-fresh",
        "--out",
        tmp_path / "a.cir",
        "--set",
        "multiplier.bandwidth=0Hz",
    )
    status, _, err = run(line.main, *given)
    assert status == 2
    assert "`multiplier.bandwidth` must be positive" in err
    assert err.count("\n") == 1
