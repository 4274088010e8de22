"""Other two-dimensional data sets on the network and chip of `ring-64-fresh`."""

import dataclasses

from ..config import RunConfig
from ._ring_64 import fresh_ring_64


def shape(name: str) -> RunConfig:
    """The run that learns and draws the data set `name`; no checkpoint is shipped."""
    return dataclasses.replace(fresh_ring_64(), data=name, checkpoint=name)
