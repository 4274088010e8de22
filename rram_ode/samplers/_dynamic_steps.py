"""Whether a step resolves the poles of the op-amps."""

import math

import jax
import numpy as np

from ..devices import LabClock
from ..scores import Circuit


ENOUGH_STEPS = 50
RESOLVED = 0.3
DAMPED = 3.0


def require_resolved(circuit: Circuit, step: float, clock: LabClock) -> None:
    """Refuse a march with steps of `step` seconds that is wrong by half a percent.

    A stage's own response is exact at any step. What a coarse step loses is how it
    moves within the step. Measured on the preset `ring` against Kvaerno5 (largest error
    of a sample over the largest sample): 50 steps a solve suffice for every op-amp
    (0.08 %); fewer do where 0.3 time constants of the slowest pole are a step or more
    (0.2 %). A pair that rings through a step is never resolved by it.

    Raises:
        ValueError: With the pole and the number of steps that would do.
    """
    duration = float(clock.duration)
    for number, stage in enumerate(circuit.layers, start=1):
        decay, ring = (np.asarray(x, float) for x in jax.device_get(stage.modes))
        rings = (ring * step > 1) & (decay * step < DAMPED)
        if rings.any():
            col = int(np.argmax(np.where(rings, ring, 0.0)))
            wanted = math.ceil(duration * ring[col])
            raise ValueError(
                f"steps of {step:.3g} s do not resolve the pole pair of layer "
                f"{number}, column {col}, which rings at "
                f"{ring[col] / 2 / math.pi:.3g} Hz: take `solve.num_steps` = {wanted} "
                "or more, or a larger `op_amp.c_f`."
            )
        col = int(np.argmin(decay))
        wanted = min(ENOUGH_STEPS, math.ceil(duration * decay[col] / RESOLVED))
        if step > duration / wanted * (1 + 1e-5):
            raise ValueError(
                f"steps of {step:.3g} s are too coarse for the pole of layer {number}, "
                f"column {col}, at {decay[col] / 2 / math.pi:.3g} Hz: take "
                f"`solve.num_steps` = {wanted} or more."
            )
