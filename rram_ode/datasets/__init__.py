"""Data to generate: points of the plane within about [-1.2, 1.2]^2, and pictures.

Labelled images, and the pictures made of them, are in the package `datasets.pictures`;
a user's own points are in `datasets.tables`.
"""

from collections.abc import Callable

from ._base import AbstractDataset as AbstractDataset
from ._checkerboard import Checkerboard as Checkerboard
from ._eight_gaussians import EightGaussians as EightGaussians
from ._figures import Figures as Figures, figures as figures
from ._finite import AbstractFiniteDataset as AbstractFiniteDataset
from ._labelled import (
    AbstractLabelledDataset as AbstractLabelledDataset,
    Labels as Labels,
)
from ._modes import (
    Mode as Mode,
    Modes as Modes,
    nine_modes as nine_modes,
    seven_modes as seven_modes,
)
from ._moons import Moons as Moons
from ._noticeable import widen as widen
from ._ring import Ring as Ring
from ._spiral import Spiral as Spiral
from .pictures import digits


# Factories, not instances: importing the package must not start a JAX backend.
DATASETS: dict[str, Callable[[], AbstractDataset]] = {
    "ring": Ring,
    "moons": Moons,
    "eight-gaussians": EightGaussians,
    "checkerboard": Checkerboard,
    "spiral": Spiral,
    "modes-7": seven_modes,
    "modes-9": nine_modes,
    "digits": digits,
    "figures": figures,
}
