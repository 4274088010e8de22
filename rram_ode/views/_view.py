"""A view: a title, a few rows, tables and drawings, as text and as HTML."""

import abc
import dataclasses
import html
import textwrap
from collections.abc import Callable, Iterable, Sequence


WIDEST, MOST_LINES = 88, 3  # characters of a line of text, lines of a row


_STYLE = (  # the page's own colours: it may be light or dark
    "display:flex;flex-wrap:wrap;gap:0 1.5em;align-items:flex-start;color:inherit"
)


_CELL = "text-align:left;padding:0.15em 0.8em 0.15em 0;vertical-align:top;"


@dataclasses.dataclass(frozen=True)
class View:
    """What is shown of an object.

    Args:
        title: What it is, in one line.
        rows: Names with what is to be said of each; all of the text.
        table: More rows, the header first, which only HTML has.
        drawings: Returns the SVG of each drawing; called for HTML alone.
    """

    title: str
    rows: tuple[tuple[str, str], ...] = ()
    table: tuple[Sequence[str], ...] = ()
    drawings: Callable[[], Iterable[str]] = tuple

    def text(self) -> str:
        """The title and a line for each row; a long row has several."""
        rows = (_wrapped(f"{name}: {value}") for name, value in self.rows)
        return "\n".join([*_wrapped(self.title, ""), *(x for row in rows for x in row)])

    def html(self) -> str:
        """The title, the rows and the table as HTML, and the drawings beside them.

        All texts are escaped: the name of a user's file is shown, not obeyed.
        """
        head, *body = self.table or ((),)
        tables = [
            _table(
                (),
                [
                    (f'<b style="white-space:nowrap">{_safe(n)}</b>', _safe(v))
                    for n, v in self.rows
                ],
            ),
            _table(tuple(map(_safe, head)), [tuple(map(_safe, row)) for row in body]),
        ]
        return (
            f'<div class="rram-ode"><div><b>{_safe(self.title)}</b></div>'
            f'<div style="{_STYLE}">'
            f"<div>{''.join(tables)}</div><div>{''.join(self.drawings())}</div></div></div>"
        )


class AbstractViewed(abc.ABC):
    """An object that is shown by its view, not by all of its fields."""

    __slots__ = ()

    @abc.abstractmethod
    def _view(self, /) -> View:
        """What is shown of this object."""

    def __repr__(self) -> str:
        return self._view().text()

    def _repr_html_(self) -> str:
        return self._view().html()


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    """Lines of a text, whose own line breaks count as spaces."""
    return textwrap.wrap(
        text,
        WIDEST,
        initial_indent=indent,
        subsequent_indent=2 * indent,
        max_lines=MOST_LINES,
        placeholder=" …",
    )


def _name(text: str) -> str:
    return f'<b style="white-space:nowrap">{_safe(text)}</b>'


def _safe(text: str) -> str:
    return html.escape(str(text))


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A table of texts that are escaped already; nothing of no rows."""
    if not body:
        return ""
    cells = lambda row, tag: "".join(f'<{tag} style="{_CELL}">{c}</{tag}>' for c in row)
    rows = [f"<tr>{cells(row, 'td')}</tr>" for row in body]
    top = f"<thead><tr>{cells(head, 'th')}</tr></thead>" if head else ""
    return (
        '<table style="border-collapse:collapse;margin:0.4em 0;color:inherit">'
        f"{top}<tbody>{''.join(rows)}</tbody></table>"
    )
