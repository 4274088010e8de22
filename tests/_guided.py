"""A small conditional network, and chips that guide with two arrays."""

import jax.numpy as jnp
import jax.random as jr
from rram_ode.blocks import FeedbackIntegrator, GuidanceSpread, Schedule
from rram_ode.chip import Blueprint, Design, GuidedNetwork, Ranges
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, LoopHeun, NetworkDrift
from rram_ode.noise import LabClock, ReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import ProbabilityFlow, VPSDE
from rram_ode.training import save_checkpoint


SDE, CLOCK = VPSDE(0.1, 8.0), LabClock(20e-6, 12e-6)
FLOW, SCHEDULE = ProbabilityFlow(SDE), Schedule(1e-3, 1.0)
RANGE = ConductanceRange(8e-6, 90e-6)
RANGES = Ranges(5.0, (10.0, 10.0), 50.0)
INTEGRATOR = FeedbackIntegrator(5e4, 30e-12)
WEIGHT = 1.5


def score(width=8):
    """Of 7 classes; its embeddings are of the size of that of time."""
    network = fourier_mlp(
        2, (width, width), output_factor=5.0, num_classes=7, key=jr.key(0)
    )
    return NetworkScore(network)


def blueprint(weight=WEIGHT, cell=Cell(RANGE), spread=None, ranges=RANGES, **design):
    guidance = GuidanceSpread(weight, spread) if weight else None
    design = {"integrator": INTEGRATOR, "guidance": guidance, **design}
    bench = design.pop("bench", None)
    width = design.pop("width", 8)
    made = Design(cell, DifferentialPair(RANGE), **design)
    return Blueprint(score(width), made, ranges, bench=bench)


def loop_of(read=ReadNoise(), **changes):
    how = {"num_steps": 100, "solver": LoopHeun(), **changes}
    return close_loop(NetworkDrift(FLOW), SCHEDULE, CLOCK, read=read, **how)


def starts(num=21):
    return jr.normal(jr.key(1), (2, num))


def guided(chip):
    """The network of a chip that guides."""
    assert isinstance(chip.score, GuidedNetwork)
    return chip.score


def labels(num=21):
    """Each class, and the null label for none."""
    return jnp.arange(num) % 7


RECORD = {
    "data": "modes-7",
    "network": {
        "widths": [6, 6],
        "prediction": "score",
        "output_factor": 5.0,
        "classes": 7,
    },
    "sde": {"beta_min": 0.001, "beta_max": 0.5},
}


def save_untrained(folder):
    """The name of `folder` with a checkpoint of `modes-7` that has random weights."""
    network = fourier_mlp(2, (6, 6), output_factor=5.0, num_classes=7, key=jr.key(0))
    ranges = Ranges(3.0, (4.0, 4.0), 12.0)
    save_checkpoint(folder, NetworkScore(network), ranges, RECORD)
    return str(folder)
