"""One printer of tables for all command lines."""

from collections.abc import Sequence

import rich.box
import rich.console
import rich.padding
import rich.table


RULE = rich.box.Box("    \n    \n -- \n    \n    \n -- \n    \n    \n", ascii=True)


GAP = 3  # blanks between two columns of a table


def print_table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> None:
    """Columns that line up in the width of the terminal, or in 80 columns.

    Columns of numbers are set to the right. The first column stays whole; long text in
    the others is wrapped between words, and a word is broken only where the longest
    words of all columns do not fit beside one another.
    """
    body = [list(map(str, row)) for row in rows]
    console = _console()
    texts = list(zip(header, *body, strict=True))
    widths = _widths(texts, console.width - GAP * (len(header) - 1))
    table = rich.table.Table(box=RULE, show_edge=False, pad_edge=False)
    for place, (name, width) in enumerate(zip(header, widths, strict=True)):
        numeric = bool(body) and all(
            row[place][:1].isdigit() or row[place][:1] in "-.+" for row in body
        )
        table.add_column(
            name,
            justify="right" if numeric else "left",
            no_wrap=place == 0,
            overflow="fold",
            width=width,
        )
    for row in body:
        table.add_row(*row)
    _print(console, table)


def print_text(text: str) -> None:
    """A sentence, wrapped at the width of the terminal, or at 80 columns."""
    _print(_console(), text)


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int]:
    """Widths of columns of texts that have `room` characters together."""
    lines = [[line for text in texts for line in text.split("\n")] for texts in columns]
    whole = [max(map(len, each)) for each in lines]
    words = [
        max((len(word) for line in each for word in line.split()), default=0)
        for each in lines
    ]
    least = [whole[0], *words[1:]]
    while sum(least) > room and max(least[1:], default=0) > 1:
        widest = max(range(1, len(least)), key=least.__getitem__)
        least[widest] -= 1
    spare = room - sum(least)
    while spare > 0 and (short := [n for n, w in enumerate(whole) if w > least[n]]):
        most = max(short, key=lambda n: whole[n] - least[n])
        least[most] += 1
        spare -= 1
    return least


def print_entries(entries: Sequence[tuple[Sequence[str], Sequence[str]]]) -> None:
    """Lists whose texts are too long for the columns of a table.

    Args:
        entries: The words of each entry's first line, which line up where they fit into
            the width, and the texts that follow, indented and wrapped.
    """
    console = _console()
    widths = [
        max(map(len, column))
        for column in zip(*(head for head, _ in entries), strict=True)
    ]
    for head, texts in entries:
        words = (w.ljust(width) for w, width in zip(head, widths, strict=True))
        line = "  ".join(words).rstrip()
        if len(line) > console.width:  # another entry's words are long
            line = "  ".join(head)
        _print(console, rich.padding.Padding(line, 0))
        for text in texts:
            _print(console, rich.padding.Padding(text, (0, 0, 0, 4)))


def _console() -> rich.console.Console:
    return rich.console.Console(markup=False, highlight=False, emoji=False)


def _print(console: rich.console.Console, what: rich.console.RenderableType) -> None:
    """Print without the blanks that fill a line up to the width."""
    with console.capture() as capture:
        console.print(what)
    print("\n".join(line.rstrip() for line in capture.get().splitlines()))
