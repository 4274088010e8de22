"""The paper's unconditional task: a ring from a network of 282 parameters.

J. Yang et al., arXiv 2404.05648: 2-14-14-2, beta from 0.001 to 0.5, 20 us a sample. The
device stack is not in the paper; the cell is the measured CMO/HfOx one.
"""

from typing import Literal

from ..config import IntegratorConfig, RunConfig, SolveConfig


def fresh_ring(
    fidelity: Literal["ideal", "quasi-static"] = "quasi-static",
) -> RunConfig:
    """The run of `ring-fresh`, and of `ring-ideal`."""
    return RunConfig(
        fidelity=fidelity,
        integrator=IntegratorConfig(resistance=500e3),
        solve=SolveConfig(beta_factor=1.7, start_std=0.8, t0=1e-3),
    )
