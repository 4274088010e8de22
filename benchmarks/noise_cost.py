"""What read noise costs: the chip of `ring` with its noise on against off.

The price is that of a draw made, carried and used: (on - off) / number of normals.
White noise takes one draw a column and hold. Flicker takes one a cell, state and hold
of the state, and a product a cell and evaluation. `ns_per_draw_made` is the part that
makes the paths. The last row runs the same samples by the commit before noise was made
cheaper, turn by turn with this one, each in a process of its own.
"""

import math
import statistics
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import scipy.stats as st
from rram_ode.chip import Chip
from rram_ode.config import replace, RunConfig
from rram_ode.loop import chunk_size, ClosedLoop, draw
from rram_ode.noise import LabClock, standard_normal
from rram_ode.system import build_design

from ._before import Before, CannotCheckOut
from ._harness import compare, FEWEST, run
from ._problem import Problem, problem
from ._result import Gate, Row


RIVAL = "the same loop with read noise off; jax.random.normal for the generator"
NUM_SAMPLES = 10_000
DEAREST = 5.0
NUM_DRAWS = (1024, 16384)
BEFORE = "f1e2165"  # the last commit that held each state for 1 / 16 of its period
LARGEST_SHARE = 1 / 3  # of the time of that commit
PAIRS = 7
VARIANCE_ERROR, DENSITY_ERROR = 0.02, 0.05
LAW_SAMPLES, LAW_CELLS = 512, 4096
BANDS = (1e3, 3e3, 1e4, 3e4, 1e5)  # hertz


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """White, flicker and both, each against off; and the generator alone."""
    del options
    task = problem("ring-fresh")
    off = _without(task.config, "white", "flicker")
    cases = {
        "white": _without(task.config, "flicker"),
        "flicker": _without(task.config, "white"),
        "white and flicker": task.config,
    }
    found = [_generator_row()]
    found += [_row(task, name, config, off) for name, config in cases.items()]
    found.append(_before_row(task))
    return found, {"num_samples": NUM_SAMPLES, "before": BEFORE}


def _before_row(task: Problem) -> Row:
    """Seconds of processor time, which other processes of the machine do not lengthen.

    The gate is the law of the paths that were timed: it was not made cheaper by another
    law.
    """
    case = f"white and flicker, against commit {BEFORE}"
    loop, _ = task.machine(task.config)
    variance, density = law_errors(task.config, loop)
    gate = Gate(
        max(variance / VARIANCE_ERROR, density / DENSITY_ERROR),
        1.0,
        "largest error of variance (in 2 %) and of density in bands (in 5 %)",
    )
    try:
        with Before(BEFORE) as before, Before(None) as now:
            pairs = [(now.seconds(), before.seconds()) for _ in range(PAIRS)]
    except CannotCheckOut as error:
        return Row(case, skipped=str(error))
    ours, theirs = (statistics.median(each) for each in zip(*pairs, strict=True))
    quartiles = statistics.quantiles((a / b for a, b in pairs), n=4)
    return Row(
        case,
        gate,
        ours,
        theirs,
        None,
        ("ours_over_before", "<=", LARGEST_SHARE),
        {
            "repeats": PAIRS,
            "ours_over_before": quartiles[1],
            "ours_over_before_quartiles": quartiles,
            "us_per_sample": 1e6 * ours / NUM_SAMPLES,
            "us_per_sample_before": 1e6 * theirs / NUM_SAMPLES,
            "variance_error": variance,
            "density_error": density,
        },
    )


def law_errors(config: RunConfig, loop: ClosedLoop) -> tuple[float, float]:
    """Largest errors of the paths' variance, over holds, and density, over bands.

    1/f noise of `LAW_CELLS` cells over consecutive samples without a reset, so that a
    cell's values are one even series in lab time.
    """
    law = build_design(config).cell.read.flicker
    assert law is not None  # the preset has it
    clock = LabClock(float(loop.clock.duration))
    path = _law_path(law, clock, law.plan(clock))
    values = np.asarray(path.values)
    variance = np.abs(np.mean(values**2, axis=(1, 2), dtype=float) - 1)
    dt = float(path.interval)
    series = np.moveaxis(values, 1, 0).swapaxes(1, 2).reshape(LAW_CELLS, -1)
    f, window = np.fft.rfftfreq(series.shape[1], dt), np.hanning(series.shape[1])
    power = np.mean(np.abs(np.fft.rfft(series * window, axis=1)) ** 2, axis=0)
    power *= np.sinc(f * dt) ** 2 * 2 * dt / np.sum(window**2)
    wanted = np.asarray(law.psd(jnp.asarray(f[1:])))
    errors = [
        abs(power[1:][inside].sum() / wanted[inside].sum() - 1)
        for low, high in zip(BANDS[:-1], BANDS[1:], strict=True)
        for inside in [(f[1:] >= low) & (f[1:] < high)]
    ]
    return float(variance.max()), float(max(errors))


@eqx.filter_jit
def _law_path(law, clock, plan):
    first, key = jnp.zeros((), jnp.uint32), jr.key(5)
    sizes = {"first": first, "num_samples": LAW_SAMPLES, "key": key}
    return law.sample_path(clock, plan, (LAW_CELLS,), **sizes)


def _row(task: Problem, name: str, config: RunConfig, quiet: RunConfig) -> Row:
    on, off = task.machine(config), task.machine(quiet)
    timing = compare(lambda: _samples(*on), lambda: _samples(*off), budget=20.0)
    draws = num_draws(*on, NUM_SAMPLES)
    seconds = timing.ours_s - timing.rival_s
    return Row(
        name,
        Gate(
            _spread(timing.ours, timing.rival, _samples(*on)),
            0.0,
            "spread of on - off if finite and equal on repeats, in units of x",
            at_least=True,
        ),
        timing.ours_s,
        timing.rival_s,
        timing.compile_s,
        ("ns_per_draw", "<=", DEAREST),
        {
            **timing.details(),
            "on_over_off": timing.ours_s / timing.rival_s,
            "num_draws": draws,
            "ns_per_draw": 1e9 * seconds / draws,
            "ns_per_draw_made": _price_of_making(*on),
        },
    )


def num_draws(loop: ClosedLoop, chip: Chip, num_samples: int) -> int:
    """Normals that the paths of `num_samples` samples take (anchors are shared)."""
    arrays = chip.arrays
    total = 0
    if loop.plan.white is not None:
        total += loop.plan.white[0] * sum(cols for _, cols in arrays)
    if loop.plan.flicker is not None:
        holds, _ = loop.plan.flicker
        # One a sample for each state's start, then one a hold after the first.
        total += sum(holds) * sum(rows * cols for rows, cols in arrays)
    return round(total * num_samples)


def _price_of_making(loop: ClosedLoop, chip: Chip) -> float:
    """Nanoseconds a draw to make the paths of a chunk, without using them."""
    chunk = chunk_size(loop, chip, NUM_SAMPLES)
    x1 = jnp.zeros((2, chunk))
    seconds = [run(lambda: _paths(loop, chip, x1))[0] for _ in range(FEWEST + 1)]
    return 1e9 * statistics.median(seconds[1:]) / num_draws(loop, chip, chunk)


@eqx.filter_jit
def _paths(loop, chip, x1):
    return loop.term(chip, x1).paths


def _samples(loop: ClosedLoop, chip: Chip) -> np.ndarray:
    chunks = draw(loop, chip, NUM_SAMPLES, key=jr.key(1))
    return np.concatenate([np.asarray(chunk.x0) for chunk in chunks], axis=1)


def _spread(on: np.ndarray, off: np.ndarray, again: np.ndarray) -> float:
    """Standard deviation of `on - off`; NaN unless it is there and repeats."""
    spread = float(np.std(on - off))
    return spread if np.array_equal(on, again) and spread > 0 else math.nan


def _without(config: RunConfig, *laws: str) -> RunConfig:
    for law in laws:
        config = replace(config, f"cell.read.{law}.std", 0.0)
        other = "std_rel" if law == "white" else "slope"
        config = replace(config, f"cell.read.{law}.{other}", 0.0)
    return config


def _generator_row() -> Row:
    timing = compare(lambda: _ours(jr.key(0)), lambda: _theirs(jr.key(0)))
    draws = math.prod(NUM_DRAWS)
    return Row(
        f"generator, {draws} draws",
        Gate(
            worst_deviation(np.asarray(timing.ours).reshape(-1)),
            4.0,
            "largest deviation of moments and tails, in standard errors",
        ),
        timing.ours_s,
        timing.rival_s,
        timing.compile_s,
        ("ns_per_draw", "<=", DEAREST),
        {
            **timing.details(),
            "ns_per_draw": 1e9 * timing.ours_s / draws,
            "rival_ns_per_draw": 1e9 * timing.rival_s / draws,
        },
    )


def worst_deviation(z: np.ndarray) -> float:
    """Of mean, variance, kurtosis, and counts beyond 4.5 on either side."""
    z = z.astype(np.float64)
    found = np.array([z.mean(), np.mean(z**2), np.mean(z**4)]) - (0.0, 1.0, 3.0)
    moments = found / np.sqrt(np.array([1.0, 2.0, 96.0]) / z.size)
    expected = z.size * st.norm.sf(4.5)
    counts = np.array([np.sum(z > 4.5), np.sum(z < -4.5)])
    tails = (counts - expected) / math.sqrt(expected)
    return float(np.max(np.abs(np.concatenate([moments, tails]))))


@eqx.filter_jit
def _ours(key):
    shape, num = (NUM_DRAWS[0],), NUM_DRAWS[1]
    return standard_normal(key, jnp.arange(num, dtype=jnp.uint32), shape)


@jax.jit
def _theirs(key):
    return jr.normal(key, NUM_DRAWS)
