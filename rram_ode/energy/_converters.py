r"""Energy of a conversion by the best published ADCs, and the spread of all of them.

The fit is Accelergy's to B. Murmann's survey (arXiv 2404.06553, `model.yaml` of
accelergy-adc-plug-in): the best ADC for its bits, rate and node,

$$E = \frac{1}{2}\,10^{(\mathrm{SNDR} - F) / 10}
      \exp(26.05 + 1.880 \ln n - 2.829 \ln b - 1.470)\ \mathrm{pJ}$$

with n the node in nm, b effective bits, SNDR $= 6.02 b + 1.76$ dB and the Schreier
figure $F = \min(213.78 - 2.872 \ln f,\ 128.31 + 3.2205 \lceil b \rceil)$ dB.
"""

import math

from ._constant import Constant


BITS = (4, 14)


NODES = (16e-9, 350e-9)


LARGEST_RATE = 1e10


SURVEY = "Murmann survey, June 2025, 8-bit class at 180 nm: 10, 50, 90 %"


def adc_energy(bits: int, node: float, rate: float = 1e6) -> float:
    """Energy of one conversion by a best-case ADC, in joules.

    Args:
        bits: Effective bits, 4 to 14.
        node: Node of the technology in metres, 16 to 350 nm.
        rate: Conversions per second, in hertz, up to 1e10.

    Raises:
        ValueError: If an argument lies outside the fit's range.
    """
    if not BITS[0] <= bits <= BITS[1]:
        raise ValueError(f"`bits` lies between 4 and 14 in the ADC fit; got {bits:g}.")
    if not NODES[0] <= node <= NODES[1]:
        raise ValueError(
            f"`node` lies between {NODES[0]:g} and {NODES[1]:g} m in the ADC fit; got "
            f"{node:g}."
        )
    if not 0 < rate <= LARGEST_RATE:
        raise ValueError(
            f"`rate` lies between 0 and {LARGEST_RATE:g} Hz in the ADC fit; got "
            f"{rate:g}."
        )
    figure = min(
        213.7806687348118 - 2.8719030399529957 * math.log(rate),
        128.3068287398817 + 3.2205115109738 * math.ceil(bits),
    )
    sndr = 20 * math.log10(2) * bits + 10 * math.log10(1.5)
    correction = (
        26.0496215686518
        + 1.8800369206815004 * math.log(node * 1e9)
        - 2.8291256050594527 * math.log(bits)
        - 1.4702022133784405
    )
    return 1e-12 * 0.5 * 10 ** ((sndr - figure) / 10) * math.exp(correction)


def adc_constant(bits: int, node: float, rate: float = 1e6) -> Constant:
    """The energy of a conversion: the best-case fit, in the range of the survey.

    The range is that of 25 ADCs of 7 to 9.5 bits up to 100 MS/s at 180 nm: 10 % of them
    take 12.5 pJ or less, half 360 pJ, 90 % 2,520 pJ. Other bits and nodes scale it in
    proportion to the fit.
    """
    best, reference = adc_energy(bits, node, rate), adc_energy(8, 180e-9)
    ratio = best / reference
    return Constant(
        ratio * 12.5e-12,
        best,
        ratio * 2520e-12,
        "J",
        f"Accelergy's ADC fit (best case); range: {SURVEY}",
        node,
    )
