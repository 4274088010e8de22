"""What the command lines share: presets, overrides, errors, tables, output files."""

import contextlib
import dataclasses
import io
import json
import os
import pathlib
import sys
import typing
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import tyro

from ._units import parse_quantity
from .config import from_dict, leaves, read, replace, RunConfig
from .presets import PRESETS


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


def apply_overrides(config: RunConfig, pairs: Sequence[str]) -> RunConfig:
    """`config` with each `PATH=VALUE` of `pairs` set.

    Raises:
        ValueError: If a name does not exist (with those that do), or a value does not
            suit its knob.
    """
    fields = dict(leaves(config))
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"`--set {pair}` must have the form PATH=VALUE.")
        if name not in fields:
            group = name.rpartition(".")[0]
            near = [n for n in fields if group and n.startswith(group + ".")]
            raise ValueError(
                f"no setting `{name}`; there are {', '.join(near or fields)}."
            )
        config = replace(config, name, _parse(name, fields[name], text, config))
    return config


def _parse(name: str, field: dataclasses.Field, text: str, config: RunConfig) -> Any:
    unit = field.metadata["unit"]
    kind = _type_of(config, name)
    if float in (kind, *typing.get_args(kind)) and text != "None":
        try:
            return parse_quantity(text, unit)
        except ValueError as error:
            raise ValueError(f"`{name}`: {error}.") from error
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return tyro.cli(kind, args=_words(kind, text), prog=name)
    except SystemExit:
        raise ValueError(
            f"`{name}` takes {_describe_type(kind)}; got `{text}`."
        ) from None


def _words(kind: Any, text: str) -> list[str]:
    return text.split(",") if typing.get_origin(kind) is tuple else [text]


def _type_of(config: Any, name: str) -> Any:
    parent, _, last = name.rpartition(".")
    owner = read(config, parent) if parent else config
    return typing.get_type_hints(type(owner))[last]


def _describe_type(kind: Any) -> str:
    if typing.get_origin(kind) is typing.Literal:
        return "one of " + ", ".join(map(str, typing.get_args(kind)))
    names = {int: "an integer", float: "a number", bool: "True or False", str: "text"}
    if kind in names:
        return names[kind]
    if typing.get_origin(kind) is tuple:
        return "integers joined by commas"
    inner = [k for k in typing.get_args(kind) if k is not type(None)]
    return f"{_describe_type(inner[0])}, or None"


def output_folder(path: pathlib.Path) -> pathlib.Path:
    """Make the folder `path`, or fail before any work is done.

    Raises:
        OSError: If it cannot be made or written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".partial-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OSError(
            f"cannot write to the output folder `{path}`: {error.strerror}."
        ) from error
    return path


@contextlib.contextmanager
def complete_file(path: pathlib.Path):
    """A temporary name beside `path` that becomes `path` when the block succeeds."""
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def print_table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> None:
    """Columns that line up: text to the left, numbers to the right."""
    body = [list(map(str, row)) for row in rows]
    table = [list(header), *body]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    numeric = [
        all(row[i][:1].isdigit() or row[i][:1] in "-." for row in body if row[i])
        for i in range(len(header))
    ]
    for number, row in enumerate(table):
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        print("  ".join(cells).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
