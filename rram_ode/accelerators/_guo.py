"""R. Guo et al., ISSCC 2024, 20.2: denoising similarity in SRAM, 28 nm, BF16."""

from ..energy import Constant
from ._base import named, PublishedChip


_NAME = "guo-20.2"


guo = PublishedChip(
    _NAME,
    "ISSCC 2024 20.2, 28 nm BF16, peak",
    named(
        _NAME,
        operation=Constant(
            1 / 74.34e12,
            1 / 74.34e12,
            1 / 20e12,
            "J",
            "74.34 TFLOPS/W peak [title]; high end assumed",
            28e-9,
            None,
        ),
    ),
)
