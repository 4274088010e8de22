"""Figures of pictures: grids of images by class, and their states in the plane."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ._style import COLOURS, house_style, new_figure


COLUMNS = 12  # of images, at most, where there are fewer classes


NO_CLASS = "no class"  # what samples of the null label, -1, are called


def plot_pictures(
    rows: dict[str, tuple[np.ndarray, np.ndarray]],
    names: Sequence[str],
    title: str,
    *,
    per_class: int = 3,
) -> Figure:
    """A grid of images: a block of rows for each sampler, columns by class.

    The first images of each class are shown, none chosen; few classes have several
    columns each, and a class without images has none. Brightness is cut to [0, 1].

    Args:
        rows: By name, such as `data`, `digital` and `analog`, images `(num, height,
            width)` and the class of each, `(num,)`, -1 for none.
        names: What the classes are called, in the order of the columns.
        title: Title of the figure.
        per_class: Number of rows of a block.
    """
    with house_style():
        classes = _classes_of((labels for _, labels in rows.values()), names)
        columns = max(1, COLUMNS // len(classes))
        num = columns * len(classes)
        figure = new_figure(0.8 + 0.62 * num, 0.9 + 0.62 * per_class * len(rows))
        engine = figure.get_layout_engine()
        assert isinstance(engine, ConstrainedLayoutEngine)  # that of `new_figure`
        engine.set(w_pad=0.01, h_pad=0.01, wspace=0.0, hspace=0.0)
        blocks = figure.subfigures(len(rows), 1, squeeze=False)[:, 0]
        for block, (name, (images, labels)) in zip(blocks, rows.items(), strict=True):
            block.supylabel(name, fontsize=10, color=COLOURS.get(name, "black"))
            grid = block.subplots(per_class, num, squeeze=False)
            for place, (label, class_name) in enumerate(classes.items()):
                own = images[np.asarray(labels) == label]
                first = columns * place
                if block is blocks[0]:
                    grid[0, first].set_title(class_name, fontsize=10)
                places = grid[:, first : first + columns].ravel()
                for axes in places:
                    axes.set_axis_off()
                for axes, image in zip(places, own, strict=False):
                    axes.imshow(image, cmap="gray_r", vmin=0.0, vmax=1.0)
        figure.suptitle(title, fontsize=10)
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
            the class of each, `(num,)`, -1 for none.
        anchors: The anchor of each class, `(classes, dim)`.
        names: What the classes are called.
        title: Title of the figure.
    """
    with house_style():
        figure = new_figure(1.6 + 3.1 * len(clouds), 4.0)
        panels = figure.subplots(
            1, len(clouds), squeeze=False, sharex=True, sharey=True
        )
        every = np.concatenate(
            [x[:, :2] for x, _ in clouds.values()] + [anchors[:, :2]]
        )
        limit = 1.15 * np.nanquantile(np.abs(every), 0.999)
        classes = _classes_of((labels for _, labels in clouds.values()), names)
        for axes, (name, (x, labels)) in zip(panels[0], clouds.items(), strict=True):
            for label, class_name in classes.items():
                own = x[np.asarray(labels) == label]
                colour = f"C{label}" if label >= 0 else "black"
                axes.scatter(
                    *own[:, :2].T, s=4, lw=0, alpha=0.5, color=colour, label=class_name
                )
                if label >= 0:
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
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            loc="outside right upper",
            markerscale=2,
            title="class; ★ its anchor",
        )
        figure.suptitle(title)
    return figure


def _classes_of(every: Iterable[np.ndarray], names: Sequence[str]) -> dict[int, str]:
    """The classes that occur, by number in their order; the null label comes last."""
    found = np.unique(np.concatenate([np.asarray(each) for each in every]))
    own = {label: name for label, name in enumerate(names) if label in found}
    return own | ({-1: NO_CLASS} if -1 in found else {})
