"""`python -m benchmarks.pages`: write measured numbers into the pages that show them.

The text is in `templates/`, the numbers are in `results/NAME.json`; `_references.py`
says how a text names a number. The last cell of a row with numbers is the NAME of its
file. The pages are `docs/results.md` and what stands between the marks of `README.md`;
`docs/errors.md` is made from the presets themselves. `tests/test_pages.py` fails if one
of them differs from the JSON files, or from the package.
"""

import json
import os
import pathlib
from collections.abc import Iterable, Iterator
from typing import Any

from rram_ode.presets import find_preset
from rram_ode.system import error_table, ErrorTable, Line, SMALL

from ._references import fill
from ._result import RESULTS


ROOT = pathlib.Path(__file__).parents[1]
TEMPLATES = pathlib.Path(__file__).parent / "templates"
README, PAGE = ROOT / "README.md", ROOT / "docs/results.md"
ERRORS, PRESETS = ROOT / "docs/errors.md", ("ring", "ring-64", "ring-fresh")
WHOLE = PRESETS[:2]
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
SHOWN = {
    "crossover": "this page, notebook 06",
    "error_sweeps": "notebooks 01 and 02",
    "lead": "[another duration](how-to/duration.md)",
    "scale_error": "this page, notebook 00",
    "speed_limit": "this page, notebook 04",
    "support": "[support.md](support.md)",
    "write_error": "this page, notebook 03",
    "yield_curves": "notebook 03",
}


def load(folder: pathlib.Path = RESULTS) -> dict[str, Any]:
    """The contents of all result files in `folder`, by name."""
    files = sorted(folder.glob("*.json"))
    return {path.stem: json.loads(path.read_text()) for path in files}


def template(page: pathlib.Path) -> str:
    """The text of `page` with references in place of numbers."""
    return (TEMPLATES / page.name.lower()).read_text()


def results_page(results: dict[str, Any]) -> str:
    """The text of `docs/results.md`."""
    text = template(PAGE).replace("{files}\n", conditions(results))
    return render(text, results, PAGE)


def errors_page() -> str:
    """The text of `docs/errors.md`, from the tables of `PRESETS`."""
    tables = {name: error_table(find_preset(name)) for name in PRESETS}
    whole = {name: tables[name] for name in WHOLE}
    text = template(ERRORS).replace("{simulated}\n", _simulated(tables))
    text = text.replace("{neglected}\n", _neglected(whole))
    moves = ", ".join(
        f"{table.moves:.2g} on `{name}`" for name, table in tables.items()
    )
    return text.replace("{moves}", moves).replace("{small}", f"{SMALL:g}")


def _simulated(tables: dict[str, ErrorTable]) -> str:
    """A Markdown table of the effects that settings turn on, in every preset."""
    titles = ["part", "effect", *(f"`{name}`" for name in tables), "source"]
    rows = [
        [first.place, first.name, *_briefly(map(_state, each)), first.source]
        for first, each in _effects(tables)
        if first.state != "neglected"
    ]
    return _markdown(titles, rows)


def _neglected(tables: dict[str, ErrorTable]) -> str:
    """A Markdown table of the effects that nothing turns on, with their sizes."""
    sizes = (f"size on `{name}`" for name in tables)
    titles = ["part", "effect", *sizes, "why", "source"]
    rows = [
        [
            *(first.place, first.name),
            *_briefly(line.value for line in each),
            *(first.why, first.source),
        ]
        for first, each in _effects(tables)
        if first.state == "neglected"
    ]
    return _markdown(titles, rows)


def _effects(
    tables: dict[str, ErrorTable],
) -> Iterator[tuple[Line, tuple[Line, ...]]]:
    """The first line of each effect, and those of all `tables`."""
    for each in zip(*(table.lines for table in tables.values()), strict=True):
        yield each[0], each


def _briefly(texts: Iterable[str]) -> list[str]:
    """The texts, of which those that are equal to the first say so."""
    first, *others = texts
    return [first, *("the same" if other == first else other for other in others)]


def _markdown(titles: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(titles)} |", "| --- " * len(titles) + "|"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def _state(line: Line) -> str:
    """The values of an effect that is on; of another one what it takes, and why not."""
    return f"**on**: {line.value}" if line.state == "on" else f"off: {line.why}"


def _cell(text: str) -> str:
    """The text of a cell of a Markdown table."""
    return text.replace("|", "\\|")


def readme(text: str, results: dict[str, Any]) -> str:
    """`text`, that of `README.md`, with the table between its marks made anew."""
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    table = render(template(README), results, README)
    return f"{head}{BEGIN}\n{table}{END}{tail}"


def render(text: str, results: dict[str, Any], page: pathlib.Path) -> str:
    """`text` with its references replaced; links to files are relative to `page`.

    Raises:
        ValueError: If a line has a reference, and its last cell names no result.
    """
    lines = []
    for line in text.splitlines():
        cells = split(line)
        name = cells[-1] if cells else ""
        if name in results:
            filled = [fill(cell, results[name]) for cell in cells[:-1]]
            filled.append(f"{_link(name, page)} by `{results[name]['command']}`")
            line = f"| {' | '.join(filled)} |"
        elif "{" in line:
            raise ValueError(
                f"there is no result `{name}` for the row `{line}`; its last cell must "
                f"be one of {', '.join(results)}."
            )
        lines.append(line)
    return "\n".join(lines) + "\n"


def split(line: str) -> list[str]:
    """The cells of a row of a Markdown table; none of another line."""
    return [c.strip() for c in line.strip("|").split("|")] if line[:1] == "|" else []


def conditions(results: dict[str, Any]) -> str:
    """A Markdown table of all result files: command, machine, where each is shown."""
    lines = [
        "| file | made by | cores, processor | load | Python, JAX | shown in |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, result in results.items():
        versions = result["versions"]
        cells = (
            _link(name, PAGE),
            f"`{result['command']}`",
            f"{result['cores']}, {result['cpu']}",
            ", ".join(f"{value:.1f}" for value in result["load_average"]),
            f"{versions['python']}, {versions['jax']}",
            SHOWN.get(name, "this page"),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _link(name: str, page: pathlib.Path) -> str:
    target = os.path.relpath(RESULTS / f"{name}.json", page.parent)
    return f"[`{name}.json`]({target})"


def main() -> None:
    """Write the pages."""
    results = load()
    PAGE.write_text(results_page(results))
    README.write_text(readme(README.read_text(), results))
    ERRORS.write_text(errors_page())
    print(f"wrote {PAGE}\nwrote {README}\nwrote {ERRORS}")


if __name__ == "__main__":
    main()
