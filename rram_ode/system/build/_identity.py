"""What chips and loops of a configuration are made for."""

import dataclasses
from typing import Any

from ..._core._identity import Identity
from ...config import idealise, RunConfig, SolveConfig
from ._controller import reset_time


CIRCUIT = (
    "fidelity",
    "crossbar",
    "amplifier",
    "driver",
    "inverter",
    "rectifier",
    "op_amp",
    "dac",
    "adc",
    "multiplier",
    "integrator",
    "start",
    "supply",
    "process",
    "trim",
)


def build_identity(config: RunConfig, record: dict[str, Any]) -> Identity:
    """What chips and loops of `config` are made for; numerics and costs are left out.

    Args:
        config: All settings of the run.
        record: Record of the checkpoint.
    """
    clock = {"duration": config.solve.duration, "reset": reset_time(config)}
    if config.fidelity == "ideal":
        config = idealise(config)
    solve, groups = config.solve, dataclasses.asdict(config)
    names = ["process", "beta_factor", "noise_hold"]
    if solve.score_factor != 1.0:  # left out by the chips that were saved before
        names.append("score_factor")
    parts = CIRCUIT
    if config.guidance.weight:  # without it, the circuit is one of an older version
        parts = (*parts, "guidance")
    return Identity(
        {
            "network": record["sha256"],
            "process": [record["sde"], *(groups["solve"][name] for name in names)],
            "clock": {**clock, "t": _times(solve)},
            "cell": groups["cell"],
            "circuit": {name: groups[name] for name in parts},
        }
    )


def _times(solve: SolveConfig) -> tuple[float, ...]:
    """The schedule; a lead of 0 is left out, as by the chips that were saved before."""
    times = (solve.t0, solve.t1, solve.warp)
    return (*times, solve.lead) if solve.lead else times
