"""A notebook as Markdown: its texts, its code, and what it printed and drew.

Nothing runs: the outputs are those that the file holds.
"""

import base64
import json
import pathlib
import re
from typing import Any, NamedTuple


ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
MOST_LINES = 40


class Picture(NamedTuple):
    """A picture that a notebook drew."""

    name: str
    content: bytes


def as_page(path: pathlib.Path) -> tuple[str, list[Picture]]:
    """The text of a page, and the pictures that lie beside it."""
    parts: list[str] = []
    pictures: list[Picture] = []
    for cell in json.loads(path.read_text())["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            name = f"{path.stem}-{len(pictures)}.png"
            text, content = _shown(output, name)
            parts += [text] if text else []
            pictures += [Picture(name, content)] if content else []
    title, *rest = parts
    origin = (
        f"*This page shows the notebook `{path.name}` of the repository as it was run.*"
    )
    return "\n\n".join((title, origin, *rest)), pictures


def _shown(output: dict[str, Any], name: str) -> tuple[str, bytes]:
    """An output as Markdown, and the bytes of its picture."""
    data = output.get("data", {})
    if "image/png" in data:
        content = base64.b64decode("".join(data["image/png"]))
        return f"![Figure of the cell above]({name})", content
    if output.get("name") == "stderr":  # bars of progress
        return "", b""
    text = "".join(output.get("text", data.get("text/plain", "")))
    lines = ESCAPES.sub("", text).rstrip().splitlines()
    if not lines:
        return "", b""
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "..."]
    return "```text\n" + "\n".join(lines) + "\n```", b""
