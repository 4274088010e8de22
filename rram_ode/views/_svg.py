"""The frame, the texts and the lines of a small drawing, as SVG text."""

import copy
import html
import math

import numpy as np

from ._numbers import number_text


ACROSS, UP = 176, 136  # of the axes of a drawing, in pixels
LEFT, BELOW, ABOVE, RIGHT = 44, 34, 20, 10  # pixels around its axes


ACCENT, OTHER = "#d9690f", "#2b8cc4"  # of 3:1 contrast or more on white and on black


class Axes:
    """The frame of a drawing, which maps numbers to pixels.

    Args:
        title: Text above.
        names: Labels of both axes.
        x: Numbers whose range the axis has; those that are not finite are left out.
        y: The same of the vertical axis.
        room: What is left free at both ends of the first axis, over its length.
        left: Pixels to the left of the axes, for texts.
        above: Pixels above them.
    """

    def __init__(
        self,
        title: str,
        names: tuple[str, str],
        x,
        y,
        *,
        room: float = 0.04,
        left: int = LEFT,
        above: int = ABOVE,
    ):
        self.title, self.names = title, names
        self.left, self.above = left, above
        self.x, self.y = _ends(x, room), _ends(y)

    def equal(self) -> "Axes":
        """These axes with as many pixels to a unit across as up: a circle is round."""
        found = copy.copy(self)
        unit = max(
            (self.x[1] - self.x[0]) / ACROSS,
            (self.y[1] - self.y[0]) / UP,
        )
        found.x, found.y = _around(self.x, unit * ACROSS), _around(self.y, unit * UP)
        return found

    def place(self, x, y) -> tuple[np.ndarray, np.ndarray]:
        """Pixels of points."""
        across = (np.asarray(x, float) - self.x[0]) / (self.x[1] - self.x[0])
        up = (np.asarray(y, float) - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * ACROSS, self.above + (1 - up) * UP

    def drawn(self, inside: str, *, has_heights: bool = True) -> str:
        """The drawing with `inside` within the frame.

        Args:
            inside: What is drawn, as SVG text.
            has_heights: Whether there is a vertical axis.
        """
        left, above = self.left, self.above
        right, low = left + ACROSS, above + UP
        middle = (above + low) / 2
        heights = [
            text_at(left - 4, low, number_text(self.y[0]), "end"),
            text_at(left - 4, above + 8, number_text(self.y[1]), "end"),
        ]
        texts = [
            text_at(left, low + 13, number_text(self.x[0]), "start"),
            text_at(right, low + 13, number_text(self.x[1]), "end"),
            *(heights if has_heights else ()),
            text_at((left + right) / 2, low + 27, self.names[0], "middle"),
            f'<g transform="rotate(-90 12 {middle:g})">'
            + text_at(12, middle, self.names[1], "middle")
            + "</g>",
        ]
        upright = f"{above}V" if has_heights else ""
        frame = (
            f'<path d="M{left} {upright}{low}H{right}" fill="none" '
            'stroke="currentColor" stroke-opacity="0.5"/>'
        )
        parts = frame + inside + "".join(texts)
        return svg(right + RIGHT, low + BELOW, self.title, parts)


def _ends(values, share: float = 0.04) -> tuple[float, float]:
    """The range of the finite ones of some numbers, with some room around them."""
    numbers = np.asarray(values, float).ravel()
    numbers = numbers[np.isfinite(numbers)]
    low, high = (numbers.min(), numbers.max()) if numbers.size else (0.0, 1.0)
    if high == low:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    room = share * (high - low)
    return float(low - room), float(high + room)


def _around(ends: tuple[float, float], length: float) -> tuple[float, float]:
    """A range of some length with the middle of another."""
    middle = 0.5 * ends[0] + 0.5 * ends[1]
    return middle - 0.5 * length, middle + 0.5 * length


def line_through(x: np.ndarray, y: np.ndarray) -> str:
    """A line through the finite ones of some points, in pixels."""
    steps, pen = [], "M"
    for across, up in zip(x, y, strict=True):
        if not (math.isfinite(across) and math.isfinite(up)):
            pen = "M"
            continue
        steps.append(f"{pen}{across:.1f} {up:.1f}")
        pen = "L"
    return f'<path d="{"".join(steps)}" fill="none" stroke="{OTHER}"/>'


def arrow(path: str, head: str) -> str:
    """A line that ends in an arrow.

    Args:
        path: The line, as the path of an SVG.
        head: Its head, as a closed path.
    """
    return (
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-opacity="0.7"/>'
        f'<path d="{head}" fill="currentColor" fill-opacity="0.7"/>'
    )


def text_at(x: float | int, y: float | int, text: str, anchor: str) -> str:
    """A text that starts, ends or has its middle at a pixel."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="10" '
        f'fill="currentColor">{html.escape(text)}</text>'
    )


def svg(width: float | int, height: float | int, title: str, inside: str) -> str:
    """A drawing of `width` x `height` pixels with its title in its corner."""
    name = html.escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{name}" font-family="sans-serif" style="max-width:100%">'
        f"{text_at(2, 12, title, 'start')}{inside}</svg>"
    )
