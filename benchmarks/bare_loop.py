"""The closed loop of an ideal chip against a bare `lax.scan` of the same products.

The bare machine is written by hand for this network, features first, in the units of
the digital network: no volts, no diffrax, no chip. It has the same method and steps.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from rram_ode.config import replace
from rram_ode.system import SOLVERS

from ._harness import compare
from ._problem import Problem, problem, starts
from ._result import Gate, Row


RIVAL = "a hand-written lax.scan of the same products"
SIZES = (1_000, 10_000)
LIMIT = 1e-4
SLOWEST = 1.3


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Euler and Heun, 200 steps, 14 and 64 wide, 1,000 and 10,000 samples."""
    del options
    tasks = [problem("ring-fresh"), problem("ring-64-fresh")]
    found = [
        _row(task, method, size)
        for task in tasks
        for method in ("euler", "heun")
        for size in SIZES
    ]
    return found, {}


def _row(task: Problem, method: str, size: int) -> Row:
    config = replace(replace(task.config, "fidelity", "ideal"), "solve.solver", method)
    loop, chip = task.machine(config)
    assert type(loop.solver) is SOLVERS[method]
    x1 = starts(size)
    ts = loop.schedule(loop.times, loop.clock.duration)
    timing = compare(
        lambda: _ours(loop, chip, x1),
        lambda: _bare(task.process, task.score, x1, ts, method=method),
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
