"""PSSA with TIPS, and Softermax, as techniques: rows of engines of attention."""

import dataclasses

import numpy as np
from jaxtyping import Array, Float

from .._core._types import Times
from ..energy import (
    AttentionWork,
    Constant,
    MEMORIES,
    OPERATIONS,
    OVERHEADS,
    Value,
    Values,
    WIDTHS,
    Work,
)
from ..scores import AbstractLayeredScore, AttentionScore
from ..sdes import AbstractProcess
from ._attention_work import count_attention
from ._base import AbstractIdealMachine
from ._engines import ideal_engine
from ._plain_technique import generate, states_at
from ._pssa import choose_threshold, PSSA
from ._technique import AbstractTechnique, Outcome, Starts
from ._technique_score import generate_counted, RescaledSoftermax, TechniqueScore
from ._tips import TIPS


NO_ATTENTION = "it acts on attention, and this network has none"


THRESHOLDS = tuple(2.0**-n for n in range(5, 13))


MOST_ERROR = 0.005  # of the noise, relative and squared


NUM_TIMES = 5  # of a trajectory, at which a threshold must hold


@dataclasses.dataclass(frozen=True)
class AttentionEngine(AbstractIdealMachine):
    """Products of 12 and 6 bits, with maps, weights and tokens in external memory.

    Args:
        name: Name of the machine.
        what: Description of the machine.
        attention_work: What one evaluation takes.
        evaluations: Number of evaluations of a sample.
    """

    name: str
    what: str
    attention_work: AttentionWork
    evaluations: int

    @property
    def constants(self) -> dict[str, Constant]:
        """Energies of operations and memories."""
        return {**OPERATIONS, **MEMORIES, **OVERHEADS, **WIDTHS}

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """`None`: the rate of such an engine is not known."""
        del work, batch, values
        return None

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Joules by part, and other arithmetic in bfloat16."""
        del batch
        parts = {
            what: self.evaluations * joules
            for what, joules in self.attention_work.energy(values).items()
        }
        add, mult = values["bf16.add"], values["bf16.mult"]
        return {**parts, "other arithmetic": work.adds * add + work.mults * mult}


@dataclasses.dataclass(frozen=True)
class PssaTechnique(AbstractTechnique):
    """Maps of attention as changes between patches, tokens in two precisions.

    Args:
        names: The row.
    """

    names: tuple[str, ...] = ("pssa-tips",)

    def refusal(self, score: AbstractLayeredScore) -> str | None:
        """Why a network has no attention."""
        return None if isinstance(score, AttentionScore) else NO_ATTENTION

    def run(
        self,
        score: AbstractLayeredScore,
        process: AbstractProcess,
        ts: Times,
        calibration: Starts,
        judged: Starts,
    ) -> Outcome:
        """Samples, and an engine with maps of so many bits.

        The threshold is the largest at which the noise keeps its error within 0.005 at
        each of a few times of the calibration's trajectories, the last one among them.
        """
        self.require(score)
        asked = calibration.asked(score)
        assert isinstance(asked, AttentionScore)
        threshold = threshold_along(asked, process, calibration.x1, ts)
        own = judged.asked(score)
        made = TechniqueScore(own, (PSSA(threshold), TIPS()))
        found = generate_counted(made, process, judged.x1, ts)
        steps, name = ts.size - 1, self.names[0]
        machine = AttentionEngine(
            name,
            f"12 and 6 bits, DRAM, maps pruned at 1/{round(1 / threshold)}",
            count_attention(made, found.counts),
            steps,
        )
        plain = count_attention(TechniqueScore(own), {})
        baseline = AttentionEngine("dense 12 bits", "dense maps", plain, steps)
        return Outcome(np.asarray(found.x).T, {name: machine}, baseline)


def threshold_along(
    score: AttentionScore,
    process: AbstractProcess,
    x1: Float[Array, "dim calibration"],
    ts: Times,
) -> float:
    """The largest of the thresholds that holds at each of `NUM_TIMES` times.

    An error at one time says little of another: late noise feels pruned maps most.
    """
    return min(
        choose_threshold(score, t, x, THRESHOLDS, MOST_ERROR)
        for t, x in states_at(score, process, x1, ts, NUM_TIMES)
    )


@dataclasses.dataclass(frozen=True)
class SoftermaxTechnique(AbstractTechnique):
    """A softmax of base 2 in fixed point.

    Args:
        names: The row.
    """

    names: tuple[str, ...] = ("softermax",)

    def refusal(self, score: AbstractLayeredScore) -> str | None:
        """Why a network has no softmax."""
        return None if isinstance(score, AttentionScore) else NO_ATTENTION

    def run(
        self,
        score: AbstractLayeredScore,
        process: AbstractProcess,
        ts: Times,
        calibration: Starts,
        judged: Starts,
    ) -> Outcome:
        """Samples; the joules of the softmax itself are not counted."""
        del calibration
        self.require(score)
        made = TechniqueScore(judged.asked(score), softmax=RescaledSoftermax())
        x = generate(made, process, judged.x1, ts)
        engine = ideal_engine("engine-fp32")
        what = "FP32 engine, joules without the softmax"
        machine = dataclasses.replace(engine, what=what)
        return Outcome(np.asarray(x).T, {self.names[0]: machine}, None)
