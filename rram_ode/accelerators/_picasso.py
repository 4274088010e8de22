"""Picasso, 28 nm."""

from ..energy import Constant
from ._base import named, PublishedChip


_NAME = "picasso"


picasso = PublishedChip(
    _NAME,
    "Picasso, 28 nm, end to end",
    named(
        _NAME,
        operation=Constant(
            1 / 4.96e12,
            1 / 4.96e12,
            1 / 4.96e12,
            "J",
            "4.96 TOPS/W end to end",
            28e-9,
            None,
        ),
    ),
)
