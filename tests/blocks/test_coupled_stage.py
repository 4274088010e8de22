"""Amplifiers behind an array whose wires join their summing nodes."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from rram_ode.blocks import CoupledStage, OpAmp, Stage, StageNoise
from rram_ode.crossbar import port_matrix, Wires


AMP = OpAmp(1e5, 50e6, slew=20e6, bias_current=1e-8)
CASES = {"no capacitors": (0.0, 0.0), "capacitors": (1e-12, 0.1e-12)}
EACH = ["capacitors", pytest.param("no capacitors", marks=pytest.mark.slow)]
I = jnp.array([[1e-6, -2e-6, 0.5e-6], [1.5e-6, 0.0, -1e-6]])


def stage_of(g, c_in, c_f, v_rail=jnp.inf):
    """Coupled where `g` is a matrix."""
    values: dict[str, Any] = {"g_f": 1e-5, "c_f": c_f, "c_in": c_in, "offset": 1e-3}
    values = {key: jnp.full(3, value) for key, value in values.items()}
    values |= {"v_rail": jnp.asarray(v_rail), "has_capacitors": c_in + c_f > 0}
    if g.ndim == 1:
        return Stage(op_amp=AMP, g_in=g, **values)
    return CoupledStage(op_amp=AMP, y_in=g, **values)


def y_of_wires():
    g = jnp.linspace(8e-6, 90e-6, 15).reshape(5, 3)
    return port_matrix(g, Wires(300.0, 200.0, 500.0, 50.0)).output


@eqx.filter_jit
def everything(stage, dt):
    """Rest, slopes and a step with noise."""
    u = stage.settled(I[0])
    noise = StageNoise(jnp.array([1e-4, -2e-4, 0.0]), jnp.array([1e-7, 0.0, -1e-7]))
    after, mean = stage.advance(stage.propagator(dt), dt, u, *I, noise)
    return u, after, mean, stage.rate(I[1], u, noise), stage.ground(u, I[1])


@pytest.mark.long
@pytest.mark.parametrize("name", EACH)
def test_a_diagonal_matrix_is_a_stage(name):
    """Every result, with slew and rails; a matrix of wires is another circuit."""
    g_in = jnp.array([1e-4, 2e-4, 3e-4])
    dt = jnp.asarray(3e-9)
    wanted, found, other = (
        everything(stage_of(g, *CASES[name], v_rail=0.08), dt)
        for g in (g_in, jnp.diag(g_in), y_of_wires())
    )
    for ours, theirs, wrong in zip(found, wanted, other, strict=True):
        scale = jnp.abs(theirs).max()
        assert jnp.abs(ours - theirs).max() < 1e-9 * scale
        assert jnp.abs(wrong - theirs).max() > 1e-3 * scale


@pytest.mark.long
def test_modes_of_a_diagonal_matrix_are_those_of_its_columns():
    g_in = jnp.array([3e-4, 1e-4, 2e-4])
    for c in CASES.values():
        ours, wanted = (stage_of(g, *c).modes for g in (jnp.diag(g_in), g_in))
        order, other = np.argsort(ours.decay), np.argsort(wanted.decay)
        assert np.allclose(ours.decay[order], wanted.decay[other], rtol=1e-9)
        assert np.array_equal(ours.column[order], wanted.column[other])


@pytest.mark.parametrize("name", EACH)
def test_a_linear_step_is_exact(name):
    """Against one matrix exponential of the equations, written out for all nodes.

    The mutant leaves out what the wires join.
    """
    c_in, c_f = CASES[name]
    stage = stage_of(y_of_wires(), c_in, c_f)
    u = np.asarray(stage.settled(3 * I[0]))
    g = np.asarray(y_of_wires()) + 1e-5 * np.eye(3)
    respond = jax.jit(lambda dt: stage.propagator(dt)(jnp.asarray(u), *I))
    for dt in (1e-9, 1e-7, 1e-5):
        found = respond(jnp.asarray(dt))
        wanted = by_scipy(g, c_in, c_f, u, dt)
        wrong = by_scipy(np.diag(np.diag(g)), c_in, c_f, u, dt)
        for ours, theirs, mutant in zip(found, wanted, wrong, strict=True):
            assert np.allclose(ours, theirs, rtol=1e-8, atol=1e-12), dt
            assert not np.allclose(ours, mutant, rtol=1e-4, atol=1e-12), dt


def by_scipy(g, c_in, c_f, u, dt):
    """Node by node: `g v_m` leaves, `E du/dt = A u + b i + c`, the mean an integral."""
    unity, pole = 2 * np.pi * 50e6, 2 * np.pi * 50e6 / 1e5
    eye, zero = np.eye(3), np.zeros((3, 3))
    of_i = np.linalg.inv(g)
    if c_in + c_f == 0:
        a = -pole * eye - unity * of_i * 1e-5
        b, c = -unity * of_i, unity * 1e-3 - unity * of_i @ np.full(3, 1e-8)
    else:
        mass = np.block([[eye, zero], [-c_f * eye, (c_in + c_f) * eye]])
        a = np.block([[-pole * eye, -unity * eye], [1e-5 * eye, -g]])
        b = np.concatenate([zero, eye])
        c = np.concatenate([np.full(3, unity * 1e-3), np.full(3, 1e-8)])
        a, b, c = (np.linalg.solve(mass, x) for x in (a, b, c))
    k = len(a)
    m = np.zeros((2 * k + 7, 2 * k + 7))
    m[:k, :k], m[:k, 2 * k : 2 * k + 3], m[:k, -1] = a, b, c
    m[k : 2 * k, :k] = np.eye(k)
    m[2 * k : 2 * k + 3, 2 * k + 3 : -1] = eye
    mean, end = np.asarray(I)
    first = 2 * mean - end
    start = np.concatenate([u.ravel(), np.zeros(k), first, (end - first) / dt, [1.0]])
    out = scipy.linalg.expm(m * dt) @ start
    return out[:k].reshape(u.shape), out[k : 2 * k].reshape(u.shape) / dt


def test_rest_is_at_rest():
    for c in CASES.values():
        stage = stage_of(y_of_wires(), *c)
        slope = stage.rate(I[0], stage.settled(I[0]))
        assert jnp.abs(slope).max() < 1e-6 * float(AMP.slew)


@pytest.mark.parametrize("gain", [1e3, jnp.inf])
def test_the_transfer_is_the_response_at_rest(gain):
    """With wires and without, against the dense equations of all nodes."""
    y, i = y_of_wires(), I[0]
    for g in (y, jnp.diag(y)):
        stage = eqx.tree_at(
            lambda s: s.op_amp.gain, stage_of(g, 0.0, 0.0), jnp.asarray(gain)
        )
        ohms, constant = stage.transfer
        found = constant - (ohms @ i if ohms.ndim == 2 else ohms * i)
        total = np.asarray(g if g.ndim == 2 else jnp.diag(g)) + 1e-5 * np.eye(3)
        # Summing nodes, then outputs: v_o / A_0 = V_os - v_m.
        a = np.block([[-total, 1e-5 * np.eye(3)], [np.eye(3), np.eye(3) / gain]])
        b = np.concatenate([-(np.asarray(i) + AMP.bias_current), np.full(3, 1e-3)])
        assert np.allclose(found, np.linalg.solve(a, b)[3:], rtol=1e-9)
        if np.isfinite(gain):
            settled = stage.settled_output(i + AMP.bias_current)
            assert np.allclose(found, settled, rtol=1e-9)


def test_voltages_of_summing_nodes_are_a_product_in_the_samples():
    """A solve with a right side for each sample starts threads that wait."""
    stage: Any = stage_of(y_of_wires(), 0.0, 0.0)
    i = 1e-6 * jnp.arange(3 * 777.0).reshape(3, 777)
    lines = str(jax.make_jaxpr(stage.ground_voltages)(i)).splitlines()
    assert any("dot_general" in line and "777" in line for line in lines)
    assert not any("triangular_solve" in line and "777" in line for line in lines)
    back = stage.ground_currents(stage.ground_voltages(i))
    assert jnp.allclose(back, i, rtol=1e-9, atol=1e-18)
