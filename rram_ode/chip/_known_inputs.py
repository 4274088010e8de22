"""Known inputs that a test bench plays to a chip."""

from typing import NamedTuple

import jax
from jaxtyping import Array, Int

from .._core._types import State, Times
from ..scores import FourierMLP


class KnownInputs(NamedTuple):
    """Diffusion times and states that the digital twin meets.

    Args:
        t: Diffusion times, `(inputs,)`.
        x: States, `(dim, inputs)`.
        label: Classes, `(inputs,)`, -1 for the null label; `None` for a network that is
            unconditional, or that shows its own class.
    """

    t: Times
    x: State
    label: Int[Array, " inputs"] | None = None

    def activations(self, network: FourierMLP) -> tuple[Array, ...]:
        """What all layers of `network` have at these inputs, `(units, inputs)` each."""
        run = jax.vmap(network.activations, in_axes=(0, 1, 0), out_axes=1)
        return run(self.t, self.x, self.label)
