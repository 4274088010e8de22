"""The figure of a run: samples, trajectories and radii."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ._style import COLOURS, house_style, new_figure


_SHOWN = 5000


def plot_samples(
    clouds: dict[str, np.ndarray],
    taus: np.ndarray,
    v: np.ndarray,
    title: str,
) -> Figure:
    """Data, digital and analog samples side by side, with trajectories and radii.

    Points in more than two dimensions are shown by their first two coordinates; points
    in one dimension are shown over the number of the sample.

    Args:
        clouds: `data`, `digital`, `analog`, each `(num, dim)`, dimensionless.
        taus: Circuit times, `(times,)`, in seconds.
        v: State voltages of a few samples, `(times, dim, few)`, in volts.
        title: Title of the figure.
    """
    with house_style():
        figure = new_figure(10.0, 6.4)
        grid = figure.add_gridspec(2, 6)
        limit = 1.15 * np.nanquantile(np.abs(clouds["data"]), 0.999)
        for number, (name, points) in enumerate(clouds.items()):
            axes = figure.add_subplot(grid[0, 2 * number : 2 * number + 2])
            _scatter(axes, points, name, limit)
        _trajectories(figure.add_subplot(grid[1, :3]), taus, v)
        _radii(figure.add_subplot(grid[1, 3:]), clouds)
        figure.suptitle(title)
    return figure


def _scatter(axes: Axes, points: np.ndarray, name: str, limit: float) -> None:
    few, on_line = points[:_SHOWN, :2], points.shape[1] == 1
    if on_line:
        few = np.column_stack([few[:, 0], np.linspace(-limit, limit, len(few))])
    axes.scatter(*few.T, s=2, lw=0, alpha=0.4, color=COLOURS[name], rasterized=True)
    outside = np.mean(~np.all(np.abs(points) <= limit, axis=1))
    title = name if outside < 1e-4 else f"{name} ({outside:.2%} outside)"
    axes.set(
        title=title,
        xlim=(-limit, limit),
        ylim=(-limit, limit),
        aspect="equal",
        xlabel="$x_1$",
        ylabel="number of the sample" if on_line else "$x_2$",
    )
    if on_line:
        axes.set_yticks([])


def _trajectories(axes: Axes, taus: np.ndarray, v: np.ndarray) -> None:
    for n in range(v.shape[2]):
        axes.plot(taus * 1e6, v[:, 0, n] * 1e3, lw=0.8, alpha=0.8)
    axes.set(
        title="state of the analog loop, first coordinate",
        xlabel="circuit time (µs)",
        ylabel="integrator output (mV)",
    )


def _radii(axes: Axes, clouds: dict[str, np.ndarray]) -> None:
    radii = {name: np.linalg.norm(points, axis=1) for name, points in clouds.items()}
    low, high = np.nanquantile(radii["data"], [0.0, 1.0])
    margin = 0.25 * (high - low)
    bins = np.linspace(max(low - margin, 0), high + margin, 80)
    for name, radius in radii.items():
        weights = np.full(radius.shape, 1 / (radius.size * (bins[1] - bins[0])))
        axes.hist(
            radius,
            bins,
            weights=weights,
            histtype="stepfilled" if name == "data" else "step",
            alpha=0.35 if name == "data" else 1.0,
            color=COLOURS[name],
            label=f"{name}: {np.nanmean(radius):.3f} ± {np.nanstd(radius):.3f}",
        )
    axes.set(title="radius", xlabel="$|x|$", ylabel="density")
    axes.legend()
