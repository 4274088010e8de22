"""Modes in the plane, each a class: two firmware modes of the paper's board.

The board has modes of seven and of nine classes, whose data are not public: the
geometry of `datasets.Modes` is ours. Networks and chips are those of `ring-64`.
"""

import dataclasses
from typing import Literal

from ..config import RunConfig
from ._whole_chip import ring_64


def modes(num_classes: Literal[7, 9]) -> RunConfig:
    """The run of `modes-7` or `modes-9`."""
    base, name = ring_64(), f"modes-{num_classes}"
    network = dataclasses.replace(base.network, classes=num_classes)
    return dataclasses.replace(base, data=name, checkpoint=name, network=network)
