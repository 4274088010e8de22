"""A network without a technique: what published techniques compare themselves with."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._types import Times
from ..formats import AbstractFormat, BFloat16Format
from ..samplers import Euler
from ..scores import AbstractLayeredScore, AbstractScore, QuantisedScore
from ..sdes import AbstractProcess
from ._engines import ideal_engine
from ._starts import follow
from ._technique import AbstractTechnique, Outcome, Starts


@dataclasses.dataclass(frozen=True)
class PlainTechnique(AbstractTechnique):
    """Every product in one floating-point format.

    Args:
        names: The name of the one row.
        engine: The name of the engine that it runs on.
        form: Format of weights and inputs; `None` for single precision.
    """

    names: tuple[str, ...]
    engine: str
    form: AbstractFormat | None = None

    def refusal(self, score: AbstractLayeredScore) -> str | None:
        """`None`: it applies to each network."""
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
        """Samples in this format; nothing is calibrated."""
        del calibration
        asked: AbstractScore = judged.asked(score)
        if self.form is not None:
            each = (self.form,) * len(score.layers)
            asked = QuantisedScore(judged.asked(score), each, each)
        x = generate(asked, process, judged.x1, ts)
        machine = ideal_engine(self.engine)
        return Outcome(np.asarray(x).T, {self.names[0]: machine}, machine)


PLAIN_TECHNIQUES = (
    PlainTechnique(("fp32",), "engine-fp32"),
    PlainTechnique(("bf16",), "engine-bf16", BFloat16Format()),
)


def states_at(
    score: AbstractScore,
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
    num: int,
) -> list[tuple[Float[Array, " samples"], Float[Array, "dim samples"]]]:
    """Times and states at which Euler's method evaluates, at `num` steps, evenly.

    The first and the last evaluation are among them.
    """
    states = _states(score, process, x1, ts)
    steps = np.unique(np.linspace(0, ts.size - 2, num).round().astype(int))
    return [(jnp.full(x1.shape[1], ts[n]), states[n]) for n in steps]


@eqx.filter_jit
def _states(score, process, x1, ts):
    """States at the beginning of each step."""
    observe = lambda n, t, x: (score(t, x), x)
    return follow(observe, Euler(), process, x1, ts, None)[1]


@eqx.filter_jit
def generate(
    score: AbstractScore,
    process: AbstractProcess,
    x1: Float[Array, "dim samples"],
    ts: Times,
) -> Float[Array, "dim samples"]:
    """Samples by Euler's method."""
    return Euler()(process, score, x1, jnp.asarray(ts))
