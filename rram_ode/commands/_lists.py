"""Lists that command lines print: presets and settings."""

from .._core._versions import versions
from ..config import RunConfig
from ..presets import PRESETS
from ._tables import print_entries, print_table


def print_presets() -> None:
    """Print the name of every preset and what it is."""
    print_table(
        [(name, text) for name, (_, text) in PRESETS.items()], ("preset", "what")
    )


def print_versions() -> None:
    """Print the versions of the software that decides the numbers."""
    for name, number in versions().items():
        print(name, number)


def print_knobs(config: RunConfig) -> None:
    """Print every setting: value, when it is drawn, role, price, source."""
    from ..system import knobs

    entries = []
    for knob in knobs(config):
        texts = [knob.help]
        pays = f"; pays: {knob.pays}" if knob.pays else ""
        texts.append(f"Role: {knob.role}{pays}.")
        if knob.combines:
            texts.append(f"Combines with: {knob.combines}.")
        if knob.source:
            texts.append(f"Source: {knob.source}.")
        entries.append(((knob.name, knob.text, knob.when), texts))
    print_entries(entries)
