"""What the command lines share: presets, overrides, errors, tables, output files."""

import json
import pathlib
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from ..config import from_dict, RunConfig
from ..presets import PRESETS


def command(main: Callable[[], None]) -> None:
    """Run `main`; what a user did wrong is one line on stderr and exit status 2."""
    try:
        main()
    except (ValueError, OSError) as error:
        fail(_one_line(error))
    except KeyboardInterrupt:
        sys.exit(130)


def fail(message: str) -> NoReturn:
    """Print `message` as an error and exit with status 2."""
    print(f"rram_ode: error: {message}", file=sys.stderr)
    sys.exit(2)


def load_preset(name: str) -> RunConfig:
    """The configuration of a preset, or a `ValueError` that lists the names."""
    if name not in PRESETS:
        raise ValueError(f"no preset `{name}`; there are {', '.join(PRESETS)}.")
    return PRESETS[name][0]


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


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
