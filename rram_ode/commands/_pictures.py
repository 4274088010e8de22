"""What a run of pictures has besides: their images, a judgement, and a grid of them."""

import functools
import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..datasets import AbstractLabelledDataset
from ..datasets.pictures import AbstractPictures
from ..latents import LatentPictures
from ..plots import plot_latents, plot_pictures
from ..system import (
    find_picture_judge,
    nearest_recall,
    System,
)
from ._files import write_figure
from ._tables import print_table, print_text


class LabelledSamples(NamedTuple):
    """The samples of all repeats of a run, with the classes that they were asked for.

    Args:
        analog: Samples of the chip, `(num, dim)`, in the order of lab time.
        digital: Those of its twin from the same starts.
        labels: The class of each, -1 for the null label.
        num_blocks: Number of blocks of lab time.
        images: Pictures of `analog` that the chip itself decoded; `None` where they are
            decoded digitally.
    """

    analog: np.ndarray
    digital: np.ndarray
    labels: np.ndarray
    num_blocks: int
    images: np.ndarray | None = None


def class_names(system: System) -> tuple[str, ...]:
    """What the classes of the data are called; none of data without labels."""
    dataset = system.dataset
    if isinstance(dataset, AbstractLabelledDataset):
        return dataset.class_names
    return ()


def arrays_of(
    system: System,
    analog: np.ndarray,
    digital: np.ndarray,
    labels: np.ndarray | None,
    images: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """What `samples.npz` has besides: labels, and images of pictures.

    Those that the chip decoded are `images`, if it did.
    """
    found = {} if labels is None else {"labels": labels}
    if isinstance(system.dataset, AbstractPictures):
        shown = system.dataset.to_images
        own = shown(analog) if images is None else images
        found |= {"images": own, "digital_images": shown(digital)}
    return found


def judge_labelled(system: System, asked: LabelledSamples) -> dict[str, Any]:
    """What the report says of the classes of a run, and of its pictures."""
    counts = np.bincount(asked.labels[asked.labels >= 0])
    names = class_names(system)
    found: dict[str, Any] = {
        "label": system.config.solve.label,
        "guidance": system.config.guidance.weight,
        "names": list(names),
        "asked": {name: int(n) for name, n in zip(names, counts, strict=False) if n},
    }
    sides = {"analog": asked.analog, "digital": asked.digital}
    for side, x in sides.items():
        recall = nearest_recall(system.config, x, asked.labels)
        if recall is not None:
            found[f"{side}_balanced_accuracy"] = list(recall.balanced)
    judge = find_picture_judge(system.config)
    if judge is None or not isinstance(system.dataset, AbstractPictures):
        return found
    images = {side: system.dataset.to_images(x) for side, x in sides.items()}
    if asked.images is not None:
        images["analog"] = asked.images
    blocks = {"analog": asked.num_blocks, "digital": None}
    judged = {
        side: judge.judge(images[side], asked.labels, num_blocks=blocks[side])
        for side in sides
    }
    beside = judge.compare(
        images["analog"],
        images["digital"],
        labels=asked.labels,
        num_blocks=asked.num_blocks,
    )
    return found | {
        "pictures": {
            **{side: each.as_dict() for side, each in judged.items()},
            "analog_beside_digital": {k: d.as_dict() for k, d in beside.items()},
        },
    }


def print_labelled(found: dict[str, Any]) -> None:
    """Tables of what `judge_labelled` found."""
    for side in ("analog", "digital"):
        span = found.get(f"{side}_balanced_accuracy")
        if span is not None:
            print_text(
                f"{side}: {span[0]:.1%} ({span[1]:.1%} to {span[2]:.1%}) of the "
                "samples lie nearest to the middle of the class that they were asked "
                "for, mean of classes."
            )
    if "pictures" in found:
        sides = [found["pictures"][side] for side in ("analog", "digital")]
        print_table(_rows(sides), ("pictures", "analog", "digital", "test", "train"))
        print_text(
            f"The reader was trained on {sides[0]['reader']}; intervals of 95 %. "
            "Distances are to the test pictures, and 1 is half a pixel of blur; "
            "precision and recall are of equally many samples and pictures."
        )
        for kind, verdict in found["pictures"]["analog_beside_digital"].items():
            print_text(f"Beside its twin, by {kind}: {told(verdict)}.")
    print()


def told(verdict: dict[str, Any]) -> str:
    """A verdict with the difference of distances and its interval."""
    span = f"{verdict['difference']:+.2f}, {verdict['low']:+.2f}"
    return f"{verdict['verdict']} ({span} to {verdict['high']:+.2f})"


def draw_grid(
    system: System,
    analog: np.ndarray,
    digital: np.ndarray,
    labels: np.ndarray,
    title: str,
    images: np.ndarray | None = None,
) -> dict[str, Callable[[pathlib.Path], object]]:
    """The figures of pictures: what writes each file, by its name.

    Those that the chip decoded are `images`, if it did.
    """
    dataset = system.dataset
    if not isinstance(dataset, AbstractPictures):
        return {}
    real, own = map(np.asarray, dataset.part("test"))
    clouds = {"data": (real, own), "digital": (digital, labels)}
    clouds["analog"] = (analog, labels)
    shown = {name: (dataset.to_images(x), of) for name, (x, of) in clouds.items()}
    if images is not None:
        shown["analog"] = (images, labels)
    names = dataset.class_names
    figures = {"pictures.png": plot_pictures(shown, names, title)}
    if isinstance(dataset, LatentPictures):
        anchors = np.asarray(dataset.anchors)
        figures["latents.png"] = plot_latents(clouds, anchors, names, title)
    return {
        name: functools.partial(write_figure, figure=figure)
        for name, figure in figures.items()
    }


def _rows(sides: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Rows for the analog and the digital pictures, the test and the training ones."""
    one, rows = sides[0], []
    for name, real in one["real_recall"].items():
        spans = [(side["recall"] or {}).get(name) for side in sides]
        kind = "mean of classes" if name == "balanced_accuracy" else f"read as {name}"
        if real is not None:
            rows.append((kind, *map(_span, (*spans, real)), ""))
    for name in ("pixels", "features"):
        far = [f"{side[name]['samples']['value']:.2f}" for side in sides]
        rows.append(
            (f"distance, {name}", *far, "", f"{one[name]['floor']['value']:.2f}")
        )
    if one["precision_recall"] is not None:
        for name in ("precision", "recall"):
            values = [f"{side['precision_recall'][name]:.2f}" for side in sides]
            real = f"{one['real_precision_recall'][name]:.2f}"
            rows.append((f"{name} of {one['num_equal']}", *values, "", real))
    copies = [side["memorised"] for side in sides]
    shares = [f"{c['share']:.1%} +- {c['error']:.1%}" for c in copies]
    rows.append(("nearer to train", *shares, "", ""))
    return rows


def _span(found: list[float] | None) -> str:
    if found is None:
        return "-"
    mean, low, high = found
    return f"{mean:.3f} +- {(high - low) / 2:.3f}"
