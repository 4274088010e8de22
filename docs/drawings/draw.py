"""Draw the pictures of the site: `python docs/drawings/draw.py [FOLDER]`.

Needs matplotlib alone. Letters are outlines, so that a picture looks alike everywhere.
"""

import pathlib
import sys
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon


HERE = pathlib.Path(__file__).parent
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "svg.fonttype": "path",
    "svg.hashsalt": "rram_ode",
    "lines.solid_capstyle": "round",
}
INK, GREY, PALE = "#20242c", "#6b7280", "#e5e7eb"
BLUE, ORANGE, GREEN, RED = "#2563a8", "#c2610c", "#2f7d4f", "#b3342d"
TINT = {BLUE: "#e3edf8", ORANGE: "#fbeadb", GREEN: "#e2f2e8", GREY: "#f3f4f6"}


def loop() -> Figure:
    """The closed loop: integrators, network, multipliers, and what the DAC plays."""
    figure, ax = _canvas(7.2, 6.3)
    _box(ax, 0.2, 1.7, 2.0, 1.0, "integrators\n$x(\\tau)$ in volts", BLUE)
    layers = (
        (4.7, "array 1, amplifiers"),
        (3.2, "array 2, amplifiers"),
        (1.7, "array 3, amplifiers"),
    )
    _box(ax, 0.2, 4.7, 2.0, 1.0, "row drivers", GREY)
    for y, text in layers:
        _box(ax, 2.9, y, 2.1, 1.0, text.replace(", ", "\n"), ORANGE)
    for y in (4.7, 3.2):
        _box(ax, 3.25, y - 0.42, 1.4, 0.34, "rectifiers", GREY, size=9)
        _arrow(ax, (3.95, y), (3.95, y - 0.08), head=False)
        _arrow(ax, (3.95, y - 0.42), (3.95, y - 0.5), head=False)
    _arrow(ax, (1.2, 2.7), (1.2, 4.7))
    _arrow(ax, (2.2, 5.2), (2.9, 5.2))
    _box(ax, 2.9, 0.25, 2.1, 0.9, "multipliers", BLUE)
    _arrow(ax, (3.95, 1.7), (3.95, 1.15))
    _arrow(ax, (2.9, 0.7), (1.2, 0.7), (1.2, 1.7))
    _text(ax, 2.05, 0.9, r"$dx/d\tau$", color=BLUE)
    # What the multipliers take of the state itself.
    _arrow(ax, (1.7, 1.7), (1.7, 1.25), (2.45, 1.25), (2.45, 0.95), (2.9, 0.95))
    _text(ax, 2.1, 1.42, "$x$", color=BLUE)
    _text(ax, 3.78, 1.42, "score", ha="right", color=ORANGE, size=10)
    _box(ax, 5.75, 0.25, 1.25, 5.45, "", GREEN)
    _text(ax, 6.375, 3.45, "DAC", color=GREEN, weight="bold", size=13)
    _text(
        ax, 6.375, 2.75, "plays stored\nwaveforms\nover $\\tau$", color=GREEN, size=9.5
    )
    for y, text in ((5.2, "time"), (3.7, "time")):
        _arrow(ax, (5.75, y), (5.0, y), color=GREEN)
        _text(ax, 5.375, y + 0.2, text, color=GREEN, size=9.5)
    _arrow(ax, (5.75, 0.7), (5.0, 0.7), color=GREEN)
    _text(ax, 5.375, 0.9, "factors", color=GREEN, size=9.5)
    _text(ax, 0.2, 6.02, "start: $x(0)$ is Gaussian noise", ha="left", color=GREY)
    _text(ax, 7.0, 6.02, "end: $x(T)$ is a sample", ha="right", color=GREY)
    ax.set(xlim=(0, 7.2), ylim=(0, 6.3))
    return figure


def array() -> Figure:
    """An array of cells with the resistance of its wires, drivers and sensed ends."""
    figure, ax = _canvas(7.2, 6.4)
    xs, ys = (2.3, 4.0, 5.7), (5.2, 3.8, 2.4)
    for n, y in enumerate(ys):
        _text(ax, 0.12, y, f"$v_{n}$", ha="left", color=BLUE, size=13)
        ax.add_patch(
            Polygon(
                [[0.5, y - 0.22], [0.5, y + 0.22], [0.85, y]],
                fc="white",
                ec=BLUE,
                lw=1.5,
            )
        )
        _line(ax, (0.85, y), (xs[-1], y), color=BLUE)
        _resistor(ax, 1.45, y, BLUE)
        for x in xs[:-1]:
            _resistor(ax, x + 1.15, y, BLUE)
    for n, x in enumerate(xs):
        shift = x + 0.6
        _line(ax, (shift, ys[0] - 0.6), (shift, 1.35), color=ORANGE)
        for y in (3.8, 2.4):
            _resistor(ax, shift, y + 0.4, ORANGE, upright=True)
        _resistor(ax, shift, 1.45, ORANGE, upright=True)
        for y in ys:
            _line(ax, (x, y), (shift, y - 0.6), color=INK)
            _cell(ax, (x + shift) / 2, y - 0.3)
            _dot(ax, x, y, BLUE)
            _dot(ax, shift, y - 0.6, ORANGE)
        _line(ax, (shift, 1.35), (shift, 0.95), color=ORANGE)
        ax.add_patch(
            Polygon(
                [[shift - 0.26, 0.95], [shift + 0.26, 0.95], [shift, 0.5]],
                fc="white",
                ec=ORANGE,
                lw=1.5,
            )
        )
        _text(ax, shift, 0.25, f"$i_{n}$", color=ORANGE, size=13)
    _text(
        ax, 0.12, 5.95, "word lines carry\nvoltages in", ha="left", color=BLUE, size=10
    )
    _text(
        ax,
        7.1,
        5.95,
        "each cell joins a word line\nand a bit line",
        ha="right",
        size=10,
    )
    _text(
        ax,
        0.12,
        1.2,
        "bit lines carry\ncurrents out, to\nvirtual grounds",
        ha="left",
        color=ORANGE,
        size=10,
    )
    ax.set(xlim=(0, 7.2), ylim=(0, 6.4))
    return figure


def ladder() -> Figure:
    """The ladder of fidelity: what each rung has, and how it is checked."""
    figure, ax = _canvas(6.4, 6.6)
    rungs = (
        ("digital", "the network in floating point,\nan ordinary solver", GREY),
        (
            "ideal",
            "the same numbers in volts, siemens,\nseconds; every error is off",
            GREEN,
        ),
        ("quasi-static", "errors of cells and circuits;\nop-amps take no time", BLUE),
        (
            "dynamic",
            "every op-amp is a state: gain,\nbandwidth, slew, rails, noise",
            ORANGE,
        ),
        ("ngspice", "the same circuit as a netlist,\nsolved by another program", RED),
    )
    checks = (
        "equal, to the solver's tolerance",
        "equal, when all errors are zero",
        "equal, as the bandwidth grows",
        "compared at every node",
    )
    for n, (name, text, color) in enumerate(rungs):
        y = 0.25 + 1.32 * n
        _box(ax, 0.2, y, 1.75, 0.82, name, color, weight="bold")
        _text(ax, 2.15, y + 0.41, text, ha="left", size=10.5)
        if n + 1 < len(rungs):
            ax.add_patch(
                FancyArrowPatch(
                    (1.075, y + 0.84),
                    (1.075, y + 1.3),
                    arrowstyle="<->",
                    mutation_scale=13,
                    color=GREY,
                    lw=1.4,
                    shrinkA=0,
                    shrinkB=0,
                )
            )
            _text(
                ax,
                1.3,
                y + 1.07,
                checks[n],
                ha="left",
                color=GREY,
                size=10,
                style="italic",
            )
    ax.annotate(
        "",
        (6.1, 6.3),
        (6.1, 0.3),
        arrowprops={"arrowstyle": "-|>", "color": GREY, "lw": 1.4},
    )
    _text(ax, 5.9, 1.6, "more physics, slower", color=GREY, size=10, rotation=90)
    ax.set(xlim=(0, 6.4), ylim=(0, 6.6))
    return figure


def time_scales() -> Figure:
    """Four samples of one chip in lab time, and what is drawn on each time scale."""
    figure, axes = plt.subplots(
        4, 1, figsize=(7.2, 6.2), height_ratios=(0.62, 1, 1, 1), sharex=True
    )
    rng = np.random.default_rng(4)
    period, solve = 1.0, 0.68
    tau = np.linspace(0, 4, 2000)
    is_solve = (tau % period) < solve
    top, *rows = axes
    for n in range(4):
        top.add_patch(
            FancyBboxPatch(
                (n * period + 0.03, 0.12),
                solve - 0.06,
                0.76,
                boxstyle="round,pad=0.02",
                fc=TINT[GREY],
                ec=GREY,
            )
        )
        _text(top, n * period + solve / 2, 0.5, f"solve {n}", size=10)
        _text(
            top, n * period + (solve + period) / 2, 0.5, "reset", color=GREY, size=8.5
        )
    slow = _low_pass(rng.standard_normal(tau.size), 260)
    traps = np.where((tau > 0.45) & (tau < 1.75) | (tau > 2.9), 0.75, -0.75)
    fast = _low_pass(rng.standard_normal(tau.size), 3)
    texts = (
        (
            "once per chip",
            "write error, stuck cells, mismatch,\nresistors of the die",
            BLUE,
            np.full(tau.size, 0.35),
        ),
        (
            "in lab time, from sample to sample",
            "1/f noise, telegraph noise,\nageing",
            ORANGE,
            0.8 * slow + 0.45 * traps,
        ),
        (
            "within a solve",
            "thermal and shot noise,\nnoise of op-amps",
            GREEN,
            0.6 * fast,
        ),
    )
    for ax, (name, what, color, value) in zip(rows, texts, strict=True):
        for n in range(4):
            ax.axvspan(n * period, n * period + solve, color=TINT[GREY], lw=0)
        ax.plot(tau, value, color=color, lw=0.7, alpha=0.3)
        shown = np.where(is_solve, value, np.nan)
        ax.plot(tau, shown, color=color, lw=1.5)
        ax.axhline(0, color=INK, lw=0.6, ls=(0, (4, 4)))
        ax.set_title(
            name, loc="left", color=color, fontsize=11, fontweight="bold", pad=5
        )
        ax.set_title(
            what.replace("\n", " "), loc="right", color=GREY, fontsize=9.5, pad=5
        )
        ax.set(ylim=(-2.2, 2.2))
    for ax in axes:
        ax.set(xlim=(0, 4), xticks=(), yticks=())
        ax.spines[:].set_visible(False)
    top.set(ylim=(0, 1))
    figure.subplots_adjust(0.02, 0.075, 0.98, 0.99, hspace=0.36)
    figure.text(0.98, 0.02, "lab time", ha="right", color=GREY, fontsize=10.5)
    figure.add_artist(
        FancyArrowPatch(
            (0.02, 0.035),
            (0.85, 0.035),
            arrowstyle="-|>",
            mutation_scale=13,
            color=GREY,
            lw=1.2,
            transform=figure.transFigure,
        )
    )
    return figure


def path_means() -> Figure:
    """One path of noise, read by its mean over coarse steps and over fine ones."""
    figure, axes = plt.subplots(3, 1, figsize=(7.2, 4.9), sharex=True, sharey=True)
    rng = np.random.default_rng(11)
    values = rng.standard_normal(16)
    edges = np.linspace(0, 1, 17)
    for ax, num, text in zip(
        axes,
        (16, 4, 8),
        (
            "the path: fixed before the solve by the chip's key",
            "4 steps read the mean over each",
            "8 steps read the same path; two of their means make one of the 4",
        ),
        strict=True,
    ):
        ax.stairs(
            values,
            edges,
            baseline=None,
            color=INK,
            lw=1.1,
            alpha=1.0 if num == 16 else 0.3,
        )
        if num < 16:
            means = values.reshape(num, -1).mean(axis=1)
            steps = np.linspace(0, 1, num + 1)
            color = {4: ORANGE, 8: BLUE}[num]
            ax.stairs(means, steps, baseline=0, fill=True, color=TINT[color])
            for left, right, mean in zip(steps, steps[1:], means, strict=False):
                ax.plot(
                    (left, right),
                    (mean, mean),
                    color=color,
                    lw=2.2,
                    solid_capstyle="butt",
                )
            ax.vlines(steps, -2.6, 2.6, color=PALE, lw=0.8)
        ax.axhline(0, color=GREY, lw=0.6)
        ax.set_title(text, loc="left", fontsize=10.5, pad=4)
        ax.set(xlim=(0, 1), ylim=(-2.6, 2.6), xticks=(), yticks=())
        ax.spines[:].set_visible(False)
    axes[-1].set_xlabel(r"circuit time $\tau$", color=GREY)
    figure.subplots_adjust(0.02, 0.08, 0.98, 0.94, hspace=0.3)
    return figure


def verdicts() -> Figure:
    """Intervals of a difference of distances, and the verdict that each gives."""
    figure, ax = _canvas(7.2, 3.5)
    rows = (
        ("better", -3.1, -1.2, GREEN),
        ("equal", -0.55, 0.75, BLUE),
        ("worse", 1.3, 2.9, RED),
        ("undecided", -0.9, 2.2, GREY),
    )
    ax.axvspan(-1, 1, color=TINT[BLUE], lw=0)
    ax.axvline(0, color=INK, lw=0.8)
    for n, (name, low, high, color) in enumerate(rows):
        y = 3 - n
        ax.plot((low, high), (y, y), color=color, lw=3, solid_capstyle="butt")
        for end in (low, high):
            ax.plot((end, end), (y - 0.16, y + 0.16), color=color, lw=2)
        ax.plot((low + high) / 2, y, "o", color=color, ms=8)
        _text(ax, -4.9, y, name, ha="left", color=color, weight="bold")
    for x, text in ((-1, r"$-\delta$"), (0, "0"), (1, r"$+\delta$")):
        _text(ax, x, -0.75, text, color=GREY)
    _text(ax, -1.3, -0.75, "nearer to the data", ha="right", color=GREY, size=9.5)
    _text(ax, 1.3, -0.75, "farther from the data", ha="left", color=GREY, size=9.5)
    ax.set(xlim=(-5, 3.8), ylim=(-1.1, 3.6))
    return figure


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure that axes without marks fill."""
    figure = plt.figure(figsize=(width, height))
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.axis("off")
    return figure, ax


def _box(
    ax: Axes, x, y, width, height, text, color, size=11.0, weight="normal"
) -> None:
    """A rounded box with a text in its middle."""
    shape = "round,pad=0,rounding_size=0.12"
    ax.add_patch(
        FancyBboxPatch(
            (x, y),
            width,
            height,
            boxstyle=shape,
            fc=TINT.get(color, "#fbe5e3"),
            ec=color,
            lw=1.5,
        )
    )
    _text(ax, x + width / 2, y + height / 2, text, size=size, weight=weight)


def _text(ax: Axes, x, y, text, *, ha="center", color=INK, size=11.0, **more) -> None:
    """A text whose middle line is at a height."""
    ax.text(
        x,
        y,
        text,
        ha=ha,
        va="center",
        color=color,
        fontsize=size,
        linespacing=1.25,
        **more,
    )


def _arrow(ax: Axes, *points, color=INK, head=True) -> None:
    """A line through points, the last part of which is an arrow."""
    for start, end in zip(points[:-2], points[1:-1], strict=True):
        _line(ax, start, end, color=color)
    style = "-|>" if head else "-"
    ax.add_patch(
        FancyArrowPatch(
            points[-2],
            points[-1],
            arrowstyle=style,
            mutation_scale=13,
            color=color,
            lw=1.4,
            shrinkA=0,
            shrinkB=0,
        )
    )


def _line(ax: Axes, start, end, color=INK) -> None:
    ax.plot((start[0], end[0]), (start[1], end[1]), color=color, lw=1.4, zorder=1)


def _resistor(ax: Axes, x, y, color, upright=False) -> None:
    """A resistor of a wire, as a box."""
    width, height = (0.17, 0.42) if upright else (0.42, 0.17)
    ax.add_patch(
        plt.Rectangle(
            (x - width / 2, y - height / 2),
            width,
            height,
            fc="white",
            ec=color,
            lw=1.4,
            zorder=2,
        )
    )


def _cell(ax: Axes, x, y) -> None:
    """A resistive cell, across."""
    ax.add_patch(
        plt.Rectangle(
            (x - 0.17, y - 0.1),
            0.34,
            0.2,
            angle=-45,
            rotation_point="center",
            fc=TINT[GREY],
            ec=INK,
            lw=1.4,
            zorder=2,
        )
    )


def _dot(ax: Axes, x, y, color) -> None:
    ax.add_patch(Circle((x, y), 0.055, color=color, zorder=3))


def _low_pass(x: np.ndarray, width: int) -> np.ndarray:
    """Noise smoothed by a Gaussian, of unit variance."""
    kernel = np.exp(-0.5 * (np.arange(-3 * width, 3 * width + 1) / width) ** 2)
    smooth = np.convolve(np.pad(x, 3 * width, mode="wrap"), kernel, mode="valid")
    return (smooth - smooth.mean()) / smooth.std()


DRAWINGS: dict[str, Callable[[], Figure]] = {
    "loop": loop,
    "array": array,
    "ladder": ladder,
    "time-scales": time_scales,
    "path-means": path_means,
    "verdicts": verdicts,
}


def main(folder: pathlib.Path) -> None:
    """Write all drawings, as SVG."""
    folder.mkdir(exist_ok=True)
    with plt.rc_context(STYLE):
        for name, draw in DRAWINGS.items():
            figure = draw()
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
            plt.close(figure)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
