r"""Products and external traffic of an attention network with two precisions.

A product of a and w bits takes one multiplication and one addition to a sum of a + w +
8 bits, at 45 nm by the law of `_widths`. Self-attention scores leave the chip and come
back once in each evaluation, as do the weights and all inputs and sums of layers: of a
network that does not fit on its chip (assumed). Nothing else is counted, so that the
joules compare ways to compute one network, not machines.
"""

import dataclasses

from ._constant import Value, Values
from ._widths import add_energy, multiply_energy


ACTIVATION_BITS, NARROW_BITS, WEIGHT_BITS = 12, 6, 8


GUARD_BITS = 8  # of a sum, beyond those of its products


@dataclasses.dataclass(frozen=True)
class AttentionWork:
    """What one evaluation takes for one sample.

    Args:
        high: Number of products of 12 and 8 bits in rectified layers.
        low: Number of products of 6 and 8 bits in rectified layers.
        other: Number of products of 12 and 8 bits in all other layers.
        attention: Number of products of two activations of 12 bits.
        score_bits: Bits of the maps of self-attention, as they are stored.
        weight_bits: Bits of all weights.
        token_bits: Bits of inputs and sums of layers.
    """

    high: float
    low: float
    other: float
    attention: float
    score_bits: float
    weight_bits: float
    token_bits: float

    @property
    def external_bits(self) -> float:
        """Bits that cross between the chip and its memory."""
        return 2 * self.score_bits + self.weight_bits + self.token_bits

    @property
    def score_fraction(self) -> float:
        """Fraction of these bits that are scores."""
        return 2 * self.score_bits / self.external_bits

    def rectified_energy(self, values: Values) -> Value:
        """Joules of the products of rectified layers."""
        narrow = _product(NARROW_BITS, WEIGHT_BITS, values)
        wide = _product(ACTIVATION_BITS, WEIGHT_BITS, values)
        return self.low * narrow + self.high * wide

    def energy(self, values: Values) -> dict[str, Value]:
        """Joules by part."""
        wide = _product(ACTIVATION_BITS, WEIGHT_BITS, values)
        both = _product(ACTIVATION_BITS, ACTIVATION_BITS, values)
        per_bit = values["dram"]
        return {
            "rectified layers": self.rectified_energy(values),
            "other products": self.other * wide + self.attention * both,
            "scores": 2 * self.score_bits * per_bit,
            "weights and tokens": (self.weight_bits + self.token_bits) * per_bit,
        }


def _product(one: int, other: int, values: Values) -> Value:
    """Joules of a multiplication and its addition."""
    total = add_energy(one + other + GUARD_BITS, values)
    return multiply_energy((one, other), values) + total
