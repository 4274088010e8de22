"""One printer of tables for all command lines."""

from collections.abc import Sequence


def print_table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> None:
    """Columns that line up: text to the left, numbers to the right."""
    body = [list(map(str, row)) for row in rows]
    table = [list(header), *body]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    numeric = [
        all(row[i][:1].isdigit() or row[i][:1] in "-." for row in body if row[i])
        for i in range(len(header))
    ]
    for number, row in enumerate(table):
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        print("  ".join(cells).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
