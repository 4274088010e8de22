"""Figures of pictures: grids of images by class, and their states in the plane."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from ._style import COLOURS, house_style, new_figure


def plot_pictures(
    rows: dict[str, tuple[np.ndarray, np.ndarray]],
    names: Sequence[str],
    title: str,
    *,
    per_class: int = 3,
) -> Figure:
    """A grid of images: a block of rows for each sampler, a column for each class.

    The first images of each class are shown, none chosen. Brightness is cut to [0, 1].

    Args:
        rows: By name, such as `data`, `digital` and `analog`, images `(num, height,
            width)` and the class of each, `(num,)`.
        names: What the classes are called, one for each column.
        title: Title of the figure.
        per_class: Number of images of a class in each block.
    """
    with house_style():
        num = len(names)
        figure = new_figure(1.2 + 0.62 * num, 0.7 + 0.62 * per_class * len(rows))
        gaps = {"w_pad": 0.01, "h_pad": 0.01, "wspace": 0.0, "hspace": 0.0}
        figure.set_layout_engine("constrained", **gaps)
        blocks = figure.subfigures(len(rows), 1, squeeze=False)[:, 0]
        for block, (name, (images, labels)) in zip(blocks, rows.items(), strict=True):
            block.supylabel(name, fontsize=10, color=COLOURS.get(name, "black"))
            grid = block.subplots(per_class, num, squeeze=False)
            for label in range(num):
                shown = images[np.asarray(labels) == label][:per_class]
                for place in range(per_class):
                    axes = grid[place, label]
                    axes.set_axis_off()
                    if place < len(shown):
                        axes.imshow(shown[place], cmap="gray_r", vmin=0.0, vmax=1.0)
                    if place == 0 and block is blocks[0]:
                        axes.set_title(names[label], fontsize=10)
        figure.suptitle(title)
    return figure


def plot_latents(
    clouds: dict[str, tuple[np.ndarray, np.ndarray]],
    anchors: Float[np.ndarray, "classes dim"],
    names: Sequence[str],
    title: str,
) -> Figure:
    """States side by side, coloured by class, with the anchor of each class.

    States in more than two dimensions are shown by their first two coordinates.

    Args:
        clouds: By name, such as `data`, `digital` and `analog`, states `(num, dim)` and
            the class of each, `(num,)`.
        anchors: The anchor of each class, `(classes, dim)`.
        names: What the classes are called.
        title: Title of the figure.
    """
    with house_style():
        figure = new_figure(0.6 + 3.1 * len(clouds), 3.6)
        panels = figure.subplots(
            1, len(clouds), squeeze=False, sharex=True, sharey=True
        )
        every = np.concatenate(
            [x[:, :2] for x, _ in clouds.values()] + [anchors[:, :2]]
        )
        limit = 1.15 * np.nanquantile(np.abs(every), 0.999)
        for axes, (name, (x, labels)) in zip(panels[0], clouds.items(), strict=True):
            for label, class_name in enumerate(names):
                own = x[np.asarray(labels) == label]
                colour = f"C{label}"
                axes.scatter(
                    *own[:, :2].T, s=4, lw=0, alpha=0.5, color=colour, label=class_name
                )
                axes.scatter(
                    *anchors[label, :2], s=90, marker="*", color=colour, ec="black"
                )
            axes.set(
                title=name,
                xlim=(-limit, limit),
                ylim=(-limit, limit),
                aspect="equal",
                xlabel="$x_1$",
            )
        panels[0, 0].set_ylabel("$x_2$")
        panels[0, 0].legend(markerscale=2, title="class, anchor *")
        figure.suptitle(title)
    return figure
