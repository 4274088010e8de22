"""White noise of op-amps and resistors: closed forms, one path for all solvers."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.linalg
import scipy.stats as st
from rram_ode.blocks import OpAmp, OpAmpNoise, StageNoise
from rram_ode.config import replace, RunConfig
from rram_ode.loop import DynamicLoop, make_dynamic, op_amp_paths, Parasitics
from rram_ode.noise import LazyPath, ReadNoise
from rram_ode.sdes import VPSDE
from rram_ode.system import build_loop, build_op_amp_noise
from scipy.constants import Boltzmann
from test_dynamic import AMP, chip_of, quasi_static
from test_op_amp import integrator, stage


KT, NUM = Boltzmann * 300, 4000
FAST = OpAmp(1e5, 50e6)
LAW = functools.partial(OpAmpNoise, bandwidth=1e9)


@eqx.filter_jit
def marched(block, law, g, dt, num_steps, start):
    """States after `num_steps` holds, `(states, 3, NUM)`; `g`: noisy resistors."""
    path = LazyPath(jr.key(1), jnp.arange(NUM, dtype=jnp.uint32), dt, 6)
    table, quiet = block.propagator(dt), jnp.zeros((3, NUM))

    def step(u, n):
        unit = path.within(n * dt, (n + 1) * dt)
        noise = StageNoise(law.volts() * unit[:3], law.amperes(g)[:, None] * unit[3:])
        return block.advance(table, dt, u, quiet, quiet, noise)[0], None

    u = jnp.broadcast_to(start, (*start.shape[:2], NUM))
    return jax.lax.scan(step, u, jnp.arange(num_steps, dtype=dt.dtype))[0]


def spread_of(block, law, g, rate, duration):
    """Variances of the outputs after `duration`, with holds of 0.1 / rate."""
    num = int(np.ceil(duration * rate / 0.1))
    dt = jnp.asarray(duration / num)
    law = eqx.tree_at(lambda law: law.bandwidth, law, 0.5 / dt)
    start = block.charged(jnp.zeros(3))
    start = start if block.has_capacitors else start[:1]
    u = marched(block, law, jnp.full(3, g), dt, num, start[:, :, None])
    return np.var(np.asarray(block.output(u)), axis=1, ddof=1)


def amplifier_case(e_n=0.0, i_n=0.0, temperature=0.0, g_in=1e-4):
    """One pole of rate a: b^2 S / (4 a) for a density S of what b multiplies."""
    block = stage(FAST, g_in=g_in)
    g_total, g_f = g_in + 1e-5, 1e-5
    unity = 2 * np.pi * 50e6
    a = unity * (1e-5 + g_f / g_total)
    density = e_n**2 + (i_n**2 + 4 * KT / 300 * temperature * g_f) / g_total**2
    found = spread_of(block, LAW(e_n, i_n, temperature), g_f, a, 12 / a)
    return found, unity**2 * density / (4 * a)


def own_resistor():
    """k T w0 A0 / g_f: nothing but the resistor at the summing node."""
    found, _ = amplifier_case(temperature=300.0, g_in=0.0)
    return found, KT * 2 * np.pi * 50e6 / 1e-5 / (1 + 1e-5)


def leaky():
    """k T / C of a capacitor and its leak, after 5 time constants."""
    block = integrator(FAST, g_in=0.0, g_f=1e-5)
    rate = 1e-5 / 30e-12
    found = spread_of(block, LAW(0.0, 0.0, 300.0), 1e-5, rate, 5 / rate)
    return found, KT / 30e-12 * (1 - np.exp(-10))


def driven():
    """2 k T tau / (R C^2) of an integrator's input resistor."""
    block = integrator(FAST, g_in=1e-5, g_f=0.0)
    found = spread_of(block, LAW(0.0, 0.0, 300.0), 1e-5, 1e7, 20e-6)
    return found, 2 * KT * 20e-6 * 1e-5 / 30e-12**2


def two_poles():
    """e_n and i_n with capacitors: the Lyapunov equation of both states."""
    block, e_n, i_n = stage(FAST, c_in=0.2e-12, c_f=0.1e-12), 5e-9, 2e-12
    a, b, _ = (np.asarray(x)[0] for x in block._linear())
    by_e = 2 * np.pi * 50e6 * np.array([1.0, 0.1 / 0.3])
    power = np.outer(by_e, by_e) * e_n**2 / 2 + np.outer(b, b) * i_n**2 / 2
    expected = scipy.linalg.solve_continuous_lyapunov(a, -power)[0, 0]
    slow = -np.linalg.eigvals(a).real.max()
    fast = float(np.abs(np.linalg.eigvals(a)).max())
    found = spread_of(block, LAW(e_n, i_n, 0.0), 0.0, fast, 8 / slow)
    return found, expected


CASES = {
    "the feedback resistor alone": own_resistor,
    "voltage noise": lambda: amplifier_case(e_n=5e-9),
    "current noise": lambda: amplifier_case(i_n=2e-12),
    "both and the resistor": lambda: amplifier_case(5e-9, 2e-12, 300.0),
    "a leaky capacitor": leaky,
    "a driven integrator": driven,
    "two poles": two_poles,
}


def chi_square(pairs):
    """p of all variances together, two-sided."""
    total = sum(float((NUM - 1) * np.sum(found / wanted)) for found, wanted in pairs)
    freedom = 3 * (NUM - 1) * len(pairs)
    lower = st.chi2.cdf(total, freedom)
    return 2 * min(lower, 1 - lower)


@pytest.mark.long
def test_closed_forms():
    """One chi-square; a density taken as two-sided in one of them fails it."""
    pairs = {name: case() for name, case in CASES.items()}
    assert chi_square(pairs.values()) > 1e-3
    for name, (found, wanted) in pairs.items():
        assert chi_square([(found, wanted)]) > 1e-4, name
        mutant = {**pairs, name: (found, 2 * wanted)}
        assert chi_square(mutant.values()) < 1e-3, name


# In the loop.


def noisy(num_steps=800, amp=AMP, parasitics=Parasitics(), **law):
    law = {"e_n": 0.0, "i_n": 0.0, "temperature": 0.0} | law
    bandwidth = law.pop("bandwidth", num_steps / 2 / 20e-6)
    return make_dynamic(
        quasi_static(num_steps), amp, parasitics, OpAmpNoise(**law, bandwidth=bandwidth)
    )


SLOW = OpAmp(1e5, 2e6)
X1 = jnp.stack([jnp.linspace(-1, 1, 6), jnp.linspace(0.5, -0.3, 6)])


@eqx.filter_jit
def end(loop, chip, x1, first):
    return loop.solve(chip, x1, first=first).x0


@pytest.mark.slow
def test_noise_is_a_function_of_chip_and_lab_time():
    """Wherever a sample is in a batch; a law of zeros gives the bits of no law."""
    chip, at = chip_of(), lambda n: jnp.asarray(n, jnp.uint32)
    quiet = end(make_dynamic(quasi_static(800), SLOW), chip, X1, at(0))
    assert np.array_equal(quiet, end(noisy(amp=SLOW), chip, X1, at(0)))
    loop = noisy(amp=SLOW, e_n=50e-9, i_n=1e-12, temperature=300.0)
    whole = end(loop, chip, X1, at(0))
    assert not np.allclose(whole, quiet, rtol=1e-4)
    part = end(loop, chip, jnp.roll(X1, -2, axis=1), at(2))
    assert np.allclose(whole[:, 2:], part[:, :4], rtol=1e-12)
    other = end(loop, chip, jnp.roll(X1, -2, axis=1), at(3))
    assert not np.allclose(whole[:, 2:], other[:, :4], rtol=1e-6)


@pytest.mark.slow
def test_every_layer_has_the_noise_of_its_amplifiers():
    """Voltage noise of a first layer within 2,000 samples' error of its closed form.

    The integrators carry noise of their own to it, through weights below its noise
    gain: 2 % is left for that.
    """
    chip, e_n = chip_of(), 20e-9
    loop = noisy(400, SLOW, e_n=e_n)
    x1 = jnp.zeros((2, 2000))

    @eqx.filter_jit
    def outputs(loop):
        return loop.trace(chip, x1).layers[0][:, 0], loop.circuit(chip).layers[0]

    traces, block = outputs(loop)
    found = np.var(np.asarray(traces[40]), axis=1, ddof=1)
    rate = block.modes.decay
    wanted = (2 * np.pi * 2e6) ** 2 * e_n**2 / 4 / rate
    settled = 1 - np.exp(-2 * rate * float(loop.times[40]))
    assert settled.min() > 0.99
    assert np.allclose(found, wanted, rtol=5 * np.sqrt(2 / 2000) + 0.02)


@pytest.mark.slow
def test_the_pre_charge_switch_leaves_kt_over_c():
    loop, chip = noisy(400, SLOW, temperature=300.0), chip_of()
    circuit = loop.circuit(chip)
    paths = op_amp_paths(loop.noise, circuit, 0, 4000)
    assert paths is not None
    found = np.var(np.asarray(paths.start(circuit)), axis=1, ddof=1)
    total = np.sum(3999 * found * np.asarray(circuit.integrator.c_f) / KT)
    assert 1e-3 < st.chi2.cdf(total, 2 * 3999) < 1 - 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("parasitics", [Parasitics(), Parasitics(2e-12, 1e-12, True)])
def test_the_stiff_solver_sees_the_same_path(parasitics):
    """Within 1 % of what the noise does to a sample."""
    chip, x1 = chip_of(), X1[:, :2]
    law = {"e_n": 100e-9, "i_n": 5e-12, "temperature": 3e3, "bandwidth": 10e6}
    exact = make_dynamic(
        quasi_static(1, tolerance=1e-7), SLOW, parasitics, OpAmpNoise(**law)
    )
    there = end(exact, chip, x1, 0)
    ours = end(noisy(400, SLOW, parasitics, **law), chip, x1, 0)
    quiet = end(make_dynamic(quasi_static(400), SLOW, parasitics), chip, x1, 0)
    effect = np.abs(quiet - there).max()
    assert np.abs(ours - there).max() < 0.01 * effect


@pytest.mark.slow
def test_the_node_of_an_input_pair_need_not_be_resolved():
    """30 fF move a pole to gigahertz; the same noise does the same without them."""
    chip, x1 = chip_of(), X1[:, :2]
    law = {"e_n": 100e-9, "i_n": 5e-12, "temperature": 3e3, "bandwidth": 10e6}
    ends = [
        end(noisy(400, SLOW, each, **law), chip, x1, 0)
        for each in (Parasitics(), Parasitics(30e-15, 0.0, True))
    ]
    quiet = end(make_dynamic(quasi_static(400), SLOW, Parasitics()), chip, x1, 0)
    effect = np.abs(quiet - ends[0]).max()
    assert effect > 0
    assert np.abs(ends[1] - ends[0]).max() < 0.02 * effect


@pytest.mark.slow
def test_noise_that_is_not_resolved_names_steps_that_do():
    chip = chip_of()
    with pytest.raises(ValueError, match="does not resolve the pole of layer") as error:
        noisy(200, AMP, e_n=5e-9).check(chip)
    text = str(error.value)
    steps = int(text.split("`solve.num_steps` = ")[1].split()[0])
    noisy(steps, AMP, e_n=5e-9).check(chip)
    hertz = float(text.split("`op_amp.noise_bandwidth` = ")[1].split()[0])
    noisy(200, AMP, e_n=5e-9, bandwidth=1.001 * hertz).check(chip)


def test_configuration():
    """Off by default; a value a step or a bandwidth; bad values are refused."""
    config = replace(RunConfig(), "fidelity", "dynamic")
    assert build_op_amp_noise(config) is None
    loop = build_loop(config, VPSDE(0.1, 8.0), ReadNoise())
    config = replace(config, "op_amp.e_n", 5e-9)
    noisy_loop = build_loop(config, VPSDE(0.1, 8.0), ReadNoise())
    assert isinstance(noisy_loop, DynamicLoop)
    assert noisy_loop.noise is not None
    assert float(noisy_loop.noise.interval) == pytest.approx(20e-6 / 200)
    assert np.array_equal(noisy_loop.grid, loop.grid)
    finer = replace(config, "op_amp.noise_bandwidth", 50e6)
    grid = build_loop(finer, VPSDE(0.1, 8.0), ReadNoise()).grid
    assert grid.size == 2001
    for name in ("e_n", "i_n"):
        with pytest.raises(ValueError, match=f"`op_amp.{name}` must be 0 or more"):
            build_op_amp_noise(replace(config, f"op_amp.{name}", -1.0))
    hot = replace(
        replace(config, "op_amp.resistor_noise", True), "cell.temperature", 350.0
    )
    for one, kelvin in ((config, 0.0), (hot, 350.0)):
        law = build_op_amp_noise(one)
        assert law is not None
        assert float(law.temperature) == kelvin
