"""AFPR-CIM: an RRAM macro with FP8 converters."""

from ..energy import Constant
from ._base import named, PublishedChip


_NAME = "afpr-cim"


afpr = PublishedChip(
    _NAME,
    "AFPR-CIM, RRAM, FP8, peak",
    named(
        _NAME,
        operation=Constant(
            1 / 19.89e12, 1 / 19.89e12, 1 / 19.89e12, "J", "19.89 TFLOPS/W", None, None
        ),
        rate=Constant(1474.56e9, 1474.56e9, 1474.56e9, "op/s", "1474.56 GOPS"),
    ),
)
