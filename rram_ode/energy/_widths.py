r"""Energy of integers whose width has no measured row, by a named law.

From Horowitz's rows of 8 and 32 bits an addition is in proportion to its bits, and a
multiplication grows with the exponent $k = \log(3.1 / 0.2) / \log(32 / 8) = 1.98$ of
the bits; the law takes 2:

$$E_\times = E_{\times, 8} \left(\frac{b_a b_w}{64}\right)^{k / 2}, \qquad
  E_+ = E_{+, 8} \frac{b}{8}.$$

Below 8 bits nobody measured it here. The low end of the exponent, 1, is the variant
that is linear in bits, for which narrow multiplications save least.
"""

from ..formats import Operation
from ._constant import Constant, Value, Values


WIDTHS: dict[str, Constant] = {
    "width.exponent": Constant(
        1.0,
        2.0,
        2.0,
        "1",
        "1.98 between Horowitz's rows of 8 and 32 bits; low end linear, assumed",
    ),
}


def multiply_energy(bits: tuple[int | Value, int | Value], values: Values) -> Value:
    """Energy of a multiplication of integers at 45 nm, in joules.

    Args:
        bits: Bits of both operands.
        values: Value of each constant.
    """
    ratio = bits[0] * bits[1] / 64
    return values["int8.mult"] * ratio ** (values["width.exponent"] / 2)


def add_energy(bits: int | Value, values: Values) -> Value:
    """Energy of an addition of integers of so many bits at 45 nm, in joules."""
    return values["int8.add"] * bits / 8


def operation_energy(operation: Operation, values: Values) -> Value:
    """Energy of all operations of one kind at 45 nm, in joules.

    A shift costs as much as an addition of as many bits (assumed).

    Raises:
        ValueError: If the kind has no law of widths.
    """
    if operation.kind == "multiply":
        first, second = operation.bits
        return operation.number * multiply_energy((first, second), values)
    if operation.kind in ("add", "shift"):
        return operation.number * add_energy(operation.bits[0], values)
    raise ValueError(
        f"an operation of the kind `{operation.kind}` has no energy by its width; take "
        "`multiply`, `add` or `shift`."
    )
