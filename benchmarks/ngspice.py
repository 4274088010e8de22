"""One solve of the 2-14-14-2 loop in the dynamic model and in ngspice: one circuit.

ngspice runs one sample a process; its time is that of the process, with its files. A
thousand samples are a thousand runs, of which 50 are measured. The gate compares every
node of the timed solve, over the whole trajectory.
"""

import statistics
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from rram_ode.chip import Chip
from rram_ode.config import replace
from rram_ode.loop import DynamicLoop, SILENT
from rram_ode.spice import (
    compare,
    find_ngspice,
    INSTALL,
    Netlist,
    node_voltages,
    run_netlist,
    write_netlist,
)
from rram_ode.system import build_loop

from ._harness import compare as time_both, run
from ._problem import problem, starts
from ._result import Gate, Row


RIVAL = "ngspice in batch mode on the exported netlist"
NUM_RUNS = 50
BATCH = 1000
NUM_STEPS = 800  # 200 leave 0.9 % of full scale at the worst output of 50 samples
LIMIT = 0.005
WHAT = "largest difference of a node over its class's full scale"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """`single` and `batch-1000`."""
    del options
    names = ("single", f"batch-{BATCH}")
    if find_ngspice() is None:
        return [Row(name, skipped=f"no ngspice: {INSTALL}") for name in names], {}
    task = problem("ring-fresh")
    config = replace(task.config, "fidelity", "dynamic")
    config = replace(config, "solve.num_steps", NUM_STEPS)
    _, chip = task.machine(task.config)
    loop = build_loop(config, task.sde, SILENT, readout=task.score.readout)
    assert isinstance(loop, DynamicLoop)  # by its fidelity
    loop = loop.silenced()  # a deck has the noise of the first sample alone
    x1 = config.solve.start_std * starts(BATCH)
    found = [_single(loop, chip, x1[:, :1]), _batch(loop, chip, x1)]
    return found, {"op_amp": config.op_amp.kind}


def _single(loop: DynamicLoop, chip: Chip, x1: jnp.ndarray) -> Row:
    """One sample with every node kept, in turns with one run of ngspice."""
    deck = write_netlist(loop, chip, x1[:, 0])
    timing = time_both(
        lambda: _trace(loop, chip, x1), lambda: run_netlist(deck), budget=60.0
    )
    value = _deviation(loop, chip, deck, timing.ours, 0, timing.rival)
    return Row(
        "single",
        Gate(value, LIMIT, WHAT),
        timing.ours_s,
        timing.rival_s,
        timing.compile_s,
        ("ratio", ">=", 1.0),
        {**timing.details(), "steps": loop.grid.size - 1},
    )


def _batch(loop: DynamicLoop, chip: Chip, x1: jnp.ndarray) -> Row:
    """A batch with every node kept; ngspice on 50 of its samples, by turns."""
    picked = np.linspace(0, BATCH - 1, NUM_RUNS).round().astype(int)
    decks = [write_netlist(loop, chip, x1[:, n]) for n in picked]
    timing = time_both(lambda: _solve(loop, chip, x1), lambda: None, budget=0.0)
    ours, theirs, values = [], [], []
    for n, deck in zip(picked, decks, strict=True):
        seconds, states = run(lambda: _trace(loop, chip, x1))
        ours.append(seconds)
        seconds, waves = run(lambda deck=deck: run_netlist(deck))
        theirs.append(seconds)
        values.append(_deviation(loop, chip, deck, states, int(n), waves))
    rival = BATCH * statistics.fmean(theirs)
    return Row(
        f"batch-{BATCH}",
        Gate(max(values), LIMIT, WHAT),
        statistics.median(ours),
        rival,
        timing.compile_s,
        ("ratio", ">=", 5000.0),
        {
            "repeats": NUM_RUNS,
            "rival_runs": NUM_RUNS,
            "rival_one_run_s": statistics.fmean(theirs),
            "ours_ends_only_s": timing.ours_s,
            "steps": loop.grid.size - 1,
        },
    )


def _deviation(
    loop: DynamicLoop, chip: Chip, deck: Netlist, states: Any, sample: int, waves: Any
) -> float:
    times, spice = waves
    ours = node_voltages(states, sample, chip)
    taus = np.asarray(loop.times, float)
    found = [compare(name, times, spice[name], taus, ours[name]) for name in deck.nodes]
    return max(each.largest for each in found)


@eqx.filter_jit
def _trace(loop, chip, x1):
    return loop.trace(chip, x1)


@eqx.filter_jit
def _solve(loop, chip, x1):
    return loop.solve(chip, x1).x0
