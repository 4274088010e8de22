"""The figure of a fitted device: mean error and spread over conductance."""

import numpy as np
from matplotlib.figure import Figure

from ._style import house_style, new_figure


def plot_device_fit(
    target: np.ndarray,
    time: np.ndarray,
    count: np.ndarray,
    mean: np.ndarray,
    spread: np.ndarray,
    *,
    curve: np.ndarray,
    title: str,
) -> Figure:
    """Measured groups with their standard errors, one colour per time, and the law.

    Args:
        target: Target conductance of each group, `(groups,)`, in siemens.
        time: Time of each group since programming, in seconds.
        count: Number of reads in each group.
        mean: Mean of read minus target in each group, in siemens.
        spread: Standard deviation of the reads in each group, in siemens.
        curve: Spread by the law at the first time, in siemens, at even points over the
            range of targets.
        title: Title of the figure.
    """
    with house_style():
        figure = new_figure(9.0, 3.6)
        left, right = figure.subplots(1, 2)
        for moment in np.unique(time):
            at = time == moment
            g, label = target[at] * 1e6, f"{moment:g} s"
            error = spread[at] / np.sqrt(count[at]) * 1e6
            left.errorbar(g, mean[at] * 1e6, error, fmt="o-", ms=3, lw=0.8, label=label)
            error = spread[at] / np.sqrt(2 * (count[at] - 1)) * 1e6
            right.errorbar(g, spread[at] * 1e6, error, fmt="o", ms=3, label=label)
        span = np.linspace(target.min(), target.max(), curve.size) * 1e6
        right.plot(span, curve * 1e6, color="black", lw=1.2, label="law, first time")
        left.axhline(0.0, color="black", lw=0.6)
        left.set(title="mean error", xlabel="target (µS)", ylabel="read - target (µS)")
        right.set(title="spread", xlabel="target (µS)", ylabel="std (µS)")
        right.set_ylim(bottom=0)
        right.legend()
        figure.suptitle(title)
    return figure
