"""The figure of the lead: distance to the data over the duration of a solve."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from ._style import COLOURS, house_style, new_figure


_COLOURS = (COLOURS["data"], COLOURS["digital"], COLOURS["analog"])


def plot_lead(result: Mapping[str, Any]) -> Figure:
    """What a shorter solve costs, without lead and with, for each class of op-amps.

    Each panel has the difference of the distances of loop and digital twin, in
    just-noticeable distances, with its 90 % interval. Where the bar lies between the
    dashed lines, the loop is equal to its twin.

    Args:
        result: Result of `python -m benchmarks lead`: `rows` with `preset`, `op_amp`,
            `warp`, `is_led`, `duration_s`, `difference`, `low` and `high`.
    """
    rows = [row for row in result["rows"] if "difference" in row]
    panels = list(dict.fromkeys(map(_of, rows)))
    loops = list(dict.fromkeys((row["warp"], row["is_led"]) for row in rows))
    with house_style():
        figure = new_figure(3.6 * len(panels), 3.6)
        for axes, panel in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
        ):
            for (warp, is_led), colour in zip(loops, _COLOURS, strict=False):
                kind = (*panel, warp, is_led)
                names = ("preset", "op_amp", "warp", "is_led")
                mine = [row for row in rows if tuple(row[n] for n in names) == kind]
                axes.errorbar(
                    [1e6 * row["duration_s"] for row in mine],
                    [row["difference"] for row in mine],
                    [
                        [row["difference"] - row["low"] for row in mine],
                        [row["high"] - row["difference"] for row in mine],
                    ],
                    color=colour,
                    marker="o",
                    capsize=3,
                    label=f"warp {warp:g}, {'with' if is_led else 'no'} lead",
                )
            for one in (-1, 1):
                axes.axhline(one, color="k", ls="--", lw=0.8)
            axes.set(xscale="log", xlabel="duration of a solve (µs)")
            axes.set_yscale("symlog", linthresh=1.0)
            highest = max(row["high"] for row in rows if _of(row) == panel)
            axes.set_ylim(-2.0, 2 * max(highest, 1.0))
            shown = sorted({1e6 * r["duration_s"] for r in rows if _of(r) == panel})
            axes.set_xticks(shown, [f"{duration:g}" for duration in shown])
            axes.set_xticks([], minor=True)
            axes.set_title(", ".join(panel))
        figure.axes[0].set_ylabel("D(loop) - D(twin), just-noticeable")
        figure.axes[0].legend(fontsize=8)
    return figure


def _of(row: Mapping[str, Any]) -> tuple[str, str]:
    """The panel of a row."""
    return row["preset"], row["op_amp"]
