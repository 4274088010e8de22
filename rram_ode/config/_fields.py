"""A configuration by dotted names: list, read, replace; and to and from plain data."""

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any


def leaves(config: Any, prefix: str = "") -> Iterator[tuple[str, dataclasses.Field]]:
    """Dotted name and dataclass field of every knob of `config`, in file order."""
    for field in dataclasses.fields(config):
        value, name = getattr(config, field.name), prefix + field.name
        if dataclasses.is_dataclass(value):
            yield from leaves(value, name + ".")
        else:
            yield name, field


def combines(config: Any, name: str) -> str:
    """What the knob at the dotted `name` acts with: the text of its nearest group."""
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

    Raises:
        ValueError: If a name is unknown or missing, or a value has another type.
    """
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
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


def _checked(hint: Any, value: Any, name: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        if value is None and type(None) in arguments:
            return None
        hint = next(a for a in arguments if a is not type(None))
        return _checked(hint, value, name)
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
