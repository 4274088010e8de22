"""The circuit that stands for a ReLU, from its knobs."""

from ._rules import require
from .blocks import (
    AbstractRectifier,
    ClampRectifier,
    Diode,
    DiodeRectifier,
    IdealRectifier,
)
from .config import RectifierConfig


def build_rectifier(config: RectifierConfig) -> AbstractRectifier:
    """The ReLU of a kind.

    Raises:
        ValueError: If a value is out of range.
    """
    for key in ("gain", "resistance", "saturation", "ideality"):
        require(f"rectifier.{key}", getattr(config, key))
    diode = Diode(config.saturation, config.ideality)
    made: dict[str, AbstractRectifier] = {
        "ideal": IdealRectifier(),
        "diode": DiodeRectifier(diode, config.resistance),
        "precision": DiodeRectifier(diode, config.resistance, config.gain),
        "clamp": ClampRectifier(diode, config.resistance),
    }
    return made[config.kind]
