"""The figure of the crossover: joules of analog and digital samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._style import COLOURS, house_style, new_figure


_ENDS = ("nominal", "low", "high")


_LAWS = (COLOURS["analog"], "#e69f00")


_RIVALS = (COLOURS["digital"], "#56b4e9", "#009e73", "#cc79a7")


def plot_crossover(result: Mapping[str, Any], rivals: Mapping[str, str]) -> Figure:
    """Joules per sample over width, solve time and batch, with the limits of physics.

    A ring marks the width from which on the chip takes less than a rival, with a bar
    over its interval. A chip whose op-amps the process does not have is dotted.

    Args:
        result: Result of `python -m benchmarks crossover`: `rows` with `law`, `width`,
            `analog_j`, `op_amps_exist`, `digital_j` and `limits_j`; `crossings` of each
            law with each rival; `times` with `duration_s` and `analog_j`; `batches`
            with `batch`. Joules are `nominal`, `low`, `high`.
        rivals: Names in the legend by digital machine, up to four.
    """
    with house_style():
        figure = new_figure(14.0, 6.0)
        width, time, batch = figure.subplots(1, 3, width_ratios=(1.8, 1, 1))
        _over_width(width, result, rivals)
        times = result["times"]
        seconds = [1e6 * t["duration_s"] for t in times]
        _band(time, seconds, [t["analog_j"] for t in times], _LAWS[0])
        for axes, label in ((time, "duration of a solve (µs)"), (batch, "batch")):
            axes.set(xscale="log", yscale="log", xlabel=label)
        batches = result["batches"]
        sizes = [b["batch"] for b in batches]
        for rival, colour in zip(rivals, _RIVALS, strict=False):
            _band(batch, sizes, [b[rival] for b in batches], colour)
        time.set_title("one chip, 64 wide")
        batch.set_title("digital machines, 64 wide")
        figure.legend(loc="outside lower center", ncols=4, fontsize=8)
    return figure


def _over_width(
    axes: Axes, result: Mapping[str, Any], rivals: Mapping[str, str]
) -> None:
    plain = [row for row in result["rows"] if "tiles" not in row["law"]]
    laws = list(dict.fromkeys(row["law"] for row in plain))
    some: list[Mapping[str, Any]] = []
    for law, colour in zip(laws, _LAWS, strict=True):
        some = [row for row in plain if row["law"] == law]
        x = [row["width"] for row in some]
        label = f"one chip, {law} (dotted: no such op-amps)"
        joules = [row["analog_j"] for row in some]
        last = 1 + max((k for k, r in enumerate(some) if r["op_amps_exist"]), default=0)
        _band(axes, x[:last], joules[:last], colour, label)
        _band(axes, x[last - 1 :], joules[last - 1 :], colour, style=":")
        for rival in rivals:
            _mark(axes, result["crossings"][law][rival], x, joules, colour)
    x = [row["width"] for row in some]
    for (rival, name), colour in zip(rivals.items(), _RIVALS, strict=False):
        _band(axes, x, [row["digital_j"][rival] for row in some], colour, name)
    for name, style in zip(some[0]["limits_j"], (":", "--", "-."), strict=True):
        limit = [row["limits_j"][name] for row in some]
        axes.plot(x, limit, color="k", ls=style, lw=0.9, label=f"limit: {name}")
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel="hidden units per layer", ylabel="joules per sample")
    axes.set_title("wider networks; rings: the chip takes less from here on")


def _mark(
    axes: Axes,
    crossing: Mapping[str, Any],
    x: Sequence[float | int],
    joules: Sequence[Mapping[str, Any]],
    colour: str,
) -> None:
    """A ring at each nominal crossing, on the chip's line, with the interval's bar.

    An end of the interval beyond the widths drawn stands at their edge.
    """
    low, high = crossing["low"], crossing["high"]
    ends = (max(low, x[0]), x[-1] if high is None else min(high, x[-1]))
    for at in crossing["widths"]:
        curve = np.log([j["nominal"] for j in joules])
        height = float(np.exp(np.interp(np.log(at), np.log(x), curve)))
        axes.plot(ends, (height, height), color=colour, lw=0.8, marker="|", zorder=3)
        axes.plot([at], [height], "o", mfc="w", mec=colour, ms=7, mew=1.5, zorder=4)


def _band(
    axes: Axes,
    x: Sequence[float | int],
    joules: Sequence[Mapping[str, Any]],
    colour: str,
    label: str | None = None,
    style: str = "-",
) -> None:
    middle, low, high = (np.array([j[end] for j in joules]) for end in _ENDS)
    axes.plot(x, middle, color=colour, ls=style, label=label)
    axes.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
