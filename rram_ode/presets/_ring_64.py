"""A ring from a wider network with noise prediction, on a chip that was just written.

The 1 / std(t) of noise prediction is part of the multiplier's waveform, which peaks
near t0. Beta reaches 8, so that N(0, I) is the right start and the schedule true.
"""

from ..config import (
    IntegratorConfig,
    NetworkConfig,
    RunConfig,
    SDEConfig,
    SolveConfig,
    TrainConfig,
)


def fresh_ring_64() -> RunConfig:
    """The run of `ring-64-fresh`."""
    return RunConfig(
        checkpoint="ring-64-fresh",
        sde=SDEConfig(beta_min=0.1, beta_max=8.0),
        network=NetworkConfig(widths=(64, 64), prediction="noise", output_factor=1.0),
        train=TrainConfig(
            seed=0,
            learning_rate=2e-3,
            weight_noise=0.0,
            column_noise=0.01,
            noise_draws=4,
            saturation_weight=0.0,
        ),
        integrator=IntegratorConfig(resistance=30e3),
        solve=SolveConfig(beta_factor=1.0, t0=1e-3),
    )
