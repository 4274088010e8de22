"""Values of settings as text: numbers with units, truth, choices, several integers."""

import contextlib
import dataclasses
import io
import re
import typing
from collections.abc import Mapping
from typing import Any

import tyro

from .._core._quantities import parse_quantity, Quantity, read_quantity


# How people write truth values, in any case: Python, TOML and YAML.
TRUTHS = {"true": True, "yes": True, "on": True}
TRUTHS |= {"false": False, "no": False, "off": False}


_INTEGER = re.compile(r"\d+(?:\.\d*)?(?:[eE]\+?\d+)?(?:[kK]|[mM][eE][gG])?")


def parse_text(
    name: str, text: str, kind: Any, fields: Mapping[str, dataclasses.Field]
) -> Any:
    """The value that `text` gives the setting `name`.

    Args:
        name: Dotted name.
        text: As after `--set PATH=`.
        kind: The type of the setting.
        fields: The fields of all settings, by dotted name.

    Raises:
        ValueError: If the text is no value of the setting.
    """
    if _is_number(kind, text):
        return _number(name, text, fields).value
    if kind is bool and text.strip().lower() in TRUTHS:
        return TRUTHS[text.strip().lower()]
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return tyro.cli(_kind(kind, text), args=_words(kind, text), prog=name)
    except SystemExit:
        raise ValueError(
            f"`{name}` takes {describe_type(kind)}; got `{text}`."
        ) from None


def reading_of(
    name: str, text: str, kind: Any, fields: Mapping[str, dataclasses.Field]
) -> str:
    """What to say of how the text of a number was read; empty where it is plain."""
    if not _is_number(kind, text):
        return ""
    said = _number(name, text, fields).said
    return f"`{name}`: {said}." if said else ""


def _is_number(kind: Any, text: str) -> bool:
    """Whether a text is to be read as a number with a unit."""
    return float in (kind, *typing.get_args(kind)) and text != "None"


def _number(name: str, text: str, fields: Mapping[str, dataclasses.Field]) -> Quantity:
    meta = fields[name].metadata
    try:
        return read_quantity(text, meta["unit"], is_difference=meta["is_difference"])
    except ValueError as error:
        more = ""
        if f"{name}_rel" in fields and text.rstrip().endswith("%"):
            more = f"; `{name}_rel` takes one"
        raise ValueError(f"`{name}`: {error}{more}.") from error


def _words(kind: Any, text: str) -> list[str]:
    if typing.get_origin(_kind(kind, text)) is tuple:
        return text.split(",")
    if int in (kind, *typing.get_args(kind)) and _INTEGER.fullmatch(text):
        value = parse_quantity(text, "")  # 1e3 and 10k are integers, too
        return [str(int(value))] if value.is_integer() else [text]
    return [text]


def _kind(kind: Any, text: str) -> Any:
    """`kind`, or its tuple where a text that may be one value or many has a comma."""
    many = [a for a in typing.get_args(kind) if typing.get_origin(a) is tuple]
    return many[0] if many and "," in text else kind


def describe_type(kind: Any) -> str:
    """The type of a setting in words."""
    if typing.get_origin(kind) is typing.Literal:
        return "one of " + ", ".join(map(str, typing.get_args(kind)))
    names = {int: "an integer", float: "a number", bool: "true or false", str: "text"}
    if kind in names:
        return names[kind]
    if typing.get_origin(kind) is tuple:
        return "integers joined by commas"
    inner = [k for k in typing.get_args(kind) if k is not type(None)]
    if len(inner) > 1:
        return ", or ".join(map(describe_type, inner))
    return f"{describe_type(inner[0])}, or None"
