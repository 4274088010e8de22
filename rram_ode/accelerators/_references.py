"""What a layer that computes with differences keeps from step to step."""

import abc
from typing import NamedTuple

import equinox as eqx
from jaxtyping import Array, Float


Inputs = Float[Array, "inputs ..."]


Sums = Float[Array, "sums ..."]


class AbstractReference(eqx.Module):
    """The rule for what a layer compares its next input with."""

    @abc.abstractmethod
    def __call__(self, reference: Inputs, inputs: Inputs, change: Inputs) -> Inputs:
        """The next reference.

        Args:
            reference: The reference of this step.
            inputs: The input of the layer in this step.
            change: What of their difference entered the sums.
        """


class ClosedReference(AbstractReference):
    """What entered the sums so far: the next difference holds what rounding left."""

    def __call__(self, reference: Inputs, inputs: Inputs, change: Inputs) -> Inputs:
        """`reference + change`."""
        del inputs
        return reference + change


class OpenReference(AbstractReference):
    """The last input: what rounding leaves over is lost, and errors add up."""

    def __call__(self, reference: Inputs, inputs: Inputs, change: Inputs) -> Inputs:
        """`inputs`."""
        del reference, change
        return inputs


class LayerMemory(NamedTuple):
    """What a layer keeps from step to step.

    Args:
        reference: What its input is compared with.
        sums: Its sums, without the bias.
    """

    reference: Inputs
    sums: Sums
