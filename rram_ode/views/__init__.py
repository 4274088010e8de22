"""What a terminal and a notebook show of an object in a few lines, and of its progress.

A class whose fields are arrays says in its `_view` what a person wants to know first.
Its `repr` is then a few lines of text, and a notebook shows a table with a small
drawing. Nothing here computes with JAX or draws with matplotlib: drawings are SVG text
in the colours of the page, so that they are readable on light and on dark ones.
"""

from ._drawings import (
    draw_blocks as draw_blocks,
    draw_cells as draw_cells,
    draw_lines as draw_lines,
    draw_points as draw_points,
    draw_spans as draw_spans,
    Span as Span,
)
from ._numbers import (
    number_text as number_text,
    percent_text as percent_text,
    quantity_text as quantity_text,
    span_text as span_text,
    values_of as values_of,
)
from ._progress import progress as progress, ProgressBar as ProgressBar
from ._view import AbstractViewed as AbstractViewed, View as View
