"""What a run says of settings that do nothing in it."""

from ..chip import Chip
from ..presets import find_preset
from ..system import idle_settings, System
from ._tables import print_text


def print_idle(system: System, preset: str, chip: Chip) -> tuple[str, ...]:
    """Name each setting beside those of the preset that does not act on the samples."""
    found = idle_settings(system, find_preset(preset), chip)
    texts = tuple(idle.text for idle in found)
    for text in texts:
        print_text(text)
    return texts
