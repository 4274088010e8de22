"""Handwritten digits by class, in the space of their 64 pixels.

The network is wider than any other here, and predicts the noise. Beta reaches 12: of
pixels, whose spread is above that of the points of a ring, exp(-3) is left at t1.
"""

import dataclasses

from ..config import NetworkConfig, RunConfig, SDEConfig, TrainConfig
from ._ring_64 import fresh_ring_64


def fresh_digits() -> RunConfig:
    """The run of `digits-fresh`."""
    base = fresh_ring_64()
    return dataclasses.replace(
        base,
        data="digits",
        checkpoint="digits-fresh",
        sde=SDEConfig(beta_min=0.1, beta_max=12.0),
        network=NetworkConfig(
            widths=(256, 256), prediction="noise", output_factor=1.0, classes=10
        ),
        train=TrainConfig(
            seed=0,
            steps=80_000,
            batch=256,
            learning_rate=3e-3,
            ema=0.9998,
            weight_noise=0.0,
            column_noise=0.0,
            noise_draws=1,
            saturation_weight=0.0,
            t_min=1e-3,
        ),
        solve=dataclasses.replace(base.solve, num_steps=100),
    )
