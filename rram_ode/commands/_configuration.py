"""The configuration that a command line describes."""

import json
import pathlib
from collections.abc import Sequence
from typing import Any

from ..config import from_dict, override_all, parse_pairs, RunConfig
from ..presets import find_preset


def configure(
    preset: str | RunConfig,
    pairs: Sequence[str] = (),
    *,
    fidelity: str | None = None,
    checkpoint: str | None = None,
) -> RunConfig:
    """A preset with the values of flags and of `--set`, which come last.

    Args:
        preset: Its name, or a configuration.
        pairs: Texts `PATH=VALUE` of `--set`.
        fidelity: Value of `--fidelity`; `None` leaves that of the preset.
        checkpoint: Value of `--checkpoint`; `None` leaves that of the preset.

    Raises:
        ValueError: If a name does not exist, or a value does not suit its setting.
    """
    config = find_preset(preset) if isinstance(preset, str) else preset
    flags = {"fidelity": fidelity, "checkpoint": checkpoint}
    given = {name: value for name, value in flags.items() if value is not None}
    return override_all(override_all(config, given), parse_pairs(pairs))


def load_config(path: pathlib.Path) -> tuple[RunConfig, dict[str, Any]]:
    """The configuration in a `report.json`, and the report.

    Raises:
        ValueError: If the file is no report.
    """
    try:
        report = json.loads(path.read_text())
        return from_dict(RunConfig, report["config"]), report
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"`{path}` is no report of a run: {error!r}.") from error


def require_at_least(flag: str, value: int, least: int) -> None:
    """Raise a `ValueError` that names the flag if `value` is below `least`."""
    if value < least:
        raise ValueError(f"`--{flag}` must be {least} or more; got {value}.")
