"""J. Choi et al., ISCAS 2024, arXiv 2403.04982: PSSA, TIPS, DBSC, 28 nm."""

from ..energy import Constant
from ._base import named, PublishedChip


_NAME = "choi-sd"


choi = PublishedChip(
    _NAME,
    "Choi et al., 28 nm Stable Diffusion chip, peak",
    named(
        _NAME,
        operation=Constant(
            0.2256 / 3.84e12,
            0.2256 / 3.84e12,
            0.2256 / 1e12,
            "J",
            "225.6 mW at 3.84 TOPS [abstract]; high end assumed",
            28e-9,
            None,
        ),
        rate=Constant(
            1e12, 3.84e12, 3.84e12, "op/s", "3.84 TOPS peak [abstract]; low end assumed"
        ),
    ),
)
