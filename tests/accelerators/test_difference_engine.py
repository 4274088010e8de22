"""Joules and cycles of differences: limits, monotony, and a second way to count."""

import dataclasses
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.accelerators import (
    all_constants,
    calibrate_differences,
    CORES,
    DifferenceEngine,
    DifferenceScore,
    generate_differences,
    MACHINES,
)
from rram_ode.energy import (
    count_differences,
    nominals,
    propagate,
    sampler_work,
)
from rram_ode.samplers import Euler
from rram_ode.sdes import ProbabilityFlow


STEPS = 20
CHECKPOINT = rr.System.from_preset("ring-64-fresh").checkpoint
SCORE, SDE = jax.tree.map(
    lambda x: x.astype(float) if eqx.is_inexact_array(x) else x,
    (CHECKPOINT.score, CHECKPOINT.sde),
)
NETWORK = SCORE.network
SHAPES = tuple(w.shape for w in NETWORK.weights)
SIZES = SCORE.sizes()
WORK = sampler_work(Euler(), STEPS, NETWORK)
VALUES = nominals(all_constants())
FLOW = ProbabilityFlow(SDE)
TS = jnp.linspace(1.0, 1e-3, STEPS + 1)
CALIBRATION, STARTS = (jr.normal(jr.key(k), (2, n)) for k, n in enumerate((128, 64)))


def counted(fraction, bits=4, refresh=0):
    score = DifferenceScore(SCORE, bits, refresh=refresh)
    score = calibrate_differences(score, FLOW, CALIBRATION, TS, fraction=fraction)
    run = generate_differences(score, FLOW, STARTS, TS)
    return jax.tree.map(np.asarray, (run.counts, run.is_full))


def engine(name, fraction, bits=4, **settings):
    work = count_differences(SIZES, *counted(fraction, bits, **settings))
    return DifferenceEngine(name, "", bits, work, name == "ditto")


def parts(machine, values=VALUES):
    found = machine.operations_energy(WORK, 1, values)
    assert found is not None
    return found


@pytest.mark.long
@pytest.mark.parametrize("name", ["guo", "ditto"])
def test_all_in_floating_point_costs_what_bfloat16_does(name):
    """Part by part as `Engine` counts it; differences and state come on top."""
    found, plain = parts(engine(name, 1.0)), parts(MACHINES["engine-bf16"])
    same = ("products", "other arithmetic", "weights", "tables", "activations")
    for part in (*same, "random numbers", "loading"):
        np.testing.assert_allclose(found[part], plain[part], rtol=1e-12)
    zeros = 0.0 if name == "guo" else STEPS * 130  # found by a comparison each
    assert found["integer products"] <= zeros * VALUES["int8.add"]
    assert set(found) - set(plain) == {"integer products", "differences", "state"}
    mutant = parts(engine(name, 0.05))
    assert mutant["products"] < 0.5 * plain["products"]


@pytest.mark.parametrize("name", ["guo", "ditto"])
def test_energy_falls_with_the_fraction_and_the_bits(name):
    total = lambda *way: float(np.asarray(sum(parts(engine(name, *way)).values())))
    by_fraction = [total(fraction) for fraction in (1.0, 0.2, 0.05, 0.01)]
    assert np.all(np.diff(by_fraction) < 0)
    by_bits = [total(0.05, bits) for bits in (8, 6, 4, 3)]
    assert np.all(np.diff(by_bits) < 0)


def test_skipped_zeros_save_their_products_and_weights():
    """The two rows differ by products that are zero, and by finding them."""
    counts = counted(0.05)
    work = count_differences(SIZES, *counts)
    guo, ditto = (
        parts(DifferenceEngine(name, "", 4, work, name == "ditto"))
        for name in ("guo", "ditto")
    )
    zero, integer, floating, full = work.macs
    weights = ditto["weights"] / guo["weights"]
    computed = integer + floating + full
    np.testing.assert_allclose(weights, computed / (computed + zero), rtol=1e-12)
    assert ditto["integer products"] < guo["integer products"]
    for part in ("products", "differences", "state", "tables"):
        assert ditto[part] == guo[part]


def test_differences_by_hand():
    """Three additions and a product an input, a scaling and an addition a sum."""
    machine = engine("guo", 0.05)
    found = parts(machine)
    plain = WORK.adds * VALUES["bf16.add"] + WORK.mults * VALUES["bf16.mult"]
    regulation = found["other arithmetic"] / plain
    later = STEPS - 1  # the first step is in full precision
    wanted = later * 130 * (3 * VALUES["bf16.add"] + VALUES["bf16.mult"])
    wanted += later * 130 * (VALUES["fp32.add"] + VALUES["fp32.mult"])
    assert found["differences"] == pytest.approx(wanted * regulation, rel=1e-12)
    # Products without weights, as in attention, are in bfloat16.
    work = dataclasses.replace(WORK, macs=WORK.macs + 1000, free_macs=1000)
    more = machine.operations_energy(work, 1, VALUES)
    assert more is not None
    both = VALUES["bf16.add"] + VALUES["bf16.mult"]
    gained = more["products"] - found["products"]
    assert gained == pytest.approx(1000 * both * regulation, rel=1e-9)


def test_a_weight_of_many_places_is_read_whatever_is_zero():
    """One weight serves all windows: zeros save products, and no reading of weights."""
    counts, is_full = counted(0.05)
    tokens = [size._replace(weights=size.weights // 2) for size in SIZES]
    work = count_differences(tuple(tokens), counts, is_full)
    read = {kind: work.weight_words(skips_zeros=kind) for kind in (True, False)}
    assert read[True] == read[False] == STEPS * sum(size.weights for size in tokens)
    dense = count_differences(SIZES, counts, is_full)
    assert dense.weight_words(skips_zeros=True) < dense.weight_words(skips_zeros=False)


def test_counts_are_those_of_a_loop():
    """One by one, from the raw counts; the first step is in full precision."""
    counts, is_full = counted(0.1, refresh=8)
    work = count_differences(SIZES, counts, is_full)
    samples, macs, inputs = counts.shape[-1], np.zeros(4), np.zeros(3)
    for step, layer, sample in np.ndindex(STEPS, 3, samples):
        own, (rows, cols) = counts[step, layer, :, sample], SHAPES[layer]
        if is_full[step]:
            macs[3] += rows * cols
        else:
            macs[:3] += own * cols
            inputs += own
    np.testing.assert_allclose(work.macs, macs / samples, rtol=1e-12)
    np.testing.assert_allclose(work.inputs, inputs / samples, rtol=1e-12)
    assert round(work.macs.sum()) == WORK.macs
    # 3 steps write all words, 17 read and write them.
    assert work.moved_words == (130 * (3 + 34), 130 * (3 + 34))
    assert work.held_words == (130, 130)


@pytest.mark.parametrize("name", ["guo", "ditto"])
@pytest.mark.parametrize("serial", [1.0, 4.0])
def test_cycles_are_those_of_a_loop(name, serial):
    """The larger core at each step of each sample; then the mean, not before."""
    counts, is_full = counted(0.1)
    machine = engine(name, 0.1)
    values = {**VALUES, "difference.serial": serial}
    dense, sparse, align = (
        values[f"difference.{key}"] for key in ("dense", "sparse", "alignment")
    )
    significand = math.ceil(8 / serial) + align
    total = 0.0
    for step, layer, sample in np.ndindex(STEPS, 3, counts.shape[-1]):
        zero, integer, floating = map(int, counts[step, layer, :, sample])
        if is_full[step]:
            total += math.ceil(SHAPES[layer][0] / dense) * significand
            continue
        narrow = integer if name == "ditto" else zero + integer
        total += max(
            math.ceil(narrow / dense) * math.ceil(4 / serial),
            math.ceil(floating / sparse) * significand,
        )
    expected = total / counts.shape[-1]
    np.testing.assert_allclose(machine.cycles(values), expected, rtol=1e-12)
    seconds = machine.seconds(WORK, 1, values)
    assert seconds == pytest.approx(expected / values["difference.clock"])


def test_fewer_bits_and_more_lanes_take_fewer_cycles():
    cycles = lambda bits, **k: engine("guo", 0.01, bits).cycles(
        {**VALUES, **{f"difference.{name}": value for name, value in k.items()}}
    )
    serial = {"serial": 1.0}
    assert cycles(3, **serial) < cycles(8, **serial)
    assert cycles(8, dense=64.0) < cycles(8, dense=8.0)
    # Bit-serial in the narrow core costs a cycle per bit, at most.
    assert cycles(8, serial=4.0) < cycles(8, **serial) <= 4 * cycles(8, serial=4.0)


def test_draws_of_the_constants_are_those_of_single_values():
    machine = engine("ditto", 0.05)
    model = lambda values: sum(parts(machine, values).values())
    found = propagate(model, all_constants(), num_draws=64)
    assert found.low < found.nominal < found.high
    assert set(CORES) <= set(all_constants())
    ends = [all_constants()["bf16.mult"].low, all_constants()["bf16.mult"].high]
    both = model({**VALUES, "bf16.mult": np.array(ends)})
    each = np.array([model({**VALUES, "bf16.mult": end}) for end in ends])
    np.testing.assert_allclose(both, each, rtol=1e-12)


def test_a_larger_batch_holds_more_state():
    machine = engine("guo", 0.05)
    one, many = (machine.operations_energy(WORK, n, VALUES) for n in (1, 1024))
    assert one is not None
    assert many is not None
    assert many["state"] > one["state"]
    assert machine.wall_energy(WORK, 1, VALUES) is None
    narrow = dataclasses.replace(machine, reference_bits=16)
    assert parts(narrow)["state"] == pytest.approx(0.75 * one["state"])


def test_counts_of_another_network_are_refused():
    counts, is_full = counted(0.05)
    with pytest.raises(ValueError, match="layer 1 must add up to its 63 inputs"):
        count_differences(
            (SIZES[0], SIZES[1]._replace(inputs=63), SIZES[2]), counts, is_full
        )
