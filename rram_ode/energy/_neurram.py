"""Energy of one product on NeuRRAM, as a check of the counted components.

W. Wan et al., Nature 2022: 256 x 256 cells, 130 nm, 1.8 V. Component energies are those
of `wan_nature_2022` in mit-emze/cimloop. A column's neuron samples once per magnitude
bit of the input, integrates 2^b - 1 steps in each of one or two phases and converts in
single steps.
"""

from ._constant import Constant, sourced


CIMLOOP = "mit-emze/cimloop, wan_nature_2022"


CELLS = 256


def _of(nominal: float, unit: str, what: str = CIMLOOP) -> Constant:
    return sourced(nominal, unit, what, node=130e-9, voltage=1.8)


NEURRAM: dict[str, Constant] = {
    "neurram.sample": _of(1.2e-12, "J"),
    "neurram.integrate": _of(0.25e-12, "J"),
    "neurram.adc_step": _of(0.3e-12, "J"),
    "neurram.shift_add": _of(0.1e-12, "J"),
    "neurram.word_line": _of(48e-15, "F", f"{CIMLOOP}: driver"),
    "neurram.word_line_cell": _of(
        2.1e-15, "F", f"{CIMLOOP}: 1.5 fF transistor + 0.6 fF"
    ),
    "neurram.supply": _of(1.8, "V"),
    "neurram.input_pulse": _of(
        3.955661604e-15, "J", "Nature 2022, Fig. 12b at 4 bits out, 2 in: calibration"
    ),
}


def neurram_energy(
    out_bits: int, in_bits: int, values: dict[str, float]
) -> dict[str, float]:
    """Energy of a product per cell, in joules: word line, neuron, input.

    Args:
        out_bits: Bits of the output, sign included.
        in_bits: Bits of the input, sign included; 2 or more.
        values: Value of each constant in `NEURRAM`.

    Raises:
        ValueError: If `in_bits < 2` or `out_bits < 1`.
    """
    if in_bits < 2 or out_bits < 1:
        raise ValueError(
            "`in_bits` must be 2 or more and `out_bits` 1 or more; got "
            f"{in_bits} and {out_bits}."
        )
    magnitude = in_bits - 1
    first = magnitude if magnitude <= 3 else -(-magnitude // 2)
    phases = [bits for bits in (first, magnitude - first) if bits]
    steps = sum(2**bits - 1 for bits in phases)
    conversions = sum(
        max(out_bits - sum(phases[:number]), 0) for number in range(len(phases))
    )
    neuron = magnitude * values["neurram.sample"] + steps * values["neurram.integrate"]
    neuron += conversions * (values["neurram.adc_step"] + values["neurram.shift_add"])
    line = values["neurram.word_line"] + CELLS * values["neurram.word_line_cell"]
    return {
        "word line": magnitude * line * values["neurram.supply"] ** 2 / CELLS,
        "neuron": neuron / CELLS,
        "input": magnitude * values["neurram.input_pulse"],
    }
