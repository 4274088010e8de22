"""The figure of the crossover: joules of analog and digital samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._style import COLOURS, house_style, new_figure


_ENDS = ("nominal", "low", "high")


_LAWS = (COLOURS["analog"], "#e69f00")


_RIVALS = (COLOURS["digital"], "#009e73")


def plot_crossover(result: Mapping[str, Any], rivals: Mapping[str, str]) -> Figure:
    """Joules per sample over width, solve time and batch, with the limits of physics.

    Args:
        result: Result of `python -m benchmarks crossover`: `rows` with `law`, `width`,
            `analog_j`, `digital_j` and `limits_j`; `times` with `duration_s` and
            `analog_j`; `batches` with `batch`. Joules are `nominal`, `low`, `high`.
        rivals: Names in the legend by digital machine.
    """
    with house_style():
        figure = new_figure(13.0, 5.0)
        width, time, batch = figure.subplots(1, 3, width_ratios=(1.5, 1, 1))
        _over_width(width, result["rows"], rivals)
        times = result["times"]
        seconds = [1e6 * t["duration_s"] for t in times]
        _band(time, seconds, [t["analog_j"] for t in times], _LAWS[0])
        for axes, label in ((time, "duration of a solve (µs)"), (batch, "batch")):
            axes.set(xscale="log", yscale="log", xlabel=label)
        batches = result["batches"]
        sizes = [b["batch"] for b in batches]
        for rival, colour in zip(rivals, _RIVALS, strict=True):
            _band(batch, sizes, [b[rival] for b in batches], colour)
        time.set_title("one chip, 64 wide")
        batch.set_title("digital machines, 64 wide")
        figure.legend(loc="outside lower center", ncols=4, fontsize=8)
    return figure


def _over_width(
    axes: Axes, rows: Sequence[Mapping[str, Any]], rivals: Mapping[str, str]
) -> None:
    plain = [row for row in rows if "tiles" not in row["law"]]
    laws = list(dict.fromkeys(row["law"] for row in plain))
    for law, colour in zip(laws, _LAWS, strict=True):
        some = [row for row in plain if row["law"] == law]
        x = [row["width"] for row in some]
        label = f"one chip, {law}"
        _band(axes, x, [row["analog_j"] for row in some], colour, label)
    some = [row for row in plain if row["law"] == laws[0]]
    x = [row["width"] for row in some]
    for (rival, name), colour in zip(rivals.items(), _RIVALS, strict=True):
        _band(axes, x, [row["digital_j"][rival] for row in some], colour, name)
    for name, style in zip(some[0]["limits_j"], (":", "--", "-."), strict=True):
        limit = [row["limits_j"][name] for row in some]
        axes.plot(x, limit, color="k", ls=style, lw=0.9, label=f"limit: {name}")
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel="hidden units per layer", ylabel="joules per sample")
    axes.set_title("wider networks")


def _band(
    axes: Axes,
    x: Sequence[float | int],
    joules: Sequence[Mapping[str, Any]],
    colour: str,
    label: str | None = None,
) -> None:
    middle, low, high = (np.array([j[end] for j in joules]) for end in _ENDS)
    axes.plot(x, middle, color=colour, label=label)
    axes.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
