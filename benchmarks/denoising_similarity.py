"""Differences between denoising steps (ISSCC 2024, 20.2): errors and what they cost.

F1 is trained here. Thresholds come from starts of their own; all errors are root mean
squares at the end of the flow, by Euler from the starts that judge, beside the network
in single precision. Rows of cost are of one machine: weights and large differences in
bfloat16, references and sums in single precision, and the state's traffic is counted.
The energy is that of a model at 45 nm, never that of the published chip.
"""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float
from rram_ode.accelerators import (
    AbstractMachine,
    AbstractReference,
    all_constants,
    calibrate_differences,
    DifferenceEngine,
    DifferenceRun,
    DifferenceScore,
    generate_differences,
    in_bfloat16,
    MACHINES,
    OpenReference,
)
from rram_ode.energy import count_differences, propagate, sampler_work, Spread, Work
from rram_ode.formats import BFloat16Format, MaxClip, UniformFormat
from rram_ode.samplers import Euler
from rram_ode.scores import LayerSize, NetworkScore, QuantisedScore
from rram_ode.sdes import ProbabilityFlow
from tqdm import tqdm

from ._f1 import Draw, Fixture, key_of, NUM_CALIBRATION, STATE, T_MIN, trained
from ._harness import run
from ._result import Gate, Row


RIVAL = "the same network in single precision, and an engine in bfloat16"
TRAINING, NUM_SAMPLES, NUM_STARTS, STEPS = 6000, 2048, 1024, 50
SHARE, LONG = 0.05, 1000
SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
LIMITS = {8: 0.02, 4: 0.02, 3: 0.05}  # of the end error, by bits
GRID = (25, 50, 100, 200)
OPEN = (OpenReference(),) * 3
DRIFTS: dict[str, tuple[float, dict[str, Any]]] = {
    "single precision": (1e-4, {}),
    "large differences in bfloat16": (1e-3, {"large": BFloat16Format()}),
    "all kept in bfloat16, refreshed every 10 steps": (
        0.02,
        {
            "large": BFloat16Format(),
            "stored_reference": BFloat16Format(),
            "stored_sums": BFloat16Format(),
            "refresh": 10,
        },
    ),
}


class Problem:
    """The network, its flow, and the starts that choose thresholds and that judge.

    Args:
        fixture: The network and its process.
        num: Number of samples that judge.
    """

    def __init__(self, fixture: Fixture, num: int):
        self.fixture, self.score = fixture, fixture.score
        self.flow = ProbabilityFlow(fixture.sde)
        dtype = fixture.score.network.weights[0].dtype
        draw = lambda key, num: jr.normal(key_of(key), (2, num), dtype)
        self.calibration = draw(Draw.CALIBRATION, NUM_STARTS)
        self.starts = draw(Draw.STARTS, num)

    def times(self, steps: int) -> Float[Array, " times"]:
        """So many equal steps."""
        return jnp.linspace(1.0, T_MIN, steps + 1, dtype=self.starts.dtype)

    def plain(
        self, steps: int, score: NetworkScore | QuantisedScore | None = None
    ) -> Float[Array, "dim samples"]:
        """Samples without differences, of the network or of another score."""
        score = self.score if score is None else score
        return _euler(score, self.flow, self.starts, self.times(steps))

    def differences(
        self,
        bits: int,
        share: float,
        references: tuple[AbstractReference, ...] | None = None,
        steps: int = STEPS,
        score: NetworkScore | None = None,
        **settings: Any,
    ) -> DifferenceRun:
        """Samples by differences, with thresholds of the calibration."""
        score = self.score if score is None else score
        made = DifferenceScore(score, bits, references=references, **settings)
        ts = self.times(steps)
        made = calibrate_differences(
            made, self.flow, self.calibration, ts, fraction=share
        )
        return generate_differences(made, self.flow, self.starts, ts)


@eqx.filter_jit
def _euler(score, flow, x1, ts):
    return Euler()(flow, score, x1, ts)


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows of errors, of similarity, of drift, then of cost by share."""
    problem = Problem(trained(TRAINING), options.num_samples or NUM_SAMPLES)
    found = []
    parts = (error_rows, similarity_rows, drift_rows, cost_rows)
    for part in tqdm(parts, unit="table", desc="denoising_similarity"):
        found += part(problem)
    return found, {"steps": STEPS, "num_samples": problem.starts.shape[1]}


def rms(x: Any, y: Any) -> float:
    """Root mean square of the difference."""
    return float(np.sqrt(np.mean((np.asarray(x) - np.asarray(y)) ** 2)))


def error_rows(problem: Problem) -> list[Row]:
    """The closed loop beside the open loop and beside direct rounding."""
    plain, found = problem.plain(STEPS), []
    exact = problem.differences(4, 1.0).x
    gate = Gate(rms(exact, plain), 1e-4, "error with all in floating point")
    found.append(Row("all differences in floating point", gate))
    for bits, limit in LIMITS.items():
        seconds, closed = run(lambda b=bits: problem.differences(b, SHARE))
        opened = problem.differences(bits, SHARE, OPEN)
        own, other = rms(closed.x, plain), rms(opened.x, plain)
        direct = rms(problem.plain(STEPS, directly(problem, bits)), plain)
        details = {
            "open": other,
            "direct": direct,
            "open_over_closed": other / own,
            "closed_over_direct": own / direct,
            "zero": float(closed.fraction[0]),
            "integer": float(closed.fraction[1]),
            "floating": float(closed.fraction[2]),
        }
        gate = Gate(own, limit, "end error of the closed loop")
        found.append(Row(f"INT{bits}", gate, seconds, details=details))
        if bits == 4:
            ratio = Gate(other / own, 5.0, "open over closed loop", at_least=True)
            found.append(Row("INT4, open loop", ratio))
            found.append(
                Row("INT4, direct", Gate(own / direct, 0.2, "closed over direct"))
            )
    return found


def directly(problem: Problem, bits: int) -> QuantisedScore:
    """Activations of so many bits, weights of 16; the state has 12 in both ranges."""
    wide, narrow = (
        UniformFormat(16, MaxClip(True)),
        UniformFormat(bits, is_signed=False),
    )
    score = QuantisedScore(problem.score, (wide,) * 3, (STATE, narrow, narrow))
    batch = problem.fixture.batch(NUM_CALIBRATION, key_of(Draw.CALIBRATION))
    return score.calibrated(batch.t, batch.x)


def similarity_rows(problem: Problem) -> list[Row]:
    """Sizes of differences over those of the inputs, by the number of steps."""
    sizes = []
    for steps in GRID:
        similarity = problem.differences(8, SHARE, steps=steps).similarity[1:]
        sizes.append(np.sqrt(np.mean(np.asarray(similarity) ** 2, axis=0)))
    ratios = np.array(sizes[1:]) / np.array(sizes[:-1])
    details = {"num_steps": list(GRID), "sizes": np.array(sizes).tolist()}
    gate = Gate(float(ratios.max()), 0.7, "size of differences for twice the steps")
    return [Row("similarity", gate, details=details)]


def drift_rows(problem: Problem) -> list[Row]:
    """A thousand steps with all differences large: what rounding adds up to."""
    ts, found = problem.times(LONG), []
    plain = problem.plain(LONG)
    error = lambda settings: rms(
        generate_differences(
            DifferenceScore(problem.score, 4, **settings),
            problem.flow,
            problem.starts,
            ts,
        ).x,
        plain,
    )
    for name, (limit, settings) in DRIFTS.items():
        own = error(settings)
        details = {}
        if "refresh" in settings:
            details["without_refresh"] = error({**settings, "refresh": 0})
            wide = {**settings, "refresh": 0, "stored_sums": None}
            details["references_alone"] = error(wide)
        gate = Gate(own, limit, f"end error after {LONG} steps")
        found.append(Row(f"drift, {name}", gate, details=details))
    return found


def cost_rows(problem: Problem) -> list[Row]:
    """Quality against joules and seconds, over the share in floating point."""
    plain, narrow = problem.plain(STEPS), in_bfloat16(problem.score)
    network, form = problem.score.network, BFloat16Format()
    sizes = problem.score.sizes()
    work = sampler_work(Euler(), STEPS, network)
    engine = MACHINES["engine-bf16"]
    base = rms(
        problem.plain(STEPS, QuantisedScore(problem.score, (form,) * 3, (form,) * 3)),
        plain,
    )
    gate = Gate(base, 0.05, "end error of bfloat16 without differences")
    found = [Row("engine-bf16", gate, details=cost_of(engine, work))]
    full = machine_of(problem.differences(4, 1.0, refresh=1), sizes, "guo", 4)
    products = float(full.differences.macs[3]) / work.macs
    gate = Gate(
        abs(products - 1), 1e-9, "products in full precision over all, less one"
    )
    found.append(Row("no differences", gate, details=cost_of(full, work, engine)))
    for bits, shares in ((4, SHARES), (8, (SHARE,)), (3, (SHARE,))):
        for share in shares:
            drawn = problem.differences(bits, share, score=narrow, large=form)
            details = {
                "end_rms": rms(drawn.x, plain),
                "floating": float(drawn.fraction[2]),
                "zero": float(drawn.fraction[0]),
            }
            for name in ("guo", "ditto"):
                machine = machine_of(drawn, sizes, name, bits)
                own = cost_of(machine, work, engine)
                details |= {f"{name}_{what}": value for what, value in own.items()}
            # Zeros are never large, so that a share beyond the others is not reached.
            above = max(details["floating"] - share, 0.0)
            off = abs(details["floating"] - share) if share <= 0.2 else above
            gate = Gate(off, 0.005, "share in floating point beside the one asked for")
            found.append(Row(f"INT{bits}, p = {share:g}", gate, details=details))
    return found


def machine_of(
    drawn: DifferenceRun, sizes: tuple[LayerSize, ...], name: str, bits: int
) -> DifferenceEngine:
    """The machine `guo` or `ditto` with the counts of a run."""
    counts, is_full = map(np.asarray, (drawn.counts, drawn.is_full))
    work = count_differences(sizes, counts, is_full)
    return DifferenceEngine(name, name, bits, work, name == "ditto")


def cost_of(
    machine: AbstractMachine, work: Work, other: AbstractMachine | None = None
) -> dict[str, Any]:
    """Joules and seconds of a sample, by part, and joules over those of `other`."""
    table = all_constants()
    parts = lambda m, values: m.operations_energy(work, 1, values) or {}
    total = lambda m, values: sum(parts(m, values).values())
    nominal = {name: constant.nominal for name, constant in table.items()}
    found = {
        "joules": interval(propagate(lambda v: total(machine, v), table)),
        "seconds": interval(propagate(lambda v: machine.seconds(work, 1, v), table)),
        "parts": {n: float(j) for n, j in parts(machine, nominal).items()},
    }
    if other is not None:
        ratio = lambda v: total(machine, v) / total(other, v)
        spread = propagate(ratio, table)
        found["ratio"] = [*interval(spread), spread.driver]
        found["ratio_linear_in_bits"] = float(ratio({**nominal, "width.exponent": 1.0}))
    return found


def interval(spread: Spread) -> list[float]:
    """Nominal value, low and high."""
    return [spread.nominal, spread.low, spread.high]
