r"""Energy of converters: a fit to the best ADCs, and a law for DACs.

The fit is Accelergy's to B. Murmann's survey (arXiv 2404.06553, `model.yaml` of
accelergy-adc-plug-in): the best ADC for its bits, rate and node,

$$E = \frac{1}{2}\,10^{(\mathrm{SNDR} - F) / 10}
      \exp(26.05 + 1.880 \ln n - 2.829 \ln b - 1.470)\ \mathrm{pJ}$$

with n the node in nm, b effective bits, SNDR $= 6.02 b + 1.76$ dB and the Schreier
figure $F = \min(213.78 - 2.872 \ln f,\ 128.31 + 3.2205 \lceil b \rceil)$ dB.

A channel of a DAC of b bits that is updated at the rate f takes

$$P = P_0\Big(\frac12 + \frac12 \frac{b + 1}{13} \frac{f}{10\ \mathrm{MHz}}\Big)
      + E_s\,2^b f.$$

A buffer behind n full scales, of which each is a quarter of the one before, settles to
half a step of the smallest: its b is $b + 2 (n - 1)$ (assumed: its own range stays).

$P_0$ is the power of a channel of 12 bits at 10 MHz without its code. Half of it is
assumed to be static; half is that of a buffer of one pole, which settles to half a step
in $(b + 1) \ln 2$ time constants of each hold (textbook), and whose power is in
proportion to its bandwidth (assumed). $E_s$ is the figure of merit of DACs, energy per
conversion and code.
"""

import dataclasses
import math
from typing import ClassVar

from ..blocks import RATIO
from ._constant import Constant, Value, Values


BITS = (4, 14)


# Smallest and largest bits that are priced, by the group of the setting.
CONVERTER_BITS = {"adc": BITS, "dac": (1, 16), "start": (1, 16)}


ADC_NODE = 180e-9  # of `adc.conversion`, in metres


ADC_VOLTS = 1.0  # full scale of the survey's converters: assumed


DAC_BITS, DAC_RATE = 12, 10e6  # of `dac.power`


NODES = (16e-9, 350e-9)


LARGEST_RATE = 1e10


SURVEY = "Murmann survey, June 2025, 8-bit class at 180 nm: 10, 50, 90 %"


@dataclasses.dataclass(frozen=True)
class DigitalSide:
    """What converters and controller are built for: their bits and rates.

    Args:
        adc_bits: Effective bits of the ADC at hand-over.
        conversion_rate: Rate at which the ADC converts, in hertz.
        dac_bits: Bits of the DAC of the waveforms.
        dac_ranges: Number of its full scales.
        update_rate: Rate of its updates, in hertz.
        noise_rate: Rate at which a channel for each coordinate plays injected noise, in
            hertz; 0 without such channels.
        start_bits: Bits of the DAC of the starts.
        start_resistance: Resistance that charges the integrators, in ohms.
        clock: Clock of the controller, in hertz.
        node: Node of the ADC's technology, in metres.
        adc_volts: Full scale of the ADC, in volts.
    """

    FASTEST: ClassVar[float] = 1e9  # of a DAC that is priced, in hertz

    adc_bits: float | int = 8.0
    conversion_rate: float = 1e6
    dac_bits: int = DAC_BITS
    dac_ranges: int = 1
    update_rate: float = DAC_RATE
    noise_rate: float = 0.0
    start_bits: int = DAC_BITS
    start_resistance: float = 10e3
    clock: float = 10e6
    node: float = ADC_NODE
    adc_volts: float | int = ADC_VOLTS

    @property
    def steps(self) -> float:
        """Steps per second of the controller, which plays the waveforms too."""
        return max(self.clock, self.update_rate)

    @property
    def adc_scale(self) -> float:
        """Energy of a conversion over that of 8 bits at `ADC_NODE`.

        Below 4 bits it falls no more. At a smaller full scale F the noise must be
        smaller, too: $kT / C$ in proportion to $F^2$ takes a capacitor and an energy in
        proportion to $1 / F^2$ (assumed; a larger one than that of the survey saves
        nothing).
        """
        bits, rate = max(self.adc_bits, BITS[0]), self.conversion_rate
        quieter = max(1.0, (ADC_VOLTS / self.adc_volts) ** 2)
        return quieter * adc_energy(bits, self.node, rate) / adc_energy(8, ADC_NODE)

    @property
    def _finer(self) -> int:
        """Bits of the DAC's smallest full scale beyond those of its codes."""
        return round(math.log2(RATIO)) * (self.dac_ranges - 1)

    def num_channels(self, waves: int, dim: int) -> float:
        """Channels of the DAC, each weighted by its buffer's power.

        Args:
            waves: Number of channels of waveforms.
            dim: Number of coordinates, each with a channel of injected noise if any.
        """
        channels = waves * buffer_share(self.dac_bits + self._finer, self.update_rate)
        if self.noise_rate:
            channels += dim * buffer_share(self.dac_bits, self.noise_rate)
        return channels

    def dac_power(self, waves: int, dim: int, values: Values) -> Value:
        """Power of the channels of waveforms and of injected noise, in watts."""
        bits, rate = self.dac_bits, self.update_rate
        power = dac_power(bits, rate, values, self._finer) * waves
        if self.noise_rate:
            power = power + dac_power(self.dac_bits, self.noise_rate, values) * dim
        return power

    def start_power(self, dim: int, period: float, values: Values) -> Value:
        r"""Power of the DACs and buffers of the starts, in watts.

        A buffer with the output resistance R has $g_m = 1 / R$ and takes
        $V\,V_\text{ov} / 2R$. A start is converted once in each `period`.
        """
        driver = values["supply"] * values["driver.overdrive"]
        driver = driver / (2 * self.start_resistance)
        return (dac_power(self.start_bits, 1 / period, values) + driver) * dim


# Of a chip: the converters, the buffers of the starts, and the controller.
INTERFACE: dict[str, Constant] = {
    "dac.power": Constant(
        20e-6,
        100e-6,
        500e-6,
        "W",
        "assumed: one channel of 12 bits at 10 MHz with its buffer",
    ),
    "dac.step": Constant(
        1.2e-15,
        4.6e-15,
        18e-15,
        "J",
        "figures of merit of two DACs, per conversion and code: 1.2 fJ (relaxation "
        "DAC, 40 nm) and 18 fJ (40 to 97 GS/s, 7 nm), as quoted by "
        "Mamrez/crossbar_simulator; nominal: their geometric mean",
    ),
    "driver.overdrive": Constant(
        0.1, 0.2, 0.3, "V", "assumed: I = g_m V_ov / 2 of the start's buffer"
    ),
    "controller.cycle": Constant(
        1e-12,
        10e-12,
        100e-12,
        "J",
        "assumed: C V^2 of a sequencer at 180 nm, 1 pF at 3.3 V, clock included",
    ),
}


def effective_bits(bits: int, noise: float | int) -> float:
    r"""Bits of a quantiser without noise whose error is that of this converter.

    Rounding has the variance $\Delta^2 / 12$, and the noise $(n \Delta)^2$:
    $b - \tfrac12 \log_2(1 + 12 n^2)$.

    Args:
        bits: Bits of the codes.
        noise: Standard deviation of the noise n, in steps.
    """
    return bits - math.log2(1 + 12 * noise**2) / 2


def dac_power(bits: int, rate: float, values: Values, finer: int = 0) -> Value:
    """Power of one channel of a DAC, in watts; see the module's docstring.

    Args:
        bits: Resolution.
        rate: Updates per second, in hertz.
        values: Value of each constant.
        finer: Bits to which its buffer settles beyond those of its codes.
    """
    buffer = values["dac.power"] * buffer_share(bits + finer, rate)
    return buffer + values["dac.step"] * (2.0**bits * rate)


def buffer_share(bits: int, rate: float) -> float:
    """Power of a channel's buffer over that at 12 bits and 10 MHz."""
    return 0.5 + 0.5 * (bits + 1) / (DAC_BITS + 1) * rate / DAC_RATE


def adc_energy(bits: float | int, node: float, rate: float = 1e6) -> float:
    """Energy of one conversion by a best-case ADC, in joules.

    Between two whole numbers of bits the energy is their geometric interpolation: the
    fit's own rounding up would let it fall with the bits.

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
    lower = math.floor(bits)
    fraction = bits - lower
    energy = _fit(lower, node, rate)
    if not fraction:
        return energy
    return energy ** (1 - fraction) * _fit(lower + 1, node, rate) ** fraction


def _fit(bits: int, node: float, rate: float) -> float:
    """Energy of one conversion at a whole number of bits, in joules."""
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


def adc_constant(bits: float | int, node: float, rate: float = 1e6) -> Constant:
    """The energy of a conversion: the best-case fit, in the range of the survey.

    The range is that of 25 ADCs of 7 to 9.5 bits up to 100 MS/s at 180 nm: 10 % of them
    take 12.5 pJ or less, half 360 pJ, 90 % 2,520 pJ. Other bits and nodes scale it in
    proportion to the fit.
    """
    best, reference = adc_energy(bits, node, rate), adc_energy(8, ADC_NODE)
    ratio = best / reference
    return Constant(
        ratio * 12.5e-12,
        best,
        ratio * 2520e-12,
        "J",
        f"Accelergy's ADC fit (best case); range: {SURVEY}",
        node,
    )
