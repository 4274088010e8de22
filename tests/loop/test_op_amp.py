"""Op-amps that take time, against closed forms, scipy and a stiff solver."""

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from rram_ode.blocks import OP_AMPS, OpAmp, propagate, Stage


AMP = OpAmp(1e5, 50e6)


def stage(op_amp=AMP, v_rail=jnp.inf, **values):
    base = {"offset": 0.0, "g_in": 1e-4, "g_f": 1e-5, "c_f": 0.0, "c_in": 0.0}
    arrays = {k: jnp.full(3, v) for k, v in (base | values).items()}
    has_capacitors = float(arrays["c_f"][0] + arrays["c_in"][0]) > 0
    return Stage(
        op_amp, **arrays, v_rail=jnp.asarray(v_rail), has_capacitors=has_capacitors
    )


def integrator(op_amp=AMP, **values):
    return stage(op_amp, **{"g_in": 2e-6, "g_f": 1e-9, "c_f": 30e-12, **values})


STAGES = {
    "tia": stage(),
    "tia with capacitors": stage(c_in=1e-12, c_f=0.1e-12, offset=1e-3),
    "ringing tia": stage(c_in=5e-12),
    "integrator": integrator(offset=1e-4),
    "biased": stage(OpAmp(1e5, 50e6, bias_current=1e-8)),
}


def by_scipy(block, u, i, dt):
    """State after a step, and its mean, by one matrix exponential a column."""
    after, average = np.zeros_like(u), np.zeros_like(u)
    mean, end = i
    a, b, c = (np.asarray(x) for x in block._linear())
    for col in range(u.shape[1]):
        k = len(u)
        m = np.zeros((2 * k + 3, 2 * k + 3))
        m[:k, :k], m[:k, 2 * k], m[:k, -1] = a[col], b[col], c[col]
        m[k : 2 * k, :k] = np.eye(k)
        m[2 * k, 2 * k + 1] = 1.0
        first, last = 2 * mean[col] - end[col], end[col]
        start = np.concatenate([u[:, col], 0 * u[:, col], [first, (last - first) / dt]])
        # In units of the step: scipy's scaling then sees the poles alone.
        out = scipy.linalg.expm(m * dt) @ np.append(start, 1.0)
        after[:, col], average[:, col] = out[:k], out[k : 2 * k] / dt
    return after, average


@eqx.filter_jit
def respond(block, u, i, dt):
    mean, end = i
    return block.propagator(dt)(jnp.asarray(u), jnp.asarray(mean), jnp.asarray(end))


@pytest.mark.parametrize("name", STAGES)
def test_a_linear_step_is_exact(name):
    """Also over poles that are 1e5 times faster than the step."""
    block = STAGES[name]
    i = np.array([[1e-6, -2e-6, 0.5e-6], [1.5e-6, 0.0, -1e-6]])
    u = np.asarray(block.settled(jnp.asarray(3 * i[0])))
    if name == "integrator":
        u = np.asarray(block.charged(jnp.array([0.1, -0.2, 0.3])))
    for dt in (1e-10, 1e-8, 1e-7, 1e-5):
        got = respond(block, u, i, jnp.asarray(dt))
        for ours, theirs in zip(got, by_scipy(block, u, i, dt), strict=True):
            assert np.allclose(ours, theirs, rtol=1e-8, atol=1e-12), dt


@pytest.mark.slow
def test_slow_states_keep_their_accuracy_in_single_precision():
    """The leak of an integrator, 1e-6 a step, beside a pole of e^-60 a step.

    `expm(M) - 1` in the same precision, the usual way, is the mutant.
    """
    block, dt = integrator(), 2e-7
    m = np.asarray(block._linear()[0][0]) * dt
    exact = scipy.linalg.expm(m)[0, 0] - 1
    single = jax.tree_util.tree_map(lambda x: x.astype(jnp.float32), block)
    ours = single.propagator(jnp.float32(dt)).change[0, 0, 0, 0]
    usual = scipy.linalg.expm(m.astype(np.float32))[0, 0] - np.float32(1)
    assert ours.dtype == jnp.float32
    assert abs(float(ours) / exact - 1) < 1e-4
    assert abs(float(usual) / exact - 1) > 1e-2


@pytest.mark.long
def test_an_op_amp_of_any_speed_keeps_the_slow_state_in_single_precision():
    """The change in a step of an integrator with 10 THz, against double precision.

    The mutant is the propagator without the limit on its rate.
    """
    block, dt = integrator(), 5e-7
    fast = eqx.tree_at(lambda s: s.op_amp.gbw, block, jnp.asarray(1e13))
    exact = fast.propagator(jnp.asarray(dt)).change[0, 0, 0, 0]
    single = jax.tree_util.tree_map(lambda x: x.astype(jnp.float32), fast)
    ours = single.propagator(jnp.float32(dt)).change[0, 0, 0, 0]
    a, b, c = single._linear()
    mutant = propagate(a, b, c, jnp.float32(dt)).change[0, 0, 0, 0]
    assert abs(float(ours) / float(exact) - 1) < 1e-2
    assert abs(float(mutant) / float(exact) - 1) > 1e-1


def test_settled_gain_and_noise_gain():
    """v_o = (-R_f i + (1 + G R_f) V_os) / (1 + (1 + G R_f) / A_0)."""
    for gain in (1e3, 1e5):
        block = stage(OpAmp(gain, 50e6), offset=1e-3)
        i = jnp.array([1e-6, -2e-6, 0.0])
        noise_gain = 1 + 1e-4 / 1e-5
        assert np.allclose(block.noise_gain, noise_gain)
        wanted = (-i / 1e-5 + noise_gain * 1e-3) / (1 + noise_gain / gain)
        assert np.allclose(block.settled(i)[0], wanted, rtol=1e-12)


@pytest.mark.long
def test_off_is_exact():
    """No offset, bias, slew or rail: the state at zero input is exactly zero."""
    for block in (stage(), stage(c_in=1e-12, c_f=1e-13), integrator(g_f=0.0)):
        nothing = jnp.zeros(3)
        u = block.charged(nothing) if block.c_f[0] > 1e-12 else block.settled(nothing)
        step = block.propagator(jnp.asarray(1e-7))
        after, mean = block.advance(step, jnp.asarray(1e-7), u, nothing, nothing)
        assert jnp.all(after == 0)
        assert jnp.all(mean == 0)
        assert jnp.all(block.rate(nothing, u) == 0)
        free = stage(OpAmp(1e5, 50e6, slew=jnp.inf, v_rail=jnp.inf))
        i = jnp.array([1e-6, -2e-6, 3e-6])
        assert jnp.array_equal(free.settled(i), stage().settled(i))


def test_bandwidth_is_divided_by_the_noise_gain():
    """A step settles with 2 pi GBW / noise gain (+ the open-loop pole)."""
    block, i = stage(), jnp.array([1e-6, 2e-6, -1e-6])
    rate = 2 * np.pi * 50e6 * (1 / 11 + 1e-5)
    assert np.allclose(block.modes.decay, rate, rtol=1e-9)
    for t in (1e-9, 3e-8, 1e-7):
        step = block.propagator(jnp.asarray(t))
        after, _ = block.advance(step, jnp.asarray(t), jnp.zeros((1, 3)), i, i)
        wanted = block.settled(i)[0] * -np.expm1(-rate * t)
        assert np.allclose(after[0], wanted, rtol=1e-9)


@pytest.mark.parametrize("name", ["tia with capacitors", "ringing tia", "integrator"])
def test_modes_are_eigenvalues(name):
    block = STAGES[name]
    values = np.linalg.eigvals(np.asarray(block._linear()[0][0]))
    slow = values[np.argmin(-values.real)]
    decay, ring, _ = block.modes
    assert np.isclose(decay[0], -slow.real, rtol=1e-7)
    assert np.isclose(ring[0], abs(slow.imag), rtol=1e-7)
    assert (ring[0] > 0) == (name == "ringing tia")


@eqx.filter_jit
def stiff(block, u, i, times):
    """Kvaerno5 on `rate`."""
    solution = dfx.diffeqsolve(
        dfx.ODETerm(lambda tau, u, args: block.rate(i, u)),
        dfx.Kvaerno5(),
        times[0],
        times[-1],
        1e-11,
        u,
        stepsize_controller=dfx.PIDController(rtol=1e-8, atol=1e-10),
        saveat=dfx.SaveAt(ts=times),
        max_steps=16**4,
    )
    assert solution.ys is not None
    return solution.ys


@eqx.filter_jit
def stepped(block, u, i, times):
    """The same by fixed steps."""
    dt = times[1] - times[0]
    propagator = block.propagator(dt)

    def step(u, _):
        after, _ = block.advance(propagator, dt, u, i, i)
        return after, after

    _, found = jax.lax.scan(step, u, times[1:])
    return jnp.concatenate([u[None], found])


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("slew", marks=pytest.mark.slow),
        "rail",
        pytest.param("slew, capacitors", marks=pytest.mark.slow),
    ],
)
def test_slew_and_rails(name):
    """A large step: the slope of a slewing output, then the rail, as the stiff solver.

    Fixed steps enter and leave a limit up to one step late, so the bound is the
    largest voltage of one step. Without the limit the same check fails.
    """
    slew = 2e6 if "slew" in name else jnp.inf
    rail = 0.35 if name == "rail" else jnp.inf
    c_in, c_f = (1e-12, 0.2e-12) if "capacitors" in name else (0.0, 0.0)
    block = stage(OpAmp(1e5, 50e6, slew=slew), rail, c_in=c_in, c_f=c_f)
    free = stage(c_in=c_in, c_f=c_f)
    i = jnp.array([-5e-6, 4e-6, -1e-7])
    times = jnp.linspace(0.0, 4e-7, 401)
    u = block.settled(0 * i)
    wanted = np.asarray(stiff(block, u, i, times))[:, 0]
    got = np.asarray(stepped(block, u, i, times))[:, 0]
    bound = np.abs(np.diff(got, axis=0)).max()
    clip = np.clip(wanted, -rail, rail)
    assert np.abs(got - clip).max() <= bound
    assert np.abs(np.asarray(stepped(free, u, i, times))[:, 0] - clip).max() > 5 * bound
    if name == "slew":
        slopes = np.diff(got[:50, 0]) / np.diff(np.asarray(times[:50]))
        assert np.allclose(slopes, 2e6, rtol=1e-9)


def test_an_integrator_integrates():
    """Fast op-amp, no leak: v = v0 - Q / C, virtual ground near zero."""
    block = integrator(OpAmp(1e9, 1e9), g_f=0.0)
    v0, i, t = jnp.array([0.1, -0.2, 0.3]), jnp.array([1e-7, 2e-7, 0.0]), 5e-6
    step = block.propagator(jnp.asarray(t))
    after, mean = block.advance(step, jnp.asarray(t), block.charged(v0), i, i)
    ramp = i * t / 30e-12
    assert np.allclose(after[0], v0 - ramp, atol=2e-6)
    assert np.allclose(mean, v0 - ramp / 2, atol=2e-6)
    assert np.abs(after[1]).max() < 1e-5


def test_classes_of_op_amps():
    """The on-chip class is the public template; the ideal one has no pole."""
    on_chip = OP_AMPS["on-chip"]()
    assert (float(on_chip.gain), float(on_chip.gbw)) == (9e5, 100e6)
    assert np.isclose(on_chip.pole, 2 * np.pi * 100e6 / 9e5)
    assert OP_AMPS["ideal"]().is_fast()
    assert not OP_AMPS["board"]().is_fast()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"gain": 0.0}, "`op_amp.gain` must be positive, in V/V; got 0"),
        ({"gbw": -1.0}, "`op_amp.gbw` must be positive"),
        ({"slew": 0.0}, "`op_amp.slew` must be positive"),
        ({"v_rail": 0.0}, "`op_amp.v_rail` must be positive"),
        ({"offset_std": -1.0}, "`op_amp.offset_std` must be 0 or more"),
    ],
)
def test_bad_values(values, text):
    with pytest.raises(ValueError, match=text):
        OpAmp(**{"gain": 1e5, "gbw": 1e6, **values})
