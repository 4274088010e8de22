"""What a run says before it begins: settings that do nothing, samples not taken up."""

import sys

from ..chip import Chip
from ..config import RunConfig
from ..presets import find_preset
from ..system import idle_settings, question_settings, Store, System
from ._tables import print_text


def print_idle(system: System, preset: str, chip: Chip) -> tuple[str, ...]:
    """Name each setting beside those of the preset that does not act on the samples."""
    found = idle_settings(system, find_preset(preset), chip)
    texts = tuple(idle.text for idle in found)
    for text in texts:
        print_text(text)
    return texts


def print_questions(config: RunConfig) -> tuple[str, ...]:
    """Warn of values that may be in another unit, or miss what they are for."""
    texts = question_settings(config)
    for text in texts:
        print(f"warning: {text}", file=sys.stderr)
    return texts


def print_started_anew(store: Store) -> None:
    """Say which setting or file keeps a run from going on with samples of before."""
    names = store.differences()
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        print(
            f"warning: samples that were kept are of another run (other "
            f"{', '.join(f'`{name}`' for name in names[:3])}{more}): it starts anew.",
            file=sys.stderr,
        )
