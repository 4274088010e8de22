"""Handwritten digits by class, in the space of their 64 pixels.

The network is wider than any other here, and predicts the noise. Beta reaches 12: of
pixels, whose spread is above that of the points of a ring, exp(-3) is left at t1.
"""

import dataclasses
from typing import Any

from ..config import NetworkConfig, override_all, RunConfig, SDEConfig, TrainConfig
from ._ring_64 import fresh_ring_64
from ._whole_chip import LINES, whole_chip, WIDE


# Lines of 256 cells would drop more voltage than those of 128 (assumed size). The
# network averages over so many cells that one of each weight serves: eight take eleven
# times the joules (`python -m benchmarks growth`).
TILES: dict[str, Any] = {
    "crossbar.tile_rows": 128,
    "crossbar.tile_cols": 128,
    "cell.devices_per_weight": 1,
}


def digits() -> RunConfig:
    """The run of `digits`: a network that was trained on whole chips.

    What their age hides was off in training: `python -m rram_ode.train digits
    --set cell.write.factor=0 --set cell.read.flicker.slope=0`.
    """
    base = fresh_digits()
    train = dataclasses.replace(
        base.train,
        chips=True,
        distortion=0.03,
        strength=1.2,
        headroom=1.3,
        w_max=1.0,
        b_max=0.5,
    )
    base = dataclasses.replace(base, checkpoint="digits", train=train)
    return override_all(whole_chip(base), {**WIDE, **LINES, **TILES})


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
