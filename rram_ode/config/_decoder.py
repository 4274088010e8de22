"""Knobs of the decoder of pictures: digital, or on crossbars behind the loop."""

from dataclasses import dataclass
from typing import Literal

from ._knob import knob


_LIKE = "off; assumption: a decoder on the chip takes"


@dataclass(frozen=True)
class DecoderConfig:
    """The decoder of data in a latent space."""

    circuit: Literal["digital", "analog"] = knob(
        "digital",
        source="the paper decodes digitally",
        role="design",
        pays="joules, area, error: that of its cells in the pictures",
        help="where latents become pictures: in software, or on arrays on the chip",
    )
    read_time: float = knob(
        0.5e-6,
        unit="s",
        source="assumption: 47 reads fit into the period of a sample",
        role="design",
        pays="joules, seconds",
        ends=(100e-9, 10e-6),
        help="time of a read of an array, in which its amplifiers settle",
    )
    adc_bits: int | None = knob(
        8,
        source="assumption: steps of a sixteenth of a logit, four grey levels of 256",
        role="design",
        pays="joules, area",
        ends=(4, 14),
        help="resolution of the converters of pixels, 4 to 14; None is continuous",
    )
    hold_capacitance: float = knob(
        10e-12,
        unit="F",
        source="assumption: a buffer's input of 0.1 pF takes 1 % of its charge",
        role="design",
        pays="joules, area, decoder.injection_std",
        ends=(1e-15, 1e-9),
        help="capacitor of each hold between arrays",
    )
    hold_noise: bool = knob(
        True,
        when="per sample",
        source="k T / C at cell.temperature: law of Johnson and Nyquist",
        role="process",
        help="whether the switches of these holds sample thermal noise",
    )
    injection: float = knob(
        0.0,
        unit="C",
        when="per chip",
        source=f"{_LIKE} 1fC: half of the channel of a minimum switch, as "
        "guidance.injection",
        role="process",
        help="mean charge that a switch leaves on its hold as it opens",
    )
    injection_std: float = knob(
        0.0,
        unit="C",
        when="per chip",
        source=f"{_LIKE} 0.1fC, as guidance.injection_std",
        role="process",
        help="spread of that charge over the holds of a chip",
    )
    leakage: float = knob(
        0.0,
        unit="A",
        source=f"{_LIKE} 1pA at 27 C: a closed transistor",
        role="process",
        help="constant current that discharges these holds during a decode",
    )
