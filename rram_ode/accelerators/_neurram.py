"""W. Wan et al., Nature 2022: NeuRRAM, 130 nm, 48 cores."""

from ..energy import Constant
from ._base import named, PublishedChip


_NAME = "neurram"


neurram = PublishedChip(
    _NAME,
    "NeuRRAM, 130 nm RRAM, 8 b out, 6 b in",
    named(
        _NAME,
        operation=Constant(
            1 / 9.12e12,
            1 / 8.26e12,
            1 / 8.26e12,
            "J",
            "8.26 to 9.12 TOPS/W at 8 b out, 6 b in",
            130e-9,
            1.8,
        ),
        rate=Constant(
            0.26e12,
            0.418e12,
            0.418e12,
            "op/s",
            "Fig. 12: 0.26 to 0.418 TOPS on 48 cores",
        ),
    ),
)
