"""What can be done to a chip after it was programmed, and what that costs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.random as jr
from rram_ode.chip import Chip, compensate
from rram_ode.sdes import Prior, ProbabilityFlow
from rram_ode.system import Repeat, System
from rram_ode.training import calibrate, twin_points


POINTS_SEED = 77
FEW = 4096  # of the points are enough for second moments
RANK, STEPS, BATCH = 4, 400, 1024
NUM_SAMPLES = 512

Treatment = Callable[[Chip], Chip]


class Remedy(NamedTuple):
    """A low-rank correction of this rank, then perhaps a calibration."""

    rank: int
    is_calibrated: bool

    def of(self, system: System) -> Treatment:
        """What gives a chip of `system` this remedy."""
        if self == NO_REMEDY:
            return lambda chip: chip
        checkpoint, solve = system.checkpoint, system.config.solve
        score, prior = checkpoint.score, Prior(solve.start_std)
        key, process = jr.key(POINTS_SEED), system.process
        assert isinstance(process, ProbabilityFlow)  # of all presets of this study
        points = twin_points(score, process, solve.t0, solve.t1, prior=prior, key=key)
        few = jax.tree.map(lambda leaf: leaf[..., :FEW], points)

        def treat(chip: Chip) -> Chip:
            chip = compensate(chip, system.blueprint, self.rank, few)
            if not self.is_calibrated:
                return chip
            rest = checkpoint.sde, points
            return calibrate(chip, score, *rest, steps=STEPS, batch=BATCH).chip

        return treat


NO_REMEDY = Remedy(0, False)
CORRECTED, CALIBRATED, BOTH = Remedy(RANK, False), Remedy(0, True), Remedy(RANK, True)


def cost(system: System, remedy: Remedy, seed: int) -> dict[str, Any]:
    """Cells, parts, knowledge and energy that `remedy` takes on the chip `seed`."""
    before = system.program(seed)
    after = remedy.of(system)(before)
    runs = Repeat(NUM_SAMPLES, seed)
    energies = [runs.analog(system, chip).energy.energy for chip in (before, after)]
    was, now = _count(before), _count(after)
    return {
        **{f"added_{name}": now[name] - was[name] for name in was},
        "cells": now["cells"],
        "cells_read_back": 0 if remedy == NO_REMEDY else was["cells"],
        "host_evaluations": STEPS * BATCH if remedy.is_calibrated else 0,
        "energy_j": energies[1],
        "added_energy_j": energies[1] - energies[0],
    }


def _count(chip: Chip) -> dict[str, int]:
    """Cells, amplifiers and channels of a chip with crossbars."""
    network = chip.crossbars
    assert network is not None  # of all presets of this study
    return {
        "cells": chip.num_cells,
        "amplifiers": sum(x.size for x in network.noise_gains),
        "dac_channels": network.num_channels,
    }
