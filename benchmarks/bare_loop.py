"""The closed loop of an ideal chip against a bare `lax.scan` of the same products.

The bare machine is written by hand for this network, features first, in the units of
the digital network: no volts, no diffrax, no chip. It has the same method and steps.

What separated 1.1 from 1.5, 14 wide, were the limits of the hidden nodes. A product of
14 costs a node 0.2 ns, and each `jnp.maximum` takes a CPU four instructions, for the
rules of NaN: rails, rectifier and clamp, five in a row, took 0.16 ns with AVX-512 or
AVX2 and 0.47 with SSE 4.2, where the bare machine has one. They also made a loop over
1,000 samples dear enough for XLA to split it over two threads, which costs more than it
saves. Transposes of small matrices come next (`_core/_arrays.py`); the multipliers act
on the two rows of the state and cost little.
"""

import argparse
import json
import os
import subprocess
import sys
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from rram_ode.config import replace
from rram_ode.system import SOLVERS

from ._harness import compare
from ._problem import Problem, problem, starts
from ._result import Gate, Row
from ._threads import VARIABLES


RIVAL = "a hand-written lax.scan of the same products"
SIZES = (1_000, 10_000)
LIMIT = 1e-4
SLOWEST = 1.3


# Imitates other processors, but for the products, whose kernels look for themselves.
NARROW = "--xla_cpu_max_isa=AVX2"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Euler and Heun, 200 steps, 14 and 64 wide, 1,000 and 10,000 samples.

    First on one core as it is, then with vectors as narrow as AVX2, then on all cores.
    """
    del options
    found = _measured(6.0)
    found += _in_a_process("AVX2", 1, NARROW)
    if (num := os.cpu_count() or 1) > 1:
        found += _in_a_process(f"{num} threads", num, "")
    return found, {}


def _measured(budget: float) -> list[Row]:
    tasks = [problem("ring-fresh"), problem("ring-64-fresh")]
    return [
        _row(task, method, size, budget)
        for task in tasks
        for method in ("euler", "heun")
        for size in SIZES
    ]


def _in_a_process(name: str, num_cores: int, flags: str) -> list[Row]:
    """The same rows, of a process with so many cores and these flags of XLA."""
    line = [sys.executable, "-m", __name__, "--cores", str(num_cores)]
    env = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    env["XLA_FLAGS"] = f"{env.get('XLA_FLAGS', '')} {flags}".strip()
    done = subprocess.run(line, env=env, check=True, capture_output=True, text=True)
    return [
        Row(
            f"{name}: {each.pop('case')}",
            Gate(**each.pop("gate")),
            **each,
            target=("ours_over_bare", "<=", SLOWEST),
        )
        for each in json.loads(done.stdout.splitlines()[-1])
    ]


def _main() -> None:
    """Measure on the cores that are asked for, and print the rows as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", type=int, required=True)
    num = parser.parse_args().cores
    os.sched_setaffinity(0, sorted(range(os.cpu_count() or 1), reverse=True)[:num])
    found = []
    for row in _measured(3.0):
        assert row.gate is not None  # by `_row`
        gate = {k: v for k, v in row.gate.as_dict().items() if k != "passed"}
        fields = ("case", "ours_s", "rival_s", "compile_s", "details")
        found.append({"gate": gate, **{name: getattr(row, name) for name in fields}})
    print(json.dumps(found))


def _row(task: Problem, method: str, size: int, budget: float) -> Row:
    config = replace(replace(task.config, "fidelity", "ideal"), "solve.solver", method)
    loop, chip = task.machine(config)
    assert type(loop.solver) is SOLVERS[method]
    x1 = starts(size)
    ts = loop.schedule(loop.times, loop.clock.duration)
    timing = compare(
        lambda: _ours(loop, chip, x1),
        lambda: _bare(task.process, task.score, x1, ts, method=method),
        budget=budget,
    )
    largest = jnp.max(jnp.abs(timing.rival))
    difference = jnp.max(jnp.abs(timing.ours - timing.rival)) / jnp.maximum(largest, 1)
    width = task.config.network.widths[0]
    return Row(
        f"{method}, {width} wide, {size} samples",
        Gate(float(difference), LIMIT, "largest difference, over the largest sample"),
        timing.ours_s,
        timing.rival_s,
        timing.compile_s,
        ("ours_over_bare", "<=", SLOWEST),
        {
            **timing.details(),
            "ours_over_bare": timing.ours_s / timing.rival_s,
            "steps": ts.size - 1,
        },
    )


@eqx.filter_jit
def _ours(loop, chip, x1):
    return loop.solve(chip, x1).x0


@eqx.filter_jit
def _bare(process, score, x1, ts, *, method):
    network = score.network
    weights = [w.T for w in network.weights]
    *biases, last_bias = network.biases

    def velocity(t, x):
        phase = 2 * jnp.pi * network.frequencies * t
        embedding = jnp.concatenate([jnp.sin(phase), jnp.cos(phase)])
        h = x
        for w, b in zip(weights[:-1], biases, strict=True):
            h = jnp.maximum(w @ h + (b + embedding)[:, None], 0)
        out = weights[-1] @ h + last_bias[:, None]
        gain = process.gain(t) * score.readout.factor(t) * network.output_factor
        return process.linear(t) * x + gain * out

    def step(x, pair):
        t, t_next = pair
        h = t_next - t
        k1 = velocity(t, x)
        if method == "euler":
            return x + h * k1, None
        k2 = velocity(t_next, x + h * k1)
        return x + h / 2 * (k1 + k2), None

    return jax.lax.scan(step, x1, (ts[:-1], ts[1:]))[0]


if __name__ == "__main__":
    _main()
