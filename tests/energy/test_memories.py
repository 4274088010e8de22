"""Memories by capacity: Horowitz's rows, a law between and beyond, DRAM at last."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from rram_ode.accelerators import all_constants, Engine, MACHINES
from rram_ode.energy import (
    ANALOG_NODE,
    CONSTANTS,
    DIGITAL_NODE,
    KILOBYTE,
    MEGABYTE,
    Memory,
    Node,
    nominals,
    propagate,
    regulate,
    Work,
)


TABLE = all_constants()
VALUES = nominals(TABLE)


def engine(name="engine-int8") -> Engine:
    machine = MACHINES[name]
    assert isinstance(machine, Engine)
    return machine


def spent(machine: Engine, work, batch=1, values=VALUES) -> dict[str, Any]:
    """Joules by part."""
    parts = machine.operations_energy(work, batch, values)
    assert parts is not None
    return parts


def seconds(machine: Engine, work, values=VALUES) -> float:
    took = machine.seconds(work, 1, values)
    assert took is not None
    return float(took)


def picojoules(capacity, node=DIGITAL_NODE, values=VALUES):
    """Energy of an access of 64 bits."""
    return 64e12 * Memory(capacity, node).per_bit(values)


@pytest.mark.parametrize(
    ("capacity", "want"),
    [
        (8 * KILOBYTE, 10.0),
        (32 * KILOBYTE, 20.0),
        (MEGABYTE, 100.0),
        (16 * KILOBYTE, math.sqrt(10 * 20)),  # the middle of a power law
        (4 * MEGABYTE, 200.0),  # p = 1/2
        (16 * MEGABYTE, 400.0),
        (33 * MEGABYTE, 1300.0),  # larger than any chip: DRAM
        (1.0, 10.0),  # no row below 8 KB
    ],
)
def test_the_law_by_hand(capacity, want):
    assert picojoules(capacity) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("node", [DIGITAL_NODE, ANALOG_NODE, Node(65e-9, 1.1)])
@pytest.mark.parametrize("end", ["low", "nominal", "high"])
def test_a_larger_memory_never_costs_less(node, end):
    values = {name: getattr(c, end) for name, c in CONSTANTS.items()}
    capacities = np.geomspace(KILOBYTE, 1000 * MEGABYTE, 400)
    costs = np.array([picojoules(c, node, values) for c in capacities])
    assert np.all(np.diff(costs) >= -1e-9 * costs[1:])
    small = [c for c in capacities if c < MEGABYTE / 8]
    held = np.array([Memory(c, node).standby(values) for c in small])
    assert np.all(np.diff(held) > 0)


def test_samples_of_constants_give_each_its_own_memory():
    """An array of samples is what each sample gives alone, on and off the chip."""
    spans = {
        "sram.largest": np.array([4.0, 16.0, 32.0]) * MEGABYTE,
        "sram.exponent": np.array([0.4, 0.5, 0.6]),
        "sram.8kb": np.array([0.1e-12, 0.2e-12, 0.3e-12]),
    }
    memory = Memory(12 * MEGABYTE)
    many, held = memory.per_bit(VALUES | spans), memory.standby(VALUES | spans)
    for k in range(3):
        one = VALUES | {name: span[k] for name, span in spans.items()}
        assert np.asarray(many)[k] == pytest.approx(memory.per_bit(one), rel=1e-12)
        assert np.asarray(held)[k] == pytest.approx(memory.standby(one), rel=1e-12)
    assert np.asarray(held)[0] == VALUES["dram.standby"]


def test_another_node_scales_the_array_and_not_the_dram():
    factor = ANALOG_NODE.scaling.factor
    small = 64 * KILOBYTE
    assert picojoules(small, ANALOG_NODE) == pytest.approx(
        factor * picojoules(small), rel=1e-12
    )
    # 32 MB at 45 nm take the area of 2 MB at 180 nm.
    assert Memory(2 * MEGABYTE, ANALOG_NODE).is_on_chip(VALUES)
    assert not Memory(2.1 * MEGABYTE, ANALOG_NODE).is_on_chip(VALUES)
    dear = VALUES | {"dram": 1e-9}
    assert picojoules(3 * MEGABYTE, ANALOG_NODE, dear) == pytest.approx(64e3)


def test_leakage_joins_its_two_nodes():
    for what, ends in (("sram", (0.5e-9, 2e-12)), ("logic", (0.1, 1e-3))):
        assert DIGITAL_NODE.leakage(what, VALUES) == pytest.approx(ends[0])
        assert ANALOG_NODE.leakage(what, VALUES) == pytest.approx(ends[1])
        middle = Node(90e-9, 1.2).leakage(what, VALUES)
        assert middle == pytest.approx(math.sqrt(ends[0] * ends[1]))
        assert Node(16e-9, 0.8).leakage(what, VALUES) == pytest.approx(ends[0])


def test_regulators_lose_a_fraction_of_what_is_drawn():
    parts = regulate({"a": 3.0, "b": 1.0}, {"regulator.efficiency": 0.8})
    assert sum(parts.values()) == pytest.approx(4.0 / 0.8, rel=1e-12)
    assert regulate({"a": 3.0}, {"regulator.efficiency": 1.0})["regulators"] == 0.0


@pytest.mark.parametrize("capacity", [-1.0, math.nan, math.inf])
def test_a_bad_capacity_is_refused(capacity):
    with pytest.raises(ValueError, match="`capacity` must be 0 or more bits"):
        Memory(capacity)


def work(kilobytes):
    """A square layer whose INT8 weights fill so many kilobytes, evaluated once."""
    words = int(kilobytes * 1024)
    side = math.isqrt(words)
    return Work(
        macs=words,
        weight_words=words,
        activation_words=2 * side,
        stored_words=words,
        live_words=2 * side,
        widest=side,
    )


@pytest.mark.parametrize(
    ("kilobytes", "per_access", "level"),
    [
        (8, 10.0, "SRAM of 8 KB"),
        (512, 20 * 5 ** (math.log(16) / math.log(32)), "SRAM of 512 KB"),
        (16 * 1024, 400.0, "SRAM of 16 MB"),
    ],
)
def test_an_engine_reads_its_weights_at_the_cost_of_their_memory(
    kilobytes, per_access, level
):
    """With source and range; the mutant prices every capacity as 8 KB."""
    machine, job = engine(), work(kilobytes)
    assert machine.memories(job)["weights"].level(VALUES) == level
    joules = lambda v: spent(machine, job, values=v)["weights"]
    want = job.weight_words * 8 / 64 * per_access * 1e-12
    assert joules(VALUES) == pytest.approx(want, rel=1e-9)
    spread = propagate(joules, TABLE)
    assert spread.low < want < spread.high
    assert all(len(TABLE[name].source) > 7 for name in spread.used)
    mutant = job.weight_words * 8 * VALUES["sram.8kb"]
    assert (kilobytes == 8) == (abs(mutant / want - 1) < 1e-9)


def test_memories_hold_what_is_theirs():
    """More activations cost more per word, whatever the weights; tables likewise."""
    job = dataclasses.replace(work(8), table_words=100, stored_table_words=100)
    large = dataclasses.replace(job, live_words=2**20, stored_table_words=2**19)
    parts = [spent(engine(), each) for each in (job, large)]
    assert parts[1]["activations"] == pytest.approx(10 * parts[0]["activations"])
    ratio = picojoules(512 * KILOBYTE) / 10
    assert parts[1]["tables"] == pytest.approx(ratio * parts[0]["tables"])
    assert parts[1]["weights"] == parts[0]["weights"]


def test_banks_beside_the_multipliers():
    """A weight costs as in 8 KB, whatever their number; what travels is counted."""
    shared, banks = engine(), engine("engine-int8-stationary")
    small = work(8)
    one, other = (spent(m, small) for m in (shared, banks))
    # One bank is one memory; only the clock's name differs.
    assert one == other
    large = work(16 * 1024)
    parts = spent(banks, large)
    assert parts["weights"] == pytest.approx(large.weight_words * 8 / 64 * 10e-12)
    moved = large.activation_words / 2 * (8 + 32) / 64 * (400 - 10) * 1e-12
    assert parts["activations across the array"] == pytest.approx(moved, rel=1e-9)
    huge = work(64 * 1024)  # beyond the chip both stream from DRAM
    for machine in (shared, banks):
        weights = spent(machine, huge)["weights"]
        assert weights == pytest.approx(huge.weight_words * 8 / 64 * 1300e-12)


@pytest.mark.parametrize("name", ["engine-int8", "engine-int8-stationary"])
def test_a_batch_shares_weights_and_pays_for_activations(name):
    """Never cheaper than weights for free; the tile costs no more than batch 1."""
    machine, job = engine(name), work(1024)
    costs = [
        sum(spent(machine, job, batch).values()) for batch in (1, 10, 1000, 100_000)
    ]
    assert costs[0] > costs[1] > costs[2]
    assert costs[2] >= costs[3] * (1 - 1e-12)
    free = dataclasses.replace(job, weight_words=0)
    assert costs[3] > sum(spent(machine, free).values())
    # All samples of a large batch at once would need a large memory: a tile does not.
    words = spent(machine, job, 100_000)
    whole = machine.memories(job, 100_000)["activations"].per_bit(VALUES)
    assert words["activations"] < 8 * job.activation_words * whole


def test_leakage_grows_with_time_and_capacity():
    """Arithmetic leaks a fraction of its energy, memories their power by the time."""
    machine, job = engine(), work(1024)
    slow = VALUES | {"engine-int8.clock": 50e6}
    parts, longer = (spent(machine, job, values=v) for v in (VALUES, slow))
    took = [seconds(machine, job, v) for v in (VALUES, slow)]
    assert took[0] == pytest.approx(job.macs / (job.widest * 500e6))
    held = sum(memory.capacity for memory in machine.memories(job).values()) * 0.5e-9
    assert longer["leakage"] - parts["leakage"] == pytest.approx(
        held * (took[1] - took[0]), rel=1e-9
    )
    logic = parts["leakage"] - held * took[0]
    assert logic == pytest.approx(0.1 * parts["products"], rel=1e-6)


def test_loading_is_shared_by_samples():
    """Weights come from DRAM once for as many samples as share a programming."""
    machine, job = engine(), work(512)
    once = dataclasses.replace(job, samples_per_loading=1.0)
    loading = spent(machine, once)["loading"]
    assert loading == pytest.approx(job.stored_words * 8 / 64 * 1.3e-9)
    shared = spent(machine, job)["loading"]
    assert shared == pytest.approx(loading / 1e6)


def test_weights_from_dram_take_their_time():
    machine, huge = engine(), work(64 * 1024)
    took = seconds(machine, huge, VALUES)
    assert took == pytest.approx(huge.weight_words / 25.6e9)
    wide = VALUES | {"dram.bandwidth": 1e15}
    assert seconds(machine, huge, wide) < took
