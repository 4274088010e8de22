"""What is known of generated pictures: a table, and numbers for a report."""

import dataclasses
from typing import Any

from ..metrics import Difference, Interval, Memorised, PrecisionRecall, Recall
from ._yardstick import Measured


@dataclasses.dataclass(frozen=True)
class Compared:
    """Distances to test pictures, in just-noticeable distances.

    Args:
        samples: Distance of the samples.
        floor: Distance of the pictures that the network was trained on.
        difference: The first less the second.
    """

    samples: Measured
    floor: Measured
    difference: Difference


@dataclasses.dataclass(frozen=True)
class PictureJudgement:
    """What is known of some pictures, beside real ones; `print` shows a table.

    Intervals hold what other samples and other test pictures would give, as if each
    picture were an independent draw of its law. Precision, recall and the Frechet
    distance are of equally many samples, training and test pictures, and of features.

    Args:
        names: What the classes are called.
        num: Number of samples.
        num_data: Number of test pictures.
        non_finite: Number of samples with a pixel that is not finite; they count as
            read wrong and infinitely far, and are left out of all else.
        recall: Recall of the samples by the reader; `None` if none has a label.
        real_recall: Recall of the test pictures: the reader errs, too.
        pixels: Distances of pixels.
        features: Distances of the reader's features.
        num_equal: Number of samples and pictures of the rest.
        manifolds: Precision and recall of the samples; `None` of fewer than five.
        real_manifolds: Those of training pictures.
        frechet: Frechet distance of the samples; `None` of fewer than features.
        real_frechet: That of training pictures.
        memorised: Whether samples are copies of training pictures.
        reader: What the reader was trained on.
        accepted: The distortion whose distance is 1, in words.
    """

    names: tuple[str, ...]
    num: int
    num_data: int
    non_finite: int
    recall: Recall | None
    real_recall: Recall
    pixels: Compared
    features: Compared
    num_equal: int
    manifolds: PrecisionRecall | None
    real_manifolds: PrecisionRecall | None
    frechet: float | None
    real_frechet: float | None
    memorised: Memorised
    reader: str
    accepted: str

    def __str__(self) -> str:
        """A table of at most 80 columns."""
        rows = [("read as asked", "samples", f"{self.num_data} test pictures")]
        if self.recall is None:
            ours = [None] * (len(self.names) + 1)
        else:
            ours = [*self.recall.classes, self.recall.balanced]
        theirs = [*self.real_recall.classes, self.real_recall.balanced]
        for name, one, other in zip(
            (*self.names, "mean of classes"), ours, theirs, strict=True
        ):
            if one is not None or other is not None:
                rows.append((name, _span(one), _span(other)))
        rows.append(("", "", ""))
        rows.append(("distance to test", "samples", "training pictures"))
        for name, each in (("pixels", self.pixels), ("features", self.features)):
            rows.append((name, _distance(each.samples), _distance(each.floor)))
        rows.append(("", "", ""))
        rows.append((f"of {self.num_equal} each", "samples", "training pictures"))
        if self.manifolds is not None and self.real_manifolds is not None:
            for name in PrecisionRecall._fields:
                one, other = (
                    f"{getattr(each, name):.3f}"
                    for each in (self.manifolds, self.real_manifolds)
                )
                rows.append((name, one, other))
        if self.frechet is not None:
            both = (f"{self.frechet:.3f}", f"{self.real_frechet:.3f}")
            rows.append(("Frechet", *both))
        copies = self.memorised
        return "\n".join(
            [
                *(f"{a:<17} {b:<25} {c}".rstrip() for a, b, c in rows),
                "",
                f"{self.num} samples, {self.non_finite} not finite. Distance 1 is",
                f"{self.accepted}; beside training pictures the samples are",
                f"{self.pixels.difference.verdict} by pixels, "
                f"{self.features.difference.verdict} by features.",
                f"Nearer to training than to as many held-out pictures: "
                f"{copies.share:.1%} +- {copies.error:.1%},",
                f"of the nearest 5 %: {copies.nearest_share:.1%} +- "
                f"{copies.nearest_error:.1%}: {copies.verdict}.",
                f"The reader was trained on {self.reader}.",
            ]
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers for a report in JSON; distances in just-noticeable ones."""
        return {
            "num_samples": self.num,
            "num_data": self.num_data,
            "non_finite": self.non_finite,
            "recall": _recall_dict(self.recall, self.names),
            "real_recall": _recall_dict(self.real_recall, self.names),
            **{
                name: {
                    "samples": dataclasses.asdict(each.samples),
                    "floor": dataclasses.asdict(each.floor),
                    "difference": each.difference.as_dict(),
                }
                for name, each in (("pixels", self.pixels), ("features", self.features))
            },
            "num_equal": self.num_equal,
            "precision_recall": _plain(self.manifolds),
            "real_precision_recall": _plain(self.real_manifolds),
            "frechet": self.frechet,
            "real_frechet": self.real_frechet,
            "memorised": {
                **dataclasses.asdict(self.memorised),
                "verdict": self.memorised.verdict,
            },
            "reader": self.reader,
        }


def _plain(found: PrecisionRecall | None) -> dict[str, float] | None:
    return None if found is None else found._asdict()


def _interval(found: Interval | None) -> list[float] | None:
    return None if found is None else list(found)


def _recall_dict(
    found: Recall | None, names: tuple[str, ...]
) -> dict[str, list[float] | None] | None:
    if found is None:
        return None
    each = {n: _interval(i) for n, i in zip(names, found.classes, strict=True)}
    return {"balanced_accuracy": _interval(found.balanced), **each}


def _span(found: Interval | None) -> str:
    if found is None:
        return "-"
    return f"{found.mean:.3f} ({found.low:.3f} to {found.high:.3f})"


def _distance(found: Measured) -> str:
    return f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f})"
