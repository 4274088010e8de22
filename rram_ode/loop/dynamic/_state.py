"""The voltages of a chip whose op-amps take time."""

import equinox as eqx
from jaxtyping import Array, Float

from ..._core._types import State
from ...blocks import StageState


Holds = Float[Array, "2 dim ..."]  # volts: those of the class, then the null label's


class CircuitState(eqx.Module):
    """Voltages of every op-amp: outputs, and summing nodes that hold charge.

    Args:
        layers: Stages of the transimpedance amplifiers, layer by layer.
        integrator: Stage of the integrators; their outputs are the state of the flow.
        multipliers: Outputs of the multipliers of each coordinate in sum, where they
            take time; else `None`.
        lines: Voltages of the rows of each layer, where word lines take time; else
            `None`.
        guidance: Outputs of the multipliers that guide, where they take time; else
            `None`.
        held: What the holds of an array have that is switched between two labels; else
            `None`.
    """

    layers: tuple[StageState, ...]
    integrator: StageState
    multipliers: State | None = None
    lines: tuple[Float[Array, "_ ..."], ...] | None = None
    guidance: State | None = None
    held: Holds | None = None
