"""Joules and seconds, counted from the objects that are simulated."""

from ._static import (
    count_blocks as count_blocks,
    EnergyEstimate as EnergyEstimate,
    estimate as estimate,
)
