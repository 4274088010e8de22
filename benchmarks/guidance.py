"""Letters by the weight of guidance: how many are read right, how varied they are.

Digital, and on whole chips of two arrays, one for the class and one for the null label,
each beside its digital twin from the same starts. Accuracy is that of the reader of
pictures and of the nearest prior mean. Diversity, of each class alone: the distance to
its test pictures, in just-noticeable distances of all letters; the spread about its
middle over that of the test pictures; the share of test pictures that samples reach
(recall of manifolds, in the latent space). A weight of 0 must be the conditional flow
bit for bit: the guided score at 0, and the chip with every error of the stage that
guides, which it then has not.
"""

import dataclasses
import math
from typing import Any, NamedTuple

import numpy as np
from rram_ode.config import GuidanceConfig, replace, RunConfig
from rram_ode.latents import LatentPictures
from rram_ode.metrics import interval, precision_recall
from rram_ode.presets import find_preset
from rram_ode.samplers import draw_digital
from rram_ode.scores import GuidedScore
from rram_ode.system import NUM_SLOW, run_key, System

from ._harness import run
from ._pictures import Bench, shuffled
from ._result import Gate, Row


RIVAL = "the conditional flow without guidance"
PRESET = "letters"
WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0, 4.0)
NUM_SAMPLES, NUM_CHIPS, FEW = 2000, 3, 300
BIT = "largest difference to the conditional flow and to the chip without the stage"
FINITE = "share of samples that are not finite"
PARTS = ("train", "test")
NEAR = 1.0  # just-noticeable distances


class Class(NamedTuple):
    """States of the real pictures of one class, `(num, dim)`."""

    train: np.ndarray
    test: np.ndarray


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each weight."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    config = find_preset(PRESET)
    classes = classes_of(config)
    found = [weight_row(config, w, classes, num, num_chips) for w in WEIGHTS]
    real = Bench.of(config).judge
    test = real.splits.test
    read = real.reader.reader.read(test.images) == test.labels
    extra = {
        "num_samples": num,
        "num_chips": num_chips,
        "real_accuracy": float(
            np.mean([read[test.labels == k].mean() for k in range(len(classes))])
        ),
        "real_reached": float(np.mean([reached(c.train, c.test) for c in classes])),
        "best": best(found),
    }
    return found, extra


def classes_of(config: RunConfig) -> list[Class]:
    """The real pictures of each class of the data of `config`."""
    dataset = System.from_config(config).dataset
    assert isinstance(dataset, LatentPictures)  # those of `PRESET`
    found = []
    for label in range(len(dataset.class_names)):
        own = dataset.of_class(label)
        found.append(
            Class(*(shuffled(np.asarray(own.part(s)[0], float)) for s in PARTS))
        )
    return found


def weight_row(
    config: RunConfig, weight: float, classes: list[Class], num: int, num_chips: int
) -> Row:
    """One weight, digital on twice as many samples, and on chips."""
    config = replace(config, "guidance.weight", weight)
    bench = Bench.of(config)
    seconds, (x, labels) = run(lambda: bench.digital(2 * num, 0))
    digital = judged(bench, x, labels, classes)
    chips, chip_s = [], []
    for seed in range(num_chips):
        twin, asked = bench.digital(num, seed)
        chip = bench.system.program(seed)
        spent, drawn = run(lambda s=seed, c=chip: bench.system.sample(c, num, seed=s))
        one = judged(bench, drawn.x, asked, classes, NUM_SLOW)
        apart = bench.beside(drawn.x, twin)["states"].as_dict()
        chips.append(
            {**one, "apart": apart["difference"], "joules": drawn.energy.energy}
        )
        chip_s.append(spent)
        print(_line(f"weight {weight:g}, chip {seed}", chips[-1]), flush=True)
    print(_line(f"weight {weight:g}, digital", digital), flush=True)
    means = {name: list(interval([c[name] for c in chips])) for name in chips[0]}
    gate = Gate(max(digital["lost"], *(c["lost"] for c in chips)), 0.0, FINITE)
    if weight == 0:
        gate = Gate(difference_at_zero(config, min(num, FEW)), 0.0, BIT)
    return Row(
        f"weight {weight:g}",
        gate,
        float(np.median(chip_s)),
        seconds,
        details={"weight": weight, "digital": digital, "chips": means, "each": chips},
    )


def judged(
    bench: Bench,
    x: np.ndarray,
    labels: np.ndarray,
    classes: list[Class],
    num_blocks: int | None = None,
) -> dict[str, float]:
    """Accuracy and diversity of samples, means over the classes.

    `distance` is that to the test pictures of the class less that of its training
    pictures. `beyond` is that of all classes together, `beyond_high` the upper end of
    its interval.
    """
    finite = np.isfinite(x).all(axis=1)
    assert isinstance(bench.pictures, LatentPictures)  # those of `PRESET`
    nearest = np.where(finite, bench.pictures.nearest(x), -1)
    each = []
    for k, (train, test) in enumerate(classes):
        own = x[labels == k]
        good = own[np.isfinite(own).all(axis=1)]
        far = bench.system.yardstick.compare(own, train, test, num_blocks).as_dict()
        each.append(
            {
                "nearest": float(np.mean(nearest[labels == k] == k)),
                "distance": float(far["difference"]),
                "spread": spread(good) / spread(test),
                "reached": reached(good, test),
            }
        )
    recall = bench.recall(x, labels)
    means = {name: float(np.mean([e[name] for e in each])) for name in each[0]}
    train, test = bench.part("train"), bench.part("test")
    far = bench.system.yardstick.compare(x, train, test, num_blocks).as_dict()
    return {
        "accuracy": recall.balanced.mean,
        **means,
        "beyond": float(far["difference"]),
        "beyond_high": float(far["high"]),
        "lost": float(np.mean(~finite)),
    }


def spread(x: np.ndarray) -> float:
    """The root of the mean square distance of points to their middle."""
    return float(np.sqrt(np.var(x, axis=0).sum()))


def reached(x: np.ndarray, data: np.ndarray) -> float:
    """The share of data on the manifold of as many samples."""
    num = min(len(x), len(data))
    return precision_recall(x[:num], data[:num]).recall


def difference_at_zero(config: RunConfig, num: int) -> float:
    """How far samples of a weight of 0 are from those without guidance, at most.

    Digital: the guided score at 0 beside the conditional one. Chip: with every error
    that the preset gives the stage beside none of them.
    """
    system = System.from_config(config)
    plain = System.from_config(dataclasses.replace(config, guidance=GuidanceConfig()))
    ts = system.chip_loop.diffusion_times(config.solve.num_steps)
    chunks = draw_digital(
        system.sampler,
        system.process,
        GuidedScore(system.twin.score, 0.0),
        ts,
        num,
        key=run_key(0),
        prior=system.prior,
        first=0,
    )
    guided = np.concatenate([np.asarray(chunk).T for chunk in chunks])
    digital = largest(guided, plain.sample_digital(num, seed=0).x)
    ours, theirs = (s.sample(s.program(0), num, seed=0).x for s in (system, plain))
    return max(digital, largest(ours, theirs))


def best(found: list[Row]) -> dict[str, float]:
    """The weight whose samples are read right most often, digital and on chips.

    Only weights with a mean `beyond` of at most one just-noticeable distance count; NaN
    if there is none.
    """
    weights = {}
    for side in ("digital", "each"):
        seen = {
            row.details["weight"]: (
                row.details[side] if side == "each" else [row.details[side]]
            )
            for row in found
        }
        good = {
            weight: float(np.mean([each["accuracy"] for each in all_of]))
            for weight, all_of in seen.items()
            if np.mean([each["beyond"] for each in all_of]) <= NEAR
        }
        name = "chips" if side == "each" else side
        weights[name] = max(good, key=lambda weight: good[weight]) if good else math.nan
    return weights


def largest(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference, NaN if there is one."""
    return float(np.abs(a - b).max())


def _line(case: str, found: dict[str, float]) -> str:
    """What is printed while the others run."""
    return f"{case}: " + ", ".join(f"{k} {v:.3g}" for k, v in found.items())
