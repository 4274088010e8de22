"""Small drawings as SVG text, in the colours of the page they stand on."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ._svg import ABOVE, ACCENT, arrow, Axes, line_through, OTHER, svg, text_at, UP


MOST_POINTS, MOST_LINES, MOST_TIMES, MOST_CELLS = 600, 8, 120, 64


LETTER = 6.0  # pixels that a letter is wide, at most on average


SHADES = 8  # of each sign of a cell's conductance


class Span(NamedTuple):
    """A value with its interval, and its name."""

    name: str
    value: float
    low: float
    high: float


def draw_points(
    points: np.ndarray, title: str, names: tuple[str, str] = ("x1", "x2")
) -> str:
    """Some points by their first two coordinates, or over their number.

    Both coordinates have the same scale, so that a ring is round.

    Args:
        points: `(num, dim)`; those that are not finite are left out.
        title: Text above.
        names: Labels of the axes.
    """
    few = np.asarray(points, float)[:MOST_POINTS]
    has_plane = few.shape[1] > 1
    if not has_plane:
        few = np.column_stack([few[:, 0], np.arange(len(few))])
        names = names[0], "number of the sample"
    few = few[np.isfinite(few).all(axis=1), :2]
    axes = Axes(title, names, few[:, 0], few[:, 1])
    axes = axes.equal() if has_plane else axes
    dots = "".join(
        f"M{x:.1f} {y:.1f}h0" for x, y in zip(*axes.place(*few.T), strict=True)
    )
    return axes.drawn(
        f'<path d="{dots}" stroke="{ACCENT}" stroke-width="2.4" '
        'stroke-linecap="round" stroke-opacity="0.6" fill="none"/>'
    )


def draw_lines(
    x: np.ndarray, ys: np.ndarray, title: str, names: tuple[str, str]
) -> str:
    """Some lines over common points.

    Args:
        x: Points of the horizontal axis, `(num,)`.
        ys: Lines, `(num, lines)`; a value that is not finite is a gap.
        title: Text above.
        names: Labels of the axes.
    """
    thin = slice(None, None, max(1, math.ceil(len(x) / MOST_TIMES)))
    x, ys = np.asarray(x, float)[thin], np.asarray(ys, float)[thin, :MOST_LINES]
    axes = Axes(title, names, x, ys, room=0.0)
    return axes.drawn("".join(line_through(*axes.place(x, y)) for y in ys.T))


def draw_spans(
    spans: Sequence[Span], title: str, unit: str, *, one: bool = False
) -> str:
    """Values with their intervals, one below the other, beside a line at 0.

    Names stand to the left of the axes, numbers of the lines above them.

    Args:
        spans: The values.
        title: Text above.
        unit: Label of the axis.
        one: Whether there is a dashed line at 1, too.
    """
    marks = (0.0, 1.0) if one else (0.0,)
    ends = [end for span in spans for end in (span.value, span.low, span.high)]
    left = round(10 + LETTER * max((len(span.name) for span in spans), default=0))
    above = ABOVE + 14
    axes = Axes(title, (unit, ""), [*ends, *marks], [0, 1], left=left, above=above)
    parts, lines = [], axes.place(marks, [0] * len(marks))[0]
    for x, mark in zip(lines, marks, strict=True):
        parts.append(
            f'<path d="M{x:.1f} {above + UP}V{above}" stroke="currentColor" '
            f'stroke-opacity="0.5" stroke-dasharray="{"3 3" if mark else "none"}"/>'
        )
    texts = list(zip(lines, [f"{mark:g}" for mark in marks], strict=True))
    if np.ptp(lines) < 2 * LETTER:  # they would lie on each other
        texts = [(np.mean(lines), " and ".join(text for _, text in texts))]
    parts += [text_at(float(x), above - 3, text, "middle") for x, text in texts]
    for number, span in enumerate(spans):
        height = 1 - (number + 0.6) / len(spans)
        if not np.isfinite([span.value, span.low, span.high]).all():
            continue
        (x, low, high), (y, *_) = axes.place(span[1:], [height] * 3)
        parts.append(
            f'<path d="M{low:.1f} {y:.1f}H{high:.1f}" stroke="{ACCENT}" '
            f'stroke-width="2"/><circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" '
            f'fill="{ACCENT}"/>' + text_at(left - 4, float(y) + 3, span.name, "end")
        )
    return axes.drawn("".join(parts), has_heights=False)


def draw_cells(g: np.ndarray, title: str, largest: float) -> str:
    """An array of conductances: rows are inputs; orange is above 0, blue below.

    Args:
        g: `(rows, cols)`, in siemens; a large array is shown by means of its cells.
        title: Text above.
        largest: What full colour stands for, in siemens.
    """
    g = _fewer(_fewer(np.asarray(g, float)).T).T
    rows, cols = g.shape
    side = min(12.0, 150 / max(rows, cols, 1))
    wide, high = max(cols * side, 1), max(rows * side, 1)
    scale = largest if math.isfinite(largest) and largest > 0 else 1.0
    shade = np.where(np.isfinite(g), np.round(np.clip(g / scale, -1, 1) * SHADES), 0)
    parts = []
    for level in np.unique(shade[shade != 0]):
        cells = "".join(
            f"M{2 + col * side:.1f} {ABOVE + row * side:.1f}"
            f"h{side:.1f}v{side:.1f}h-{side:.1f}z"
            for row, col in np.argwhere(shade == level)
        )
        colour = ACCENT if level > 0 else OTHER
        parts.append(
            f'<path d="{cells}" fill="{colour}" '
            f'fill-opacity="{abs(level) / SHADES:.2f}"/>'
        )
    frame = (
        f'<rect x="2" y="{ABOVE}" width="{wide:.1f}" height="{high:.1f}" '
        'fill="none" stroke="currentColor" stroke-opacity="0.5"/>'
    )
    width = max(wide + 6, 7 * len(title))
    return svg(width, high + ABOVE + 6, title, frame + "".join(parts))


def draw_blocks(names: Sequence[str], title: str, back: str) -> str:
    """Blocks in a row, and the way back from the last to the first.

    Args:
        names: What each block is; a line break makes two lines.
        title: Text above.
        back: What the way back is.
    """
    gap, high, left = 16, 44, 6
    x, y, parts = left, ABOVE + 8, []
    for name in names:
        lines = name.split("\n")
        wide = 14 + 6.4 * max(map(len, lines))
        parts.append(
            f'<rect x="{x:.0f}" y="{y}" width="{wide:.0f}" height="{high}" rx="4" '
            f'fill="{OTHER}" fill-opacity="0.15" stroke="{OTHER}"/>'
        )
        first = y + high / 2 + 4 - 7 * (len(lines) - 1)
        for number, line in enumerate(lines):
            parts.append(text_at(x + wide / 2, first + 14 * number, line, "middle"))
        way, end = f"M{x + wide:.0f} {y + high / 2:g}h{gap}", x + wide + gap
        head = f"M{end:.0f} {y + high / 2:g}l-5 -3v6z" if name != names[-1] else ""
        parts.append(arrow(way, head))
        x += wide + gap
    low = y + high + 22
    way = f"M{x:.0f} {y + high / 2:g}V{low}H{left + 14}V{y + high + 2}"
    head = f"M{left + 14} {y + high + 2}l-3 5h6z"
    parts += [arrow(way, head), text_at((x + left) / 2, low + 14, back, "middle")]
    return svg(x + 8, low + 20, title, "".join(parts))


def _fewer(g: np.ndarray) -> np.ndarray:
    """Means over rows that follow one another, so that few are left."""
    if len(g) <= MOST_CELLS:
        return g
    edges = np.linspace(0, len(g), MOST_CELLS + 1).astype(int)[:-1]
    return np.add.reduceat(g, edges) / np.diff([*edges, len(g)])[:, None]
