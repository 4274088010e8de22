"""The figure of a run: samples, trajectories and radii."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..system import columns_of, DigitalRun, in_units, Run, System, Trace
from ._style import COLOURS, house_style, new_figure
from ._trajectory import draw_trace


_SHOWN = 5000


def plot_samples(
    system: System,
    run: Run,
    digital: DigitalRun | np.ndarray | None = None,
    *,
    data: np.ndarray | None = None,
    title: str = "",
) -> Figure:
    """Are the samples like the data? Both side by side, with trajectories and radii.

    Points in more than two dimensions are shown by their first two coordinates; points
    in one dimension are shown over the number of the sample. Points of a file of your
    own have its units and the names of its columns.

    Args:
        system: The system of the samples.
        run: Samples of a chip, by `System.sample`.
        digital: Those of the digital sampler, by `System.sample_digital`; `None` leaves
            them out.
        data: Data, `(num, dim)`; `None` takes as many of `system.data`.
        title: Title of the figure.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-ideal")
        >>> run, twin = system.sample(system.program(), 8), system.sample_digital(8)
        >>> figure = rr.plots.plot_samples(system, run, twin, title="a ring")
        >>> len(figure.axes), figure.axes[3].get_xlabel()
        (5, 'circuit time (µs)')
    """
    clouds = {"data": system.data(run.num) if data is None else data}
    if digital is not None:
        clouds["digital"] = digital if isinstance(digital, np.ndarray) else digital.x
    clouds["analog"] = run.x
    clouds = {name: in_units(system.dataset, x) for name, x in clouds.items()}
    return draw_samples(clouds, run.trajectory, title, columns_of(system.dataset))


def draw_samples(
    clouds: dict[str, np.ndarray],
    trace: Trace,
    title: str,
    columns: tuple[str, ...] = (),
) -> Figure:
    """The figure of `plot_samples`.

    Args:
        clouds: `data`, `digital`, `analog`, or some of them with `data`, each
            `(num, dim)`, dimensionless, or in the units of a user's file.
        trace: Voltages of the state of a few samples.
        title: Title of the figure.
        columns: Names of the coordinates of a user's file, which may have units of
            their own; none for data of the package, which lie around 0.
    """
    with house_style():
        figure = new_figure(10.0, 6.4)
        grid = figure.add_gridspec(2, 2 * len(clouds))
        low, high = _window(clouds["data"], bool(columns))
        for number, (name, points) in enumerate(clouds.items()):
            axes = figure.add_subplot(grid[0, 2 * number : 2 * number + 2])
            _scatter(axes, points, name, low, high, columns)
        half = len(clouds)
        draw_trace(figure.add_subplot(grid[1, :half]), trace)
        last = figure.add_subplot(grid[1, half:])
        if columns:
            lines = {name: points[:, 0] for name, points in clouds.items()}
            _histogram(last, lines, columns[0])
        else:
            radii = {n: np.linalg.norm(x, axis=1) for n, x in clouds.items()}
            _histogram(last, radii, "$|x|$", "radius", at_least=0.0)
        figure.suptitle(title)
    return figure


def _window(data: np.ndarray, is_own: bool) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends of each coordinate: around 0, or around a user's data."""
    if not is_own:
        limit = 1.15 * np.nanquantile(np.abs(data), 0.999)
        ends = np.full(data.shape[1], limit)
        return -ends, ends
    low, high = np.quantile(data, [0.0005, 0.9995], axis=0)
    room = 0.15 * np.where(high > low, high - low, 1 + np.abs(high))
    return low - room, high + room


def _scatter(
    axes: Axes,
    points: np.ndarray,
    name: str,
    low: np.ndarray,
    high: np.ndarray,
    columns: tuple[str, ...],
) -> None:
    few, on_line = points[:_SHOWN, :2], points.shape[1] == 1
    x_ends = y_ends = (low[0], high[0])
    if on_line:
        few = np.column_stack([few[:, 0], np.linspace(low[0], high[0], len(few))])
    else:
        y_ends = low[1], high[1]
    axes.scatter(*few.T, s=2, lw=0, alpha=0.4, color=COLOURS[name], rasterized=True)
    outside = np.mean(~np.all((points >= low) & (points <= high), axis=1))
    title = name if outside < 1e-4 else f"{name} ({outside:.2%} outside)"
    x_name, y_name = (*columns, "$x_1$", "$x_2$")[:2] if columns else ("$x_1$", "$x_2$")
    axes.set(
        title=title,
        xlim=x_ends,
        ylim=y_ends,
        aspect="auto" if columns else "equal",
        xlabel=x_name,
        ylabel="number of the sample" if on_line else y_name,
    )
    if on_line:
        axes.set_yticks([])


def _histogram(
    axes: Axes,
    values: dict[str, np.ndarray],
    name: str,
    title: str | None = None,
    *,
    at_least: float = -np.inf,
) -> None:
    """Densities of one number of each sample, with means and spreads."""
    low, high = np.nanquantile(values["data"], [0.0, 1.0])
    margin = 0.25 * (high - low)
    bins = np.linspace(max(low - margin, at_least), high + margin, 80)
    for cloud, numbers in values.items():
        weights = np.full(numbers.shape, 1 / (numbers.size * (bins[1] - bins[0])))
        axes.hist(
            numbers,
            bins,
            weights=weights,
            histtype="stepfilled" if cloud == "data" else "step",
            alpha=0.35 if cloud == "data" else 1.0,
            color=COLOURS[cloud],
            label=f"{cloud}: {np.nanmean(numbers):.4g} ± {np.nanstd(numbers):.3g}",
        )
    axes.set(title=title or name, xlabel=name, ylabel="density")
    axes.legend()
