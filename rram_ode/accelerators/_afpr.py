"""AFPR-CIM: an RRAM macro with FP8 converters."""

from ..energy import Constant
from ._base import Chip


_NAME = "afpr-cim"
afpr = Chip(
    _NAME,
    "AFPR-CIM, RRAM, FP8, peak",
    {
        f"{_NAME}.operation": Constant(
            1 / 19.89e12, 1 / 19.89e12, 1 / 19.89e12, "J", "19.89 TFLOPS/W", None, None
        ),
        f"{_NAME}.rate": Constant(
            1474.56e9, 1474.56e9, 1474.56e9, "op/s", "1474.56 GOPS"
        ),
    },
)
