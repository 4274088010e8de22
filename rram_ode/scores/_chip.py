"""One piece of hardware."""

import equinox as eqx

from .._types import Key
from ..blocks import FeedbackIntegrator
from ..devices import ReadNoise, Traps
from ._analog_base import AbstractAnalogScore


class Chip(eqx.Module):
    """One piece of hardware: what was drawn at programming, and its noise's key.

    Args:
        score: The network on crossbars.
        integrator: With this chip's offsets and mismatch.
        read: Laws of the cells' read noise.
        key: Of all noise in lab time.
        num_cells: That were programmed.
        traps: Of the pairs of all crossbars on one axis, for telegraph noise.
    """

    score: AbstractAnalogScore
    integrator: FeedbackIntegrator
    read: ReadNoise
    key: Key
    traps: Traps | None = None
    num_cells: int = eqx.field(static=True, default=0)
