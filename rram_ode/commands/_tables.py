"""One printer of tables for all command lines."""

from collections.abc import Sequence

import rich.box
import rich.console
import rich.padding
import rich.table


RULE = rich.box.Box("    \n    \n -- \n    \n    \n -- \n    \n    \n", ascii=True)


def print_table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> None:
    """Columns that line up in the width of the terminal, or in 80 columns.

    Columns of numbers are set to the right. The first column stays whole; long text in
    the others is wrapped.
    """
    body = [list(map(str, row)) for row in rows]
    table = rich.table.Table(box=RULE, show_edge=False, pad_edge=False)
    for place, name in enumerate(header):
        numeric = bool(body) and all(
            row[place][:1].isdigit() or row[place][:1] in "-.+" for row in body
        )
        table.add_column(
            name,
            justify="right" if numeric else "left",
            no_wrap=place == 0,
            overflow="fold",
        )
    for row in body:
        table.add_row(*row)
    _console().print(table)


def print_text(text: str) -> None:
    """A sentence, wrapped at the width of the terminal, or at 80 columns."""
    _console().print(text)


def print_entries(entries: Sequence[tuple[Sequence[str], Sequence[str]]]) -> None:
    """Lists whose texts are too long for the columns of a table.

    Args:
        entries: The words of each entry's first line, which line up, and the texts
            that follow, indented and wrapped.
    """
    console = _console()
    widths = [
        max(map(len, column))
        for column in zip(*(head for head, _ in entries), strict=True)
    ]
    for head, texts in entries:
        words = (w.ljust(width) for w, width in zip(head, widths, strict=True))
        console.print("  ".join(words).rstrip(), soft_wrap=True)
        for text in texts:
            console.print(rich.padding.Padding(text, (0, 0, 0, 4)))


def _console() -> rich.console.Console:
    return rich.console.Console(markup=False, highlight=False, emoji=False)
