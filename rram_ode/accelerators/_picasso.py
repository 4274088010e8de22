"""Picasso, 28 nm."""

from ..energy import Constant
from ._base import Chip


_NAME = "picasso"
picasso = Chip(
    _NAME,
    "Picasso, 28 nm, end to end",
    {
        f"{_NAME}.operation": Constant(
            1 / 4.96e12,
            1 / 4.96e12,
            1 / 4.96e12,
            "J",
            "4.96 TOPS/W end to end",
            28e-9,
            None,
        ),
    },
)
