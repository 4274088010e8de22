"""Effects of a decoder on crossbars, beside those of its cells and blocks."""

from ._effect import DECODES, Effect, under


WHY = "it moves pictures, and no end of a solve"


DECODER = (
    Effect(
        "resolution of the converters of pixels",
        ("decoder.adc_bits",),
        example=("decoder.circuit=analog", "decoder.adc_bits=8"),
        needs=DECODES,
        why=WHY,
    ),
    Effect(
        "thermal noise of the switches of a decoder's holds",
        ("decoder.hold_noise",),
        ("decoder.hold_capacitance",),
        ("decoder.circuit=analog", "decoder.hold_noise=True"),
        needs=DECODES,
        why=WHY,
    ),
    Effect(
        "charge that switches leave on a decoder's holds",
        under("decoder", "injection", "injection_std"),
        example=("decoder.circuit=analog", "decoder.injection=1fC"),
        needs=DECODES,
        why=WHY,
    ),
    Effect(
        "droop of a decoder's holds",
        ("decoder.leakage",),
        example=("decoder.circuit=analog", "decoder.leakage=1pA"),
        needs=DECODES,
        why=WHY,
    ),
)
