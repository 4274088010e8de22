"""A ring by flow matching: the network of `ring-64-fresh` predicts a velocity.

Along the straight path the loop adds nothing of the state and multiplies the network's
output by a constant: no waveform but the time embedding, and no singular end. The
constant is R C over the duration, times volts: 1 MOhm (an assumption) makes it 0.29 of
the multipliers' full scale, where 30 kOhm would leave 0.009.
"""

import dataclasses

from ..config import IntegratorConfig, NetworkConfig, RunConfig, SDEConfig
from ._ring_64 import fresh_ring_64


def ring_flow() -> RunConfig:
    """The run of `ring-flow`."""
    base = fresh_ring_64()
    return dataclasses.replace(
        base,
        checkpoint="ring-flow",
        sde=SDEConfig(),
        network=NetworkConfig(
            widths=(64, 64), prediction="velocity", output_factor=1.0
        ),
        train=dataclasses.replace(base.train, steps=40_000),
        integrator=IntegratorConfig(resistance=1e6),
    )
