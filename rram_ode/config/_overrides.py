"""A configuration by dotted names: list, read, replace, set, load from plain data."""

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._run import RunConfig
from ._texts import describe_type, parse_text, reading_of


# Settings and groups that are off by default: a configuration without them is one of an
# older version, and means the same.
ADDED = (
    "cell.read.telegraph.dwell_ratio",
    "driver",
    "inverter",
    "supply",
    "rectifier.offset_std",
    "rectifier.gain_std",
    "multiplier.signal_bend_std",
    "multiplier.factor_bend_std",
    "op_amp.static_errors",
    "op_amp.offset",
    "op_amp.v_rail",
    "op_amp.v_low",
    "op_amp.v_ground",
    "op_amp.supply_current",
    "op_amp.r_out",
    "op_amp.r_fast",
    "op_amp.subcircuit",
    "op_amp.pins",
    "op_amp.supply",
    "solve.lead",
    "solve.longest",
    "solve.score_factor",
    "solve.label",
    "network.classes",
    "train.label_dropout",
    "train.distortion",
    "train.lead",
    "train.teacher",
    "cell.access",
    "crossbar.wires.capacitance",
    "cell.read.white.own_pole",
    "multiplier.flicker",
    "dac.fastest",
    "dac.jitter",
    "dac.ranges",
    "dac.range_error",
    "train.headroom",
    "process.multiplier_drift",
    "trim.multipliers",
    "trim.multiplier_range",
    "guidance",
    "latents",
    "decoder",
    "points",
)


# Settings of older versions, with the name of what took their place.
MOVED = {"power.adc_bits": "adc.bits"}


def leaves(config: Any, prefix: str = "") -> Iterator[tuple[str, dataclasses.Field]]:
    """Dotted name and dataclass field of every knob of `config`, in file order."""
    for field in dataclasses.fields(config):
        value, name = getattr(config, field.name), prefix + field.name
        if dataclasses.is_dataclass(value):
            yield from leaves(value, name + ".")
        else:
            yield name, field


def combines(config: Any, name: str) -> str:
    """The text of what the knob `name` acts with, from its nearest group."""
    said = ""
    for part in name.split(".")[:-1]:
        field = next(f for f in dataclasses.fields(config) if f.name == part)
        said = field.metadata["combines"] or said
        config = getattr(config, part)
    return said


def read(config: Any, name: str) -> Any:
    """The value at the dotted `name`."""
    for part in name.split("."):
        config = getattr(config, part)
    return config


def replace(config: Any, name: str, value: Any) -> Any:
    """`config` with the value at the dotted `name` replaced."""
    head, _, rest = name.partition(".")
    if rest:
        value = replace(getattr(config, head), rest, value)
    return dataclasses.replace(config, **{head: value})


def replace_all(config: Any, values: Mapping[str, Any]) -> Any:
    """`config` with the value at each dotted name replaced."""
    for name, value in values.items():
        config = replace(config, name, value)
    return config


def from_dict(kind: type, data: dict[str, Any], prefix: str = "") -> Any:
    """An instance of the dataclass `kind` from what `dataclasses.asdict` gave.

    What was `ADDED` since may be missing, and is then off.

    Raises:
        ValueError: If a name is unknown or missing, or a value has another type.
    """
    if not prefix:
        _require_current(data)
    hints = typing.get_type_hints(kind)
    fields = dataclasses.fields(kind)
    names = [field.name for field in fields]
    if isinstance(data, dict):
        data = {**_added(fields, prefix), **data}
    if not isinstance(data, dict) or sorted(data) != sorted(names):
        found = sorted(data) if isinstance(data, dict) else data
        raise ValueError(f"`{prefix or 'config'}` must have {names}; got {found}")
    values = {}
    for name in names:
        hint, value = hints[name], data[name]
        if dataclasses.is_dataclass(hint):
            values[name] = from_dict(typing.cast(type, hint), value, f"{prefix}{name}.")
        else:
            values[name] = _checked(hint, value, prefix + name)
    return kind(**values)


def _added(fields: tuple[dataclasses.Field, ...], prefix: str) -> dict[str, Any]:
    """Settings that an older version had not: their defaults, which change nothing."""
    found = {}
    for field in fields:
        if prefix + field.name not in ADDED:
            continue
        if field.default is not dataclasses.MISSING:
            found[field.name] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            found[field.name] = dataclasses.asdict(field.default_factory())
    return found


def _require_current(data: Any) -> None:
    """Refuse the configuration of an older version by the name of what has moved."""
    for old, new in MOVED.items():
        group, _, last = old.partition(".")
        inside = data.get(group) if isinstance(data, dict) else None
        if isinstance(inside, dict) and last in inside:
            raise ValueError(
                f"`{old}` is now `{new}`, which acts on the samples too: an older "
                "version wrote this configuration, and its run cannot be repeated. "
                f"Start from the preset, with `--set {new}={inside[last]}`."
            )


def _checked(hint: Any, value: Any, name: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        if value is None and type(None) in arguments:
            return None
        hints = [a for a in arguments if a is not type(None)]
        is_many = [typing.get_origin(a) is tuple for a in hints]
        given = isinstance(value, list | tuple)
        one_of = [a for a, many in zip(hints, is_many, strict=True) if many == given]
        return _checked((one_of or hints)[0], value, name)
    if origin is typing.Literal:
        good = value in arguments
    elif origin is tuple:
        good = isinstance(value, list | tuple)
        value = tuple(_checked(arguments[0], v, name) for v in value) if good else value
    elif hint is float:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        value = float(value) if good else value
    else:
        good = type(value) is hint
    if not good:
        raise ValueError(f"`{name}` must be {hint}; got {value!r}")
    return value


def override_all(config: RunConfig, settings: Mapping[str, Any]) -> RunConfig:
    """`config` with other values for some settings.

    Args:
        config: Any configuration.
        settings: Values by dotted name: text with a unit if you like (`"20us"`), as for
            `--set`, or plain values in SI base units.

    Raises:
        ValueError: If a name does not exist (the error lists those that do), or a value
            does not suit its knob.
    """
    fields = dict(leaves(config))
    for name, value in settings.items():
        if name in MOVED:
            raise ValueError(
                f"`{name}` is now `{MOVED[name]}`, which acts on the samples too: set "
                "that one."
            )
        if name not in fields:
            group = name.rpartition(".")[0]
            near = [n for n in fields if group and n.startswith(group + ".")]
            raise ValueError(
                f"no setting `{name}`; there are {', '.join(near or fields)}."
            )
        kind = type_of(config, name)
        if isinstance(value, str) and not _takes_text(kind):
            value = parse_text(name, value, kind, fields)
        else:
            try:
                value = _checked(kind, value, name)
            except ValueError:
                raise ValueError(
                    f"`{name}` takes {describe_type(kind)}; got {value!r}."
                ) from None
        config = replace(config, name, value)
    return config


def parse_pairs(pairs: Sequence[str]) -> dict[str, str]:
    """Values by dotted name of the texts `PATH=VALUE`; the last one of a name counts.

    Raises:
        ValueError: If a text has another form.
    """
    settings = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"`--set {pair}` must have the form PATH=VALUE.")
        settings[name] = text
    return settings


def readings(config: RunConfig, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Lines on how texts of `settings` were read, where they may mean something else.

    Args:
        config: Any configuration.
        settings: Texts by dotted name that `override_all` took.
    """
    fields = dict(leaves(config))
    said = (
        reading_of(name, text, type_of(config, name), fields)
        for name, text in settings.items()
    )
    return tuple(filter(None, said))


def _takes_text(kind: Any) -> bool:
    """Whether text is a value of the type, so that there is nothing to parse."""
    return kind is str


def type_of(config: Any, name: str) -> Any:
    """The type that the knob at the dotted `name` is declared with."""
    parent, _, last = name.rpartition(".")
    owner = read(config, parent) if parent else config
    return typing.get_type_hints(type(owner))[last]
