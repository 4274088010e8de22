"""The presets' networks, processes and chips that several comparisons share."""

import dataclasses

import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array
from rram_ode.chip import Blueprint, Chip, Ranges
from rram_ode.config import RunConfig
from rram_ode.loop import ClosedLoop
from rram_ode.presets import PRESETS
from rram_ode.scores import NetworkScore
from rram_ode.sdes import AbstractSDE, ProbabilityFlow
from rram_ode.system import build_checkpoint, build_design, build_loop

from ._result import CannotRun


@dataclasses.dataclass(frozen=True)
class Problem:
    """A trained network, its diffusion, and the preset around them."""

    config: RunConfig
    score: NetworkScore
    sde: AbstractSDE
    ranges: Ranges

    @property
    def process(self) -> ProbabilityFlow:
        """What the preset solves."""
        return ProbabilityFlow(self.sde, self.config.solve.beta_factor)

    def machine(self, config: RunConfig) -> tuple[ClosedLoop, Chip]:
        """Loop and chip of `config`, for this network."""
        design = build_design(config)
        chip = Blueprint(self.score, design, self.ranges).program(jr.key(3))
        loop = build_loop(
            config, self.sde, design.cell.read, readout=self.score.readout
        )
        assert isinstance(loop, ClosedLoop)  # no op-amps that take time
        return loop, chip


def fresh(preset: str) -> RunConfig:
    """The configuration of `preset` on a chip that was just written, without trims.

    What a benchmark of one mechanism moves is then not hidden behind the errors of a
    whole chip; its rows keep the name of the preset.
    """
    name = f"{preset}-fresh"
    return PRESETS[name if name in PRESETS else preset][0]


def problem(preset: str) -> Problem:
    """The preset with its checkpoint.

    Raises:
        CannotRun: In one line, if the checkpoint does not load: times and errors of
            another network would be those of another problem.
    """
    config = fresh(preset)
    try:
        found = build_checkpoint(config)
    except (ValueError, OSError) as error:
        raise CannotRun(
            f"the checkpoint of `{preset}` does not load, and no other network may "
            f"stand in for it: {' '.join(str(error).split())}"
        ) from error
    return Problem(config, found.score, found.sde, found.ranges)


def starts(num_samples: int) -> Array:
    """Unit normals, `(2, num_samples)`."""
    return jr.normal(jr.key(1), (2, num_samples), jnp.float32)
