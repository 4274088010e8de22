"""Every setting of a configuration as a table."""

from .._core._units import format_quantity
from ..config import combines, leaves, read, RunConfig
from ._tables import print_table


HEADER = ("setting", "value", "drawn", "what", "combines with", "source")


def knob_rows(config: RunConfig) -> list[tuple[str, ...]]:
    """The cells of `HEADER` for every knob."""
    rows = []
    for name, field in leaves(config):
        value, meta = read(config, name), field.metadata
        if isinstance(value, float):
            value = format_quantity(value, meta["unit"])
        rows.append(
            (
                name,
                str(value),
                meta["when"],
                meta["help"],
                combines(config, name),
                meta["source"],
            )
        )
    return rows


def print_knobs(config: RunConfig) -> None:
    """Print the table."""
    print_table(knob_rows(config), HEADER)
