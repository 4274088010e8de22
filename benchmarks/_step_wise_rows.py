"""Step-wise ranges (Diff-Acc) beside one range a layer, on F3 and on F1."""

import dataclasses
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array
from rram_ode.accelerators import (
    BitEngine,
    calibrate_step_wise,
    run_step_wise,
    step_wise_work,
    StepWiseScore,
)
from rram_ode.energy import picture_sampler_work
from rram_ode.samplers import Ancestral, Euler
from rram_ode.sdes import ProbabilityFlow, ReverseSDE

from ._f1 import Draw, Fixture, key_of, T_MIN
from ._f3 import STEPS, summary, Twin
from ._harness import run
from ._result import Gate, Row
from .denoising_similarity import cost_of
from .number_formats import sliced_distance


MARGIN, NUM_CALIBRATION, NUM_JUDGE = 1.25, 1024, 2048
FEW, ENOUGH = 64, 256  # starts that calibrate without a margin, and with one
F1_STEPS = 50
GROUPS = (F1_STEPS, 5, 1)
LIMIT_F3 = {8: 0.85, 6: 1.0, 4: 1.0}  # of the median error over that of one range
LANES = 128  # products at a time, as both engines of SQ-DM have
SLICED = 0.005  # more distance to the data than that of the plain network


def f3_rows(twin: Twin) -> list[Row]:
    """Errors at the end with a range for each step, over those with one range."""
    score = calibrate_step_wise(
        twin.score, twin.flow, twin.calibration, twin.ts, margin=MARGIN
    )
    found = []
    for bits, limit in LIMIT_F3.items():
        one = lambda group, b=bits: run_step_wise(
            dataclasses.replace(score, bits=b, group=group),
            twin.flow,
            twin.starts,
            twin.ts,
        )
        seconds, own = run(lambda one=one: one(1))
        details: dict[str, Any] = {
            "step_wise": twin.end_errors(own.x),
            "static": twin.end_errors(one(STEPS).x),
            "clip_rate": own.clip_rate,
        }
        ratio = over(details, "median")
        gate = Gate(ratio, limit, "median end error over that of one range a layer")
        details["rms_ratio"] = over(details, "rms")
        case = f"step-wise, F3 {twin.name}, A{bits}"
        found.append(Row(case, gate, seconds, details=details))
    return [*found, cost_row(twin, score)]


def cost_row(twin: Twin, score: StepWiseScore) -> Row:
    """Joules of the model with a table of ranges, over those with one row."""
    work = picture_sampler_work(Euler(), STEPS, twin.score)

    def machine(group: int) -> BitEngine:
        own = step_wise_work(dataclasses.replace(score, group=group), STEPS)
        return BitEngine("step-wise", "", own, work.macs / LANES)

    details = cost_of(machine(1), work, machine(STEPS))
    details["table_bits"] = machine(1).bit_work.table_bits
    gate = Gate(details["ratio"][0], 1.05, "joules over those of one range a layer")
    return Row(f"step-wise, F3 {twin.name}, cost", gate, details=details)


def over(details: dict[str, Any], what: str) -> float:
    """A figure with ranges of each step over that with one range."""
    return details["step_wise"][what] / details["static"][what]


class Plane:
    """F1, its starts, and its plain samples.

    Args:
        fixture: The network, its process and its data.
    """

    def __init__(self, fixture: Fixture):
        self.fixture, self.flow = fixture, ProbabilityFlow(fixture.sde)
        self.reverse = ReverseSDE(fixture.sde)
        dtype = fixture.score.network.weights[0].dtype
        draw = lambda key, num: jr.normal(key_of(key), (2, num), dtype)
        self.calibration = draw(Draw.CALIBRATION, NUM_CALIBRATION)
        self.starts = draw(Draw.STARTS, NUM_JUDGE)
        self.keys = jr.split(key_of(Draw.TUNING), NUM_JUDGE)
        self.ts = jnp.linspace(1.0, T_MIN, F1_STEPS + 1, dtype=dtype)

    def calibrated(self, num: int, **settings: Any) -> Any:
        """A step-wise score by the first so many starts."""
        starts = self.calibration[:, :num]
        own = self.fixture.score, self.flow, starts, self.ts
        return calibrate_step_wise(*own, **settings)

    def generate(self, score: Any) -> Array:
        """Samples of the flow."""
        return _euler(score, self.flow, self.starts, self.ts)

    def ancestral(self, score: Any) -> Array:
        """Samples of the reverse process, with the same noise for every score."""
        return _ancestral(score, self.reverse, self.starts, self.ts, self.keys)


@eqx.filter_jit
def _euler(score, flow, x1, ts):
    return Euler()(flow, score, x1, ts)


@eqx.filter_jit
def _ancestral(score, process, x1, ts, keys):
    return Ancestral()(process, score, x1, ts, keys=keys)


def f1_rows(plane: Plane) -> list[Row]:
    """The targets of F1, where the samples are points."""
    score = plane.calibrated(NUM_CALIBRATION, margin=MARGIN)
    found = []
    errors = grouped(plane, score, plane.generate)
    wanted = {8: ("median", 1.05), 6: ("rms", 0.95), 4: ("median", 0.75)}
    for bits, (what, limit) in wanted.items():
        each = errors[bits]
        details = {"step_wise": each[1], "static": each[F1_STEPS], "grouped": each[5]}
        gate = Gate(over(details, what), limit, f"{what} end error over one range")
        found.append(Row(f"step-wise, F1, A{bits}", gate, details=details))
    medians = [errors[4][group]["median"] for group in GROUPS]
    worst = max(b / a for a, b in zip(medians[:-1], medians[1:], strict=True))
    gate = Gate(worst, 1.05, "median of a smaller group over that of a larger one")
    details = {"groups": list(GROUPS), "medians": medians}
    found.append(Row("step-wise, F1, groups", gate, details=details))
    noisy = grouped(plane, score, plane.ancestral)[4]
    details = {"step_wise": noisy[1], "static": noisy[F1_STEPS]}
    gate = Gate(over(details, "median"), 1.0, "median end error over one range")
    found.append(Row("step-wise, F1, ancestral, A4", gate, details=details))
    return found + calibration_rows(plane)


def grouped(plane: Plane, score: Any, generate: Any) -> dict[int, dict[int, Any]]:
    """Errors by bits and by steps that share a row of the table."""
    plain = np.asarray(generate(plane.fixture.score))

    def errors(bits, group):
        x = generate(dataclasses.replace(score, bits=bits, group=group))
        return summary(np.sqrt(np.mean((np.asarray(x) - plain) ** 2, axis=0)))

    return {bits: {g: errors(bits, g) for g in GROUPS} for bits in (8, 6, 4)}


def calibration_rows(plane: Plane) -> list[Row]:
    """How many starts calibrate: what clips, and how far from the data samples are."""
    clip = lambda score: run_step_wise(score, plane.flow, plane.starts, plane.ts)
    few, enough = plane.calibrated(FEW), plane.calibrated(ENOUGH, margin=MARGIN)
    runs = clip(few), clip(enough)
    data = np.asarray(plane.fixture.dataset.sample(NUM_JUDGE, key=key_of(Draw.DATA)))
    distance = lambda x: sliced_distance(np.asarray(x).T, data)
    plain = distance(plane.generate(plane.fixture.score))
    details = {"warning": runs[0].warning, "margin": 1.0, "starts": FEW}
    return [
        Row(
            "step-wise, F1, too few starts",
            Gate(runs[0].clip_rate, 0.01, "samples that are clipped", at_least=True),
            details=details,
        ),
        Row(
            "step-wise, F1, enough starts",
            Gate(runs[1].clip_rate, 0.01, "samples that are clipped"),
            details={"margin": MARGIN, "starts": ENOUGH},
        ),
        Row(
            "step-wise, F1, W8A8, distance",
            Gate(
                distance(runs[1].x) - plain,
                SLICED,
                "sliced Wasserstein distance to the data beyond the plain network's",
            ),
            details={"plain": plain},
        ),
    ]
