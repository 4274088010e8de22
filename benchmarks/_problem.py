"""The presets' networks, processes and chips that several comparisons share."""

import dataclasses

import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array
from rram_ode.build import build_design, build_loop
from rram_ode.config import RunConfig
from rram_ode.presets import PRESETS
from rram_ode.samplers import ClosedLoop
from rram_ode.scores import Chip, fourier_mlp, NetworkScore, program, Ranges
from rram_ode.sdes import AbstractSDE, ProbabilityFlow, VPSDE


@dataclasses.dataclass(frozen=True)
class Problem:
    """A trained network, its diffusion, and the preset around them."""

    config: RunConfig
    score: NetworkScore
    sde: AbstractSDE
    ranges: Ranges
    weights: str

    @property
    def process(self) -> ProbabilityFlow:
        """What the preset solves."""
        return ProbabilityFlow(self.sde, self.config.solve.beta_factor)

    def machine(self, config: RunConfig) -> tuple[ClosedLoop, Chip]:
        """Loop and chip of `config`, for this network."""
        design = build_design(config)
        chip = program(self.score, design, self.ranges, key=jr.key(3))
        loop = build_loop(config, self.sde, design.cell.read)
        assert isinstance(loop, ClosedLoop)  # no op-amps that take time
        return loop, chip


def problem(preset: str) -> Problem:
    """With the shipped checkpoint, or a random network of its size in its place."""
    config = PRESETS[preset][0]
    try:
        from rram_ode._run import find_checkpoint

        found = find_checkpoint(config)
        return Problem(config, found.score, found.sde, found.ranges, "shipped")
    except (ImportError, ValueError, OSError):
        network = fourier_mlp(
            2,
            config.network.widths,
            output_factor=config.network.output_factor,
            key=jr.key(0),
        )
        sde = VPSDE(config.sde.beta_min, config.sde.beta_max)
        ranges = Ranges(5.0, (10.0,) * len(config.network.widths), 50.0)
        return Problem(config, NetworkScore(network), sde, ranges, "random")


def starts(num_samples: int) -> Array:
    """Unit normals, `(2, num_samples)`."""
    return jr.normal(jr.key(1), (2, num_samples), jnp.float32)
