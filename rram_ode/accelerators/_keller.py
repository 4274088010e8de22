"""B. Keller et al.: per-vector scaled quantisation, 5 nm."""

from ..energy import Constant
from ._base import named, PublishedChip


_NAME = "keller-vsq"


keller = PublishedChip(
    _NAME,
    "Keller et al., 5 nm VS-Quant, peak",
    named(
        _NAME,
        operation=Constant(
            1 / 95.6e12,
            1 / 38.7e12,
            1 / 38.7e12,
            "J",
            "95.6 TOPS/W at 0.46 V, 38.7 on BERT at 0.67 V",
            5e-9,
            0.67,
        ),
    ),
)
