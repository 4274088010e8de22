"""Memory of a gradient through the closed loop over its number of steps.

2-14-14-2 on a chip, 1,000 samples in one state, sliced Wasserstein loss, gradient with
respect to all conductances. Bytes are XLA's own count of what the compiled program
allocates beside arguments and results (`memory_analysis`): the whole batch of states
that a backward pass keeps is in it. The first row is diffrax's checkpointed adjoint,
the default of a loop; with as many checkpoints as steps it keeps every state, and shows
that the measure sees what grows. Each compiled program is run once.
"""

import dataclasses
import math
import time
from typing import Any

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from rram_ode.config import replace
from rram_ode.training import sliced_wasserstein_loss

from ._problem import Problem, problem, starts
from ._result import Gate, Row


RIVAL = "none: a limit"
NUM_SAMPLES = 1_000
STEPS = (62, 250, 1_000, 4_000)
ROOT = "checkpoints of diffrax's choice"
ALL = "as many checkpoints as steps"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each adjoint; the gate is the exponent of bytes over steps."""
    num = options.num_samples or NUM_SAMPLES
    task = problem("ring-fresh")
    return [_row(task, name, num) for name in (ROOT, ALL)], {"num_samples": num}


def _row(task: Problem, name: str, num: int) -> Row:
    measured = [_gradient(task, name, steps, num) for steps in STEPS]
    found, seconds = zip(*measured, strict=True)
    spans = zip(STEPS[1:], STEPS, found[1:], found, strict=False)
    exponents = [math.log(b1 / b0) / math.log(n1 / n0) for n1, n0, b1, b0 in spans]
    at_1000 = STEPS.index(1_000)
    return Row(
        f"{name}, {num} samples",
        Gate(
            exponents[at_1000],
            0.5 if name == ROOT else 0.8,
            "exponent of bytes over steps from 1,000 to 4,000",
            at_least=name == ALL,
        ),
        seconds[at_1000],
        details={
            "steps": list(STEPS),
            "bytes": list(found),
            "exponents": exponents,
            "seconds": list(seconds),
        },
    )


def _gradient(task: Problem, name: str, steps: int, num: int) -> tuple[int, float]:
    """Bytes of the compiled gradient, and seconds of one run."""
    config = replace(task.config, "solve.num_steps", steps)
    for read in ("white", "flicker"):
        config = replace(config, f"cell.read.{read}.std", 0.0)
    config = replace(config, "cell.read.flicker.slope", 0.0)
    kept = None if name == ROOT else steps
    adjoint = dfx.RecursiveCheckpointAdjoint(kept)
    loop, chip = task.machine(config)
    loop = dataclasses.replace(loop, adjoint=adjoint)
    x1, data = starts(num), 0.7 * jr.normal(jr.key(2), (2, num))
    cells = lambda c: [layer.crossbar.g_pos for layer in c.score.layers]

    def loss(g: list[jax.Array]) -> jax.Array:
        return sliced_wasserstein_loss(
            loop.solve(eqx.tree_at(cells, chip, g), x1).x0, data
        )

    compiled = jax.jit(jax.grad(loss)).lower(cells(chip)).compile()
    begun = time.perf_counter()
    slopes = jax.block_until_ready(compiled(cells(chip)))
    seconds = time.perf_counter() - begun
    assert all(bool(jnp.isfinite(s).all()) for s in slopes)
    memory = compiled.memory_analysis()
    assert memory is not None  # on CPUs and GPUs
    return memory.temp_size_in_bytes, seconds
