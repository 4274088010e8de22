from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.accelerators import all_constants, find_machines, MACHINES
from rram_ode.energy import evaluation_work, nominals, sampler_work, Work
from rram_ode.samplers import DIGITAL_SAMPLERS, Euler, Heun
from rram_ode.scores import fourier_mlp


NETWORK = fourier_mlp(2, (14, 14), key=jr.key(0))
VALUES = nominals(all_constants())
REPORTED = 7.2e-6  # J a sample, arXiv 2404.05648
MACS = Work(macs=252, weight_words=252)


def known(value: Any) -> Any:
    assert value is not None
    return value


def parts(name, work=MACS, values=VALUES, batch=1):
    return known(MACHINES[name].operations_energy(work, batch, values))


def operations(name, work=MACS):
    """Arithmetic and words, which the fact sheet counts: nothing static, no loss."""
    return sum(
        joules
        for part, joules in parts(name, work).items()
        if part not in ("leakage", "loading", "regulators")
    )


def test_the_network_of_the_paper():
    work = evaluation_work(NETWORK)
    assert (work.macs, work.stored_words) == (252, 282)


def test_operations_are_those_of_the_traced_network():
    """Against the program that JAX would run: products, additions, rectifiers."""
    embedding = NETWORK.embedding(jnp.array(0.3))
    forward = lambda x: NETWORK(jnp.array(0.3), x)
    counts = {"dot_general": 0, "add": 0, "select_n": 0, "mul": 0}

    def walk(jaxpr):
        for equation in jaxpr.eqns:
            for value in equation.params.values():
                if hasattr(value, "jaxpr"):
                    walk(value.jaxpr)
            name, out = equation.primitive.name, equation.outvars[0].aval
            if name == "dot_general":
                counts[name] += out.size * equation.invars[0].aval.shape[1]
            elif name in counts and out.size > 1:
                counts[name] += out.size

    walk(jax.make_jaxpr(forward)(jnp.zeros(2)).jaxpr)
    work = evaluation_work(NETWORK)
    assert counts["dot_general"] == work.macs
    # The embedding is a table in `Work`; its phases take two products each.
    assert counts["add"] + counts["select_n"] == work.adds
    assert counts["mul"] - embedding.size == work.mults


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (parts("engine-fp32")["products"], 1.16e-9),
        (parts("engine-fp32")["products"] * 100, 116e-9),
        (parts("engine-fp32")["products"] + parts("engine-fp32")["weights"], 2.42e-9),
        (100 * operations("engine-fp32"), 242e-9),
        (operations("engine-int8"), 0.373e-9),
        (100 * operations("engine-int8"), 37.3e-9),
        (250 * 60e-6, 15e-3),
        (400 * 60e-6, 24e-3),
    ],
)
def test_the_reference_arithmetic(got, want):
    assert got == pytest.approx(want, rel=0.01)


@pytest.mark.parametrize(("watts", "joules"), [(250.0, 1.5), (400.0, 2.4)])
def test_a_gpu_at_batch_one_is_launch_bound(watts, joules):
    values = VALUES | {"a100.power": watts, "a100.launch": 10e-6, "a100.idle": 1.0}
    work = evaluation_work(NETWORK) * 100
    energy = known(MACHINES["a100"].wall_energy(work, 1, values))
    assert energy == pytest.approx(joules, rel=0.01)
    ratio = energy / REPORTED
    assert 2e5 < ratio < 3.4e5


def test_an_ideal_engine_beats_the_reported_energy_200_times():
    ratio = REPORTED / (100 * operations("engine-int8"))
    assert ratio == pytest.approx(193, rel=0.01)
    whole = REPORTED / (100 * sum(parts("engine-int8").values()))
    assert 100 < whole < ratio  # with leakage and regulators


def test_the_mutant_without_weights_fails_the_arithmetic():
    energy = operations("engine-fp32", Work(macs=252))
    assert energy != pytest.approx(2.42e-9, rel=0.01)


def test_the_arithmetic_of_the_abstracts():
    assert 2560 * 250 == 640 * 1000  # ms W = mJ
    assert round(28.6e-3 / 225.6e-3 * 1e3, 1) == 126.8
    guo = VALUES["guo-20.2.operation"]
    assert guo * 1e15 == pytest.approx(13.5, rel=0.01)
    assert 2 * guo * 1e15 == pytest.approx(26.9, rel=0.01)
    assert 2 * VALUES["picasso.operation"] * 1e15 == pytest.approx(403, rel=0.01)
    choi = 1 / VALUES["choi-sd.operation"]
    assert choi == pytest.approx(17.0e12, rel=0.01)


def test_the_two_columns_are_never_both_filled():
    work = evaluation_work(NETWORK)
    for machine in MACHINES.values():
        counted = machine.operations_energy(work, 1, VALUES)
        wall = machine.wall_energy(work, 1, VALUES)
        assert (counted is None) != (wall is None), machine.name


@pytest.mark.parametrize("name", MACHINES)
def test_a_batch_never_costs_a_sample_more(name):
    machine, work = MACHINES[name], evaluation_work(NETWORK) * 50
    if (one := machine.seconds(work, 1, VALUES)) is None:
        return
    many = known(machine.seconds(work, 10_000, VALUES))
    assert 0 < many <= one
    twice = known(machine.seconds(work * 2, 1, VALUES))
    assert one < twice <= 2 * one * (1 + 1e-12)


def test_a_large_batch_meets_the_roofline():
    work = evaluation_work(NETWORK) * 50
    machine, values = MACHINES["a100"], VALUES
    batch = 10**9
    flops = work.operations / (values["a100.peak"] * values["a100.fraction"])
    moved = 32 * work.activation_words / values["a100.bandwidth"]
    got = machine.seconds(work, batch, values)
    assert got == pytest.approx(max(flops, moved), rel=1e-3)


def test_work_adds_up():
    one, euler, heun = evaluation_work(NETWORK), Euler(), Heun()
    assert sampler_work(euler, 20, NETWORK).macs == 20 * one.macs
    assert sampler_work(heun, 20, NETWORK).macs == 40 * one.macs
    assert (one + one).macs == (one * 2).macs
    for size in ("stored_words", "live_words", "widest", "samples_per_loading"):
        assert getattr(one * 7, size) == getattr(one, size)
        assert getattr(one + one, size) == getattr(one, size)
    assert (one.widest, one.live_words) == (14, 2 + 14 + 14)
    # Biases once, an embedding per evaluation, three words of schedule per step.
    table = sampler_work(heun, 20, NETWORK).stored_table_words
    assert table == 30 + 40 * 14 + 20 * 3
    for name, make in DIGITAL_SAMPLERS.items():
        work = sampler_work(make(), 10, NETWORK)
        assert work.macs == make().num_evaluations(10) * 252
        assert (work.normals > 0) == (name in ("euler-maruyama", "ancestral"))


def test_energies_take_arrays_of_draws():
    draws = {k: np.full(3, v) for k, v in VALUES.items()}
    work = evaluation_work(NETWORK)
    for machine in MACHINES.values():
        for energy in (machine.wall_energy, machine.seconds):
            one, many = energy(work, 1, VALUES), energy(work, 1, draws)
            if one is not None:
                np.testing.assert_allclose(known(many), one)


def test_a_machine_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no machine `b200`; there are engine-fp32"):
        find_machines(("a100", "b200"))
