"""A sweep over a setting runs the programs of its first value."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _octagon import make_chip
from rram_ode import System
from rram_ode.blocks import DAC, Schedule
from rram_ode.loop import close_loop, draw, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise, WhiteReadNoise
from rram_ode.sdes import ProbabilityFlow, VPSDE


SAMPLING = ("solve_chunk", "_peak_factor", "_circuit_of")
FEW = {"solve.num_steps": 100, "solve.longest": "40us", "dac.fastest": "10MHz"}
DURATIONS = [{"solve.duration": d * 1e-6} for d in np.linspace(12, 40, 5)]
WHITE = ReadNoise(WhiteReadNoise(5e-6, 1e6))


def lowered(preset, sweep, others):
    """Names of the sampling programs of a sweep: a system and a chip for each value."""
    names = []

    def listen(event: str, duration_secs: float, **about: str | int) -> None:
        del duration_secs
        name = str(about.get("fun_name")).removeprefix("jit(").removesuffix(")")
        if event.endswith("jaxpr_to_mlir_module_duration") and name in SAMPLING:
            names.append(name)

    jax.monitoring.register_event_duration_secs_listener(listen)
    for settings in sweep:
        system = System.from_preset(preset, {**others, **settings})
        run = system.sample(system.program(1), 4)
        assert np.all(np.isfinite(run.x))
    return names


@pytest.mark.long
def test_sweeps_compile_sampling_once():
    """Over durations, bits, levels and update rates, one after the other."""
    bits = [{"dac.bits": bits} for bits in range(6, 13)]
    levels = [{"cell.levels": num} for num in (8, 15, 16, 33)]
    rates = [{"dac.update_rate": f"{mhz}MHz"} for mhz in (2, 3.3, 7)]
    each = [*DURATIONS, *bits, *levels, *rates]
    found = lowered("ring-fresh", each, {**FEW, "dac.bits": 10, "cell.levels": 64})
    assert sorted(found) == ["_peak_factor", "solve_chunk"]


FIFTY = {
    "solve.duration": np.linspace(12e-6, 40e-6, 50),
    "dac.update_rate": np.geomspace(5e5, 10e6, 50),
    "dac.bits": [1 + n % 16 for n in range(50)],  # there are no fifty of them
    "cell.levels": range(4, 54),
    "op_amp.gbw": np.geomspace(1e8, 9e8, 50),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FIFTY)
def test_fifty_values_compile_sampling_once(name):
    each = [{name: value} for value in FIFTY[name]]
    found = lowered("ring-fresh", each, {**FEW, "dac.bits": 10, "cell.levels": 64})
    assert found.count("solve_chunk") == 1


@pytest.mark.slow
def test_a_sweep_over_bandwidths_compiles_sampling_once():
    """Also without a longest solve, and in dynamic fidelity."""
    each = [{"op_amp.gbw": f"{mhz}MHz"} for mhz in (200, 300, 400, 800)]
    others = {"fidelity": "dynamic", "op_amp.kind": "on-chip", "solve.num_steps": 300}
    found = lowered("ring-fresh", each, others)
    assert found.count("solve_chunk") == found.count("_circuit_of") == 1


@pytest.mark.slow
def test_sizes_of_each_duration_compile_for_each():
    """The mutant: without a longest solve they are a part of the program."""
    found = lowered("ring-fresh", DURATIONS[:4], {**FEW, "solve.longest": None})
    assert found.count("solve_chunk") > 2


def loop_of(duration, longest, fastest=None):
    return close_loop(
        NetworkDrift(ProbabilityFlow(VPSDE(1.0, 1.0))),
        Schedule(0.0, 1.0),
        LabClock(duration, 1e-3, longest),
        read=WHITE,
        dac=DAC(12, 3e6, fastest=fastest),
        num_steps=50,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("longest", "fastest"), [(40e-6, None), (None, 8e6)])
def test_a_padded_solve_is_the_solve(longest, fastest):
    """The same values and steps; what is padded is nowhere read."""
    chip = make_chip(WHITE)
    run = lambda loop: next(draw(loop, chip, 6, key=jr.key(0), num_observed=5))
    loop = loop_of(13e-6, longest, fastest)
    plain, padded = run(loop_of(13e-6, None)), run(loop)
    most = loop.most_steps
    assert most is not None
    assert padded.num_steps == plain.num_steps < most
    assert plain.observation is not None
    assert padded.observation is not None
    assert np.allclose(plain.x0, padded.x0, rtol=1e-13, atol=1e-13)
    assert jnp.array_equal(plain.observation.taus, padded.observation.taus)
    assert np.allclose(plain.observation.v, padded.observation.v, rtol=1e-13, atol=0)


def test_the_fastest_updates_are_no_slower():
    with pytest.raises(ValueError, match="`dac.fastest` must be `dac.update_rate` or"):
        loop_of(20e-6, None, 1e6)


def test_no_gradient_of_an_update_rate():
    """Edges of updates stay where they are: a gradient would be another one's."""
    chip = make_chip(WHITE)
    loop = loop_of(20e-6, None)

    def end(rate):
        moved = eqx.tree_at(lambda loop: loop.dac.update_rate, loop, rate)
        return jnp.sum(moved.solve(chip, jnp.ones((2, 3))).x0)

    with pytest.raises(ValueError, match="`dac.update_rate` has no gradient"):
        jax.grad(end)(jnp.asarray(3e6))


def test_the_longest_solve_is_no_shorter():
    with pytest.raises(
        ValueError, match=r"`solve.longest` must be `solve.duration` or"
    ):
        loop_of(50e-6, 40e-6)
