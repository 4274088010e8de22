"""The configuration that a command line describes."""

import dataclasses
import pathlib
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast, TypeVar

from .._core._own_files import read_json
from ..config import (
    Axis,
    from_dict,
    override_all,
    parse_axis,
    parse_pairs,
    readings,
    RunConfig,
)
from ..presets import find_preset
from ..system import find_inputs


def configure(
    preset: str | RunConfig,
    pairs: Sequence[str] = (),
    *,
    fidelity: str | None = None,
    checkpoint: str | None = None,
    label: str | None = None,
    guidance: float | None = None,
    trains: bool = False,
) -> RunConfig:
    """A preset with the values of flags and of `--set`, which come last.

    The record of a checkpoint that is named by one of them rules its sampling; what it
    changes is printed.
    On stderr it says how a text was read that could mean something else (`85C`, `1M`).

    Args:
        preset: Its name, or a configuration.
        pairs: Texts `PATH=VALUE` of `--set`.
        fidelity: Value of `--fidelity`; `None` leaves that of the preset.
        checkpoint: Value of `--checkpoint`; `None` leaves that of the preset.
        label: Value of `--label`; `None` leaves that of the preset.
        guidance: Value of `--guidance`; `None` leaves that of the preset.
        trains: Whether the configuration is one of a training.

    Raises:
        ValueError: If a name does not exist, or a value does not suit its setting.
    """
    config = find_preset(preset) if isinstance(preset, str) else preset
    flags = {
        "fidelity": fidelity,
        "checkpoint": checkpoint,
        "solve.label": label,
        "guidance.weight": guidance,
    }
    given = {name: value for name, value in flags.items() if value is not None}
    asked = parse_pairs(pairs)
    settings = {**given, **asked}
    config = override_all(config, settings)
    for said in readings(config, asked):
        print(f"read: {said}", file=sys.stderr)
    # What follows imports jax, which a wrong flag need not wait for.
    if "op_amp.subcircuit" in asked:
        from ._subcircuit import with_measured_op_amp

        config = with_measured_op_amp(config, asked)
    if config.cell.measurements is not None:
        from ._measurements import warn_of_measurements

        warn_of_measurements(config)
    if trains:  # the checkpoint is what comes of it
        return config
    from ..system import follow

    ruled = follow(config, settings)
    for note in ruled.notes:
        print(f"note: {note}", file=sys.stderr)
    return ruled.config


def configure_sweep(
    preset: str,
    over: Sequence[str],
    pairs: Sequence[str] = (),
    *,
    fidelity: str | None = None,
    checkpoint: str | None = None,
) -> tuple[RunConfig, tuple[Axis, ...]]:
    """`configure`, and the settings that a sweep goes over beside it.

    Args:
        preset: Name of the preset.
        over: Texts of `--over`, see `parse_axis`.
        pairs: Texts `PATH=VALUE` of `--set`.
        fidelity: Value of `--fidelity`; `None` leaves that of the preset.
        checkpoint: Value of `--checkpoint`; `None` leaves that of the preset.

    Raises:
        ValueError: If a setting does not exist, a value does not suit it, or it is both
            set and swept.
    """
    base = find_preset(preset)
    axes = tuple(parse_axis(base, text) for text in over)
    flags = {"fidelity": fidelity, "checkpoint": checkpoint}
    given = {*parse_pairs(pairs), *(n for n, value in flags.items() if value)}
    for axis in axes:
        if axis.name in given:
            raise ValueError(f"`{axis.name}` is swept by `--over`: do not set it, too.")
    config = configure(preset, pairs, fidelity=fidelity, checkpoint=checkpoint)
    return config, axes


def load_config(
    path: pathlib.Path, given: Collection[str] = ()
) -> tuple[RunConfig, dict[str, Any]]:
    """The configuration in a `report.json`, and the report, with files as they lie now.

    Args:
        path: The report.
        given: Settings that the user gives anew, and `chip` and `deck`: their files may
            be others.

    Raises:
        ValueError: If the file is no report, or a file that its numbers depend on is
            gone or has changed.
    """
    report = read_json(path, "report of a run")
    try:
        config = from_dict(RunConfig, report["config"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"`{path}` is no report of a run: {error!r}.") from error
    config, beside, unchecked = find_inputs(config, report, path, given)
    if unchecked:
        print(f"warning: {unchecked}", file=sys.stderr)
    return config, report | {name: str(file) for name, file in beside.items()}


Arguments = TypeVar("Arguments")


def repeat_arguments(
    arguments: Arguments,
    path: pathlib.Path,
    report: Mapping[str, Any],
    names: Sequence[str],
) -> Arguments:
    """The arguments of a command line with the values of the report that it repeats.

    Args:
        arguments: What was given: a dataclass, whose values are those of `names` or
            their defaults.
        path: The report.
        report: Its content.
        names: Arguments that a report holds.

    Raises:
        ValueError: If another value was given, or that of the report is of no use.
    """
    asked = {}
    for field in dataclasses.fields(cast(Any, arguments)):
        if field.name not in names:
            continue
        name, default = field.name, field.default
        value = report.get(name, default)
        given = getattr(arguments, name)
        if given not in (default, value):
            flag = "PRESET" if name == "preset" else f"--{name.replace('_', '-')}"
            raise ValueError(
                f"`--config` repeats a run with its own `{flag}`, {value}; got "
                f"{given}: leave it out."
            )
        kind = str if default is None else type(default)  # no name, or a name
        if type(value) is not kind and value is not default:
            raise ValueError(
                f"`{path}`: `{name}` must be of type {kind.__name__}; got {value!r}."
            )
        asked[name] = value
    return dataclasses.replace(cast(Any, arguments), **asked)


def require_at_least(flag: str, value: int, least: int) -> None:
    """Raise a `ValueError` that names the flag if `value` is below `least`."""
    if value < least:
        raise ValueError(f"`--{flag}` must be {least} or more; got {value}.")
