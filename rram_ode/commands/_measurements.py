"""What a run says of the file of `cell.measurements`, and how its laws fit."""

import sys
from typing import Any

from ..config import RunConfig
from ..system import find_fit
from ._tables import print_text


def warn_of_measurements(config: RunConfig) -> None:
    """Name on stderr where the laws do not describe the file's data."""
    found = find_fit(config.cell)
    for text in () if found is None else found.warnings:
        print(f"warning: `{config.cell.measurements}`: {text}.", file=sys.stderr)


def print_measurements(config: RunConfig) -> dict[str, Any] | None:
    """Print what the file gave; the same as plain data, or `None` without a file."""
    found = find_fit(config.cell)
    if found is None:
        return None
    print_text(f"Measurements of `{config.cell.measurements}`:")
    for note in found.notes:
        print_text(f"- {note}.")
    if found.levels is not None and config.cell.levels != found.levels.size:
        print_text(
            f"- the {found.levels.size} targets are points of a scan here: the cell "
            f"has {config.cell.levels or 'any number of'} levels (`cell.levels="
            f"{found.levels.size}` takes the measured ones)."
        )
    print()
    return {
        "file": config.cell.measurements,
        "notes": list(found.notes),
        "warnings": list(found.warnings),
        "mean": _plain(found.mean),
        "spread": None if found.spread is None else _plain(found.spread),
        "rate_us_per_efold": None if found.rate is None else found.rate[0],
        "stuck": {"lrs": found.stuck.lrs, "hrs": found.stuck.hrs}
        | {"elsewhere": found.stuck.elsewhere, "reads": found.stuck.num},
        "levels_s": None if found.levels is None else found.levels.tolist(),
        "settings": found.settings,
    }


def _plain(fit: Any) -> dict[str, Any]:
    """A regression as plain data, in powers of uS."""
    return {
        "values": fit.values.tolist(),
        "standard_errors": fit.errors.tolist(),
        "chi_square": fit.chi_square,
        "degrees_of_freedom": fit.free,
    }
