"""Lists that command lines print: presets and settings."""

from ..config import RunConfig
from ..presets import PRESETS
from ._tables import print_table


def print_presets() -> None:
    """Print the name of every preset and what it is."""
    print_table(
        [(name, text) for name, (_, text) in PRESETS.items()], ("preset", "what")
    )


def print_knobs(config: RunConfig) -> None:
    """Print every setting: value, when it is drawn, what it is, its source."""
    from ..system import knobs

    header = ("setting", "value", "drawn", "what", "combines with", "source")
    rows = [
        (k.name, k.text, k.when, k.help, k.combines, k.source) for k in knobs(config)
    ]
    print_table(rows, header)
