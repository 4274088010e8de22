"""Write the page of all settings from what `--describe` and `rr.knobs` show."""

import itertools

import rram_ode as rr
from mkdocs.structure.pages import Page


PLACE = "reference/settings.md"
PRESET = "ring"
MARK = "<!-- settings -->"


def on_page_markdown(markdown: str, page: Page, **kwargs: object) -> str:
    """Put the entries into their page."""
    del kwargs
    return markdown.replace(MARK, entries()) if page.file.src_uri == PLACE else markdown


def entries() -> str:
    """All settings, by group."""
    settings = rr.knobs(rr.System.from_preset(PRESET))
    parts = [f"There are {len(settings)} settings.\n"]
    for group, members in itertools.groupby(settings, _group):
        parts.append(f"## {group}\n")
        parts += [_entry(knob) for knob in members]
    return "\n".join(parts)


def _group(knob: rr.Knob) -> str:
    """The part of the configuration that a setting belongs to."""
    return knob.name.split(".")[0] if "." in knob.name else "The run"


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
        text = text.replace(
            sign, f"\\{sign}" if sign not in "<>" else f"&{'lg'[sign == '>']}t;"
        )
    return text
