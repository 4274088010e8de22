"""Differences between steps as a technique: the rows `guo` and `ditto`."""

import dataclasses

import numpy as np

from .._core._types import Times
from ..energy import count_differences
from ..formats import BFloat16Format
from ..scores import AbstractLayeredScore
from ..sdes import AbstractProcess
from ._denoising_similarity import (
    calibrate_differences,
    generate_differences,
    in_bfloat16,
)
from ._difference_engine import DifferenceEngine
from ._difference_score import DifferenceScore
from ._engines import ideal_engine
from ._technique import AbstractTechnique, Outcome, Starts


@dataclasses.dataclass(frozen=True)
class DifferenceTechnique(AbstractTechnique):
    """Integers for small differences, bfloat16 for large ones.

    Args:
        names: The rows: one for a machine that computes all small differences, one for
            a machine that skips those that are zero.
        bits: Bits of a small difference.
        fraction: Fraction of the differences in floating point.
    """

    names: tuple[str, ...] = ("guo", "ditto")
    bits: int = 4
    fraction: float = 0.05

    def refusal(self, score: AbstractLayeredScore) -> str | None:
        """`None`: each network has layers with weights."""
        del score
        return None

    def run(
        self,
        score: AbstractLayeredScore,
        process: AbstractProcess,
        ts: Times,
        calibration: Starts,
        judged: Starts,
    ) -> Outcome:
        """Samples, and both machines with the counts of this run."""
        plain = in_bfloat16(score)
        made = DifferenceScore(
            calibration.asked(plain), self.bits, large=BFloat16Format()
        )
        made = calibrate_differences(
            made, process, calibration.x1, ts, fraction=self.fraction
        )
        made = dataclasses.replace(made, score=judged.asked(plain))
        found = generate_differences(made, process, judged.x1, ts)
        counts, is_full = np.asarray(found.counts), np.asarray(found.is_full)
        work = count_differences(score.sizes(), counts, is_full)
        dense, sparse = (
            DifferenceEngine(name, text, self.bits, work, skips_zeros=is_sparse)
            for name, text, is_sparse in zip(
                self.names, self._texts, (False, True), strict=True
            )
        )
        machines = {each.name: each for each in (dense, sparse)}
        plain = ideal_engine("engine-bf16")
        return Outcome(np.asarray(found.x).T, machines, plain)

    @property
    def _texts(self) -> tuple[str, str]:
        cores = f"INT{self.bits} and BF16 cores"
        return cores, f"{cores}, zeros skipped"
