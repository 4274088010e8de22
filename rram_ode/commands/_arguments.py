"""The words of a command line, of which a wrong one is one line."""

import contextlib
import io
import re
import sys
from typing import TypeVar

import tyro


_Arguments = TypeVar("_Arguments")


# What tyro draws around its words, and between two parts of them.
_SIDES = re.compile(r"^\s*[│|]|[│|]\s*$")
_RULE = re.compile(r"^[\s─━╭╮╰╯+_=-]*$")


def parse_arguments(kind: type[_Arguments], prog: str) -> _Arguments:
    """The arguments of this process.

    Args:
        kind: A dataclass; its fields are the flags, their docstrings the help.
        prog: What the user typed, for the help.

    Raises:
        ValueError: If a word is wrong; tyro's box of many lines is one line then.
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return tyro.cli(kind, prog=prog)
    except SystemExit as end:
        if end.code != 2:
            sys.stderr.write(said.getvalue())
            raise
    raise ValueError(f"{_reason(said.getvalue())}; see `{prog} --help`.")


def _reason(box: str) -> str:
    """The first part of a box, and the flag that its second part takes for meant."""
    parts: list[list[str]] = [[]]
    for line in box.splitlines()[1:]:
        text = _SIDES.sub("", line).strip()
        if _RULE.match(text):
            parts.append([])
        else:
            parts[-1].append(text)
    said = [" ".join(part) for part in parts if part]
    meant = [part[1] for part in parts if part[:1] == ["Perhaps you meant:"]]
    more = f" (perhaps you meant {meant[0]})" if meant else ""
    return said[0].rstrip(".") + more
