"""Write the page of all settings from what `--describe` and `rr.knobs` show."""

import itertools

import rram_ode as rr
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files


PLACE = "reference/settings.md"
PRESET = "ring"
HEAD = """---
search:
  boost: 0.3
---
# Every setting

This page is made from the package itself when the site is built, as `python -m rram_ode.sample
ring --describe` is. `--set NAME=VALUE` changes a setting on a command line; `system.replace({{NAME:
VALUE}})` does it in Python. [Values, warnings and repeats](commands.md#values) says how a value
is written. There are {count} settings.

Each entry says what the setting is, its value in the preset `ring`, when the randomness that it
governs is drawn ([time scales](../physics/randomness.md)), who decides it (its role), what a change
of a design costs (it pays with joules, seconds or area, or with another error), what it combines with,
and where the value comes from.
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page."""
    files.append(File.generated(config, PLACE, content=page()))
    return files


def page() -> str:
    """The text of the page."""
    settings = rr.knobs(rr.System.from_preset(PRESET).config)
    parts = [HEAD.format(count=len(settings))]
    for group, members in itertools.groupby(settings, _group):
        parts.append(f"## {group}\n")
        parts += [_entry(knob) for knob in members]
    return "\n".join(parts)


def _group(knob: rr.Knob) -> str:
    """The part of the configuration that a setting belongs to."""
    return knob.name.split(".")[0] if "." in knob.name else "the run"


def _entry(knob: rr.Knob) -> str:
    """A setting with all that it says."""
    unit = f" (unit: {knob.unit})" if knob.unit else ""
    lines = [
        f"#### `{knob.name}` {{ #{knob.name} }}",
        "",
        f"{_sentence(knob.help)}",
        "",
        f"* Value in `{PRESET}`: `{knob.text}`{unit}. Drawn: {knob.when}. Role: "
        f"{knob.role}." + (f" Pays: {_plain(knob.pays)}." if knob.pays else ""),
    ]
    if knob.combines:
        lines.append(f"* Combines with: {_plain(knob.combines)}.")
    if knob.source:
        lines.append(f"* Source: {_plain(knob.source)}.")
    return "\n".join((*lines, ""))


def _sentence(text: str) -> str:
    """`text` with a capital letter and a full stop."""
    return f"{_plain(text[:1].upper() + text[1:]).rstrip('.')}."


def _plain(text: str) -> str:
    """`text`, whose signs mean themselves in Markdown."""
    for sign in "*_<>|[]$":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else f"&{'lg'[sign == '>']}t;")
    return text
