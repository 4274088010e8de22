"""Knobs of a user's own points: how states stand for them."""

from dataclasses import dataclass

from ._knob import knob


@dataclass(frozen=True)
class PointsConfig:
    """The scaling of the points of a file, x = centre + scale z with states z."""

    centre: tuple[float, ...] | None = knob(
        None,
        source="None: the mean of the file's rows",
        role="numerical",
        help="the point that the state 0 stands for, one number for each coordinate, "
        "in the file's units",
    )
    scale: tuple[float, ...] | None = knob(
        None,
        source="None: twice the standard deviation of the file's rows, so that states "
        "are as wide as the shipped data",
        role="numerical",
        help="the length that a state's unit stands for, one for each coordinate",
    )
