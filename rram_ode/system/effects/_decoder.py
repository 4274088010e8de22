"""Effects of a decoder on crossbars, beside those of its cells and blocks."""

from ..build import ANALOG, pair_capacitance
from ._effect import DECODES, Effect, under
from ._neglected import amount, Neglected, Size
from ._scale import Scale


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


def _shared(scale: Scale) -> Size:
    """The charge of a buffer's input, which has the voltage of the read before."""
    config = scale.config
    if config.decoder.circuit != ANALOG:
        return Size("no decoder on the chip", 0.0)
    node, hold = pair_capacitance(config.op_amp), config.decoder.hold_capacitance
    return Size(
        f"{amount(node, 'F')} of a buffer's input over {amount(hold, 'F')}: "
        f"{amount(node / hold)} of the difference to the read before; what it moves "
        "in the pictures is not simulated"
    )


LEFT_OUT = (
    Neglected(
        "charge that a decoder's holds share with the rows they drive",
        _shared,
        "a row that is reset before each read, or a bootstrapped buffer, would take it",
        "as op_amp.offset_std, which sizes the input pair",
    ),
)
