"""Step-wise ranges and SQ-DM as techniques: rows of engines of integers."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from .._core._types import Times
from ..samplers import Euler
from ..scores import AbstractLayeredScore, ConvolutionLayer, UNetScore
from ..sdes import AbstractProcess
from ._bit_engine import BitEngine, sq_dm_work, step_wise_work
from ._channel_cycles import ChannelEngines, skipped_zeros, speed_up
from ._channel_split import channel_zeros
from ._engines import ideal_engine
from ._plain_technique import generate
from ._sq_dm import (
    block_sensitivity,
    HIGH_BITS,
    LOW_BITS,
    most_sensitive,
    signed_inputs,
    sq_dm_score,
)
from ._starts import follow
from ._step_wise_run import calibrate_step_wise, run_step_wise
from ._technique import AbstractTechnique, Outcome, Starts


@dataclasses.dataclass(frozen=True)
class StepWiseTechnique(AbstractTechnique):
    """Integers whose ranges follow the step, as Diff-Acc has them.

    Args:
        names: The row.
        bits: Bits of the inputs of layers, beside weights of 8.
        margin: Factor on the largest inputs of a calibration of at least 256 starts;
            of fewer it is 2, as 64 starts with less clip samples that judge.
    """

    names: tuple[str, ...] = ("step-wise",)
    bits: int = 8
    margin: float = 1.25

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
        """Samples, and an engine of 8-bit products."""
        margin = self.margin if calibration.x1.shape[1] >= 256 else 2.0
        made = calibrate_step_wise(
            calibration.asked(score),
            process,
            calibration.x1,
            ts,
            bits=self.bits,
            margin=margin,
        )
        made = dataclasses.replace(made, score=judged.asked(score))
        run = run_step_wise(made, process, judged.x1, ts)
        steps = ts.size - 1
        # A product of 8 bits takes two cycles of lanes of 4.
        once = HIGH_BITS // LOW_BITS * _cycles(score)
        machine = BitEngine(
            self.names[0],
            f"INT{self.bits}, a range for each layer and step",
            step_wise_work(made, steps),
            float(steps * once),
        )
        return Outcome(
            np.asarray(run.x).T,
            {self.names[0]: machine},
            ideal_engine("engine-fp32"),
            () if run.warning is None else (run.warning,),
        )


@dataclasses.dataclass(frozen=True)
class SqDmTechnique(AbstractTechnique):
    """Four bits, and channels that are mostly zero on an engine of their own.

    Args:
        names: The row.
        kept: Number of blocks that stay in MXINT8, the most sensitive ones.
    """

    names: tuple[str, ...] = ("sq-dm",)
    kept: int = 3

    def refusal(self, score: AbstractLayeredScore) -> str | None:
        """Why a network has no channels."""
        has_channels = all(isinstance(one, ConvolutionLayer) for one in score.layers)
        if has_channels and isinstance(score, UNetScore):
            return None
        return "it divides the channels of convolutions, and this network has none"

    def run(
        self,
        score: AbstractLayeredScore,
        process: AbstractProcess,
        ts: Times,
        calibration: Starts,
        judged: Starts,
    ) -> Outcome:
        """Samples, and both engines with labels of the step before."""
        self.require(score)
        assert isinstance(score, UNetScore)
        asked = calibration.asked(score)
        t, x = _states(asked, process, calibration.x1, ts)
        is_signed = signed_inputs(asked, t, x)
        rises = block_sensitivity(
            sq_dm_score(asked, (), is_signed), score.blocks, _error, (asked, t, x)
        )
        wide = most_sensitive(rises, score.blocks, self.kept)
        made = sq_dm_score(judged.asked(score), wide, is_signed)
        found = generate(made, process, judged.x1, ts)
        zeros = channel_zeros(made, process, judged.x1, ts)
        engines, sizes, steps = ChannelEngines(), score.sizes(), ts.size - 1
        low = sum(engines.undivided(sizes[n].products) for n in zeros)
        high = (HIGH_BITS // LOW_BITS) * sum(
            engines.undivided(size.products)
            for number, size in enumerate(sizes)
            if number not in zeros
        )
        faster = speed_up(zeros, sizes, engines, wide=high)
        machine = BitEngine(
            self.names[0],
            f"INT{LOW_BITS} and MXINT{HIGH_BITS}, sparse channels apart",
            sq_dm_work(made, skipped_zeros(zeros, engines), steps),
            steps * (low + high) / faster,
        )
        return Outcome(
            np.asarray(found).T, {self.names[0]: machine}, ideal_engine("engine-fp16")
        )


def _cycles(score: AbstractLayeredScore) -> int:
    """Cycles of one evaluation at 4 bits, of one engine that skips nothing."""
    engines = ChannelEngines()
    return sum(engines.undivided(size.products) for size in score.sizes())


@eqx.filter_jit
def _states(score, process, x1, ts):
    """Each trajectory at one of its times, and these times, spread evenly."""
    observe = lambda n, t, x: (score(t, x), x)
    _, states = follow(observe, Euler(), process, x1, ts, None)
    steps, samples = states.shape[0], x1.shape[1]
    own = jnp.arange(samples) * steps // samples
    return ts[own], jax.vmap(lambda x, n: x[n], (2, 0), 1)(states, own)


def _error(score, data):
    """Square error of the score beside the plain network's, relative."""
    plain, t, x = data
    wanted = plain(t, x)
    return jnp.sum((score(t, x) - wanted) ** 2) / jnp.sum(wanted**2)
